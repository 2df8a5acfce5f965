"""轮流坐班 and 错时: made fairly, changed by agreement, posted publicly, never clocked (plan §三.1, §四.2; domain.md §3)."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from governance.accounts.duties import Action, Duty
from governance.accounts.inbox import messages_send
from governance.accounts.models import User
from governance.cases.models import Shift, ShiftKind, Swap
from governance.errors import DomainError
from governance.frame.saving import save_by
from governance.periods import Period, today
from governance.rooms import named
from governance.workdays import WorkCalendar
from villages.calendar.services import work_calendar
from villages.models import Post, Unit

SITTING = (Duty.SECRETARY, Duty.CADRE)
MONTHS_BACK = 3
DEFAULTS = (
    ("坐班", time(8, 30), time(17, 30), ShiftKind.Days.WORKDAYS),
    ("错时", time(18), time(20, 30), ShiftKind.Days.WORKDAYS),
    ("休息日值班", time(9), time(16), ShiftKind.Days.RESTDAYS),
)
ON_CALL_DEFAULTS = (
    ("应急白班", time(8), time(20), ShiftKind.Days.ALL),
    ("应急夜班", time(20), time(8), ShiftKind.Days.ALL),
)


class ShiftError(DomainError):
    """A roster or swap that is refused: `scope`, `people`, `state`, `kind`, `holder`, `day`."""


def shift_kinds_default(*, village: Unit, purpose: str = ShiftKind.Purpose.SITTING, by: User) -> int:
    """Offer 坐班, 错时 and 休息日值班, or the day and night of 应急值守, to a village that has none of that name; returns how many were
    added."""
    _check(village, by)
    kinds = [
        ShiftKind(village=village, name=name, starts=starts, ends=ends, days=days, purpose=purpose)
        for name, starts, ends, days in (ON_CALL_DEFAULTS if purpose == ShiftKind.Purpose.ON_CALL else DEFAULTS)
    ]
    before = ShiftKind.objects.filter(village=village).count()
    ShiftKind.objects.bulk_create(kinds, ignore_conflicts=True)
    return ShiftKind.objects.filter(village=village).count() - before


def shift_kind_save(*, kind: ShiftKind, by: User) -> ShiftKind:
    """Add or change one shift of a village."""
    _check(kind.village, by)
    save_by(kind, by, ShiftError)
    return kind


def shifts_generate(*, village: Unit, month: Period, by: User, at: datetime | None = None) -> int:
    """Fill the unpublished days of `month` from tomorrow on; published days and agreed swaps stay. Returns how many turns
    were written.

    Whoever had the fewest turns in this month (days off apart, then of this kind) and the three before comes next, nobody twice
    on a day while others are free, nobody before or after their term.
    """
    now = at or timezone.now()
    _check(village, by)
    kinds = list(ShiftKind.objects.filter(village=village, is_active=True).order_by("starts", "pk"))
    if not kinds:
        raise ShiftError("本村还没有设班次，请先设班次。", "kind")
    with transaction.atomic():
        Unit.objects.select_for_update().get(pk=village.pk)
        first = max(month.start, today(now) + timedelta(days=1))
        loose = Shift.objects.filter(village=village, day__gte=first, day__lt=month.end, published_at=None)
        loose.exclude(swaps_asked__state=Swap.State.AGREED).exclude(swaps_offered__state=Swap.State.AGREED).delete()
        kept = set(Shift.objects.filter(village=village, day__gte=month.start, day__lt=month.end).values_list("kind", "day"))
        turns = _Turns(village, month, work_calendar(village.parent_id))
        made = []
        for day in (first + timedelta(days=step) for step in range((month.end - first).days)):
            for kind in kinds:
                if (kind.pk, day) not in kept and turns.asks(kind, day):
                    made.append(Shift(village=village, kind=kind, day=day, post=turns.next(kind, day)))
        Shift.objects.bulk_create(made)
    return len(made)


class _Turns:
    """Whose turn it is: counts of this month and the three before, days off apart."""

    def __init__(self, village: Unit, month: Period, calendar: WorkCalendar) -> None:
        posts = Post.objects.filter(unit=village, kind__in=SITTING, user__is_active=True, appointed_on__lt=month.end)
        self.posts = list(posts.order_by("user_id", "resident_id", "pk"))
        self.village, self.calendar = village, calendar
        self.called: dict[date, list[Post]] = {}
        since = month.start
        for _ in range(MONTHS_BACK):
            since = Period.of(month.kind, since).previous().start
        self.month, self.before = Counter[tuple[int, bool]](), Counter[tuple[int, bool]]()
        self.kinds, self.busy = Counter[tuple[int, int]](), set[tuple[int, date]]()
        rows = Shift.objects.filter(village=village, day__gte=since, day__lt=month.end)
        for user, resident, kind, day in rows.values_list("post__user", "post__resident", "kind", "day"):
            person = _person(user, resident)
            counts = self.month if day >= month.start else self.before
            counts[person, calendar.is_workday(day)] += 1
            self.kinds[person, kind] += 1
            self.busy.add((person, day))

    def asks(self, kind: ShiftKind, day: date) -> bool:
        works = self.calendar.is_workday(day)
        return kind.days == ShiftKind.Days.ALL or works == (kind.days == ShiftKind.Days.WORKDAYS)

    def next(self, kind: ShiftKind, day: date) -> Post:
        works = self.calendar.is_workday(day)
        in_office = self._able(kind, day)
        if not in_office:
            raise ShiftError(f"{day} 没有在任的书记或村干部可以值班。", "people")

        def rank(post: Post) -> tuple[int, ...]:
            person = _person(post.user_id, post.resident_id)
            month = self.month[person, True] + self.month[person, False]
            return (
                (person, day) in self.busy,
                self.month[person, works],
                month,
                self.kinds[person, kind.pk],
                self.before[person, works],
                self.before[person, True] + self.before[person, False],
                person,
            )

        chosen = min(in_office, key=rank)
        person = _person(chosen.user_id, chosen.resident_id)
        self.month[person, works] += 1
        self.kinds[person, kind.pk] += 1
        self.busy.add((person, day))
        return chosen

    def _able(self, kind: ShiftKind, day: date) -> list[Post]:
        """Those in office on the day: those who are there to be called take 应急值守, the cadres whatever is left."""
        called = self._called(day) if kind.purpose == ShiftKind.Purpose.ON_CALL else []
        return called or [post for post in self.posts if self._in_office(post, day)]

    def _called(self, day: date) -> list[Post]:
        if day not in self.called:
            self.called[day] = list(posts_called(self.village, day).order_by("user_id", "resident_id", "pk"))
        return self.called[day]

    @staticmethod
    def _in_office(post: Post, day: date) -> bool:
        ends = [end for end in (post.ended_on, post.term_end and post.term_end + timedelta(days=1)) if end]
        return post.appointed_on <= day and all(day < end for end in ends)


def posts_for(purpose: str, village: Unit, day: date) -> QuerySet[Post]:
    """The posts of a village that may take a turn of this purpose on `day`."""
    sitting = Post.objects.current(day).filter(kind__in=SITTING, user__is_active=True, unit=village)
    return sitting | posts_called(village, day) if purpose == ShiftKind.Purpose.ON_CALL else sitting


def posts_called(village: Unit, day: date) -> QuerySet[Post]:
    """The posts that rooms name for 应急值守; their holders need no account."""
    named_posts = {pk for posts_on in named("on_call") for pk in posts_on(village, day)}
    return Post.objects.current(day).filter(Q(user=None) | Q(user__is_active=True), pk__in=named_posts, unit=village)


def _person(user_id: int | None, resident_id: int | None) -> int:
    """One number for whoever holds a post, whether by account or as resident only."""
    return user_id or -(resident_id or 0)


def shift_assign(*, shift: Shift, post: Post, by: User, at: datetime | None = None) -> Shift:
    """Put somebody else on a day to come."""
    _check(shift.village, by)
    if shift.day < today(at):
        raise ShiftError("已经过去的班不能再改。", "day")
    if not posts_for(shift.kind.purpose, shift.village, shift.day).filter(pk=post.pk).exists():
        raise ShiftError("请选本村当天在任、可以值这个班的人。", "people")
    shift.post = post
    save_by(shift, by, ShiftError, ["post"])
    return shift


def shifts_publish(*, village: Unit, month: Period, by: User, at: datetime | None = None) -> int:
    """Post the month on the public board and tell everyone on it; returns how many turns were posted."""
    now = at or timezone.now()
    _check(village, by)
    with transaction.atomic():
        rows = Shift.objects.filter(village=village, day__gte=month.start, day__lt=month.end, published_at=None)
        people = list(User.objects.filter(posts__shifts__in=rows).distinct())
        count = rows.update(published_at=now)
        if not count:
            raise ShiftError("这个月没有要发布的值班，请先排班。", "state")
        messages_send(
            users=people,
            text=f"{village}{month.label}值班表已发布，请看您的班",
            link=f"/shifts/?month={month}",
            key=f"shifts:{village.pk}:{month}:{now.timestamp()}",
            at=now,
        )
    return count


def swap_ask(*, shift: Shift, other: Shift, reason: str = "", by: User, at: datetime | None = None) -> Swap:
    """Whoever has `shift` asks whoever has `other`; both lie ahead, in one village."""
    now = at or timezone.now()
    with transaction.atomic():
        shift, other = _pair(shift, other)
        if shift.post.user_id != by.pk:
            raise ShiftError("只能换自己的班。", "holder")
        _check_pair(shift, other, now)
        if Swap.objects.filter(state=Swap.State.ASKED, shift__in=[shift, other]).exists() or (
            Swap.objects.filter(state=Swap.State.ASKED, other__in=[shift, other]).exists()
        ):
            raise ShiftError("这个班已经在商量换班，请等对方答复。", "state")
        swap = Swap.objects.create(shift=shift, other=other, reason=reason.strip()[:100], asked_by=by, asked_at=now)
        text = f"{by.name}想用 {shift.day:%m-%d}{shift.kind.name} 换您的 {other.day:%m-%d}{other.kind.name}"
        people = [other.post.user] if other.post.user else []
        messages_send(users=people, text=text, link="/shifts/", key=f"swap:{swap.pk}", at=now)
    return swap


def swap_answer(*, swap: Swap, agreed: bool, by: User, at: datetime | None = None) -> Swap:
    """Only the other one answers; agreed, the two change places in one breath."""
    now = at or timezone.now()
    with transaction.atomic():
        swap = Swap.objects.select_for_update().get(pk=swap.pk)
        shift, other = _pair(swap.shift, swap.other)
        if other.post.user_id != by.pk:
            raise ShiftError("这个换班不是问您的。", "holder")
        if swap.state != Swap.State.ASKED:
            raise ShiftError(f"这个换班{swap.get_state_display()}。", "state")
        if agreed:
            if shift.post.user_id != swap.asked_by_id:
                raise ShiftError("对方的班已经变动，不能换了。", "state")
            _check_pair(shift, other, now)
            shift.post, other.post = other.post, shift.post
            save_by(shift, by, ShiftError, ["post"])
            save_by(other, by, ShiftError, ["post"])
        swap.state = Swap.State.AGREED if agreed else Swap.State.REFUSED
        swap.answered_by, swap.answered_at = by, now
        swap.save(update_fields=["state", "answered_by", "answered_at"])
        text = f"{by.name}{'同意' if agreed else '不同意'}换班（{swap.shift.day:%m-%d} 与 {swap.other.day:%m-%d}）"
        messages_send(users=[swap.asked_by], text=text, link="/shifts/", key=f"swap:{swap.pk}:answer", at=now)
    return swap


def swap_drop(*, swap: Swap, by: User, at: datetime | None = None) -> Swap:
    """Take back what was asked."""
    with transaction.atomic():
        swap = Swap.objects.select_for_update().get(pk=swap.pk)
        if swap.asked_by_id != by.pk or swap.state != Swap.State.ASKED:
            raise ShiftError("只能撤回自己还没答复的换班。", "state")
        swap.state, swap.answered_at = Swap.State.DROPPED, at or timezone.now()
        swap.save(update_fields=["state", "answered_at"])
    return swap


def _pair(shift: Shift, other: Shift) -> tuple[Shift, Shift]:
    """Both turns under their locks, in order of id."""
    rows = Shift.objects.select_for_update(of=("self",)).select_related("post__user", "kind", "village")
    found = {row.pk: row for row in rows.filter(pk__in=[shift.pk, other.pk]).order_by("pk")}
    return found[shift.pk], found[other.pk]


def _check_pair(shift: Shift, other: Shift, now: datetime) -> None:
    if shift.village_id != other.village_id or shift.post.user_id == other.post.user_id:
        raise ShiftError("请选本村另一个人的班。", "holder")
    if min(shift.day, other.day) <= today(now):
        raise ShiftError("今天和已经过去的班不能换。", "day")


def _check(village: Unit, by: User) -> None:
    if not by.may(Action.SHIFT_EDIT, village.path):
        raise ShiftError("这个村（社区）的值班不归您安排。", "scope")
