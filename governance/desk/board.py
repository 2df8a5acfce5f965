"""The board for residents: villages with their running notices, and the stars that stand after the notice."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from governance.cases.models import Shift
from governance.cases.shifts.forms import day_text
from governance.disclosure.counting import counted
from governance.disclosure.models import Notice
from governance.frame.public import public_page
from governance.periods import Kind, today
from governance.privacy import mask_name
from moral_bank.models import Closing
from villages.models import Unit
from villages.units.lineage import villages_before

SHIFT_DAYS = 14


@public_page
def board(request: HttpRequest) -> HttpResponse:
    """All villages by township with how many notices run today, those of the villages merged into it among them."""
    day = today()
    running = dict(Notice.objects.public(day).order_by().values_list("unit").annotate(Count("pk")))
    before = villages_before(day)
    villages = Unit.objects.villages().on(day).select_related("parent").order_by("path")
    townships = [
        (town, [(one, sum(running.get(pk, 0) for pk in (one.pk, *before.get(one.pk, ())))) for one in rows])
        for town, rows in groupby(villages, key=lambda village: village.parent)
    ]
    return render(request, "desk/board.html", {"townships": townships})


@public_page
def village(request: HttpRequest, code: str) -> HttpResponse:
    """The village's notices in their window, with those of villages merged into it, and how many stars the last locked quarter gave
    in each settlement."""
    village = get_object_or_404(Unit.objects.villages().on(today()).select_related("parent"), code=code)
    locked = Closing.objects.filter(village=village, kind=Kind.QUARTER, state=Closing.State.LOCKED)
    quarter = locked.select_related("notice").order_by("-start").first()
    columns, stars = counted(quarter.notice.columns, quarter.notice.rows) if quarter and quarter.notice else ([], [])
    units = [village.pk, *villages_before(today()).get(village.pk, ())]
    context = {
        "village": village,
        "notices": Notice.objects.public(today()).filter(unit__in=units).order_by("closes_on", "id"),
        "quarter": quarter,
        "columns": columns,
        "stars": [list(zip(columns, row, strict=True)) for row in stars],
        "shifts": _shifts(village),
    }
    return render(request, "desk/village.html", context)


def _shifts(village: Unit) -> list[tuple[Shift, str, str]]:
    """Published turns of today and the fortnight after it: (turn, day, masked name); the phone is the post's own."""
    rows = Shift.objects.published().filter(village=village, day__range=(today(), today() + timedelta(days=SHIFT_DAYS)))
    rows = rows.select_related("kind", "post__user", "post__resident").order_by("day", "kind__starts", "pk")
    return [(shift, day_text(shift.day), mask_name(shift.post.holder_name)) for shift in rows]
