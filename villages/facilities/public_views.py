"""A village's facilities for residents, without log-in: kinds that the data say are public, with nobody's name and no telephone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from governance.frame.public import public_page
from governance.periods import today
from villages.facilities.kinds import kinds, public_kinds
from villages.facilities.models import Facility
from villages.models import Unit
from villages.units.lineage import villages_before


@public_page
def village_facilities(request: HttpRequest, code: str) -> HttpResponse:
    """Of the village and those merged into it; what was taken away is gone."""
    village = get_object_or_404(Unit.objects.villages().on(today()), code=code)
    places = [village.pk, *villages_before(today()).get(village.pk, ())]
    standing = Facility.objects.filter(village__in=places, kind__in=public_kinds()).exclude(state=Facility.State.ENDED)
    order = list(kinds())
    rows = sorted(standing.select_related("unit"), key=lambda row: (order.index(row.kind), row.name))
    return render(request, "villages/facilities/public.html", {"village": village, "rows": rows})
