"""Where Django looks for the staff pages of this app."""

from villages import household_admin, post_admin, roster_admin, unit_admin

__all__ = ["household_admin", "post_admin", "roster_admin", "unit_admin"]
