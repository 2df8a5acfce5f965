"""Doors of views."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.test import RequestFactory

from governance.accounts.decorators import duty_required
from governance.accounts.duties import Action, Duty
from governance.accounts.models import User
from tests.answers import location
from tests.builders import make_township, make_user, make_village


@duty_required(Action.CLOSING_RUN, Action.EXPORT)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    return HttpResponse(f"page {pk}")


def ask(request: HttpRequest, user: User | AnonymousUser) -> HttpResponseBase:
    request.user = user
    return page(request, pk=7)


def test_it_opens_for_any_of_the_actions(rf: RequestFactory, db: None) -> None:
    village = make_village(make_township())
    cadre = make_user("ganbu", Duty.CADRE, village)
    assert ask(rf.get("/p/"), cadre).getvalue() == b"page 7"
    with pytest.raises(Http404):
        ask(rf.get("/p/"), make_user("zuzhang", Duty.GROUP_HEAD, village))


def test_it_sends_the_anonymous_to_the_login_page(rf: RequestFactory) -> None:
    anonymous = AnonymousUser()
    assert location(ask(rf.get("/p/?a=1"), anonymous)) == "/login/?next=/p/%3Fa%3D1"
    assert location(ask(rf.post("/p/"), anonymous)) == "/login/?next=/"
    current = {"HX-Request": "true", "HX-Current-URL": "http://testserver/list/?q=1"}
    for request in (rf.get("/p/", headers=current), rf.post("/p/", headers=current)):
        assert ask(request, anonymous)["HX-Redirect"] == "/login/?next=/list/%3Fq%3D1"
