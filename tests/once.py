"""A sending through the one-use key's own middleware, without a page: for machines and loads that send by the thousand."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from governance.accounts.models import User
from governance.frame.once import FIELD, DonePage, OnceMiddleware


class OtherContent(Exception):
    """The key came before, with other content."""


def sent_once(send: Callable[[], int], by: User, key: object, content: str = "") -> int:
    """The id that `send` makes under this key, or made when the key first came. What `send` raises is raised."""

    def view(request: HttpRequest) -> HttpResponse:
        return DonePage(str(send()))

    request = RequestFactory().post("/", {FIELD: str(key), "content": content})
    request.user = by
    answer = OnceMiddleware(view).process_view(request, view, (), {})
    assert isinstance(answer, HttpResponse)
    if answer.status_code == 409:
        raise OtherContent
    return int(answer.content)
