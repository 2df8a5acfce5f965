"""The official columns of units, of 网格 and 联户, and of posts (mission M01–M03)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import QuerySet

from governance.frame.admin_lists import count_of
from governance.frame.columns import Col
from governance.frame.exports import CHUNK, KEY, Ledger, row_key
from governance.sheets.writer import Column, Value
from villages.households.exports import unit_names
from villages.models import Household, Overlay, OverlayMember, Unit

BELOW = (Unit.Level.TOWNSHIP, Unit.Level.VILLAGE, Unit.Level.GROUP, Unit.Level.SETTLEMENT)


def _unit_rows(queryset: QuerySet[Unit]) -> Iterator[Sequence[Value]]:
    places = unit_names(queryset, "path")
    living = count_of(Household.objects.filter(ended_on=None), "unit")
    for unit in queryset.annotate(homes=living).order_by("path").iterator(chunk_size=CHUNK):
        place = places[unit.path]
        yield [
            *(place.get(level, "") for level in BELOW),
            unit.get_level_display(),
            unit.code,
            unit.get_key_area_display(),
            unit.homes,
            unit.valid_from,
            unit.valid_to,
        ]


UNITS = Ledger(
    "单位名册",
    [
        Column("乡镇", 14),
        Column("村（社区）", 18),
        Column("村民小组", 14),
        Column("聚居点（院落）", 14),
        Column("级别", 14),
        Column("代码", 22),
        Column("重点领域", 20),
        Column("直属户数", 10),
        Column("设立日期", 12),
        Column("撤销日期", 12),
    ],
    _unit_rows,
    key="代码",
    state="撤销日期",
    notes=["直属户数为直接登记在该单位的户，不含下级单位的户。"],
)


def _overlay_rows(queryset: QuerySet[Overlay]) -> Iterator[Sequence[Value]]:
    members = count_of(OverlayMember.objects.all(), "overlay")
    overlays = queryset.select_related("village").annotate(homes=members)
    for overlay in overlays.order_by("village__path", "kind", "name").iterator(chunk_size=CHUNK):
        yield [overlay.village.name, overlay.get_kind_display(), overlay.name, overlay.homes, row_key(Overlay, overlay.pk)]


OVERLAYS = Ledger(
    "网格与联户名册",
    [Column("村（社区）", 18), Column("类别", 10), Column("名称", 24), Column("户数", 8), KEY],
    _overlay_rows,
)


POSTS = Ledger.of(
    "任职台账",
    [
        Col("单位", "unit.choice_label", width=36),
        Col("职务", "get_kind_display", width=20),
        Col("姓名", "holder_name", width=10),
        Col("推选日期", "elected_on"),
        Col("聘任日期", "appointed_on"),
        Col("任期至", "term_end"),
        Col("卸任日期", "ended_on"),
        Col("卸任原因", "end_reason", width=20),
    ],
    related=("unit__parent__parent", "resident", "user"),
    order=("unit__path", "kind", "-appointed_on", "pk"),
    state="卸任日期",
)
