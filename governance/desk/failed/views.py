"""没有办成的后台任务: why, and the button 再试."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest
from governance.frame.act import press
from governance.frame.failed import FailedKind
from governance.rooms import named

SHOWN = 50  # of a kind


def _kinds() -> dict[str, FailedKind]:
    return {kind.key: kind for kinds in named("failed") for kind in kinds}


@login_required
def failed_list(request: UserRequest) -> HttpResponse:
    """The rows that somebody may ask for again, nothing for others."""
    found = [(kind, row, kind.address(row)) for kind in _kinds().values() for row in kind.rows(request.user)[:SHOWN]]
    return render(request, "desk/failed/list.html", {"found": found, "shown": SHOWN})


@require_POST
@login_required
def failed_again(request: UserRequest, kind: str, pk: int) -> HttpResponse:
    if kind not in _kinds():
        raise Http404
    failed = _kinds()[kind]
    row = get_object_or_404(failed.rows(request.user), pk=pk)
    press(request, lambda: failed.again(row, request.user), "已重新交给后台办理。")
    return redirect("desk:failed-list")
