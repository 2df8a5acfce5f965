"""Where Django looks for the staff pages of this app."""

from inspections.cards import admin as checklist_admin
from inspections.checks import import_admin as check_import_admin
from inspections.fronts import admin as front_admin
from inspections.orders import admin as order_admin
from inspections.reviews import admin as review_admin

__all__ = ["check_import_admin", "checklist_admin", "front_admin", "order_admin", "review_admin"]
