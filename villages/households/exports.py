"""Official ledgers as .xlsx: how a scoped list becomes a file, and the roster that can be imported again (mission M01)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import QuerySet

from governance.frame.exports import CHUNK, KEY, Ledger, row_key
from governance.privacy import mask_id_number
from governance.sheets.writer import Column, Value
from villages.models import Resident, Unit


def unit_names(queryset: QuerySet[Any], path: str) -> dict[str, dict[str, str]]:
    """path of a unit that `queryset` reaches by the look-up `path` → level → name of it and of each unit above it."""
    paths = set(queryset.order_by().values_list(path, flat=True).distinct())
    codes = {code for text in paths for code in text.strip("/").split("/")}
    units = {unit.code: unit for unit in Unit.objects.filter(code__in=codes)}
    return {
        text: {units[code].level: units[code].name for code in text.strip("/").split("/") if code in units}
        for text in paths
    }


def _resident_rows(
    queryset: QuerySet[Resident], number_of: Callable[[str], str] = mask_id_number
) -> Iterator[Sequence[Value]]:
    places = unit_names(queryset, "household__unit__path")
    residents = queryset.select_related("household__village", "household__unit").order_by(
        "household__village__path", "household__unit__path", "household__number_key", "household_id", "pk"
    )
    for resident in residents.iterator(chunk_size=CHUNK):
        home = resident.household
        place = places[home.unit.path]
        yield [
            home.village.name,
            place.get(Unit.Level.GROUP, ""),
            place.get(Unit.Level.SETTLEMENT, ""),
            home.number,
            home.head_name,
            resident.name,
            resident.relation,
            resident.get_sex_display(),
            resident.birth_date,
            number_of(resident.id_number),
            resident.phone,
            home.address,
            resident.get_status_display(),
            resident.status_on,
            row_key(Resident, resident.pk),
        ]


ROSTER = Ledger(
    "户籍人口名册",
    [
        Column("村（社区）", 18),
        Column("村民小组", 14),
        Column("聚居点", 12),
        Column("户号", 10),
        Column("户主", 10),
        Column("姓名", 10),
        Column("与户主关系", 12),
        Column("性别", 6),
        Column("出生日期", 12),
        Column("脱敏身份证号", 22),
        Column("联系电话", 14),
        Column("住址", 28),
        Column("状态", 8),
        Column("状态日期", 12),
        KEY,
    ],
    _resident_rows,
    state="状态",
)


def _household_rows(queryset: QuerySet[Any]) -> Iterator[Sequence[Value]]:
    """One row for each person in `queryset`'s households, so that the file is a roster."""
    return _resident_rows(Resident.objects.present().filter(household__in=queryset.order_by()))


HOUSEHOLD_ROSTER = replace(ROSTER, rows=_household_rows)

WHOLE_ROSTER = replace(
    ROSTER,
    title="户籍人口名册（完整身份证号）",
    columns=[Column("身份证号码", 22) if column.heading == "脱敏身份证号" else column for column in ROSTER.columns],
    rows=lambda queryset: _resident_rows(queryset, str),
)
