"""The part of the matrix that belongs to passbooks, proxies, the fund behind the points and expiry: its URLs, and one object of each kind in the house's village."""

from __future__ import annotations

from typing import Any

from tests.matrix import Page

PASSBOOKS: dict[str, Page] = {}


def add_passbooks(house: Any) -> None:
    """One object of each kind; called in the order claims, panel, rules, market, awards, passbooks, proof."""
