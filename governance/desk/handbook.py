"""使用手册: one page for each subject, written by the room that it is about (`Room.handbook`)."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render

from governance.accounts.decorators import UserRequest
from governance.rooms import merged, rooms


@login_required
def handbook(request: UserRequest) -> HttpResponse:
    pages = [(name, title) for name, (title, _) in merged("handbook", rooms()).items()]
    return render(request, "desk/handbook/list.html", {"pages": pages})


@login_required
def handbook_page(request: UserRequest, name: str) -> HttpResponse:
    found = merged("handbook", rooms()).get(name)
    if found is None:
        raise Http404
    title, template = found
    return render(request, template, {"title": title})
