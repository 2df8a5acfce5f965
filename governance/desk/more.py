"""The way to every page that the bar has no room for."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from governance.accounts.decorators import UserRequest
from governance.rooms import grouped

# Groups that a room adds beyond these stand at the end.
TITLES = (
    "日常工作",
    "台账和统计",
    "督查和整改",
    "道德银行：记分和评议",
    "道德银行：评分和荣誉",
    "道德银行：超市和存折",
    "管理",
)


@login_required
def more(request: UserRequest) -> HttpResponse:
    allowed = request.user.actions()
    groups = [
        (title, [(label, reverse(name)) for label, name, needed in links if needed in allowed])
        for title, links in grouped("more", TITLES).items()
    ]
    return render(request, "desk/more.html", {"groups": [(title, links) for title, links in groups if links]})
