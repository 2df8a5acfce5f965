"""The part of the matrix that belongs to the nightly reconciliation and the chain of the ledger: its URLs, and one object of each kind in the house's village."""

from __future__ import annotations

from typing import Any

from tests.matrix import Page

PROOF: dict[str, Page] = {}


def add_proof(house: Any) -> None:
    """One object of each kind; called in the order claims, panel, rules, market, awards, passbooks, proof."""
