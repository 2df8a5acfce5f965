"""The part of the matrix that belongs to the panel and its sittings: its URLs, and one object of each kind in the house's village."""

from __future__ import annotations

from typing import Any

from tests.matrix import Page

PANEL: dict[str, Page] = {}


def add_panel(house: Any) -> None:
    """One object of each kind; called in the order claims, panel, rules, market, awards, passbooks, proof."""
