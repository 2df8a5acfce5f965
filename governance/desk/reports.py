"""Households, people and points by village: on a chosen day and in a month, as the villages were or as they are now."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from django.http import FileResponse, Http404
from django.http.response import HttpResponseBase
from django.shortcuts import render

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog
from governance.periods import today
from governance.sheets.writer import Column, LedgerSheet, Value, write_sheets
from moral_bank.ledger.reports import EntryLine, entry_report
from villages.models import Unit
from villages.units.report_forms import ReportForm
from villages.units.reports import Basis, VillageLine, village_report

PEOPLE = [Column("村（社区）", 24), Column("户数", 12), Column("人口", 12)]
POINTS = [Column("村（社区）", 24), Column("记录数", 12), Column("评分合计", 12), Column("积分净增", 12)]


@duty_required(Action.UNIT_VIEW)
def village_report_page(request: UserRequest) -> HttpResponseBase:
    user = request.user
    form = ReportForm(request.GET, user=user)
    if not form.is_valid():
        return render(request, "desk/village_report.html", {"form": form})
    day, month, basis = form.chosen()
    villages = village_report(user, day, basis)
    entries = entry_report(user, month, basis)
    labels = f"{day:%Y年%-m月%-d日}", month.label, Basis(basis).label
    if "export" in request.GET:
        may_export = set(Unit.objects.visible_to(user, Action.EXPORT).values_list("pk", flat=True))
        return _sheets(
            request,
            [line for line in villages if line.village.pk in may_export],
            [line for line in entries if line.village.pk in may_export],
            labels,
        )
    context = {
        "form": form,
        "labels": labels,
        "villages": villages,
        "entries": entries,
        "people_total": _sums(villages, "households", "people"),
        "points_total": _sums(entries, "entries", "score", "points"),
        "may_export": user.may(Action.EXPORT) and (villages or entries),
    }
    return render(request, "desk/village_report.html", context)


def _sums(lines: Sequence[object], *names: str) -> list[int]:
    return [sum(getattr(line, name) for line in lines) for name in names]


def _sheets(
    request: UserRequest, villages: list[VillageLine], entries: list[EntryLine], labels: tuple[str, str, str]
) -> FileResponse:
    """Both tables as one workbook, with their totals; without the right to export 404."""
    if not request.user.may(Action.EXPORT):
        raise Http404
    day, month, basis = labels
    people: list[list[Value]] = [[line.village.name, line.households, line.people] for line in villages]
    points: list[list[Value]] = [[line.village.name, line.entries, line.score, line.points] for line in entries]
    people.append(["合计", *_sums(villages, "households", "people")])
    points.append(["合计", *_sums(entries, "entries", "score", "points")])
    notes = [f"统计口径：{basis}。"]
    stream = BytesIO()
    write_sheets(
        stream,
        [
            LedgerSheet("户数与人口", f"{day}各村户数与人口", PEOPLE, people, notes),
            LedgerSheet("积分", f"{month}各村积分", POINTS, points, [*notes, "积分净增已减去兑换和冲正。"]),
        ],
    )
    access_log(AccessLog.Kind.EXPORT, request=request, detail=f"各村统计 {len(villages)} 行")
    stream.seek(0)
    return FileResponse(stream, as_attachment=True, filename=f"各村统计-{today():%Y%m%d}.xlsx")
