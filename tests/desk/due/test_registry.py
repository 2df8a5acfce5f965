"""The registry of due things against the rows themselves: the same for every kind and role, over random data."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from governance.accounts.models import User
from governance.cases.engine.due import VISIT, due_of
from governance.desk.glance import glance_of
from governance.desk.todo import due_kinds, todo_parts
from governance.disclosure.activities.due import RECORDED
from governance.disclosure.affairs.due import ANSWERED, SHOWN, shown_due
from governance.disclosure.due import ANSWER
from governance.disclosure.powers.due import REVIEW
from governance.frame.due import Due, DueKind, Limit, Part, late_counts
from governance.periods import Period
from inspections.fronts.due import RECHECK
from inspections.models import Order
from inspections.orders.due import fix_due, sign_due
from moral_bank.awards.due import TELL
from moral_bank.claims.due import VERIFY
from tests.desk.due import rows_high as high
from tests.desk.due import rows_low as low
from tests.desk.due.covenants import COVENANTS, covenants_fill
from tests.desk.due.decisions import DECISIONS, decisions_fill, objected_fill
from tests.desk.due.rows_councils import councils_fill
from tests.desk.due.rows_disclosure import disclosed_fill
from tests.desk.due.truth import Truth
from tests.desk.due.truth_councils import COUNCILS
from tests.desk.due.truth_disclosure import DISCLOSURE
from tests.desk.due.truth_high import CARE, INSPECTIONS, SERVICE
from tests.desk.due.truth_low import BANK, CASES
from tests.desk.due.villages import VILLAGES, facilities_fill, leases_fill
from tests.desk.due.world import NOW, DueWorld
from tests.worlds import module_world
from villages.economy.leases.due import RUNS_OUT
from volunteers.care.due import DUE
from volunteers.orders.due import JUDGE, due_of_order

pytestmark = pytest.mark.django_db
TRUTHS: dict[str, Truth] = CASES | DISCLOSURE | BANK | INSPECTIONS | SERVICE | CARE | COUNCILS | DECISIONS | COVENANTS | VILLAGES
FILLS = (
    low.cases_fill, low.shifts_fill, low.notices_fill, low.claims_fill, low.awards_fill, low.market_fill, high.rounds_fill,
    high.orders_fill, high.fronts_fill, high.checks_fill, high.service_fill, high.care_fill, low.closings_fill,
    low.disputes_fill, councils_fill, decisions_fill, disclosed_fill, covenants_fill, leases_fill, objected_fill, facilities_fill,
)  # fmt: skip
KINDS = {kind.key: kind for kind in due_kinds()}


def build() -> DueWorld:
    with time_machine.travel(NOW, tick=False):
        world = DueWorld(15)
        for fill in FILLS:
            fill(world)
    return world


world: Any = module_world(build)


@pytest.fixture(autouse=True)
def now() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def weighty(world: DueWorld) -> list[User]:
    return [world.casts[0][duty] for duty in ("staff", "leader", "secretary", "cadre", "yard_head", "overseer", "volunteer")]


def waiting(truth: Truth) -> list[Any]:
    return [row for row in truth.rows() if truth.waits(row)]


def held(kind: DueKind, user: User) -> list[int]:
    return sorted(row.pk for row in kind.held_by(user, NOW))


def test_every_kind_has_its_truth_and_one_name() -> None:
    assert set(KINDS) == set(TRUTHS) and len(due_kinds()) == len(KINDS)
    for key, kind in KINDS.items():
        assert (kind.late is None) == (TRUTHS[key].late is None), key
        assert bool(kind.words) == bool(kind.page) and (kind.late or not kind.words), key


@pytest.mark.parametrize("key", sorted(TRUTHS))
def test_it_reaches_its_holders_and_nobody_else(world: DueWorld, key: str) -> None:
    """And every kind reaches somebody, as a line of the to-do."""
    kind, truth = KINDS[key], TRUTHS[key]
    rows = waiting(truth)
    found = {user.username: held(kind, user) for user in world.users}
    assert found == {user.username: sorted(row.pk for row in rows if truth.held(row, user)) for user in world.users}
    holders = [user for user in world.users if found[user.username]]
    assert any(kind.lines_for(user, NOW) for user in holders), "nobody holds any"
    assert [held(kind, user) for user in world.strangers] == [[]] * len(world.strangers)


def test_late_ones_are_counted_where_one_may_look(world: DueWorld) -> None:
    late = {key: [row for row in waiting(truth) if truth.late(row)] for key, truth in TRUTHS.items() if truth.late and KINDS[key].words}
    assert not [key for key, rows in late.items() if not rows], "each kind with a limit has late ones"
    for user in [*weighty(world), world.casts[2]["leader"], world.casts[2]["staff"], world.strangers[0]]:
        expected = Counter((key, TRUTHS[key].village(row)) for key, rows in late.items() for row in rows if TRUTHS[key].seen(row, user))
        assert {(kind.key, village): number for kind, village, number in late_counts(KINDS.values(), user, NOW)} == expected, user


def test_all_that_is_late_is_late_by_its_row(world: DueWorld) -> None:
    """What beats tell of, and what marks of lists count."""
    for key, truth in TRUTHS.items():
        kind, late = KINDS[key], {row.pk for row in waiting(truth) if truth.late and truth.late(row)}
        assert {row.pk for row in kind.late_rows(NOW)} == late, key
        some = kind.open(NOW).model.objects.filter(pk__in=sorted(late)[::2])
        assert {row.pk for row in kind.late_among(some, NOW)} == set(sorted(late)[::2]), key


def test_a_line_is_late_where_its_row_is(world: DueWorld) -> None:
    """What stands under 已逾期 is what the leader's page counts, kind by kind."""
    for user in weighty(world):
        for kind in KINDS.values():
            rows = kind.held_by(user, NOW)
            late = [todo.title for todo in kind.lines_for(user, NOW) if todo.part == Part.LATE]
            held_late = kind.late_among(rows, NOW).count()
            assert (len(late) == held_late) if kind.lines is None else (bool(late) == bool(held_late)), (kind.key, user.username, late)


def counted(html: str) -> int:
    found = re.search(r"共 (\d+) 件", html)
    return int(found[1]) if found else 0


def test_a_count_of_the_leaders_page_leads_to_as_many_rows(world: DueWorld, client: Client) -> None:
    """And each row to where it may be read."""
    for user in (world.casts[0]["leader"], world.casts[0]["staff"], world.casts[2]["leader"], world.casts[0]["overseer"]):
        client.force_login(user)
        villages = {village.pk for village in world.villages}
        found = late_counts(KINDS.values(), user, NOW)
        numbers = {(kind.key, village): number for kind, village, number in found if village in villages}
        seen = {glance.village.pk: glance.late for glance in glance_of(user)[1]}
        assert {village for _, village in numbers} == {village for village, late in seen.items() if late}
        for (key, village), number in numbers.items():
            page = client.get(reverse("desk:due-late", args=[key]), {"village": village})
            assert counted(page.content.decode()) == number, (user.username, key)
            assert reverse("desk:due-late", args=[key], query={"village": village}) in [count.link for count in seen[village]]
            for todo in page.context["listing"].shown(None, page.context["page"].object_list)[:3]:
                assert client.get(todo.link, follow=True).status_code == 200, (user.username, key, todo.link)


def test_a_kinds_page_has_as_many_rows_as_wait(world: DueWorld, client: Client) -> None:
    for user in weighty(world):
        client.force_login(user)
        for kind in KINDS.values():
            page = client.get(reverse("desk:due-list", args=[kind.key]))
            if kind.line is None:
                assert page.status_code == 404, kind.key
                continue
            rows = held(kind, user)
            assert counted(page.content.decode()) == len(rows), (user.username, kind.key)
            for todo in page.context["listing"].shown(None, page.context["page"].object_list)[:1]:
                assert client.get(todo.link, follow=True).status_code == 200, (user.username, kind.key, todo.link)


def test_strangers_see_no_row_of_it(world: DueWorld, client: Client) -> None:
    for user in world.strangers:
        client.force_login(user)
        for kind in KINDS.values():
            for name in ("desk:due-list", "desk:due-late"):
                page = client.get(reverse(name, args=[kind.key]))
                assert page.status_code == 404 or counted(page.content.decode()) == 0, (user.username, kind.key)


def test_what_the_first_page_cuts_is_counted_and_all_there(world: DueWorld, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    user = world.casts[0]["cadre"]
    whole = todo_parts(user, NOW)
    assert not whole[1]
    monkeypatch.setattr("governance.frame.due.SHOWN", 1)
    cut = todo_parts(user, NOW)[1]
    expected = {kind.name: len(held(kind, user)) for kind in KINDS.values() if kind.lines is None and len(held(kind, user)) > 1}
    assert expected and {one.name: one.number for one in cut} == expected
    client.force_login(user)
    home = client.get("/").getvalue().decode()
    for one in cut:
        assert f'href="{one.link}">{one.name} {one.number} 件' in home and counted(client.get(one.link).content.decode()) == one.number


def order_badge(order: Order, now: datetime) -> Due | None:
    return sign_due(order, now) or fix_due(order, now)


BADGES: dict[str, Callable[[Any, datetime], Due | None]] = {
    "case": due_of, "return-visit": VISIT.due, "order-fix": order_badge, "service-run": due_of_order, "care-late": DUE.due,
    "front-recheck": RECHECK.due, "objection": ANSWER.due, "service-judge": JUDGE.due, "claim": VERIFY.due, "reminder": TELL.due,
    "affair": shown_due, "affair-question": ANSWERED.due, "activity": RECORDED.due, "power-review": REVIEW.due,
    "lease": RUNS_OUT.due,
}  # fmt: skip


@pytest.mark.parametrize("key", sorted(BADGES))
def test_the_tag_of_a_row_is_late_where_the_registry_is(world: DueWorld, key: str) -> None:
    """At ten in the morning, and in the evening, when a day is still in time."""
    kind, truth = KINDS[key], TRUTHS[key]
    for now in (NOW, NOW.replace(hour=23, minute=59)):
        late = {row.pk for row in kind.late_rows(now)}
        tags = {row.pk: BADGES[key](row, now) for row in truth.rows() if row.pk in {one.pk for one in kind.open(now)}}
        assert {pk for pk, due in tags.items() if due is not None and due.part == Part.LATE} == late, (key, now)


@pytest.mark.parametrize(("key", "limit"), [
    ("return-visit", VISIT), ("objection", ANSWER), ("affair-question", ANSWERED), ("front-recheck", RECHECK), ("claim", VERIFY),
    ("affair", SHOWN),
])  # fmt: skip
def test_what_is_late_now_is_what_a_period_counts_as_over(world: DueWorld, key: str, limit: Limit) -> None:
    """What still waits past its limit is over and not kept in the year that is looked back on, day by day."""
    year, rows = Period.parse("2026"), KINDS[key].open(NOW).model.objects.all()
    for days in range(0, 8, 3):
        now = NOW + timedelta(days=days)
        late = {row.pk for row in KINDS[key].late_rows(now)}
        assert late and late <= {row.pk for row in rows.filter(limit.over(year, now))}, (key, days)
        if limit.met:
            assert not late & {row.pk for row in rows.filter(limit.kept())}, (key, days)


def test_a_line_for_several_counts_as_many_as_its_list(world: DueWorld, client: Client) -> None:
    """Where the to-do says a number of people or claims, the list behind it has as many rows."""
    checked = set()
    for user in weighty(world):
        client.force_login(user)
        for key, pattern in (("care-late", r"(\d+) 人"), ("care-gone", r"(\d+) 人"), ("care-judge", r"(\d+) 人"), ("claim", r"(\d+) 条")):
            for todo in KINDS[key].lines_for(user, NOW):
                number, page = re.search(pattern, todo.words), client.get(todo.link)
                assert number and page.context["page"].paginator.count == int(number[1]), (key, user.username)
                checked.add(key)
    assert checked == {"care-late", "care-gone", "care-judge", "claim"}
