"""The part of the matrix that belongs to rule sets, their comparison, trial runs and the public page of the rules: its URLs, and one object of each kind in the house's village."""

from __future__ import annotations

from typing import Any

from tests.matrix import Page

RULES: dict[str, Page] = {}


def add_rules(house: Any) -> None:
    """One object of each kind; called in the order claims, panel, rules, market, awards, passbooks, proof."""
