"""Each guard of orders, going around the code: refused while it stands, passing once exactly it is dropped; refused on SQLite, too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from governance.accounts.models import User
from governance.guards import Guard
from tests.builders import make_township, make_user, make_village
from tests.cases.house import MORNING
from tests.trial import run_in_trial_mode
from tests.volunteers.orders.house import ServiceHouse
from tests.worlds import module_world
from volunteers.models import Hours
from volunteers.orders.guards import GUARDS
from volunteers.orders.services import judge_by_phone, judge_by_slip, offer_decline, slip_issue

pytestmark = pytest.mark.django_db
OFFERS = "order_id, volunteer_id, wanted_at, state, asked_at, expires_at, answered_at, reason"
RUNS = "order_id, volunteer_id, accepted_at, outcome, reason"
TIMES = "order_id, volunteer_id, village_id, served_on, minutes, text, reason, at"
ORDERS = (
    "township_id, village_id, unit_id, number, project_id, source, name, phone, place, caller, caller_phone, text, people, "
    "is_emergency, state, asked_at, logged_at, logged_by_id, accept_due_at, finish_due_at, level, slip_hash, rating, rating_words, "
    "judged_how, points, points_reason"
)


def copied(table: str, columns: str, row: str, **changes: str) -> str:
    """An INSERT like the row with other values (SQL) in some columns."""
    values = ", ".join(changes.get(name, name) for name in columns.split(", "))
    return f"INSERT INTO volunteers_{table} ({columns}) SELECT {values} FROM volunteers_{table} WHERE id = {row}"


SET = "UPDATE volunteers_serviceorder SET"
CASES = {
    "volunteers_servicestep_insert_only_row": ["UPDATE volunteers_servicestep SET note = 'x'", "DELETE FROM volunteers_servicestep"],
    "volunteers_hours_insert_only_row": ["UPDATE volunteers_hours SET minutes = 600"],
    "service_order_fixed": [
        f"{SET} number = 'X' WHERE id = {{asked}}",
        f"{SET} asked_at = '2020-01-01 00:00:00+00:00' WHERE id = {{asked}}",
        f"{SET} people = 9 WHERE id = {{asked}}",
        f"{SET} village_id = {{other}} WHERE id = {{asked}}",
    ],
    "service_order_of_township": [copied("serviceorder", ORDERS, "{asked}", number="'X'", village_id="{village_of_another}")],
    "service_order_public": [
        copied("serviceorder", ORDERS, "{asked}", number="'X'", source="'public'"),
        copied("serviceorder", ORDERS, "{alarm}", number="'X'", state="'callback'", logged_by_id="NULL"),
    ],
    "service_order_ended": [
        f"{SET} state = 'asked', finished_at = NULL WHERE id = {{done}}",
        f"{SET} state = 'cancelled', finished_at = NULL, stopped_at = asked_at WHERE id = {{done}}",
    ],
    "service_order_served": [
        f"{SET} state = 'done', finished_at = asked_at WHERE id = {{asked}}",
        f"{SET} state = 'cancelled' WHERE id = {{running}}",
    ],
    "service_order_judged": [
        f"{SET} rating_words = 'x' WHERE id = {{judged}}",
        f"{SET} slip_hash = 'x' WHERE id = {{slipped}}",
        f"{SET} slip_used_at = NULL WHERE id = {{slipped}}",
    ],
    "service_order_judge": [f"{SET} judged_by_id = {{{who}}} WHERE id = {{done}}" for who in ("runner", "former", "kin")],
    "service_order_points": [f"{SET} points = 'open' WHERE id = {{judged}}"],
    "service_order_kept": ["DELETE FROM volunteers_serviceorder WHERE id = {bare}"],
    "offer_not_again": [copied("offer", OFFERS, "{declined}", state="'asked'", answered_at="NULL")],
    "offer_of_open_order": [copied("offer", OFFERS, "{declined}", order_id="{done}", wanted_at="asked_at")],
    "offer_answered": ["UPDATE volunteers_offer SET state = 'accepted' WHERE id = {declined}"],
    "offer_kept": ["DELETE FROM volunteers_offer WHERE id = {declined}"],
    "run_within_people": [copied("run", RUNS, "{run}", volunteer_id="{second}")],
    "run_of_open_order": [copied("run", RUNS, "{run}", volunteer_id="{second}", order_id="{asked}")],
    "run_after_offer": [copied("run", RUNS, "{run}", volunteer_id="{second}")],
    "run_for_others": [copied("run", RUNS, "{run}", order_id="{own}", volunteer_id="{second}")],
    "run_ended": [
        "UPDATE volunteers_run SET outcome = 'no_show' WHERE id = {done_run}",
        "UPDATE volunteers_run SET volunteer_id = {second} WHERE id = {run}",
        "UPDATE volunteers_run SET user_id = NULL WHERE id = {run}",
    ],
    "run_kept": ["DELETE FROM volunteers_run WHERE id = {run}"],
    "hours_once": [
        copied("hours", TIMES, "{hours}", minutes="30"),
        copied("hours", TIMES, "{hours}", volunteer_id="{anew}"),
        copied("hours", TIMES, "{outsider_hours}", volunteer_id="{outsider_anew}"),
    ],
    "hours_of_done_run": [
        copied("hours", TIMES, "{hours}", volunteer_id="{second}"),
        copied("hours", TIMES, "{hours}", order_id="{running}"),
    ],
    "hours_opposite": [
        copied("hours", f"{TIMES}, reverses_id", "{hours}", minutes="-minutes + 1", reverses_id="{hours}"),
        copied("hours", f"{TIMES}, reverses_id", "{hours}", minutes="-minutes", reverses_id="{hours}", volunteer_id="{second}"),
    ],
}


def rows() -> dict[str, Any]:
    """Orders in the states that the statements speak of."""
    house = ServiceHouse()
    cadre, yard_head = house.user("cadre"), house.user("yard_head")
    running, declined = house.ask(), house.ask()
    run = house.run(running, house.one)
    house.offer(declined, house.two)
    offer = offer_decline(order=declined, volunteer=house.two, reason="没空", by=cadre, at=MORNING)
    done, judged, slipped = house.done(house.one), house.done(house.one), house.done(house.one)
    judge_by_phone(order=judged, rating="satisfied", by=yard_head, at=MORNING)
    judge_by_slip(token=slip_issue(order=slipped, by=cadre, at=MORNING), rating="unsatisfied", at=MORNING)
    outside, bare = house.done(house.three), house.ask()
    assert house.two.resident is not None
    own = house.ask(household=house.two.resident.household)
    history = [one for one in GUARDS if one.name.startswith("volunteers_servicestep") and one.definition(connection.vendor)]
    with connection.cursor() as cursor:  # its history must go before it can
        for guard in history:
            cursor.execute(_dropped(guard))
        cursor.execute("DELETE FROM volunteers_servicestep WHERE order_id = %s", [bare.pk])
        for guard in history:
            cursor.execute(guard.definition(connection.vendor))
    far, runner = _another(house), house.account(house.one)
    return {
        "asked": house.ask().pk, "alarm": house.ask(house.alarm).pk, "running": running.pk, "run": run.pk, "declined": offer.pk,
        "done": done.pk, "judged": judged.pk, "slipped": slipped.pk, "bare": bare.pk, "second": house.two.pk,
        "done_run": done.runs.get().pk, "hours": Hours.objects.get(order=done).pk, "other": far[0], "village_of_another": far[1],
        "own": own.pk, "outsider_hours": Hours.objects.get(order=outside).pk, **_anew(house),
        "runner": _renamed(house).pk, "former": runner.pk, "kin": house.kin_of(house.one).pk,
    }  # fmt: skip


def _anew(house: ServiceHouse) -> dict[str, int]:
    """Other registrations of the first and the third."""
    usual: dict[str, Any] = {"state": "left", "left_on": MORNING.date(), "reason": "外出"}
    pairs = {"anew": house.one, "outsider_anew": house.three}
    return {
        name: house.volunteer(one.name, resident=one.resident or False, id_hash=one.id_hash, **usual).pk for name, one in pairs.items()
    }


def _renamed(house: ServiceHouse) -> User:
    """Another account than that with which the volunteer took their orders."""
    house.one.user = make_user("v-甲-new", "volunteer", house.village)
    house.one.save()
    return house.one.user


def _another(house: ServiceHouse) -> tuple[int, int]:
    near = make_village(house.township, "九龙村委会", "511923102202")
    return near.pk, make_village(make_township("511923103"), "远处村委会", "511923103201").pk


def _dropped(guard: Guard) -> str:
    if connection.vendor == "sqlite":
        return f"DROP TRIGGER {guard.name}"
    return f"DROP TRIGGER {guard.name} ON {guard.postgresql.partition(' ON ')[2].split()[0]}"


def refused(statement: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            connection.check_constraints()
    except IntegrityError:
        return True
    return False


world = module_world(rows)
NAMED = {guard.name: guard for guard in GUARDS if guard.postgresql}


def test_every_guard_is_tried() -> None:
    assert set(CASES) == {name for name in NAMED if not name.endswith("_truncate")}


@pytest.mark.parametrize("name", CASES)
def test_it_alone_decides(world: dict[str, Any], name: str) -> None:
    guard = NAMED[name]
    table = guard.postgresql.partition(" ON ")[2].split()[0]
    with connection.cursor() as cursor:
        for other in NAMED.values():
            if other.name != name and other.postgresql.partition(" ON ")[2].split()[0] == table:
                cursor.execute(_dropped(other))
        statements = [statement.format(**world) for statement in CASES[name]]
        assert [one for one in statements if not refused(one)] == []
        cursor.execute(_dropped(guard))
        passing = []
        for statement in statements:
            with transaction.atomic():
                passing += [statement] if not refused(statement) else []
                transaction.set_rollback(True)
    assert passing == statements


def passed_by() -> list[str]:
    named = rows()
    return [one for statements in CASES.values() for one in statements if not refused(one.format(**named))]


def test_it_is_kept_in_trial_mode_too(tmp_path: Path) -> None:
    assert run_in_trial_mode("tests.volunteers.orders.test_guards:passed_by", tmp_path) == []
