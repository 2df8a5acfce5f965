"""Where Django looks for the staff pages of this app."""

from governance.cases.categories import admin as rule_admin
from governance.cases.disputes import admin as dispute_admin
from governance.cases.engine import admin as case_admin

__all__ = ["case_admin", "dispute_admin", "rule_admin"]
