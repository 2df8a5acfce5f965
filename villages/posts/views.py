"""Duties of 一长四员 that nobody holds, by village and settlement."""

from __future__ import annotations

from io import BytesIO
from itertools import groupby

from django.http import FileResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog
from governance.periods import today
from governance.reading import text_asked
from governance.sheets.writer import Column, write_table
from villages.filters import InVillages
from villages.models import Unit
from villages.posts.services import Vacancy, vacancies

COLUMNS = [Column("村（社区）", 20), Column("聚居点（院落）", 24), Column("空缺职务", 20)]


@duty_required(Action.POST_VIEW)
def vacancy_list(request: UserRequest) -> HttpResponseBase:
    user = request.user
    filters = InVillages(request.GET, Unit.objects.none(), request=request)
    village = filters.value("village")
    found = vacancies(user) if filters.is_valid() else []
    if village:
        found = [vacancy for vacancy in found if str(vacancy.village.pk) == village]
    if text_asked(request, "export") and filters.is_valid() and user.may(Action.EXPORT):
        access_log(AccessLog.Kind.EXPORT, request=request, detail=f"职务空缺 {len(found)} 条")
        return _sheet(found)
    groups = [(village, _by_unit(rows)) for village, rows in groupby(found, key=lambda vacancy: vacancy.village)]
    context = {"form": filters.form, "groups": groups, "count": len(found), "may_export": user.may(Action.EXPORT)}
    return render(request, "villages/posts/vacancies.html", context)


def _by_unit(rows: object) -> list[tuple[object, list[str]]]:
    """Settlements of one village with the labels of their vacant duties."""
    return [
        (unit, [vacancy.duty.label for vacancy in same])
        for unit, same in groupby(rows, key=lambda vacancy: vacancy.unit)  # type: ignore[call-overload]
    ]


def _sheet(found: list[Vacancy]) -> FileResponse:
    stream = BytesIO()
    rows = [(str(vacancy.village), str(vacancy.unit), str(vacancy.duty.label)) for vacancy in found]
    write_table(stream, title="一长四员职务空缺表", columns=COLUMNS, rows=rows)
    stream.seek(0)
    return FileResponse(stream, as_attachment=True, filename=f"一长四员职务空缺表{today():%Y%m%d}.xlsx")
