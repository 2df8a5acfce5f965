"""A form that carries a one-use key is taken once (docs/decisions/0019-once.md); the API's requests: `api_base.py`.

A form's key stands in its field `once`, which `{% csrf_token %}` writes (`once_tag.py`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.response import HttpResponseRedirectBase
from django.shortcuts import redirect, render, resolve_url
from django.utils.cache import add_never_cache_headers

from governance.accounts.used_keys import UsedKey, key_taken
from governance.crypto import keyed_hash
from governance.frame.input_errors import answer_to

TOKEN, FIELD = "csrfmiddlewaretoken", "once"
UNSENT = (TOKEN, FIELD, "client_key")  # the last is the phone's own number for a form
UNGUARDED = ("accounts:login", "accounts:login-second", "accounts:logout", "accounts:password")  # a session is not given twice
TAKEN = "X-Once"  # set on what answers a form that was taken, now or before
SAME = "这张表刚才已经提交成功，没有重复登记。"


class DonePage(HttpResponse):
    """What a view answers that made something and shows it at once, instead of leading to it."""


class OnceMiddleware:
    """Stands last, so that the view alone runs in the transaction that takes the key.

    A form that has the token in it but no key is an old page: it is not taken. Scripts send the token in a header.
    PostgreSQL lets the second of two equal keys wait for the first; then it finds the first one's answer. A refusal frees the key.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        if request.method != "POST" or not _guarded(request):
            return None
        if not (key := request.POST.get(FIELD)):
            return render(request, "403_csrf.html", status=403) if TOKEN in request.POST else None
        try:
            return self._once(request, key, view, args, kwargs)
        except Exception as error:
            if (answer := answer_to(request, error)) is None:
                raise
            return answer

    def _once(self, request: HttpRequest, key: str, view: Any, args: Any, kwargs: Any) -> HttpResponseBase:
        digest = digest_of(request)
        with transaction.atomic():
            used = key_taken(user_id=request.user.pk, key=key, digest=digest)
            if used.status is not None:
                return _again(request, used, digest)
            response: HttpResponseBase = view(request, *args, **kwargs)
            if _accepted(request, response):
                used.settle(response.status_code, _text(response))
                response[TAKEN] = "taken"
            else:
                used.delete()
        return response


def _guarded(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is None or ("api" not in match.namespaces and match.view_name not in UNGUARDED)


def digest_of(request: HttpRequest) -> str:
    """Keyed hash of the address and of all that was sent, but for tokens."""
    summed = hashlib.sha256(request.get_full_path().encode())
    if request.content_type not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        summed.update(request.body)
    fields = sorted((name, values) for name, values in request.POST.lists() if name not in UNSENT)
    summed.update(json.dumps(fields).encode())
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            summed.update(f"{name} {file.name} {file.size} ".encode())
            for chunk in file.chunks():
                summed.update(chunk)
            file.seek(0)
    return keyed_hash(summed.hexdigest())


def carried(request: HttpRequest, unsent: Iterable[str]) -> dict[str, Any]:
    """A form as a page holds it to be sent again: `fields` but for `unsent` ones, names of `files` (not held), `action`."""
    fields = [(name, value) for name, values in request.POST.lists() if name not in unsent for value in values]
    files = [file.name for _, given in request.FILES.lists() for file in given]
    return {"fields": fields, "files": files, "action": request.get_full_path()}


def _accepted(request: HttpRequest, response: HttpResponseBase) -> bool:
    """A page accepts by leading elsewhere without an error, or as a DonePage; a form that is shown again was refused."""
    if isinstance(response, DonePage):
        return response.status_code < 300
    if not isinstance(response, HttpResponseRedirectBase) or response.url.startswith(resolve_url(settings.LOGIN_URL)):
        return False
    queue: Any = messages.get_messages(request)
    return all(message.level < messages.ERROR for message in queue._queued_messages)  # iterating would use them up


def _text(response: HttpResponseBase) -> str:
    """Where a redirect leads, else the page."""
    if isinstance(response, HttpResponseRedirectBase):
        return response.url
    return response.content.decode() if isinstance(response, HttpResponse) else ""


def _again(request: HttpRequest, used: UsedKey, digest: str) -> HttpResponse:
    """The first answer; a question where the same key came with other content."""
    leads = used.status is not None and used.status >= 300
    if used.digest != digest:
        context = {**carried(request, UNSENT), "location": used.text if leads else ""}
        return render(request, "409.html", context, status=409)
    if leads:
        messages.info(request, SAME)
    answer: HttpResponse = redirect(used.text) if leads else HttpResponse(used.text)
    if not leads:
        add_never_cache_headers(answer)
    answer[TAKEN] = "taken"
    return answer
