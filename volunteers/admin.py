"""Where Django looks for the staff pages of this app."""

from volunteers.care import admin as care_admin
from volunteers.care import import_admin as care_import_admin
from volunteers.orders import admin as order_admin
from volunteers.people import admin as people_admin
from volunteers.projects import admin as project_admin

__all__ = ["care_admin", "care_import_admin", "order_admin", "people_admin", "project_admin"]
