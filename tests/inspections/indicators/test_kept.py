"""A frozen figure freezes its list: whatever the records say later, a card's figure opens the records that it counted."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.db.models import F
from django.test import Client

from governance.accounts.models import User
from governance.cases.models import Case
from governance.councils.models import Task
from governance.disclosure.models import AffairKind, Objection
from governance.sheets.reader import read_workbook
from inspections.cards.services import checklist_adopt
from inspections.indicators.registry import INDICATORS, measures
from inspections.models import Checklist, Front, Measure, Order, Scorecard
from inspections.rounds.services import Plan, round_plan, round_start, team_save
from tests.builders import make_cast, make_township, make_village
from tests.inspections.house import Q1, make_section, moment
from tests.inspections.records import Records
from tests.pages import read
from villages.models import Resident

pytestmark = pytest.mark.django_db
TAKEN = moment("2026-04-06 12:00")
YEAR = timedelta(days=400)
STILL = "decisions_whole"  # a decision's days never change (trigger)

# What happens to the records after the figures are taken, beside that the days of March's closing pass.
CHANGES: list[Callable[[], Any]] = [
    lambda: Case.objects.update(import_key=F("number")),
    lambda: Objection.objects.update(received_at=F("received_at") - YEAR),
    lambda: Resident.objects.update(status=Resident.Status.DIED, status_on=date(2025, 9, 2)),
    lambda: Front.objects.update(ended_on=date(2025, 9, 2)),
    lambda: Task.objects.filter(state="open").update(due_on=F("due_on") + YEAR),
    lambda: AffairKind.objects.update(is_active=False),
    lambda: Order.objects.exclude(state="closed").update(fix_due_on=F("fix_due_on") + YEAR),
]


class KeptHouse:
    """八一村 with records of every kind, inspected on a card whose lines are all measured."""

    def __init__(self) -> None:
        self.township = make_township()
        self.village = make_village(self.township)
        self.cast: dict[str, User] = make_cast(self.township, self.village)
        self.staff, self.supervisor = self.cast["staff"], self.cast["supervisor"]
        records, random = Records(self.township), Random(3)
        records.scatter([self.village], random, 40)
        records.order(self.village, date(2026, 2, 10))
        records.close_months(self.village, random)
        inspection_round = round_plan(
            township=self.township, quarter=Q1, plan=Plan(self._checklist(), date(2026, 4, 8), date(2026, 4, 10)), by=self.staff, at=TAKEN
        )
        team_save(
            inspection_round=inspection_round, name="第一组", members=[self.supervisor], head=self.supervisor, villages=[self.village],
            by=self.staff, at=TAKEN,
        )  # fmt: skip
        self.round = round_start(inspection_round=inspection_round, by=self.staff, at=TAKEN)
        self.card = Scorecard.objects.get(round=self.round)

    def _checklist(self) -> Checklist:
        card = Checklist.objects.create(
            township=self.township, use=Checklist.Use.QUARTER, name="全实测", valid_from=date(2026, 1, 1), full=len(INDICATORS) * 5
        )
        lines = [{"name": one.name, "points": 5, "per_case": 1, "indicator": code} for code, one in INDICATORS.items()]
        make_section(card, 1, "实测", 5 * len(lines), lines)
        return checklist_adopt(checklist=card, by=self.staff)


def count_of(page: str) -> int:
    found = re.search(r"共 (\d+) 条", page)
    return int(found[1]) if found else 0


def rows_of(client: Client, path: str) -> int:
    answer = client.get(path)
    (sheet,) = read_workbook(b"".join(answer.streaming_content), "a.xlsx")  # type: ignore[attr-defined]
    return sum(bool({"达标", "未达标"} & set(map(str, row))) for row in sheet.rows.values())


def test_every_measured_figure_of_a_card_opens_the_records_that_it_counted(client: Client) -> None:
    with time_machine.travel(TAKEN, tick=False):
        house = KeptHouse()
        kept = {row.indicator: row for row in Measure.objects.filter(card=house.card)}
        assert set(kept) == set(INDICATORS) and min(row.of for row in kept.values()) > 0
    with time_machine.travel(TAKEN + timedelta(days=60), tick=False):
        for change in CHANGES:
            change()
        live = measures([house.village], Q1, TAKEN + timedelta(days=60))[house.village.pk]
        moved = [code for code, row in kept.items() if (live[code].good, live[code].of) != (row.good, row.of)]
        assert set(moved) == set(INDICATORS) - {STILL}, "the records have changed under every figure"
        card_page = read(client, house.staff, f"/cards/{house.card.pk}/")
        for code, row in kept.items():
            path = f"/facts/{code}/?card={house.card.pk}"
            assert path.replace("&", "&amp;") in card_page, code
            assert (row.good, row.of) == (len(row.good_keys), len(row.good_keys) + len(row.missed_keys))
            found = [count_of(read(client, house.staff, path + part)) for part in ("", "&good=1", "&good=0")]
            assert found == [row.of, row.good, row.of - row.good], code
            assert rows_of(client, f"/facts/{code}/export/?card={house.card.pk}") == row.of, code


@time_machine.travel(TAKEN, tick=False)
def test_a_kept_list_is_for_who_sees_the_card_and_names_nothing_that_became_private(client: Client) -> None:
    house = KeptHouse()
    path = f"/facts/events_in_time/?card={house.card.pk}"
    secretary = house.cast["secretary"]
    client.force_login(secretary, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(path).status_code == 404, "a village has its card only once it is handed over"
    for refused in (path.replace("events_in_time", "nothing"), "/facts/events_in_time/?card=x", "/facts/events_in_time/?card=0"):
        client.force_login(house.staff, backend="django.contrib.auth.backends.ModelBackend")
        assert client.get(refused).status_code == 404, refused
    kept = Measure.objects.get(card=house.card, indicator="events_in_time")
    Case.objects.filter(pk=[*(kept.good_keys or [])][0]).update(private=True)
    page = read(client, house.staff, path)
    assert count_of(page) == kept.of - 1 and "另有 1 条现在不归您看" in page and f"{kept.good} / {kept.of}" in page


@time_machine.travel(TAKEN, tick=False)
def test_a_figure_from_before_lists_were_kept_says_so(client: Client) -> None:
    house = KeptHouse()
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER inspections_measure_listed_later ON inspections_measure")
    Measure.objects.update(good_keys=None, missed_keys=None)
    page = read(client, house.staff, f"/facts/events_in_time/?card={house.card.pk}")
    assert "取数时没有保存名单" in page and count_of(page) == Measure.objects.get(indicator="events_in_time").of
