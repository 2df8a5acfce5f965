"""Bodies of every village and their year: members, meetings with who came, what was agreed, tasks; in sets, under the same guards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from django.db.models import Max

from governance.accounts.models import User
from governance.councils.bodies.kinds import SORTS, kinds_of
from governance.councils.bodies.rhythm import next_day
from governance.councils.bodies.services import body_draft
from governance.councils.meetings.services import WRITTEN_WITHIN
from governance.councils.models import Attendance, Body, Item, Meeting, Seat, Task
from governance.demo.deeds import YEAR
from governance.demo.households import Home
from governance.demo.loading import BATCH, create, morning
from governance.demo.posts import BAYI, secretary_login
from governance.demo.year import writer
from governance.periods import SHANGHAI, today, years_later
from villages.models import Household, Post, Resident, Unit

FOUNDED = date(YEAR, 1, 5)
SEATS = {"delegates": 9, "res_del": 9, "party": 12, "branch": 2}
OTHER_SEATS = 4
CAME, LATE, AFTERWARDS = 0.78, 0.12, 0.3
TALKS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "talk": (
        ("村口路灯不亮", "有几户说晚上看不清路，老人不敢出门", "报供电所检修，十天内修好"),
        ("水渠清淤", "下雨就漫，几家田里进水", "每户出工半天，先清主渠"),
        ("垃圾桶不够", "赶场天垃圾桶满得早", "再要四个桶，赶场天多收一次"),
        ("河边护栏松了", "小孩在那里玩，不放心", "先拉警示带，再报镇里维修"),
    ),
    "yard": (
        ("院坝堆柴", "几家柴草堆到路边", "各家三天内码好，院户长看一遍"),
        ("共用水龙头漏水", "水费分摊说不清", "先修好，水费按人口分"),
        ("坝子里停车", "办酒席的时候车堵路", "画好线，一边停"),
        ("清扫轮流", "有的户没轮到", "排成表贴在墙上，一户一周"),
    ),
    "": (
        ("上季度工作", "各人说了做了什么", "没做完的接着做"),
        ("下一步怎么做", "大家提了几条", "先办大家最急的一件"),
        ("成员分工", "有人外出务工", "由在家的成员接手"),
    ),
}
WHO = {"talk": ("cadre", "secretary"), "yard": ("yard_head", "sanitation"), "": ("secretary", "cadre")}
DONE = ("已经办好，大家看过", "按商定的做完了", "办好了，在群里说了")


@dataclass
class _Told:
    """What the year's rows are gathered in, and what every village needs."""

    rng: Random
    users: dict[str, User]
    now: datetime
    posts: dict[int, list[Post]]
    meetings: list[Meeting] = field(default_factory=list)
    came: list[Attendance] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)


def load_councils(rng: Random, homes: list[Home], users: dict[str, User], now: datetime) -> None:
    if today(now) <= FOUNDED:
        return
    villages: dict[int, list[Home]] = {}
    for home in homes:
        villages.setdefault(home.village.pk, []).append(home)
    bodies = create(_bodies(list(villages.values())))
    seats = create(seat for body in bodies for seat in _seats(rng, body, villages[body.village_id]))
    by_body: dict[int, list[Seat]] = {}
    for seat in seats:
        by_body.setdefault(seat.body_id, []).append(seat)
    told = _Told(rng, users, now, _posts())
    for body in bodies:
        its = villages[body.village_id]
        for on in _days(rng, body, now):
            _meet(told, body, on, its, by_body.get(body.pk, []))
    _insert(told, bodies)


def _bodies(villages: Sequence[list[Home]]) -> Iterator[Body]:
    for its in villages:
        village, yards = its[0].village, {home.settlement.pk: home.settlement for home in its}
        for kind in kinds_of(village.code, settlement=False):
            yield body_draft(village, village, kind, FOUNDED)
        for yard in yards.values():
            yield body_draft(village, yard, "yard", FOUNDED)


def _seats(rng: Random, body: Body, homes: list[Home]) -> Iterator[Seat]:
    if not SORTS[body.kind].seats:
        return
    grown = [home for home in homes if any(_is_grown(person) for person in home.residents)]
    for number, home in enumerate(rng.sample(grown, min(SEATS.get(body.kind, OTHER_SEATS), len(grown)))):
        people = [person for person in home.residents if _is_grown(person)]
        women = [person for person in people if person.sex == Resident.Sex.FEMALE]
        person = women[0] if women and number % 5 < 2 else people[0]
        role = Seat.Role.HEAD if number == 0 and body.kind not in ("delegates", "res_del", "party") else Seat.Role.MEMBER
        yield Seat(body=body, resident=person, role=role, since=FOUNDED, term_end=years_later(FOUNDED, 3))


def _is_grown(person: Resident) -> bool:
    return person.birth_date is not None and person.birth_date <= years_later(FOUNDED, -20) and person.status == Resident.Status.PRESENT


def _days(rng: Random, body: Body, now: datetime) -> Iterator[date]:
    """One meeting in each of its rhythms since January; a few are late, and the last may be missing."""
    if not body.every_months:
        return
    last, on = min(today(now), date(YEAR, 12, 31)), FOUNDED
    while True:
        due = next_day(on, body.every_months)
        assert due is not None
        on = due + timedelta(days=rng.randrange(2, 12) if rng.random() < LATE else -rng.randrange(1, 12))
        if on >= last:
            return
        yield on


def _meet(told: _Told, body: Body, on: date, homes: list[Home], seats: list[Seat]) -> None:
    rng, key = told.rng, body.kind if body.kind in TALKS else ""
    topic, said, outcome = rng.choice(TALKS[key])
    who, at = writer(told.users, body.village), datetime.combine(on, time(15), SHANGHAI)
    meeting = Meeting(
        body=body, unit=body.unit, village=body.village, topic=topic, on=on, place=f"{body.unit.short_name}会议室"[:60],
        base=SORTS[body.kind].base, state=Meeting.State.MINUTED, afterwards=rng.random() < AFTERWARDS, write_by=on + WRITTEN_WITHIN,
        noticed_on=on - timedelta(days=2), called_by=who, called_at=morning(on - timedelta(days=2)), minuted_by=who, minuted_at=at,
    )  # fmt: skip
    rows = list(_came(told, meeting, homes, seats))
    if not any(row.status == Attendance.Status.PRESENT for row in rows):
        return
    meeting.entitled, meeting.present = len(rows), sum(row.status == Attendance.Status.PRESENT for row in rows)
    told.meetings.append(meeting)
    told.came += rows
    item = Item(meeting=meeting, number=1, title=topic, said=said, outcome=outcome)
    told.items.append(item)
    told.tasks += _tasks(told, meeting, item, who)


def _came(told: _Told, meeting: Meeting, homes: list[Home], seats: list[Seat]) -> Iterator[Attendance]:
    rng, base = told.rng, meeting.base
    if base == Meeting.Base.MEMBERS:
        duties = SORTS[meeting.body.kind].duties
        posts = [post for post in told.posts.get(meeting.village_id, []) if post.kind in duties]
        held = {post.resident_id for post in posts}
        rows = [Attendance(meeting=meeting, post=post) for post in posts]
        rows += [Attendance(meeting=meeting, seat=seat) for seat in seats if seat.resident_id not in held]
    elif base == Meeting.Base.HOUSEHOLDS:
        rows = [Attendance(meeting=meeting, household=home) for home in _of_yard(meeting.unit, homes)]
    else:
        rows = [Attendance(meeting=meeting, household=home.household) for home in rng.sample(homes, min(9, len(homes)))]
    for row in rows:
        if base != Meeting.Base.OPEN and rng.random() > CAME:
            row.status = Attendance.Status.EXCUSED if rng.random() < 0.5 else Attendance.Status.ABSENT
        yield row


def _of_yard(yard: Unit, homes: list[Home]) -> list[Household]:
    return [home.household for home in homes if home.settlement.pk == yard.pk and home.household.ended_on is None]


def _tasks(told: _Told, meeting: Meeting, item: Item, by: User) -> Iterator[Task]:
    """One task of most meetings, done in time, late or not yet."""
    rng, kinds = told.rng, WHO.get(meeting.body.kind, WHO[""])
    posts = [post for unit in (meeting.unit_id, meeting.village_id) for post in told.posts.get(unit, []) if post.kind in kinds]
    if not posts or rng.random() < 0.15:
        return
    post, due = posts[0], meeting.on + timedelta(days=rng.choice((7, 10, 14)))
    task = Task(
        item=item, what=item.outcome, who=f"{post.holder_name}（{post.get_kind_display()}）"[:60], post=post, due_on=due, made_by=by,
        made_at=morning(meeting.on),
    )  # fmt: skip
    done = due + timedelta(days=rng.randrange(1, 8) if rng.random() < LATE else -rng.randrange(1, 6))
    if done < today(told.now):
        task.state, task.done_on, task.result, task.closed_by = Task.State.DONE, done, rng.choice(DONE), by
    task._history_date = morning(meeting.on)  # type: ignore[attr-defined]
    yield task


def _insert(told: _Told, bodies: list[Body]) -> None:
    """Meetings as they were written down, then who came and what was dealt with; at last those of before last week are confirmed."""
    for meeting in told.meetings:
        meeting._history_date = meeting.called_at  # type: ignore[attr-defined]
    create(told.meetings)
    Attendance.objects.bulk_create(told.came, batch_size=BATCH)
    Item.objects.bulk_create(told.items, batch_size=BATCH)
    create(told.tasks)
    week = today(told.now) - timedelta(days=7)
    for village in {body.village for body in bodies}:
        other = told.users["bayi-shuji"] if village.code == BAYI else told.users["zhenban"]
        assert other != writer(told.users, village), secretary_login(village)
        old = Meeting.objects.filter(village=village, on__lt=week)
        old.update(state=Meeting.State.CONFIRMED, confirmed_by=other, confirmed_at=morning(week))
        old.filter(on__lt=week - timedelta(days=60)).update(state=Meeting.State.FILED, filed_at=morning(week))
    last = dict(Meeting.objects.order_by().values_list("body").annotate(last=Max("on")))
    for body in bodies:
        body.meet_by = next_day(last.get(body.pk) or body.founded_on, body.every_months)
    Body.objects.bulk_update(bodies, ["meet_by"], batch_size=BATCH)


def _posts() -> dict[int, list[Post]]:
    kinds = {"secretary", "cadre", "overseer", *(kind for kinds in WHO.values() for kind in kinds)}
    found: dict[int, list[Post]] = {}
    for post in Post.objects.filter(kind__in=kinds, ended_on=None).select_related("resident", "user").order_by("pk"):
        found.setdefault(post.unit_id, []).append(post)
    return found
