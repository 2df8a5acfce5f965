"""The calendar of activities for residents, without log-in, and as a file for the calendars of their phones."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from governance.disclosure.activities.calendar import Event, calendar_text
from governance.disclosure.activities.models import Activity, ActivityQuerySet
from governance.frame.public import public_page
from governance.periods import SHANGHAI, today
from villages.models import Unit
from villages.units.lineage import villages_before

AHEAD, BACK = timedelta(days=120), timedelta(days=60)
STATUS = {"planned": "TENTATIVE", "invited": "CONFIRMED", "held": "CONFIRMED", "cancelled": "CANCELLED"}


@public_page
def activities(request: HttpRequest) -> HttpResponse:
    """What is coming in all villages."""
    rows = _shown().filter(planned_on__gte=today()).order_by("planned_on", "starts", "village__path", "pk")
    villages = Unit.objects.villages().on(today()).order_by("path")
    return render(request, "disclosure/activities/public_all.html", {"rows": rows, "villages": villages})


@public_page
def village_activities(request: HttpRequest, code: str) -> HttpResponse:
    """What is coming in a village, and what was held lately."""
    village = _village(code)
    rows = _of(village)
    context = {
        "village": village,
        "coming": rows.filter(planned_on__gte=today()).order_by("planned_on", "starts", "pk"),
        "held": rows.filter(planned_on__lt=today(), state=Activity.State.HELD).order_by("-planned_on", "-pk"),
    }
    return render(request, "disclosure/activities/public_village.html", context)


@public_page
def activities_ics(request: HttpRequest, code: str) -> HttpResponse:
    """What phones subscribe to; what is cancelled stays in it as cancelled."""
    village = _village(code)
    page = request.build_absolute_uri(reverse("public:village-activities", args=[code]))
    host = request.get_host().split(":")[0]
    events = [_event(activity, host, page) for activity in _of(village).order_by("planned_on", "pk")]
    answer = HttpResponse(calendar_text(f"{village}活动", events), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="activities-{village.code}.ics"'
    return answer


def _event(activity: Activity, host: str, page: str) -> Event:
    starts = datetime.combine(activity.planned_on, activity.starts, SHANGHAI) if activity.starts else None
    title = f"{activity.get_kind_display()}：{activity.title}"
    uid = f"activity-{activity.pk}@{host}"
    return Event(uid, activity.planned_on, starts, title, activity.place, STATUS[activity.state], activity.changed_at, page)


def _shown() -> ActivityQuerySet:
    days = (today() - BACK, today() + AHEAD)
    return Activity.objects.filter(planned_on__range=days).select_related("village")


def _of(village: Unit) -> ActivityQuerySet:
    """Of the village and those merged into it."""
    return _shown().filter(village__in=[village.pk, *villages_before(today()).get(village.pk, ())])


def _village(code: str) -> Unit:
    return get_object_or_404(Unit.objects.villages().on(today()).select_related("parent"), code=code)
