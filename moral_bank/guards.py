"""All guards of the room."""

from moral_bank.awards.guards import GUARDS as AWARDS
from moral_bank.claims.appeal_guards import GUARDS as APPEALS
from moral_bank.claims.cap_guards import GUARDS as CAPS
from moral_bank.claims.guards import GUARDS as CLAIMS
from moral_bank.closings.guards import GUARDS as CLOSINGS
from moral_bank.ledger.guards import GUARDS as LEDGER
from moral_bank.market.guards import GUARDS as MARKET
from moral_bank.panel.guards import GUARDS as PANEL
from moral_bank.passbooks.guards import GUARDS as PASSBOOKS
from moral_bank.proof.guards import GUARDS as PROOF
from moral_bank.rules.guards import GUARDS as RULES

GUARDS = [*LEDGER, *CLOSINGS, *RULES, *PANEL, *CLAIMS, *CAPS, *MARKET, *PASSBOOKS, *AWARDS, *PROOF, *APPEALS]
