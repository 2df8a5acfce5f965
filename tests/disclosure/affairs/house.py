"""A township with its catalogue and one village, and a list as far on its way as a test wants."""

from __future__ import annotations

from datetime import date
from typing import Any

from governance.disclosure.affairs.services import (
    Content,
    affair_draft,
    affair_publish,
    affair_review,
    affair_submit,
)
from governance.disclosure.affairs.setting_up import affairs_set_up
from governance.disclosure.models import Affair, AffairKind, AffairTurn
from tests.builders import make_cast, make_township, make_village

MONEY = Content(
    "八一村2026年第1季度村集体财务收支", ("项目", "收入（元）", "支出（元）"), (("土地发包", "12000", ""), ("路灯电费", "", "860.50")),
    source="村集体财务账",
)  # fmt: skip
SINCE = date(2026, 1, 1)


class AffairHouse:
    def __init__(self, since: date = SINCE) -> None:
        self.township = make_township()
        self.village = make_village(self.township)
        self.cast = make_cast(self.township, self.village)
        affairs_set_up(township=self.township, since=since)

    def kind(self, code: str = "shouzhi") -> AffairKind:
        return AffairKind.objects.get(township=self.township, code=code)

    def turn(self, **fields: Any) -> AffairTurn:
        """The first quarter's finances, due on April 20th."""
        given = {"period": "2026-Q1", "begins_on": SINCE, "due_on": date(2026, 4, 20), "kind": self.kind(), "village": self.village}
        return AffairTurn.objects.create(**{**given, **fields})

    def draft(self, turn: AffairTurn | None = None, content: Content = MONEY) -> Affair:
        return affair_draft(turn=turn or self.turn(), content=content, by=self.cast["cadre"])

    def submitted(self, turn: AffairTurn | None = None) -> Affair:
        return affair_submit(affair=self.draft(turn), by=self.cast["cadre"])

    def reviewed(self, turn: AffairTurn | None = None) -> Affair:
        return affair_review(affair=self.submitted(turn), passed=True, by=self.cast["overseer"])

    def published(self, turn: AffairTurn | None = None, at: Any = None) -> Affair:
        return affair_publish(affair=self.reviewed(turn), by=self.cast["cadre"], at=at)
