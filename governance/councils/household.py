"""What councils add to a household's page: the last meetings it came to, the seats of its people."""

from __future__ import annotations

from django.db.models import Q

from governance.accounts.decorators import UserRequest
from governance.councils.models import Attendance, Meeting, Seat
from governance.frame.parts import Part
from governance.periods import today
from villages.models import Household

RECENT = 6


def household_part(request: UserRequest, household: Household) -> Part:
    user = request.user
    own = Q(household=household) | Q(seat__resident__household=household)
    came = Attendance.objects.filter(own, status=Attendance.Status.PRESENT).order_by().values("meeting")
    meetings = Meeting.objects.visible_to(user).filter(pk__in=came).select_related("body").order_by("-on", "-pk")
    meetings = meetings.exclude(state=Meeting.State.CANCELLED)
    seats = Seat.objects.visible_to(user).filter(resident__household=household, body__ended_on=None)
    context = {
        "meetings": meetings[:RECENT],
        "seats": seats.seated(today()).select_related("resident", "body").order_by("pk"),
    }
    return Part("councils/household.html", context, request)
