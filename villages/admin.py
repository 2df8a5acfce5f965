"""Where Django looks for the staff pages of this app."""

from villages import calendar_admin, household_admin, post_admin, roster_admin, unit_admin

__all__ = ["calendar_admin", "household_admin", "post_admin", "roster_admin", "unit_admin"]
