"""The meeting, item or task that an address names, and who may be asked to do something there."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import CHILD_DUTIES, Action, Duty
from governance.councils.meetings.services import RELATED, Came
from governance.councils.models import Attendance, Item, Meeting
from governance.periods import today
from villages.models import Household, Post
from villages.scope import get_visible_or_404

PEOPLE = ("called_by", "minuted_by", "confirmed_by")


def meeting_of(request: UserRequest, pk: int, action: Action | None = None) -> Meeting:
    return get_visible_or_404(Meeting.objects.select_related(*RELATED, *PEOPLE), request.user, action, pk=pk)


def item_of(request: UserRequest, pk: int, action: Action | None = None) -> Item:
    related = (f"meeting__{name}" for name in RELATED)
    return get_visible_or_404(Item.objects.select_related(*related), request.user, action, pk=pk)


def posts_near(meeting: Meeting) -> QuerySet[Post]:
    """The officers of the place and of its village."""
    unit = meeting.unit
    codes = [unit.code, unit.code[:15], meeting.village.code]
    rows = Post.objects.current(today()).filter(Q(unit__code__in=codes) & Q(unit__path__startswith=meeting.village.path))
    return rows.exclude(kind__in=[*CHILD_DUTIES, Duty.VOLUNTEER]).select_related("user", "resident").order_by("-unit__path", "kind", "pk")


def homes_near(request: UserRequest, meeting: Meeting) -> QuerySet[Household]:
    """The households of the place, as far as the user sees them."""
    homes = Household.objects.visible_to(request.user).filter(ended_on=None, unit__path__startswith=meeting.unit.path)
    return homes.order_by("unit__path", "head_pinyin", "pk")


def came_before(meeting: Meeting) -> Came:
    """What was written down already of who came."""
    tokens: dict[str, list[str]] = {}
    for row in meeting.attendances.all():
        kind, key = next((kind, key) for kind in ("seat", "post", "household") if (key := getattr(row, f"{kind}_id")))
        tokens.setdefault(row.status, []).append(f"{kind}-{key}")
    present, excused = tokens.get(Attendance.Status.PRESENT, []), tokens.get(Attendance.Status.EXCUSED, [])
    return Came(present, excused, meeting.present if meeting.is_counted else None, meeting.guests)
