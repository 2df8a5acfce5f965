"""An existing list of shops is pasted or uploaded, looked at row by row, and written when told to (plan §三.1–2)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.errors import DomainError
from governance.reading import text_sent
from governance.sheets.cells import LOOK, REFUSE
from inspections.fronts.forms import FrontImportForm
from inspections.fronts.sheet_import import FrontList, fronts_import, fronts_read
from villages.filters import place_groups


@never_cache
@duty_required(Action.FRONT_EDIT)
def front_import(request: UserRequest) -> HttpResponse:
    """Read a list, show every row; what was typed stays on the page."""
    sent = request.method == "POST"
    form = FrontImportForm(request.POST if sent else None, request.FILES if sent else None, user=request.user)
    found = None
    if sent and form.is_valid():
        given = form.cleaned_data
        try:
            found = fronts_read(text=given["table"], unit=given["unit"])
            if text_sent(request, "step") == "save":
                fronts = fronts_import(
                    text=given["table"], unit=given["unit"], good_only=given["good_only"], by=request.user
                )
                messages.success(request, f"已登记 {len(fronts)} 处，牌号 {fronts[0].plate_number} 起。")
                return redirect("inspections:front-list")
        except DomainError as error:
            form.add_error(None, error.message)
        form.keep_table()
    context = {
        "form": form,
        "places": place_groups(form.fields["unit"].queryset),  # type: ignore[attr-defined]
        "chosen_unit": str(form["unit"].value() or ""),
        "found": found,
        "lines": _lines(found) if found else [],
    }
    return render(request, "inspections/fronts/import.html", context, status=422 if form.errors else 200)


def _lines(found: FrontList) -> list[dict[str, Any]]:
    words = {REFUSE: ("要改", "late"), LOOK: ("请核对", "near")}
    lines = []
    for row in found.rows:
        label, tone = words.get(row.verdict, ("可写入", "good"))
        reason = row.reason_of(LOOK, REFUSE)
        lines.append({"row": row, "label": label, "tone": tone, "values": row.values, "reason": reason})
    return lines
