"""Where Django looks for the staff pages of this app."""

from moral_bank import (
    appeal_admin,
    award_admin,
    closing_admin,
    ledger_admin,
    market_admin,
    panel_admin,
    passbook_admin,
    proof_admin,
    rule_admin,
)

__all__ = [
    "appeal_admin",
    "award_admin",
    "closing_admin",
    "ledger_admin",
    "market_admin",
    "panel_admin",
    "passbook_admin",
    "proof_admin",
    "rule_admin",
]
