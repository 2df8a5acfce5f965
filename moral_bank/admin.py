"""Where Django looks for the staff pages of this app."""

from moral_bank import closing_admin, ledger_admin, rule_admin

__all__ = ["closing_admin", "ledger_admin", "rule_admin"]
