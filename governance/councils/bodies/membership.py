"""Who is entitled to come on a day: seats and posts, the households of a settlement, or a number of the register."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from governance.councils.bodies.kinds import SORTS, Share
from governance.councils.models import Attendance, Body, Meeting, Seat
from governance.periods import years_later
from villages.models import Household, Post, Resident

ADULT = 18


@dataclass(frozen=True)
class Entitled:
    """One who should come, or may: exactly one of `seat`, `post`, `household`. `place`: where a household lives."""

    name: str
    words: str
    seat: Seat | None = None
    post: Post | None = None
    household: Household | None = None
    place: str = ""

    @property
    def token(self) -> str:
        """As a form names them."""
        kind, row = next((kind, row) for kind, row in self.parts() if row is not None)
        return f"{kind}-{row.pk}"

    def parts(self) -> tuple[tuple[str, Seat | Post | Household | None], ...]:
        return (("seat", self.seat), ("post", self.post), ("household", self.household))

    def attendance(self, meeting: Meeting, status: str) -> Attendance:
        return Attendance(meeting=meeting, seat=self.seat, post=self.post, household=self.household, status=status)


def base_of(body: Body, *, by_homes: bool = False) -> str:
    """What a meeting of the body counts; a villagers' or residents' meeting may be one of households."""
    base = SORTS[body.kind].base
    return Meeting.Base.HOMES.value if by_homes and base == Meeting.Base.VOTERS else base


def entitled_of(body: Body, base: str, day: date) -> list[Entitled]:
    """Those to tap; none where a number is counted."""
    if base == Meeting.Base.MEMBERS:
        return members_of(body, day)
    if base in (Meeting.Base.HOUSEHOLDS, Meeting.Base.OPEN):
        return [Entitled(home.head_name, home.number, household=home, place=str(home.unit)) for home in homes_of(body)]
    return []


def entitled_count(body: Body, base: str, day: date) -> int:
    """应到 of a meeting whose presence is a number: those over 18, or the households, of the register."""
    if base == Meeting.Base.HOMES:
        return homes_of(body).count()
    adults = Resident.objects.present().filter(household__village=body.village_id, household__ended_on=None)
    return adults.filter(birth_date__lte=years_later(day, -ADULT)).count()


def members_of(body: Body, day: date) -> list[Entitled]:
    """Officers by duty on the day, then the seats; one person once."""
    posts = list(posts_of(body, day))
    people = {post.resident_id for post in posts if post.resident_id}
    seats = body.seats.entitled(day).select_related("resident__household")
    found = [Entitled(post.holder_name, post.get_kind_display(), post=post) for post in posts]
    ordered = seats.order_by("role", "resident__name_pinyin", "pk")
    return found + [
        Entitled(seat.resident.name, _role_words(seat, day), seat=seat) for seat in ordered if seat.resident_id not in people
    ]


def _role_words(seat: Seat, day: date) -> str:
    return f"{seat.get_role_display()}（任期已满）" if seat.is_over(day) else seat.get_role_display()


def terms_over(body: Body, day: date) -> list[Seat]:
    """Seats past their term that nobody has left yet, whether or not they still count; the longest over first."""
    seats = body.seats.seated(day).filter(term_end__lt=day, ended_on=None)
    return list(seats.select_related("resident").order_by("term_end", "pk"))


def posts_of(body: Body, day: date) -> list[Post]:
    """The officers who sit in the body by their duty, the first post of each person."""
    duties = SORTS[body.kind].duties
    if not duties:
        return []
    order = {str(duty): place for place, duty in enumerate(duties)}
    posts = Post.objects.current(day).filter(unit=body.village_id, kind__in=order).select_related("resident", "user")
    first: dict[tuple[int | None, int | None], Post] = {}
    for post in sorted(posts, key=lambda post: (order[post.kind], post.pk)):
        first.setdefault((post.resident_id, None if post.resident_id else post.user_id), post)
    return list(first.values())


def homes_of(body: Body) -> QuerySet[Household]:
    """The households that live where the body meets."""
    homes = Household.objects.filter(ended_on=None, village=body.village_id)
    if body.unit_id != body.village_id:
        homes = homes.filter(unit__path__startswith=body.unit.path)
    return homes.select_related("unit").order_by("unit__path", "head_pinyin", "pk")


@dataclass(frozen=True)
class Part:
    """How many of a body are of a sort, and the least that there should be."""

    label: str
    part: int
    whole: int
    share: Share

    @property
    def holds(self) -> bool:
        return self.share.holds(self.part, self.whole)

    @property
    def percent(self) -> int:
        return round(100 * self.part / self.whole) if self.whole else 0


def shares_of(body: Body, members: Sequence[Entitled]) -> list[Part]:
    """The shares that a kind asks for, of today's members; nothing where nobody was elected yet."""
    sort, seats = SORTS[body.kind], [one.seat for one in members if one.seat is not None]
    found = []
    if sort.women and seats:
        women = sum(seat.resident.sex == Resident.Sex.FEMALE for seat in seats)
        found.append(Part("妇女代表", women, len(seats), sort.women))
    if sort.delegates and seats:
        found.append(Part("推选的代表", len(seats), len(members), sort.delegates))
    return found
