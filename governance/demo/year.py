"""The cadres' year in all villages: events, disputes and errands since January, more in some months than in others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from governance.accounts.models import User
from governance.cases.disputes.flow import DEFAULT_DAYS
from governance.cases.engine.flow import Kind, Step
from governance.cases.models import Agreement, Case, Category, Dispute, Errand, Party, ReturnVisit, Risk, Sitting
from governance.demo import words
from governance.demo.deeds import YEAR, months_until
from governance.demo.households import Home
from governance.demo.posts import BAYI, secretary_login
from governance.demo.sources import TOWNSHIP
from governance.demo.stories import Story, stories_insert, story
from governance.periods import SHANGHAI, today
from governance.workdays import WorkCalendar
from villages.calendar.services import work_calendar
from villages.models import Post, Unit

# In a village and a month, where the township has so many households; fewer in a smaller one.
WHOLE = 1300
EVENTS, DISPUTES, ERRANDS = 3.6, 2.6, 3.4
MONTHS = {
    Kind.EVENT: (1.1, 0.9, 0.9, 0.9, 1.0, 1.2, 1.4, 1.3, 1.0, 0.9, 0.9, 1.0),
    Kind.DISPUTE: (1.3, 1.4, 1.0, 0.9, 0.9, 1.0, 1.0, 1.0, 1.1, 1.0, 1.0, 1.1),
    Kind.ERRAND: (1.2, 1.0, 0.9, 0.9, 0.9, 1.0, 1.0, 1.0, 1.0, 1.1, 1.2, 1.2),
}
IN_TIME = (0.99, 0.97, 0.95, 0.93, 0.9, 0.86, 0.8)
OWN_STORY_DAYS = 21  # of 八一村, whose last weeks are told one by one (`governance/demo/cases.py`)
REOPENED, TALKED_TWICE, FAILED, RATED = 0.03, 0.2, 0.08, 0.85
MEDIATORS = ("mediator", "yard_head", "group_head", "cadre", "secretary")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Place:
    """A village with who writes for it, how much happens there and how often it is in time."""

    homes: list[Home]
    by: User
    much: float
    in_time: float
    last: datetime


@dataclass(frozen=True)
class _Told:
    """What every story needs."""

    rng: Random
    categories: Mapping[str, Category]
    posts: Mapping[int, list[Post]]
    calendar: WorkCalendar
    now: datetime


def writer(users: Mapping[str, User], village: Unit) -> User:
    """Who writes for a village: the cadre of 八一村, the secretaries of the others."""
    return users["bayi-ganbu" if village.code == BAYI else secretary_login(village)]


def places_of(rng: Random, homes: list[Home], users: Mapping[str, User], now: datetime) -> list[Place]:
    """The villages, by their codes; some are busier than others, and some slower."""
    size = min(1.0, len(homes) / WHOLE)
    by_village: dict[str, list[Home]] = {}
    for home in homes:
        by_village.setdefault(home.village.code, []).append(home)
    return [
        Place(
            its,
            writer(users, its[0].village),
            size * rng.uniform(0.95, 1.4),
            rng.choice(IN_TIME),
            now - OWN_STORY_DAYS * DAY if code == BAYI else now,
        )
        for code, its in sorted(by_village.items())
    ]


def moments(rng: Random, place: Place, often: float, months: Sequence[float] = (1.0,) * 12) -> Iterator[datetime]:
    """Moments of office hours since January, up to the place's last: `often` in a month of weight 1."""
    for month in months_until(min(today(place.last), date(YEAR, 12, 31))):
        mean = often * place.much * months[month.start.month - 1]
        for _ in range(int(mean) + (rng.random() < mean % 1)):
            day = month.start + timedelta(days=rng.randrange((month.end - month.start).days))
            at = datetime.combine(day, time(8, 40), SHANGHAI) + timedelta(minutes=rng.randrange(450))
            if at <= place.last:
                yield at


def load_year(rng: Random, units: dict[str, Unit], homes: list[Home], users: dict[str, User], now: datetime) -> None:
    categories = {row.code: row for row in Category.objects.select_related("township", "office", "service")}
    posts: dict[int, list[Post]] = {}
    for post in Post.objects.filter(kind__in=MEDIATORS).select_related("resident").order_by("pk"):
        posts.setdefault(post.unit_id, []).append(post)
    told = _Told(rng, categories, posts, work_calendar(None), now)
    stories = [one for place in places_of(rng, homes, users, now) for one in _stories(told, place)]
    for one in stories:
        one.end()
    stories_insert(units[TOWNSHIP], stories)


def _stories(told: _Told, place: Place) -> Iterator[Story]:
    rng = told.rng
    for kind, often, tell in ((Kind.EVENT, EVENTS, _event), (Kind.DISPUTE, DISPUTES, _dispute), (Kind.ERRAND, ERRANDS, _errand)):
        for at in moments(rng, place, often, MONTHS[kind]):
            yield tell(told, place, rng.choice(place.homes), at)


def _event(told: _Told, place: Place, home: Home, at: datetime) -> Story:
    rng = told.rng
    codes = list(words.EVENTS)
    code = rng.choices(codes, [3 if at.month in words.SEASONS.get(code, ()) else 1 for code in codes])[0]
    seen, done, ended = rng.choice(words.EVENTS[code])
    source = rng.choice((Case.Source.PATROL, Case.Source.PATROL, Case.Source.RESIDENT, Case.Source.PHONE))
    one = story(told.categories[code], home, seen, source, place.by, at, told.now, told.calendar)
    handled = at + timedelta(minutes=rng.randrange(20, 180))
    if not one.take(Step.HANDLE, handled, done):
        return one
    end = _in_time(rng, one, place, handled)
    if one.take(Step.FINISH, end, ended):
        again = end + timedelta(days=rng.randrange(2, 6))
        if rng.random() < REOPENED and one.take(Step.REOPEN, again, "同一个地方又出现一样的问题"):
            one.take(Step.FINISH, again + timedelta(hours=3), f"再次处理，{ended}")
        if not one.case.is_open:
            one.file_by_clock()
    return one


def _in_time(rng: Random, one: Story, place: Place, after: datetime) -> datetime:
    """When it ends: within the clocks, or, as often as the place is slow, after the whole of them."""
    assert one.case.step_due_at is not None and one.case.case_due_at is not None
    if rng.random() > place.in_time:
        return _by_day(one.case.case_due_at + timedelta(hours=rng.randrange(1, 60)), after)
    end = min(one.case.step_due_at, one.case.case_due_at)
    return _by_day(after + (end - after) * rng.uniform(0.15, 0.95), after)


def _by_day(at: datetime, after: datetime) -> datetime:
    """Nobody works at night."""
    at = at.astimezone(SHANGHAI)
    if at.hour < 8:
        return at.replace(hour=8)
    return max(at.replace(hour=18), after + timedelta(minutes=10)) if at.hour >= 19 else at


def _errand(told: _Told, place: Place, home: Home, at: datetime) -> Story:
    rng, person = told.rng, home.residents[0]
    code = rng.choice(list(words.ERRANDS))
    category = told.categories[code]
    one = story(category, home, words.ERRANDS[code], Case.Source.RESIDENT, place.by, at, told.now, told.calendar)
    one.case.household, one.case.resident = home.household, person
    errand = Errand(case=one.case, service=category.service, client=person.name, phone=person.phone or "15400009999")
    if category.asks_account:
        errand.account, errand.amount = f"{rng.randrange(10**9):010d}", Decimal(rng.randrange(20, 180))
    errand._history_date = at  # type: ignore[attr-defined]
    one.errand = errand
    end = _in_time(rng, one, place, at)
    if one.take(Step.FINISH, end, "已经办好，单据交给本人"):
        errand.handed_to, errand.handed_at = person.name, end
        _rate(rng, one, place, errand, end + HOUR)
        one.file_by_clock()
    return one


def _rate(rng: Random, one: Story, place: Place, errand: Errand, at: datetime) -> None:
    if at <= one.now and rng.random() < RATED:
        bad = (1 - place.in_time) / 2
        errand.satisfaction = rng.choices(("good", "fair", "bad"), (0.85 - bad, 0.15, bad))[0]
        errand.comment = rng.choice(words.RATED[errand.satisfaction])
        one.note(Step.NOTE, at, f"群众评价：{errand.get_satisfaction_display()} {errand.comment}".strip())


def _dispute(told: _Told, place: Place, home: Home, at: datetime) -> Story:
    rng = told.rng
    code = rng.choice(list(words.DISPUTES))
    about, terms = rng.choice(words.DISPUTES[code])
    one = story(told.categories[code], home, about, Case.Source.RESIDENT, place.by, at, told.now, told.calendar)
    one.case.household, one.case.resident = home.household, home.residents[0]
    others = [other for other in place.homes if other is not home]
    people = [home.residents[0], *(rng.choice(others).residents[:1] if others else [])]
    risk = rng.choices((Risk.GREEN, Risk.YELLOW, Risk.RED), (7, 2, 1))[0]
    dispute = one.dispute = Dispute(case=one.case, risk=risk)
    dispute._history_date = at  # type: ignore[attr-defined]
    one.parties = [Party(dispute=dispute, resident=person, name=person.name, phone=person.phone) for person in people]
    kin = {person.household_id for person in people}
    dispute.mediator = next((post for post in _posts(told, home) if post.resident and post.resident.household_id not in kin), None)
    if dispute.mediator is None or len(people) < 2:
        dispute.mediator = None
        one.take(Step.HANDLE, at + HOUR, "已分别听双方说了情况")
        return one
    _mediate(rng, one, place, terms)
    return one


def _posts(told: _Told, home: Home) -> Iterator[Post]:
    for unit in (home.settlement.pk, home.settlement.parent_id, home.village.pk):
        yield from told.posts.get(unit or 0, ())


def _mediate(rng: Random, one: Story, place: Place, terms: str) -> None:
    """Heard, talked over once or twice, agreed or not, ended; then visited again."""
    at, late = one.case.logged_at, rng.random() > place.in_time
    assert one.dispute is not None and one.dispute.mediator is not None and one.case.case_due_at is not None
    if not one.take(Step.HANDLE, at + 2 * HOUR, "已分别听双方说了情况"):
        return
    one.note(Step.NOTE, at + 2 * HOUR, f"确定调解员：{one.dispute.mediator.holder_name}")
    agreed = rng.random() >= FAILED
    talks = ["again"] * (rng.random() < TALKED_TWICE) + ["agreed" if agreed else "failed"]
    held = one.case.case_due_at + rng.randrange(1, 5) * DAY if late else at + rng.randrange(1, 4) * DAY
    for number, outcome in enumerate(talks, 1):
        if held > one.now:
            return
        _sit(one, number, outcome, held, terms)
        held += DAY
    end = held - DAY + 2 * HOUR
    if end > one.now:
        return
    one.dispute.outcome = "agreed" if agreed else "failed"
    if agreed:
        _agree(one, end, terms)
    one.take(Step.FINISH, end, terms if agreed else words.FAILED)
    _return(rng, one, place, end)


def _sit(one: Story, number: int, outcome: str, at: datetime, terms: str) -> None:
    assert one.dispute is not None and one.dispute.mediator is not None
    said = {"again": "双方各说各的，约好隔天再谈", "agreed": f"到现场看了，双方同意：{terms}", "failed": words.FAILED}[outcome]
    sitting = Sitting(
        dispute=one.dispute, round=1, number=number, held_at=at, place=f"{one.case.village.short_name}调解室",
        mediator=one.dispute.mediator, present="双方当事人", content=said, outcome=outcome, by=one.by,
    )  # fmt: skip
    one.sittings.append(sitting)
    one.note(Step.MEDIATE, at, f"第{number}次调解：{sitting.get_outcome_display()}")


def _agree(one: Story, at: datetime, terms: str) -> None:
    assert one.dispute is not None
    one.agreement = Agreement(
        dispute=one.dispute, round=1, signed_on=today(at), facts=one.case.text, terms=terms, performance="full", performed_on=today(at),
        confirmation="waived", by=one.by,
    )  # fmt: skip
    one.agreement._history_date = at  # type: ignore[attr-defined]
    one.note(Step.AGREE, at, f"{one.agreement.get_form_display()}，{today(at)} 生效")
    one.note(Step.PERFORM, at, "已履行")


def _return(rng: Random, one: Story, place: Place, end: datetime) -> None:
    """Each return visit by its day, or some days after it; the dispute is filed behind the last one."""
    assert one.dispute is not None
    came = end
    for day in DEFAULT_DAYS[Risk(one.dispute.risk)]:
        visit = ReturnVisit(case=one.case, round=1, day=day, due_on=today(end) + timedelta(days=day))
        one.visits.append(visit)
        late = rng.random() > place.in_time
        on = visit.due_on + timedelta(days=rng.randrange(1, 6)) if late else visit.opens_on
        on = max(on, today(end) + timedelta(days=1))
        came = max(came, datetime.combine(on, time(10), SHANGHAI))
        if came <= one.now:
            visit.state, visit.done_on, visit.done_by = ReturnVisit.State.DONE, today(came), one.by
            visit.finding, visit.note = ReturnVisit.Finding.SETTLED, rng.choice(words.RETURNED)
            one.note(Step.VISIT, came, f"第{day}天回访：{visit.get_finding_display()}，{visit.note}")
    if all(visit.state == ReturnVisit.State.DONE for visit in one.visits):
        one.take(Step.FILE, came + HOUR, "回访完成")
