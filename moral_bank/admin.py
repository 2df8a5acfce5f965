"""Where Django looks for the staff pages of this app."""

from moral_bank.awards import admin as award_admin
from moral_bank.claims import appeal_admin
from moral_bank.closings import admin as closing_admin
from moral_bank.ledger import admin as ledger_admin
from moral_bank.market import admin as market_admin
from moral_bank.panel import admin as panel_admin
from moral_bank.passbooks import admin as passbook_admin
from moral_bank.proof import admin as proof_admin
from moral_bank.rules import admin as rule_admin

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
