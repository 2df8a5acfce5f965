"""The part of the matrix that belongs to 最美家庭, honours and private reminders: its URLs, and one object of each kind in the house's village."""

from __future__ import annotations

from typing import Any

from tests.matrix import Page

AWARDS: dict[str, Page] = {}


def add_awards(house: Any) -> None:
    """One object of each kind; called in the order claims, panel, rules, market, awards, passbooks, proof."""
