"""Pages for residents: no account, no search engines."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse


def public_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page without log-in that search engines are told to leave alone: a notice ends with its window."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, noarchive"
        return response

    return wrapped
