"""The list of bodies: what it asks, what it shows of a row."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Count, IntegerField, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from governance.accounts.duties import Action
from governance.councils.bodies.due import MEET, meet_due
from governance.councils.bodies.kinds import PANEL, SORTS
from governance.councils.bodies.services import MET
from governance.councils.models import Body, Meeting, Seat
from governance.frame.columns import Col, Tag
from governance.frame.filters import PartFilter, WordsFilter
from governance.frame.lists import Listing, To
from governance.periods import today
from villages.filters import InVillages

TO_BODIES = To("议事组织", "councils:body-list")


class BodyFilter(InVillages):
    kind = django_filters.ChoiceFilter(label="类别", choices=Body.Kind.choices, empty_label="全部类别")
    state = PartFilter(
        "状态",
        {
            "": ("现有的", lambda rows: rows.filter(ended_on=None)),
            "late": ("到期没有开会", lambda rows: rows.filter(MEET.past(timezone.now()), ended_on=None)),
            "ended": ("已撤销", lambda rows: rows.exclude(ended_on=None)),
        },
    )
    q = WordsFilter("名称里的字", "name__contains")


def counted(bodies: QuerySet[Body]) -> Any:
    """With how many seats count today and the day of the last meeting, for the rows of a page only."""
    seats = Seat.objects.entitled(today()).filter(body=OuterRef("pk")).order_by().values("body")
    held = Meeting.objects.filter(body=OuterRef("pk"), state__in=MET).order_by().values("body")
    return bodies.annotate(
        seats_now=Coalesce(Subquery(seats.annotate(number=Count("pk")).values("number"), output_field=IntegerField()), 0),
        last_on=Subquery(held.annotate(day=Max("on")).values("day")),
    )


def _seats(body: Any) -> int | None:
    return body.seats_now if SORTS[body.kind].seats else None


def _last(body: Any) -> Any:
    if SORTS[body.kind].base == PANEL:
        return "见评议小组的评议会"
    return body.last_on or "还没有开过"


def _rhythm_tags(body: Body) -> list[Any]:
    if body.ended_on:
        return [Tag(f"{body.ended_on} 撤销")]
    return [meet_due(body, timezone.now())] if body.meet_by else []


BODIES = Listing(
    "议事组织",
    [
        Col("组织", "name", whole=True),
        Col("村（社区）", "village", sort="village__path"),
        Col("类别", "get_kind_display", phone=False),
        Col("召集人", "convener"),
        Col("推选的成员", _seats, num=True),
        Col("最近一次", _last),
        Col("下次最迟", "meet_by", sort="meet_by", tags=_rhythm_tags),
    ],
    BodyFilter,
    order=("village__path", "unit__path", "kind", "pk"),
    href="councils:body-detail",
    unit="个组织",
    actions=(
        To("会议", "councils:meeting-list", first=False),
        To("补齐各村的组织", "councils:body-fill", needs=(Action.COUNCIL_EDIT,), first=False),
    ),
    exports=(To("导出成员台账", "councils:seat-export", needs=(Action.EXPORT,)),),
    empty="还没有议事组织。",
    steps=(To("补齐各村的组织", "councils:body-fill", needs=(Action.COUNCIL_EDIT,)),),
    none_found="没有符合条件的组织。",
)
