"""Where Django looks for the staff pages of this app."""

from volunteers.care import admin as care_admin

__all__ = ["care_admin"]
