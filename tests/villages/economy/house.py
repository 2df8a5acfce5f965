"""A township with two villages whose years of collective income are written and confirmed."""

from __future__ import annotations

from typing import Any

from governance.accounts.models import User
from tests.builders import make_cast, make_township, make_user, make_village
from villages.economy.heads import scheme_of
from villages.economy.models import EconomyStatement
from villages.economy.services import statement_confirm, statement_report, statement_write
from villages.models import Unit

NEW = {"operating": 9_000_000, "investment": -50, "operating_cost": 2_000_000, "tax": 1_50, "management": 1_000_000}
# 90000.00 − 0.50 − 20000.00 − 1.50 − 10000.00
GAIN = 5_999_800


class EconomyHouse:
    def __init__(self) -> None:
        self.township = make_township()
        self.village = make_village(self.township)
        self.other = make_village(self.township, "马鞍村委会", "511923102202")
        self.cast = make_cast(self.township, self.village)
        self.checker = make_user("checker", "staff", self.township)

    def amounts(self, year: int = 2025, **fens: int) -> dict[str, int]:
        known = {**NEW, **fens}
        return {head.key: known.get(head.key, 0) for head in scheme_of(year).heads}

    def draft(self, year: int = 2025, village: Unit | None = None, by: User | None = None, **fens: int) -> EconomyStatement:
        given: dict[str, Any] = {"village": village or self.village, "year": year, "amounts": self.amounts(year, **fens)}
        return statement_write(**given, by=by or self.cast["staff"])

    def reported(self, year: int = 2025, village: Unit | None = None, **fens: int) -> EconomyStatement:
        return statement_report(statement=self.draft(year, village, None, **fens), by=self.cast["staff"])

    def confirmed(self, year: int = 2025, village: Unit | None = None, **fens: int) -> EconomyStatement:
        return statement_confirm(statement=self.reported(year, village, **fens), by=self.checker)
