"""The board for residents: villages with their running notices, and the stars that stand after the notice."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from governance.cases.models import Shift
from governance.cases.shifts.forms import day_text
from governance.disclosure.models import Notice
from governance.frame.public import public_page
from governance.periods import Kind, today
from governance.privacy import mask_name
from moral_bank.models import Closing, Rating
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
    """The village's notices in their window, with those of villages merged into it, and the last locked quarter's stars
    with masked names."""
    village = get_object_or_404(Unit.objects.villages().on(today()).select_related("parent"), code=code)
    quarter = (
        Closing.objects.filter(village=village, kind=Kind.QUARTER, state=Closing.State.LOCKED).order_by("-start").first()
    )
    units = [village.pk, *villages_before(today()).get(village.pk, ())]
    context = {
        "village": village,
        "notices": Notice.objects.public(today()).filter(unit__in=units).order_by("closes_on", "id"),
        "quarter": quarter,
        "starred": _starred(quarter) if quarter else [],
        "shifts": _shifts(village),
    }
    return render(request, "desk/village.html", context)


def _shifts(village: Unit) -> list[tuple[Shift, str, str]]:
    """Published turns of today and the fortnight after it: (turn, day, masked name); the phone is the post's own."""
    rows = Shift.objects.published().filter(village=village, day__range=(today(), today() + timedelta(days=SHIFT_DAYS)))
    rows = rows.select_related("kind", "post__user", "post__resident").order_by("day", "kind__starts", "pk")
    return [(shift, day_text(shift.day), mask_name(shift.post.holder_name)) for shift in rows]


def _starred(quarter: Closing) -> list[tuple[int, list[str]]]:
    """Masked household heads by stars, best first; households without stars are nobody's business (no black list)."""
    rows = Rating.objects.filter(closing=quarter, stars__gte=2).order_by("-stars", "account__household__head_pinyin")
    named = rows.values_list("stars", "account__household__head_name")
    return [(stars, [mask_name(name) for _, name in same]) for stars, same in groupby(named, key=lambda row: row[0])]
