"""What the house's own ledgers write comes back without a change: by 系统编号, whatever somebody did to the other cells."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db.models import QuerySet

from governance.cases.disputes.sheet_import import DISPUTE_IMPORT
from governance.cases.engine.exports import DISPUTES
from governance.cases.models import Case, Party
from governance.frame.exports import Ledger
from governance.sheets.writer import write_table
from moral_bank.claims.exports import CLAIMS
from moral_bank.claims.sheet_import import CLAIM_IMPORT
from moral_bank.models import Claim
from tests.cases.house import CaseHouse
from tests.moral_bank.claims.test_sheet import NOW, Yard
from tests.volunteers.people import test_import as hours_ledger
from tests.volunteers.people.house import PeopleHouse
from volunteers.models import Hours, Volunteer
from volunteers.people.exports import HOURS_LEDGER
from volunteers.people.sheet_import import HOURS_IMPORT

pytestmark = pytest.mark.django_db


def sheet(ledger: Ledger, rows: QuerySet[Any], **changed: Any) -> bytes:
    """The ledger as a file; `changed`: heading → what its cells say instead."""
    headings = [column.heading for column in ledger.columns]

    def lines() -> Iterator[list[Any]]:
        for line in ledger.rows(rows):
            yield [changed.get(heading, cell) for heading, cell in zip(headings, line, strict=True)]

    stream = io.BytesIO()
    write_table(stream, title=ledger.title, columns=ledger.columns, rows=lines(), sheet_name=ledger.title, notes=ledger.notes)
    return stream.getvalue()


def rows_of(*models: Any) -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.mark.parametrize("changed", [{}, {"基本情况": "另写一句"}, {"受理日期": "不知道"}])
def test_disputes_come_back_as_they_are(changed: dict[str, str]) -> None:
    house = CaseHouse()
    cases = [house.log("linli", parties=("甲", "乙"), text=text) for text in ("争水", "争地边")]
    before = rows_of(Case, Party)
    data = sheet(DISPUTES, Case.objects.filter(pk__in=[case.pk for case in cases]), **changed)
    found = DISPUTE_IMPORT.read(file=data, filename="台账.xlsx", township=house.township, by=house.user("staff"))
    assert (found.counts["new"], found.counts["same"], found.counts["refuse"]) == (0, 2, 0)
    outcome = DISPUTE_IMPORT.commit(found, include_look=True, by=house.user("staff"))
    assert (outcome.new, outcome.same, outcome.left_out) == (0, 2, 0) and rows_of(Case, Party) == before


@pytest.mark.parametrize("key", ["case-0", "claim-{pk}", "{pk}", "case-{pk}a"])
def test_a_number_that_names_nothing_is_no_number(key: str) -> None:
    house = CaseHouse()
    case = house.log("linli", parties=("甲", "乙"), text="争水")
    data = sheet(DISPUTES, Case.objects.filter(pk=case.pk), 系统编号=key.format(pk=case.pk), 编号="")
    found = DISPUTE_IMPORT.read(file=data, filename="台账.xlsx", township=house.township, by=house.user("staff"))
    assert (found.counts["new"], found.counts["same"]) == (1, 0)


def test_a_case_that_one_may_not_see_is_not_known() -> None:
    house = CaseHouse()
    case = house.log("linli", parties=("甲", "乙"), text="争水")
    data = sheet(DISPUTES, Case.objects.filter(pk=case.pk))
    Case.objects.filter(pk=case.pk).update(private=True)
    found = DISPUTE_IMPORT.read(file=data, filename="台账.xlsx", township=house.township, by=house.user("staff"))
    assert found.counts["same"] == 0


def test_claims_come_back_as_they_are() -> None:
    with time_machine.travel(NOW, tick=False):
        yard = Yard()
        first = yard.read(["王小明", "1", "参加志愿服务", "2026-03-05", "王小红", "5"])
        CLAIM_IMPORT.commit(first, include_look=True, by=yard.cast["cadre"])
        before = rows_of(Claim)
        data = sheet(CLAIMS, Claim.objects.all(), 户主="不知道是谁")
        found = CLAIM_IMPORT.read(file=data, filename="台账.xlsx", by=yard.cast["cadre"])
        assert len(before[0]) == 1 and (found.counts["new"], found.counts["same"]) == (0, 1)
        outcome = CLAIM_IMPORT.commit(found, include_look=True, by=yard.cast["cadre"])
        assert (outcome.new, outcome.same) == (0, 1) and rows_of(Claim) == before


def test_hours_come_back_as_they_are() -> None:
    house = PeopleHouse()
    house.admitted()
    first = hours_ledger.read(house, ["王小明", "", "2026-03-05", 2, "看望老人"], ["王小明", "", "2026-03-09", "半小时", ""])
    hours_ledger.commit(house, first)
    before = rows_of(Hours, Volunteer)
    data = sheet(HOURS_LEDGER, Hours.objects.with_service(), 姓名="王老五")
    found = HOURS_IMPORT.read(file=data, filename="台账.xlsx", township=house.township, by=house.user("staff"))
    outcome = HOURS_IMPORT.commit(found, include_look=True, by=house.user("staff"))
    assert (outcome.new, outcome.same, outcome.people) == (0, 2, 0) and rows_of(Hours, Volunteer) == before
