"""Lists of units on the desk: pasted or uploaded, looked at as a tree, taken when told to (mission M01)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.errors import DomainError
from governance.frame.act import sent
from governance.reading import text_sent
from governance.sheets.units import read_places, read_units
from villages.models import Unit
from villages.units.list_forms import PlaceListForm, UnitListForm
from villages.units.loading import rows_of_list, units_load, units_plan
from villages.units.places import places_load, places_rows
from villages.units.planning import LEFT, NEW, REFUSED, RENAMED, SAME, Plan

WORDS = {NEW: ("新建", "good"), RENAMED: ("更名", "near"), SAME: ("已有", ""), LEFT: ("不用建", ""), REFUSED: ("要改", "late")}


@never_cache
@duty_required(Action.UNIT_EDIT)
def unit_load(request: UserRequest) -> HttpResponse:
    """County, townships and villages by their codes."""
    form, context = UnitListForm(**sent(request)), dict[str, Any]()
    if form.is_valid():
        try:
            found = read_units(form.cleaned_data["table"])
            rows = rows_of_list(found.units)
            context = {**_shown(units_plan(rows, request.user)), "found": found}
            if text_sent(request, "step") == "save":
                made = units_load(rows=rows, by=request.user)
                messages.success(request, _told(made, "单位"))
                return redirect("villages:unit-places")
        except DomainError as error:
            form.add_error(None, error.message)
        form.keep_table()
    return _answer(request, form, "villages/units/load.html", context, heading="导入单位名单", unit="单位")


@never_cache
@duty_required(Action.UNIT_EDIT)
def unit_places(request: UserRequest) -> HttpResponse:
    """Groups and settlements below one's villages."""
    form, context = PlaceListForm(**sent(request)), dict[str, Any]()
    if form.is_valid():
        try:
            found = read_places(form.cleaned_data["table"])
            context = {**_shown(units_plan(places_rows(found.places, request.user), request.user)), "found": found}
            if text_sent(request, "step") == "save":
                made = places_load(places=found.places, by=request.user)
                messages.success(request, _told(made, "组和聚居点"))
                return redirect("villages:setting-up")
        except DomainError as error:
            form.add_error(None, error.message)
        form.keep_table()
    return _answer(request, form, "villages/units/places.html", context, heading="导入组和聚居点", unit="组和聚居点")


def _answer(request: UserRequest, form: Any, template: str, context: dict[str, Any], **words: str) -> HttpResponse:
    return render(request, template, {"form": form, **context, **words}, status=422 if form.errors else 200)


def _told(plan: Plan, noun: str) -> str:
    refused = len(plan.of(REFUSED))
    return f"已导入 {len(plan.changes)} 个{noun}{f'，{refused} 行要改，没有导入' if refused else ''}。"


def _shown(plan: Plan) -> dict[str, Any]:
    """The plan as a tree, with how many lines become what."""
    labels = dict(Unit.Level.choices)
    lines = [
        {
            "row": {"row_number": line.row.line},
            "label": WORDS[line.outcome][0],
            "tone": WORDS[line.outcome][1],
            "reason": line.reason,
            "unit": line.row,
            "indent": "　" * line.depth,
            "level": labels.get(line.row.level, ""),
        }
        for line in plan.lines
    ]
    counts = [(WORDS[outcome][0], len(plan.of(outcome))) for outcome in WORDS]
    return {"lines": lines, "changes": len(plan.changes), "counts": [(word, count) for word, count in counts if count]}
