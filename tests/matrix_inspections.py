"""The part of the matrix that belongs to inspections: its URLs, and one object of each kind in the house's village."""

from __future__ import annotations

from typing import Any

from tests.matrix import Page

INSPECTIONS: dict[str, Page] = {}


def add_inspections(house: Any) -> None:
    """Objects of 督查 in 八一村, named as `Page.shows` names them; `house` is the matrix's House."""
