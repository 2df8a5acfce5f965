"""The panels of all villages from one list, looked at before it is taken."""

from __future__ import annotations

from collections import Counter
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
from moral_bank.panel.forms import SeatsForm
from moral_bank.panel.seating import NEW, REFUSED, SAME, SeatLine, seats_read, seats_take

WORDS = {NEW: ("登记", "good"), SAME: ("已有", ""), REFUSED: ("要改", "late")}


@never_cache
@duty_required(Action.PANEL_EDIT)
def panel_load(request: UserRequest) -> HttpResponse:
    form, lines = SeatsForm(**sent(request)), list[SeatLine]()
    if form.is_valid():
        text = form.cleaned_data["table"]
        try:
            lines = seats_read(text=text, by=request.user)
            if text_sent(request, "step") == "save":
                seated = seats_take(text=text, appointed_on=form.cleaned_data["appointed_on"], by=request.user)
                messages.success(request, _told(seated, lines))
                return redirect("moral_bank:panel-list")
        except DomainError as error:
            form.add_error(None, error.message)
        form.keep_table()
    context = {"form": form, "lines": [_shown(line) for line in lines], "counts": _counts(lines), "seats": _of(lines, NEW)}
    return render(request, "moral_bank/panel/load.html", context, status=422 if form.errors else 200)


def _of(lines: list[SeatLine], outcome: str) -> int:
    return sum(line.outcome == outcome for line in lines)


def _told(seated: int, lines: list[SeatLine]) -> str:
    refused = _of(lines, REFUSED)
    return f"已登记 {seated} 名评议小组成员{f'，{refused} 人要改，没有登记' if refused else ''}。"


def _counts(lines: list[SeatLine]) -> list[tuple[str, int]]:
    counted = Counter(line.outcome for line in lines)
    return [(WORDS[outcome][0], counted[outcome]) for outcome in WORDS if counted[outcome]]


def _shown(line: SeatLine) -> dict[str, Any]:
    label, tone = WORDS[line.outcome]
    return {"row": {"row_number": line.member.line}, "label": label, "tone": tone, "seat": line, "reason": line.reason}
