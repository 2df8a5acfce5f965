"""Where Django looks for the staff pages of this app."""

from inspections import checklist_admin, front_admin, order_admin, review_admin

__all__ = ["checklist_admin", "front_admin", "order_admin", "review_admin"]
