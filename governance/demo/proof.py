"""The last night's work on the demo's ledger: sealed, and compared with everything that follows from it."""

from __future__ import annotations

from datetime import datetime

from governance.demo.sources import TOWNSHIP
from moral_bank.proof.chain import chain_heads
from moral_bank.proof.reconciling import reconcile
from villages.models import Unit


def load_proof(units: dict[str, Unit], now: datetime) -> None:
    chain_heads(now)
    reconcile(units[TOWNSHIP], now)
