"""Where Django looks for the staff pages of this app."""

from governance.cases import case_admin, dispute_admin, rule_admin

__all__ = ["case_admin", "dispute_admin", "rule_admin"]
