"""Measured figures: what each counts, on both sides of every midnight and due time; that it equals its list; what is refused."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import Exists, Model, OuterRef, QuerySet, Value
from django.test.utils import CaptureQueriesContext

from governance.accounts.duties import Action, Duty
from governance.accounts.inbox_models import Message
from governance.accounts.models import AccessLog, User
from governance.cases.models import Case, CaseStep, Photo, Sent
from governance.disclosure.models import AffairKind
from governance.periods import Period
from inspections.indicators.registry import INDICATORS, Indicator, facts_rows, measure, measures
from inspections.models import Sheet
from inspections.scorecards.scoring import Fact
from moral_bank.closings.services import closing_compute, closing_publish
from moral_bank.models import Closing, Entry
from tests.builders import make_account, make_household, make_township, make_user, make_village
from tests.inspections.house import moment
from tests.inspections.records import Records
from tests.trial import run_in_trial_mode
from villages.models import Unit
from villages.units.services import NewUnit, units_merge
from volunteers.models import CareRecord, CareTurn

pytestmark = pytest.mark.django_db
Q1 = Period.parse("2026-Q1")
NOW = moment("2026-05-20 12:00")
CODES = list(INDICATORS)

# What a figure may count, and what it may look at beside that.
COUNTED = {
    "cases_case", "cases_errand", "cases_returnvisit", "volunteers_careturn", "moral_bank_closing", "disclosure_affairturn",
    "disclosure_objection", "inspections_frontpatrol", "inspections_order", "councils_decision", "councils_task",
}  # fmt: skip
READ = {
    "cases_casestep", "cases_visit", "disclosure_affairkind", "disclosure_notice", "inspections_front", "villages_unit",
    "villages_household", "villages_resident", "volunteers_carerecord", "councils_item", "councils_meeting",
}  # fmt: skip
BUSYNESS = re.compile(r'"(entry_count|household_count|last_login|revision)"')


@pytest.fixture
def village() -> Unit:
    return make_village(make_township())


@pytest.fixture
def records(village: Unit) -> Records:
    assert village.parent is not None
    return Records(village.parent)


def judged(code: str, now: Any = NOW, period: Period = Q1) -> dict[int, bool]:
    """Row id → good, of what the indicator counts in the whole database."""
    return dict(INDICATORS[code].rows(period, now).order_by().values_list("pk", "good"))


def check(code: str, expected: list[tuple[Model, bool | None]], now: Any = NOW) -> None:
    """Every row is counted as good, counted as not good, or (None) left out."""
    found = judged(code, now)
    for number, (row, good) in enumerate(expected):
        assert found.pop(row.pk, None) is good, f"{code}, row {number}"
    assert found == {}


@pytest.mark.parametrize(("code", "kind"), [("events_in_time", "event"), ("disputes_in_time", "dispute"), ("errands_in_time", "errand")])
def test_it_counts_cases_by_their_due_time(records: Records, village: Unit, code: str, kind: str) -> None:
    def made(due: str, finished: str | None, **fields: Any) -> Case:
        return records.case(village, kind, moment(due), moment(finished) if finished else None, **fields)

    other = "event" if kind != "event" else "errand"
    check(code, [
        (made("2026-01-01 00:00", "2026-01-01 00:00"), True),
        (made("2025-12-31 23:59", "2025-12-31 09:00"), None),
        (made("2026-03-31 23:59", "2026-03-31 23:59"), True),
        (made("2026-04-01 00:00", "2026-03-31 09:00"), None),
        (made("2026-02-10 17:30", "2026-02-10 17:31"), False),
        (made("2026-02-10 17:30", None), False),
        (made("2026-02-10 17:30", "2026-02-09 09:00", state="filed", filed_at=NOW), True),
        (made("2026-02-10 17:30", None, state="void"), None),
        (made("2026-02-10 17:30", None, paused_at=moment("2026-02-09 09:00")), None),
        (made("2026-02-10 17:30", None, private=True), None),
        (made("2026-02-10 17:30", None, import_key="x"), None),
        (records.case(village, other, moment("2026-02-10 17:30")), None),
        (records.case(village, kind), None),
    ])  # fmt: skip


def test_it_waits_until_the_time_is_over(records: Records, village: Unit) -> None:
    case = records.case(village, due=moment("2026-02-10 17:30"))
    visit = records.return_visit(village, date(2026, 2, 10), None)
    assert judged("events_in_time", moment("2026-02-10 17:30")) == {}
    assert judged("events_in_time", moment("2026-02-10 17:31")) == {case.pk: False}
    assert judged("return_visits_kept", moment("2026-02-10 23:59")) == {}
    assert judged("return_visits_kept", moment("2026-02-11 00:00")) == {visit.pk: False}


def test_it_counts_what_was_finished_and_stayed_so(records: Records, village: Unit) -> None:
    def made(*steps: tuple[str, str], **fields: Any) -> Case:
        case = records.case(village, finished=moment("2026-02-01 09:00"), **fields)
        for step, at in steps:
            records.step(case, step, moment(at))
        return case

    first, last = ("finish", "2026-01-01 00:00"), ("finish", "2026-03-31 23:59")
    check("cases_not_reopened", [
        (made(first), True),
        (made(last), True),
        (made(("finish", "2025-12-31 23:59")), None),
        (made(("finish", "2026-04-01 00:00")), None),
        (made(first, ("reopen", "2026-01-05 09:00")), False),
        (made(first, ("reopen", "2026-05-05 09:00")), False),
        (made(first, ("reopen", "2026-01-05 09:00"), last), False),
        (made(("finish", "2025-12-01 09:00"), ("reopen", "2026-01-05 09:00"), last), True),
        (made(("finish", "2025-12-01 09:00"), ("reopen", "2026-01-05 09:00")), None),
        (made(first, ("note", "2026-01-05 09:00")), True),
        (made(first, private=True), None),
        (made(first, import_key="x"), None),
    ])  # fmt: skip


def test_it_counts_errands_whose_client_spoke(records: Records, village: Unit) -> None:
    def made(finished: str, said: str, **fields: Any) -> Model:
        return records.errand(village, moment(finished), said, **fields)

    check("errands_satisfied", [
        (made("2026-01-01 00:00", "good"), True),
        (made("2026-03-31 23:59", "fair"), True),
        (made("2026-02-01 09:00", "bad"), False),
        (made("2026-02-01 09:00", ""), None),
        (made("2025-12-31 23:59", "bad"), None),
        (made("2026-04-01 00:00", "bad"), None),
        (made("2026-02-01 09:00", "bad", private=True), None),
        (records.errand(village, None, "bad"), None),
    ])  # fmt: skip


def test_it_counts_return_visits_by_their_day(records: Records, village: Unit) -> None:
    def made(due: str, done: str | None, **fields: Any) -> Model:
        return records.return_visit(village, date.fromisoformat(due), date.fromisoformat(done) if done else None, **fields)

    check("return_visits_kept", [
        (made("2026-01-01", "2026-01-01"), True),
        (made("2026-03-31", "2026-03-29"), True),
        (made("2026-03-31", "2026-04-01"), False),
        (made("2026-02-10", None), False),
        (made("2026-02-10", None, state="dropped"), None),
        (made("2025-12-31", None), None),
        (made("2026-04-01", None), None),
        (made("2026-02-10", None, private=True), None),
        (made("2026-02-10", "2026-02-10", import_key="x"), None),
    ])  # fmt: skip


def test_it_counts_months_by_their_lock(records: Records, village: Unit) -> None:
    township = records.township
    others = [make_village(township, f"村{number}村委会", f"5119231023{number:02d}") for number in range(3)]
    shown = date(2026, 2, 1)
    expected: list[tuple[Model, bool | None]] = [
        (records.closing(village, "2026-01", shown, moment("2026-02-15 23:59")), True),
        (records.closing(village, "2026-02", shown, moment("2026-03-16 00:00")), False),
        (records.closing(village, "2026-03", shown), False),
        (records.closing(village, "2025-12", shown, moment("2026-01-02 09:00")), None),
        (records.closing(village, "2026-04", shown), None),
        (records.closing(village, "2026-Q1", shown), None),
        (records.closing(others[0], "2026-01"), False),
    ]
    check("closings_in_time", expected)
    march = records.closing(others[1], "2026-03")
    assert march.pk not in judged("closings_in_time", moment("2026-04-15 23:59"))
    assert judged("closings_in_time", moment("2026-04-16 00:00"))[march.pk] is False


def test_it_counts_months_by_their_first_notice(records: Records, village: Unit) -> None:
    other = make_village(records.township, "马鞍村委会", "511923102202")
    check("notices_in_time", [
        (records.closing(village, "2026-01", date(2026, 2, 7)), True),
        (records.closing(village, "2026-02", date(2026, 3, 8)), False),
        (records.closing(village, "2026-03", date(2026, 4, 1), moment("2026-05-19 09:00")), True),
        (records.closing(village, "2025-12", date(2026, 1, 2)), None),
        (records.closing(other, "2026-02"), False),
    ])  # fmt: skip
    late = records.closing(other, "2026-01", date(2026, 3, 1))
    assert judged("notices_in_time")[late.pk] is False
    records.notice(other, "马鞍村2026年1月道德积分评分公示", date(2026, 2, 3))
    assert judged("notices_in_time")[late.pk] is True
    march = records.closing(other, "2026-03", date(2026, 4, 2))
    assert march.pk not in judged("notices_in_time", moment("2026-04-07 23:59"))
    assert judged("notices_in_time", moment("2026-04-08 00:00"))[march.pk] is True


def test_it_reads_the_title_that_a_closing_gives_its_notice(records: Records, village: Unit) -> None:
    make_account(make_household(village))
    row = Closing.objects.create(village=village, kind="month", start=date(2026, 1, 1))
    for at in (moment("2026-02-03 09:00"), moment("2026-03-20 09:00")):
        make_account(make_household(village))
        closing_compute(row.pk, at)
        row.refresh_from_db()
        closing_publish(closing=row, at=at)
    row.refresh_from_db()
    assert row.notice is not None and row.notice.opens_on == date(2026, 3, 20)
    assert judged("notices_in_time") == {row.pk: True}


def test_it_counts_objections_by_working_days(records: Records, village: Unit) -> None:
    """2026-03-06 is a Friday; 2026-02-15 to 23 is the Spring Festival's holiday, 02-14 and 02-28 are worked."""

    def made(received: str, answered: str | None) -> Model:
        return records.objection(village, moment(received), moment(answered) if answered else None)

    check("objections_in_time", [
        (made("2026-03-06 09:00", "2026-03-11 23:59"), True),
        (made("2026-03-06 23:59", "2026-03-12 00:00"), False),
        (made("2026-03-07 00:00", "2026-03-11 18:00"), True),
        (made("2026-03-08 12:00", None), False),
        (made("2026-02-13 16:00", "2026-02-25 09:00"), True),
        (made("2026-02-13 16:00", "2026-02-26 09:00"), False),
        (made("2026-01-01 00:00", "2026-01-01 09:00"), True),
        (made("2025-12-31 23:59", "2026-01-01 09:00"), None),
        (made("2026-04-01 00:00", None), None),
        (records.objection(records.township, moment("2026-03-06 09:00"), None), None),
    ])  # fmt: skip
    friday = made("2026-03-27 09:00", None)
    assert friday.pk not in judged("objections_in_time", moment("2026-04-01 23:59"))
    assert judged("objections_in_time", moment("2026-04-02 00:00"))[friday.pk] is False


def test_it_counts_what_was_to_be_disclosed(records: Records, village: Unit) -> None:
    def made(due: str, met: str | None, **fields: Any) -> Model:
        return records.affair(village, date.fromisoformat(due), date.fromisoformat(met) if met else None, **fields)

    cancelled = {"cancelled_at": NOW, "cancelled_by": records.clerk, "cancel_reason": "登记错了"}
    off = made("2026-02-10", None)
    AffairKind.objects.filter(pk=off.kind_id).update(is_active=False)  # type: ignore[attr-defined]
    check("affairs_in_time", [
        (made("2026-01-01", "2026-01-01"), True),
        (made("2026-03-31", "2026-01-05"), True),
        (made("2026-03-31", "2026-04-01"), False),
        (made("2026-02-10", None), False),
        (made("2026-02-10", None, **cancelled), None),
        (off, None),
        (made("2025-12-31", None), None),
        (made("2026-04-01", None), None),
    ])  # fmt: skip
    last = made("2026-03-31", None)
    assert last.pk not in judged("affairs_in_time", moment("2026-03-31 23:59"))
    assert judged("affairs_in_time", moment("2026-04-01 00:00"))[last.pk] is False
    Unit.objects.filter(pk=village.pk).update(valid_to=date(2026, 2, 10))
    assert sorted(judged("affairs_in_time").values()) == [True]


def test_it_counts_contacts_that_were_due_of_those_who_still_wait(records: Records, village: Unit) -> None:
    def made(due: str, met: str | None, **resident: Any) -> CareTurn:
        return records.care(village, date.fromisoformat(due), date.fromisoformat(met) if met else None, **resident)

    left = made("2026-02-10", None)
    leaving = {"left_on": date(2026, 2, 10), "left_reason": "好转", "due_on": None}
    CareRecord.objects.filter(pk=left.record_id).update(**leaving)
    check("care_kept", [
        (made("2026-01-01", "2026-01-01"), True),
        (made("2026-01-01", "2026-01-02"), False),
        (made("2026-03-31", "2026-02-01"), True),
        (made("2026-03-31", None), False),
        (made("2026-04-01", None), None),
        (made("2025-12-31", None), None),
        (left, None),
        (made("2026-02-10", None, status="died", status_on=date(2026, 2, 10)), None),
        (made("2026-02-10", None, status="died", status_on=date(2026, 2, 11)), False),
    ])  # fmt: skip
    last = made("2026-03-31", None)
    assert last.pk not in judged("care_kept", moment("2026-03-31 23:59"))
    assert judged("care_kept", moment("2026-04-01 00:00"))[last.pk] is False


def test_it_counts_fronts_that_should_be_looked_at_again(records: Records, village: Unit) -> None:
    def made(due: str | None, seen: str | None, **front: Any) -> Model:
        return records.patrol(village, date.fromisoformat(due) if due else None, moment(seen) if seen else None, **front)

    check("fronts_rechecked", [
        (made("2026-01-01", "2026-01-01 23:59"), True),
        (made("2026-03-31", "2026-04-01 00:00"), False),
        (made("2026-02-10", None), False),
        (made("2025-12-31", None), None),
        (made("2026-04-01", None), None),
        (made(None, None), None),
        (made("2026-02-10", None, ended_on=date(2026, 2, 10)), None),
        (made("2026-02-10", None, ended_on=date(2026, 2, 11)), False),
    ])  # fmt: skip


def test_it_counts_orders_by_their_day(records: Records, village: Unit) -> None:
    def made(due: str, closed: str | None = None, **fields: Any) -> Model:
        return records.order(village, date.fromisoformat(due), date.fromisoformat(closed) if closed else None, **fields)

    check("orders_in_time", [
        (made("2026-01-01", "2026-01-01"), True),
        (made("2026-03-31", "2026-04-09"), True),
        (made("2026-03-31", "2026-03-31", misses=1), False),
        (made("2026-02-10"), False),
        (made("2026-02-10", state="reported"), None),
        (made("2026-02-10", state="reported", misses=1), False),
        (made("2025-12-31"), None),
        (made("2026-04-01"), None),
    ])  # fmt: skip


def test_it_counts_tasks_of_meetings_by_their_day(records: Records, village: Unit) -> None:
    def made(due: str, done: str | None = None, **fields: Any) -> Model:
        return records.task(village, date.fromisoformat(due), date.fromisoformat(done) if done else None, **fields)

    check("council_tasks_in_time", [
        (made("2026-01-01", "2026-01-01"), True),
        (made("2026-03-31", "2026-04-01"), False),
        (made("2026-02-10"), False),
        (made("2026-02-10", "2026-02-01", state="dropped"), None),
        (made("2025-12-31"), None),
        (made("2026-04-01"), None),
    ])  # fmt: skip


def test_it_says_when_there_are_too_few(records: Records, village: Unit) -> None:
    indicator = INDICATORS["events_in_time"]
    assert measure(indicator, village, Q1, NOW) == Fact(0, 0, enough=False)
    for number in range(indicator.minimum):
        assert measure(indicator, village, Q1, NOW).enough is False
        records.case(village, due=moment("2026-02-10 09:00"), finished=moment("2026-02-10 08:00") if number else None)
    assert measure(indicator, village, Q1, NOW) == Fact(indicator.minimum - 1, indicator.minimum, enough=True)


class Scattered:
    """Two townships with records everywhere; two villages of the first were merged on 1 March, records on both sides."""

    def __init__(self, seed: int) -> None:
        random = Random(seed)
        towns = [make_township(), make_township("511923103")]
        near = [make_village(towns[0], f"村{number}村委会", f"5119231022{number:02d}") for number in range(1, 4)]
        far = [make_village(towns[1], "九龙村委会", "511923103201")]
        self.records = [Records(town) for town in towns]
        for records, villages in zip(self.records, (near, far), strict=True):
            records.scatter(villages, random, 12)
            for village in villages:
                records.close_months(village, random)
        clerk = self.records[0].clerk
        merged = units_merge(sources=near[:2], into=NewUnit("兴隆村委会", "511923102210"), on=date(2026, 3, 1), by=clerk)
        self.villages = [*near, *far, merged]
        self.records[0].scatter([merged, near[2]], random, 6)

    def users(self, seed: int) -> list[User]:
        """Somebody for each duty, at a unit that chance picks; some hold two."""
        random = Random(seed)
        units = list(Unit.objects.order_by("pk"))
        users = []
        for duty in Duty.values:
            user = make_user(f"{duty}-{seed}", duty, random.choice(units))
            if random.random() < 0.3:
                user.posts.create(kind=random.choice(["leader", "overseer"]), unit=random.choice(units), appointed_on=date(2026, 1, 1))
            users.append(user)
        return users


@pytest.mark.parametrize("seed", range(12 if os.environ.get("SOAK") == "1" else 1))
def test_it_equals_its_list_for_whoever_sees_the_village(seed: int) -> None:
    scattered = Scattered(seed)
    counted = 0
    for user in scattered.users(seed):
        seen = set(Unit.objects.visible_to(user, Action.ROUND_VIEW).villages().values_list("pk", flat=True))
        for quarter in (Q1.previous(), Q1, Q1.next()):
            facts = measures(scattered.villages, quarter, NOW)
            for village in scattered.villages:
                for code, indicator in INDICATORS.items():
                    found = list(facts_rows(indicator, user, village, quarter, NOW).values_list("good", flat=True))
                    fact = facts[village.pk][code]
                    if village.pk in seen:
                        assert (sum(found), len(found)) == (fact.good, fact.of), (user, village, code)
                        counted += len(found)
                    else:
                        assert found == [], (user, village, code)
    assert counted > 100


def test_it_counts_every_record_in_one_village_only() -> None:
    scattered = Scattered(7)
    facts = measures(scattered.villages, Q1, NOW)
    for code, indicator in INDICATORS.items():
        assert sum(facts[village.pk][code].of for village in scattered.villages) == indicator.rows(Q1, NOW).count() > 0, code
        assert all(measure(indicator, village, Q1, NOW) == facts[village.pk][code] for village in scattered.villages)


def test_it_shows_nobody_a_row_that_the_own_pages_hide() -> None:
    """But for people in care, whose list names nobody."""
    scattered = Scattered(3)
    for duty in Duty.values:
        user = make_user(duty, duty, scattered.records[0].township if duty in ("staff", "leader", "supervisor") else scattered.villages[2])
        for code, indicator in INDICATORS.items():
            rows: Any = indicator.model._default_manager
            own = set(rows.visible_to(user).values_list("pk", flat=True))
            listed = facts_rows(indicator, user, scattered.villages[2], Q1, NOW)
            hidden = set(listed.values_list("pk", flat=True)) - own
            assert not hidden or (code == "care_kept" and "孙大娘" not in "".join(map(indicator.title, listed))), (duty, code)


def test_it_measures_any_number_of_villages_in_as_many_queries() -> None:
    scattered = Scattered(1)
    for villages in (scattered.villages[:1], scattered.villages):
        with CaptureQueriesContext(connection) as queries:
            measures(villages, Q1, NOW)
        assert len(queries) == len(INDICATORS), [query["sql"][:90] for query in queries]


def objectionable(indicator: Indicator) -> list[str]:
    """Tables and columns in an indicator's query that no figure may rest on."""
    sql, _ = indicator.rows(Q1, NOW).order_by().values("pk", "in_village", "good").query.sql_with_params()
    tables = set(re.findall(r'(?:FROM|JOIN) "(\w+)"', sql))
    base = indicator.model._meta.db_table
    return sorted((tables - COUNTED - READ) | ({base} - COUNTED)) + BUSYNESS.findall(sql)


def refused() -> list[str]:
    """Codes in the registry that count what must not be counted."""
    return [code for code, indicator in INDICATORS.items() if objectionable(indicator)]


def test_it_counts_outcomes_only() -> None:
    tables = {model._meta.db_table for model in apps.get_models()}
    assert tables >= COUNTED | READ and not COUNTED & READ
    assert refused() == []
    assert {code for code, one in INDICATORS.items() if one.code != code} == set()


def everything(among: QuerySet[Any], period: Period, now: Any) -> QuerySet[Any]:
    counted: QuerySet[Any] = among.annotate(good=Value(True))
    return counted


def with_photos(among: QuerySet[Any], period: Period, now: Any) -> QuerySet[Any]:
    counted: QuerySet[Any] = among.annotate(good=Exists(Photo.objects.filter(case=OuterRef("pk"))))
    return counted


def with_entries(among: QuerySet[Any], period: Period, now: Any) -> QuerySet[Any]:
    counted: QuerySet[Any] = among.filter(entry_count__gte=10).annotate(good=Value(True))
    return counted


MADE_UP: list[tuple[type[Model], Callable[..., QuerySet[Any]]]] = [
    *((model, everything) for model in (AccessLog, Session, Message, Photo, Sent, Sheet, Entry, CaseStep)),
    (apps.get_model("cases", "HistoricalErrand"), everything),
    (Case, with_photos),
    (Closing, with_entries),
]


@pytest.mark.parametrize(("model", "counted"), MADE_UP)
def test_it_refuses_logins_clicks_photos_and_entry_counts(
    monkeypatch: pytest.MonkeyPatch, model: type[Model], counted: Callable[..., QuerySet[Any]]
) -> None:
    """The test above fails as soon as somebody registers such an indicator."""
    made_up = replace(INDICATORS["events_in_time"], code="busy", model=model, village="pk", counted=counted)
    monkeypatch.setitem(INDICATORS, "busy", made_up)
    assert refused() == ["busy"]


def figures() -> list[list[Any]]:
    """Code of the village, indicator, good, of: for comparing the two engines."""
    scattered = Scattered(11)
    facts = measures(scattered.villages, Q1, NOW)
    return [
        [village.code, code, facts[village.pk][code].good, facts[village.pk][code].of]
        for village in scattered.villages
        for code in INDICATORS
    ]


def test_it_counts_the_same_in_trial_mode(tmp_path: Path) -> None:
    found = figures()
    assert sum(row[3] for row in found) > 50
    assert run_in_trial_mode("tests.inspections.indicators.test_indicators:figures", tmp_path) == found
