"""What the demo's villages disclose, hold and answer in their year: lists by the catalogue, most of them in time; small powers, of which
the township has confirmed some; activities around festivals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from django.db.models import Model
from simple_history.utils import bulk_update_with_history

from governance.accounts.models import User
from governance.demo import disclosed_words as words
from governance.demo.deeds import YEAR
from governance.demo.households import Home
from governance.demo.loading import create, morning
from governance.demo.posts import BAYI, overseer_login
from governance.demo.sources import TOWNSHIP
from governance.demo.year import writer
from governance.disclosure.affairs.economy import economy_disclosed
from governance.disclosure.affairs.questions import question_answer, question_ask
from governance.disclosure.affairs.services import affair_withdraw
from governance.disclosure.affairs.setting_up import affairs_set_up
from governance.disclosure.affairs.turns import turns_make
from governance.disclosure.models import Activity, Affair, AffairKind, AffairTurn, Power
from governance.disclosure.powers.services import power_confirm
from governance.disclosure.powers.setting_up import powers_set_up
from governance.periods import Period, today
from villages.calendar.festivals import festivals
from villages.calendar.services import work_calendar
from villages.models import Unit

SINCE = date(YEAR - 1, 12, 31)
CONFIRMED = 10
IN_TIME, MISSED = 0.9, 0.03
STAGES: dict[str, tuple[str, ...]] = {
    "review": ("submitted_at",),
    "reviewed": ("reviewed_by", "reviewed_at"),
    "published": ("published_by", "published_at", "hangs_until"),
    "archived": (),
}
ECONOMY = "jingji"
OWN = {"mingxi": "review", "chaoshi": "draft", "dibao": "reviewed"}  # how far 八一村's latest lists are
DAY = timedelta(days=1)


def load_disclosure(rng: Random, units: dict[str, Unit], homes: list[Home], users: dict[str, User], now: datetime) -> None:
    township = units[TOWNSHIP]
    affairs_set_up(township=township, since=SINCE)
    powers_set_up(township=township)
    for power in Power.objects.filter(township=township).order_by("position")[:CONFIRMED]:
        power_confirm(power=power, by=users["zhenban"], at=morning(date(YEAR, 1, 12)))
    turns_make(today(now))
    _events(township, homes, now)
    _disclose(rng, township, homes, users, now)
    _ask(users, now)
    _hold(rng, township, homes, users, now)


def _homes_of(homes: Sequence[Home]) -> dict[int, list[Home]]:
    found: dict[int, list[Home]] = {}
    for home in homes:
        found.setdefault(home.village.pk, []).append(home)
    return found


def _events(township: Unit, homes: Sequence[Home], now: datetime) -> None:
    """What was disclosed at once, some things in every village."""
    kinds = {kind.code: kind for kind in AffairKind.objects.filter(township=township)}
    calendar = work_calendar(township.pk)
    villages = {home.village.pk: home.village for home in homes}
    AffairTurn.objects.bulk_create(
        AffairTurn(
            village=village, kind=kinds[code], event=event, begins_on=on, due_on=kinds[code].timing.last_day_after(on, calendar)
        )
        for place, village in enumerate(villages.values())
        for code, month, day, event in words.EVENTS
        if (on := date(YEAR, month, day) + place * DAY) <= today(now)
    )


def _disclose(rng: Random, township: Unit, homes: Sequence[Home], users: dict[str, User], now: datetime) -> None:
    """A list for each thing that was due, a few late, some not yet; set by set, each state after the other."""
    its = _homes_of(homes)
    found = AffairTurn.objects.filter(village__parent=township).select_related("kind", "village")
    rows = list(found.order_by("village__path", "due_on", "kind_id"))
    latest = {(turn.village_id, turn.kind.code): turn.pk for turn in rows}
    stages: dict[str, list[tuple[Affair, datetime]]] = {stage: [] for stage in STAGES}
    drafts = []
    for turn in rows:
        own = turn.village.code == BAYI and turn.pk == latest[turn.village_id, turn.kind.code] and turn.kind.code in OWN
        at = min(_shown_at(rng, turn), now) if own else _shown_at(rng, turn)
        affair = _affair(rng, turn, its[turn.village_id], users, at)
        if own or (at <= now and rng.random() > MISSED):
            drafts.append(affair)
            for stage in _way(turn, at, OWN[turn.kind.code] if own else "archived", now):
                stages[stage].append((affair, at))
    Affair.objects.bulk_create(drafts)
    for stage, fields in STAGES.items():
        for affair, at in stages[stage]:
            _sign(affair, stage, at, users)
        Affair.objects.bulk_update([affair for affair, _ in stages[stage]], ["state", *fields], batch_size=200)
    shown = [affair.turn for affair, _ in stages["published"]]
    AffairTurn.objects.bulk_update(shown, ["met_on"], batch_size=500)


def _shown_at(rng: Random, turn: AffairTurn) -> datetime:
    """When its list is published: most in time, none before what it tells of."""
    in_time = rng.random() < IN_TIME
    on = turn.due_on - rng.randrange(5) * DAY if in_time else turn.due_on + rng.randint(1, 9) * DAY
    return morning(max(turn.begins_on, on))


def _affair(rng: Random, turn: AffairTurn, homes: Sequence[Home], users: dict[str, User], at: datetime) -> Affair:
    by, kind = writer(users, turn.village), turn.kind
    rows = words.numbered(words.ROWS[kind.code](rng, homes)) if kind.code in words.ROWS else []
    note = words.NOTE.get(kind.code, "")
    if kind.code == ECONOMY:
        filled = economy_disclosed(turn.village, Period.parse(turn.period))
        rows, note = filled.rows, filled.note
    return Affair(
        turn=turn, title=turn.title, columns=kind.headings if rows else [], rows=rows, note=note,
        drafted_by=by, edited_by=by, drafted_at=at - 3 * DAY,
    )  # fmt: skip


def _sign(affair: Affair, stage: str, at: datetime, users: dict[str, User]) -> None:
    affair.state = stage
    if stage == "review":
        affair.submitted_at = at - 2 * DAY
    elif stage == "reviewed":
        affair.reviewed_by, affair.reviewed_at = users[overseer_login(affair.turn.village)], at - DAY
    elif stage == "published":
        affair.published_by, affair.published_at, affair.hangs_until = affair.drafted_by, at, _hangs_until(affair.turn, at)
        affair.turn.met_on = today(at)


def _hangs_until(turn: AffairTurn, at: datetime) -> date:
    return today(at) + turn.kind.hangs_days * DAY


def _way(turn: AffairTurn, at: datetime, last: str, now: datetime) -> list[str]:
    """The states after the draft, up to `last`; what has not hung its days yet is not in the archive."""
    if last == "draft":
        return []
    way = [*STAGES][: [*STAGES].index(last) + 1]
    return way if _hangs_until(turn, at) < today(now) else [stage for stage in way if stage != "archived"]


def _ask(users: dict[str, User], now: datetime) -> None:
    """What residents of 八一村 asked about lists that hang: the last question is late; one list was withdrawn."""
    hanging = list(Affair.objects.current().filter(turn__village__code=BAYI).order_by("published_at", "pk"))
    for number, (text, answer) in enumerate(words.QUESTIONS):
        if len(hanging) <= number:
            return
        affair = hanging[-1 - number]
        assert affair.published_at is not None
        at = min(affair.published_at + 4 * DAY, now - 9 * DAY) if not answer else affair.published_at + DAY / 4
        asked = question_ask(affair=affair, name="陈明", phone=f"1540000{number:04d}", text=text, at=at)
        if answer and at + DAY < now:
            question_answer(question=asked, answer=answer, by=users["bayi-ganbu"], at=at + DAY)
    if len(hanging) > len(words.QUESTIONS):
        affair_withdraw(affair=hanging[0], reason="金额抄错一笔，改正后重新公开", by=users["bayi-ganbu"], at=now - DAY)


def _hold(rng: Random, township: Unit, homes: Sequence[Home], users: dict[str, User], now: datetime) -> None:
    """Each village holds something at two of three festivals, and plans the next ones."""
    until = today(now) + timedelta(days=45)
    found = [
        _activity(rng, its[0].village, users, one.name, one.day)
        for its in _homes_of(homes).values()
        for one in festivals(township.pk, date(YEAR, 1, 1), min(until, date(YEAR, 12, 31)))
        if rng.random() < 0.6
    ]
    made = create(found)
    past = [activity for activity in made if activity.planned_on < today(now) - 2 * DAY]
    held = [activity for activity in past if rng.random() < 0.95]
    for activity in held:
        activity.state, activity.turnout, activity.asked = Activity.State.HELD, rng.randrange(25, 160, 5), rng.choice(words.ASKED)
        activity.recorded_by, activity.recorded_at = activity.planned_by, morning(activity.planned_on + DAY)
    _change(held, ["state", "turnout", "asked", "recorded_by", "recorded_at"])
    off = [activity for activity in past if activity.state == Activity.State.PLANNED and activity.village.code != BAYI]
    for activity in off:
        activity.state, activity.cancel_reason = Activity.State.CANCELLED, "下雨，改期再办"
    _change(off, ["state", "cancel_reason"])


def _activity(rng: Random, village: Unit, users: dict[str, User], festival: str, on: date) -> Any:
    kind = rng.choice([*words.ACTIVITIES])
    title, place = words.ACTIVITIES[kind]
    return Activity(
        village=village, kind=kind, title=title, festival=festival, planned_on=on, place=place, planned_by=writer(users, village)
    )


def _change(rows: Sequence[Model], fields: list[str]) -> None:
    if rows:
        bulk_update_with_history(rows, type(rows[0]), fields, batch_size=500)
