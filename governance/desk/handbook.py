"""使用手册: one page for each subject, written by the room that it is about (`Room.handbook`), with the rules of work (制度) that apply to
it (plan §四.三)."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render

from governance.accounts.decorators import UserRequest
from governance.councils.models import Covenant, CovenantVersion
from governance.periods import today
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
    rules = CovenantVersion.objects.visible_to(request.user).in_force(today()).filter(covenant__kind=Covenant.Kind.RULE)
    context = {"title": title, "rules": rules.filter(covenant__topic=name).select_related("covenant__unit")}
    return render(request, template, context)
