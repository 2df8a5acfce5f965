"""没有办成的后台任务: why, and the button 再试."""

from __future__ import annotations

from typing import NamedTuple

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest
from governance.accounts.models import User
from governance.frame.act import press
from governance.frame.failed import FailedKind, Line
from governance.rooms import named

SHOWN = 50  # of a kind


class Group(NamedTuple):
    """What failed of one kind: how many in all, and the newest with their keys."""

    kind: FailedKind
    number: int
    lines: list[tuple[int, Line]]


def _kinds() -> dict[str, FailedKind]:
    return {kind.key: kind for kinds in named("failed") for kind in kinds}


def _groups(user: User) -> list[Group]:
    found = []
    for kind in _kinds().values():
        rows = kind.rows(user)
        lines = [(row.pk, kind.line(row, user)) for row in rows[:SHOWN]]
        if lines:
            found.append(Group(kind, rows.count() if len(lines) == SHOWN else len(lines), lines))
    return found


@login_required
def failed_list(request: UserRequest) -> HttpResponse:
    """The rows that concern somebody, nothing for others."""
    return render(request, "desk/failed/list.html", {"groups": _groups(request.user), "shown": SHOWN})


@require_POST
@login_required
def failed_again(request: UserRequest, kind: str, pk: int) -> HttpResponse:
    if kind not in _kinds():
        raise Http404
    failed = _kinds()[kind]
    row = get_object_or_404(failed.rows(request.user), pk=pk)
    press(request, lambda: failed.again(row, request.user), "已重新交给后台办理。")
    return redirect("desk:failed-list")
