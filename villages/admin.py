"""Where Django looks for the staff pages of this app."""

from villages.calendar import admin as calendar_admin
from villages.economy import import_admin as economy_import
from villages.facilities import import_admin as facility_import
from villages.households import admin as household_admin
from villages.posts import account_admin
from villages.posts import admin as post_admin
from villages.roster import admin as roster_admin
from villages.units import admin as unit_admin

__all__ = [
    "account_admin", "calendar_admin", "economy_import", "facility_import", "household_admin", "post_admin", "roster_admin", "unit_admin",
]  # fmt: skip
