"""What the databases refuse of meetings, whoever writes: SQL around the code, on both engines, with and without each guard."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction

from governance.councils.meetings.outcomes import meeting_reward
from governance.councils.meetings.services import Came, meeting_attend, meeting_cancel, meeting_file
from governance.councils.meetings.tasks import task_add, task_close
from governance.guards import refused_by
from moral_bank.rules.models import Head
from tests.builders import make_deed, make_household, make_resident, make_rule_set, make_village
from tests.councils.house import TODAY, CouncilHouse, moment
from tests.trial import run_in_trial_mode
from tests.worlds import module_world
from villages.models import Post

pytestmark = pytest.mark.django_db


class GuardHouse(CouncilHouse):
    """Meetings by their state, with what the statements below name."""

    def __init__(self) -> None:
        super().__init__()
        cadre, secretary = self.cast["cadre"], self.cast["secretary"]
        with time_machine.travel(moment(), tick=False):
            minuted, confirmed, plain = self.minuted(), self.confirmed(), self.confirmed()
            filed = meeting_file(meeting=self.confirmed(), by=secretary)
            cancelled = meeting_cancel(meeting=self.called(agenda=["修路"]), reason="下雨", by=cadre)
            held = meeting_attend(meeting=self.called(agenda=["修路"]), came=Came(self.home_tokens(0)), by=cadre)
            task = task_add(item=confirmed.items.get(), what="出工", who="各户", due_on=TODAY, by=cadre)
            task = task_close(task=task, result="做了", done_on=TODAY, by=cadre)
            draft = make_rule_set(self.township, adopted=False, version=2, valid_from=date(2026, 3, 1))
            deed = make_deed(draft, "P01", Head.PARTICIPATION, "参加会议", 2, points=2)
            draft.state, draft.adopted_at = "adopted", moment()
            draft.save()
            outcome = meeting_reward(meeting=confirmed, deed=deed, by=cadre)
        [seat] = self.sit("rites", 0)
        other = make_village(self.township, "马鞍村委会", "511923102202")
        far = make_household(other, "冯七")
        make_resident(far, "冯七")
        post = Post.objects.create(kind="cadre", unit=other, user=self.cast["staff"], appointed_on=date(2026, 1, 1))
        self.names: dict[str, Any] = {
            "minuted": minuted.pk, "confirmed": confirmed.pk, "plain": plain.pk, "filed": filed.pk, "held": held.pk,
            "cancelled": cancelled.pk,
            "task": task.pk, "outcome": outcome.pk, "seat": seat.pk, "far": far.pk, "far_post": post.pk, "home": self.homes[3].pk,
            "village": self.village.pk, "other": other.pk, "yard": self.body("yard").pk, "staff": self.cast["staff"].pk,
            "cadre": cadre.pk, "rites": self.body("rites").pk, "unit": self.yard.pk,
            "item": confirmed.items.get().pk, "minuted_item": minuted.items.get().pk,
        }  # fmt: skip


ATTEND = (
    "INSERT INTO councils_attendance (meeting_id, seat_id, post_id, household_id, status)"
    " VALUES ({{{meeting}}}, {seat}, {post}, {household}, 'present')"
)
CONFIRM = (
    "UPDATE councils_meeting SET state = 'confirmed', confirmed_by_id = {staff}, confirmed_at = '2026-03-20 00:00:00+00:00'{more}"
    " WHERE id = {meeting}"
)
VOID = "UPDATE councils_meeting SET state = 'cancelled', end_reason = '重复' WHERE id = {meeting}"
INSERT = (
    'INSERT INTO councils_meeting (body_id, unit_id, village_id, topic, "on", place, state, base, afterwards, write_by, called_by_id,'
    " called_at, entitled, present, guests, minutes, minuted_by_id, confirmed_by_id, confirmed_at, end_reason) VALUES ({yard}, {unit},"
    " {village}, 'x', '2026-03-20', '', '{state}', 'households', {no}, '2026-03-23', {staff}, '2026-03-20 00:00:00+00:00', 0, 0, '', '',"
    " {cadre}, {staff}, '2026-03-20 00:00:00+00:00', '')"
)


def _attend(meeting: str, **row: str) -> str:
    return ATTEND.format(meeting=meeting, **{"seat": "NULL", "post": "NULL", "household": "NULL", **row})


def _confirm(meeting: str, more: str = "") -> str:
    return CONFIRM.replace("{more}", more).replace("{meeting}", f"{{{meeting}}}")


# guard → a statement that it refuses, and one like it that it lets pass
AROUND = {
    "meeting_place_insert": (INSERT.replace("{yard}", "{rites}").replace("{state}", "minuted"), INSERT.replace("{state}", "minuted")),
    "meeting_place_update": ("UPDATE councils_meeting SET village_id = {other} WHERE id = {held}", ""),
    "meeting_begins": (INSERT.replace("{state}", "confirmed"), INSERT.replace("{state}", "minuted")),
    "meeting_way": (
        _confirm("held", ", minuted_by_id = {cadre}"),
        _confirm("minuted"),
    ),
    "meeting_kept": (
        "UPDATE councils_meeting SET topic = 'x' WHERE id = {confirmed}",
        "UPDATE councils_meeting SET topic = 'x' WHERE id = {minuted}",
    ),
    "meeting_void": (
        VOID.format(meeting="{confirmed}"),
        VOID.format(meeting="{plain}"),
    ),
    "meeting_stays": ("DELETE FROM councils_meeting WHERE id = {filed}", ""),
    "meeting_figures": (_confirm("minuted", ", present = 4"), _confirm("minuted")),
    "meeting_attendance_insert": (_attend("cancelled", household="{home}"), ""),
    "meeting_attendance_update": (
        "UPDATE councils_attendance SET status = 'absent' WHERE meeting_id = {confirmed}",
        "UPDATE councils_attendance SET status = 'absent' WHERE meeting_id = {minuted}",
    ),
    "meeting_attendance_delete": ("DELETE FROM councils_attendance WHERE meeting_id = {filed}", ""),
    "meeting_items_insert": (
        "INSERT INTO councils_item (meeting_id, number, title, said, outcome) VALUES ({confirmed}, 9, 'x', '', '')",
        "INSERT INTO councils_item (meeting_id, number, title, said, outcome) VALUES ({minuted}, 9, 'x', '', '')",
    ),
    "meeting_items_update": (
        "UPDATE councils_item SET title = 'x' WHERE id = {item}",
        "UPDATE councils_item SET title = 'x' WHERE id = {minuted_item}",
    ),
    "meeting_items_delete": (
        "DELETE FROM councils_item WHERE meeting_id = {cancelled}",
        "DELETE FROM councils_item WHERE id = {minuted_item}",
    ),
    "attendance_fits_insert": (_attend("minuted", household="{far}"), ""),
    "attendance_fits_update": (
        "UPDATE councils_attendance SET household_id = {far} WHERE meeting_id = {held} AND status = 'present'",
        "UPDATE councils_attendance SET status = 'excused' WHERE meeting_id = {held}",
    ),
    "council_task_kept": ("UPDATE councils_task SET result = 'x' WHERE id = {task}", ""),
    "council_task_stays": ("DELETE FROM councils_task WHERE id = {task}", ""),
    "councils_outcome_insert_only": ("UPDATE councils_outcome SET label = 'x' WHERE id = {outcome}", ""),
}
MORE = {
    "a post of another village": _attend("minuted", post="{far_post}"),
    "a seat of another body": _attend("minuted", seat="{seat}"),
    "back from filed": "UPDATE councils_meeting SET state = 'confirmed' WHERE id = {filed}",
    "back from confirmed": "UPDATE councils_meeting SET state = 'minuted' WHERE id = {confirmed}",
    "figures of a confirmed one": "UPDATE councils_meeting SET present = 5 WHERE id = {confirmed}",
    "voided and written over": "UPDATE councils_meeting SET state = 'cancelled', end_reason = 'x', present = 1 WHERE id = {plain}",
    "voided once it is filed": VOID.format(meeting="{filed}"),
    "a cancelled one called again": "UPDATE councils_meeting SET state = 'called' WHERE id = {cancelled}",
    "filed without being confirmed": "UPDATE councils_meeting SET state = 'filed', filed_at = '2026-03-20 00:00:00+00:00',"
    " confirmed_by_id = {staff}, confirmed_at = '2026-03-20 00:00:00+00:00' WHERE id = {minuted}",
    "confirmed by its recorder": _confirm("minuted").replace("{staff}", "{cadre}"),
    "more present than entitled": "UPDATE councils_meeting SET present = 9 WHERE id = {minuted}",
    "cancelled without a reason": "UPDATE councils_meeting SET state = 'cancelled' WHERE id = {held}",
    "a task that is done without words": "UPDATE councils_task SET state = 'open' WHERE id = {task}",
    "a task closed twice": "UPDATE councils_task SET state = 'dropped' WHERE id = {task}",
    "a household twice": "INSERT INTO councils_attendance (meeting_id, household_id, status)"
    " SELECT meeting_id, household_id, status FROM councils_attendance WHERE meeting_id = {minuted}",
    "an outcome that goes": "DELETE FROM councils_outcome WHERE id = {outcome}",
}


def refused(house: GuardHouse, statement: str) -> bool:
    no = "FALSE" if connection.vendor == "postgresql" else "0"
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.format(no=no, **house.names))
            transaction.set_rollback(True)
    except IntegrityError as error:
        assert refused_by(error)
        return True
    return False


def without(guard: str) -> None:
    """Take the guard away, or both triggers of an insert-only table; a place that is wrong is wrong for the next guard as well."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgname, tgrelid::regclass FROM pg_trigger WHERE tgname LIKE %s", [f"{guard}%"])
            for name, table in cursor.fetchall():
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in cursor.fetchall():
                if name in (guard, f"{guard}_update", f"{guard}_delete"):
                    cursor.execute(f"DROP TRIGGER {name}")


def idle(house: GuardHouse, guard: str) -> bool:
    """Whether the statement is refused although its guard is gone."""
    with transaction.atomic():
        without(guard)
        still = refused(house, AROUND[guard][0])
        transaction.set_rollback(True)
    return still


def attempts() -> dict[str, list[str]]:
    """For the trial mode: what SQLite lets pass, what it refuses without need, which guards were idle."""
    house = GuardHouse()
    return {
        "passed": [name for name, (statement, _) in AROUND.items() if not refused(house, statement)]
        + [name for name, statement in MORE.items() if not refused(house, statement)],
        "too strict": [name for name, (_, fine) in AROUND.items() if fine and refused(house, fine)],
        "idle": [name for name in AROUND if idle(house, name)],
    }


house = module_world(GuardHouse)


@pytest.mark.parametrize("guard", AROUND)
def test_sql_around_the_code_is_refused(house: GuardHouse, guard: str) -> None:
    statement, fine = AROUND[guard]
    assert refused(house, statement)
    assert not fine or not refused(house, fine)
    assert not idle(house, guard), "refused by something else"


@pytest.mark.parametrize("name", MORE)
def test_more_is_refused(house: GuardHouse, name: str) -> None:
    assert refused(house, MORE[name])


def test_sqlite_refuses_the_same(tmp_path: Path) -> None:
    found = run_in_trial_mode("tests.councils.meetings.test_guards:attempts", tmp_path)
    assert found == {"passed": [], "too strict": [], "idle": []}
