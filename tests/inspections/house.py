"""A township under inspection: villages, a small card in force, teams, and a round taken as far as a test wants."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from governance.accounts.duties import Duty
from governance.accounts.models import User
from governance.periods import Period
from inspections.cards.services import checklist_adopt
from inspections.models import Answer, Checklist, ChecklistItem, ChecklistSection, Measure, Round, Scorecard, Team
from inspections.rounds.deciding import round_decide, round_hand_over, round_lock
from inspections.rounds.services import Plan, round_plan, round_start, team_save
from inspections.scorecards.answers import Judged, answers_save, card_finish
from tests.builders import make_cast, make_household, make_township, make_user, make_village
from villages.models import Unit

ZONE = ZoneInfo("Asia/Shanghai")
NAMES = ("八一村委会", "马鞍村委会", "千溪村委会", "石锣村委会")
Q1 = Period.parse("2026-Q1")


def moment(text: str) -> datetime:
    """Shanghai time from `2026-04-07 09:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


PLANNED, ON_SITE = moment("2026-04-07 09:00"), moment("2026-04-09 10:00")
HANDED, AFTER_REPLIES = moment("2026-04-13 09:00"), moment("2026-04-17 09:00")


def make_card(township: Unit, by: User, name: str = "季度督查评分表", **fields: object) -> Checklist:
    """100 marks: 60 for 人居环境 (40 by cases that two lines share, 20 whole), 40 for 矛盾平安 (measured bands), 5 bonus, a veto."""
    card = Checklist.objects.create(
        township=township, use=Checklist.Use.QUARTER, name=name, valid_from=date(2026, 1, 1), **fields
    )
    make_section(card, 1, "人居环境", 60, [
        {"name": "房前屋后乱堆乱放", "points": 40, "per_case": 2},
        {"name": "白色垃圾", "per_case": 1},
        {"name": "垃圾收集点正常使用", "kind": "whole", "points": 20},
    ])  # fmt: skip
    bands = [[95, 40], [85, 30], [70, 20]]
    make_section(card, 2, "矛盾平安", 40, [
        {"name": "回访按期完成", "kind": "band", "points": 40, "bands": bands, "indicator": "return_visits_kept"},
    ])  # fmt: skip
    make_section(card, 3, "加分", 5, [{"name": "经验被县级推广", "kind": "bonus", "per_case": 3}], "bonus")
    make_section(card, 4, "一票否决", 0, [{"name": "发生重大安全责任事故", "kind": "veto"}], "veto")
    return checklist_adopt(checklist=card, by=by)


def make_section(card: Checklist, position: int, name: str, points: int, items: list[dict[str, Any]], sort: str = "normal") -> None:
    section = ChecklistSection.objects.create(checklist=card, position=position, name=name, points=points, sort=sort)
    for place, fields in enumerate(items, 1):
        ChecklistItem.objects.create(section=section, position=place, **fields)


def take(card: Scorecard, good: int, of: int, *, enough: bool = True, indicator: str = "return_visits_kept") -> None:
    """A figure on a card as the worker keeps it, of records that nobody looks up."""
    Measure.objects.update_or_create(
        card=card, indicator=indicator,
        defaults={
            "good": good, "of": of, "enough": enough, "taken_at": ON_SITE, "good_keys": list(range(good)),
            "missed_keys": list(range(good, of)),
        },
    )  # fmt: skip


def judge_all(card: Scorecard, by: User) -> None:
    """An answer of the team to every line, written past the services."""
    items = ChecklistItem.objects.filter(section__checklist=card.round.checklist_id)
    Answer.objects.bulk_create([Answer(card=card, item=item, reason="现场核实", by=by, at=ON_SITE) for item in items])


class RoundHouse:
    """西兴镇 with `villages` villages, their casts, three supervisors, and the small card in force."""

    def __init__(self, villages: int = 3, code: str = "511923102") -> None:
        self.township = make_township(code)
        self.villages = [
            make_village(self.township, name, f"{code}2{number:02d}")
            for number, name in enumerate(NAMES[:villages], 1)
        ]
        self.cast = make_cast(self.township, self.villages[0])
        self.secretaries = {self.villages[0].pk: self.cast["secretary"]}
        for village in self.villages[1:]:
            self.secretaries[village.pk] = make_user(f"shuji-{village.code}", Duty.SECRETARY, village)
        for village in self.villages:
            for _ in range(3):
                make_household(village)
        self.staff, self.leader = self.cast["staff"], self.cast["leader"]
        self.supervisor = self.cast["supervisor"]
        self.second = make_user(f"ducha2-{code}", Duty.SUPERVISOR, self.township)
        self.checklist = make_card(self.township, self.staff)
        self.round: Round | None = None

    def plan(self, **fields: object) -> Round:
        said = {"checklist": self.checklist, "opens_on": date(2026, 4, 8), "closes_on": date(2026, 4, 10)}
        self.round = round_plan(
            township=self.township, quarter=Q1, plan=Plan(**{**said, **fields}), by=self.staff, at=PLANNED  # type: ignore[arg-type]
        )
        return self.round

    def team(self, *users: User, villages: list[Unit] | None = None, name: str = "第一组") -> Team:
        assert self.round is not None
        members = list(users) or [self.supervisor, self.second]
        return team_save(
            inspection_round=self.round, name=name, members=members, head=members[0],
            villages=self.villages if villages is None else villages, by=self.staff, at=PLANNED,
        )  # fmt: skip

    def scoring(self) -> Round:
        """Planned, one team for all villages, samples drawn."""
        self.plan()
        self.team()
        assert self.round is not None
        self.round = round_start(inspection_round=self.round, by=self.staff, at=PLANNED)
        return self.round

    def card(self, number: int = 0) -> Scorecard:
        return Scorecard.objects.get(round=self.round, village=self.villages[number])

    def item(self, name: str) -> ChecklistItem:
        return ChecklistItem.objects.get(section__checklist=self.checklist, name=name)

    def judge(
        self,
        number: int = 0,
        by: User | None = None,
        at: datetime = ON_SITE,
        named: Mapping[str, float] = {},
        **values: float,
    ) -> Scorecard:
        """Judge every line of a village: 0 (or 100 per cent) but for `named` and `values` by the item's name; then 评完."""
        judged = {}
        for item in ChecklistItem.objects.filter(section__checklist=self.checklist):
            value = {**values, **named}.get(item.name, 100 if item.kind == "band" else 0)
            judged[item.pk] = Judged(Decimal(str(value)), reason="现场核实")
        answers_save(card=self.card(number), judged=judged, by=by or self.supervisor, at=at)
        return card_finish(card=self.card(number), by=by or self.supervisor, at=at)

    def replying(self) -> Round:
        """Every village judged without fault, the cards handed over."""
        self.scoring()
        for number in range(len(self.villages)):
            self.judge(number)
        return self.hand_over()

    def hand_over(self) -> Round:
        assert self.round is not None
        self.round = round_hand_over(inspection_round=self.round, by=self.staff, at=HANDED)
        return self.round

    def decide(self, ranks_shown: bool = False) -> Round:
        assert self.round is not None
        self.round = round_decide(
            inspection_round=self.round, meeting_on=date(2026, 4, 17), decision="同意", ranks_shown=ranks_shown,
            by=self.leader, at=AFTER_REPLIES,
        )  # fmt: skip
        return self.round

    def lock(self) -> Round:
        assert self.round is not None
        self.round = round_lock(inspection_round=self.round, by=self.leader, at=timezone.now())
        return self.round
