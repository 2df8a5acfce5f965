"""Doors of views: the way to the login page, and the duty that a page asks for."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from governance.accounts.duties import Action
from governance.accounts.models import User

View = Callable[..., HttpResponseBase]


class UserRequest(HttpRequest):
    """For type checkers: a request behind a door, whose user has logged in; htmx has said whether it asks."""

    user: User
    htmx: HtmxDetails


def to_login(request: HttpRequest) -> HttpResponse:
    """To the login page and afterwards back to the page that was open; htmx is told to leave the page."""
    htmx = HtmxDetails(request)
    if htmx:
        return HttpResponseClientRedirect(redirect_to_login(htmx.current_url_abs_path or "/").url)
    return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")


def duty_required(*actions: Action) -> Callable[[View], View]:
    """Open the view to those who may do any of `actions` somewhere; anonymous → login page, others → 404."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return to_login(request)
            if not request.user.actions().intersection(actions):
                raise Http404
            return view(request, *args, **kwargs)

        return guarded

    return decorate
