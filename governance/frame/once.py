"""A form or request that carries a one-use key is taken once (docs/decisions/0019-once.md).

A form's key stands in its field `once`, which `{% csrf_token %}` writes (`once_tag.py`); the API's in the header `Idempotency-Key`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.http.response import HttpResponseRedirectBase
from django.shortcuts import redirect, render, resolve_url
from rest_framework.exceptions import APIException
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.accounts.models import UsedKey

TOKEN, FIELD, HEADER = "csrfmiddlewaretoken", "once", "Idempotency-Key"
UNSENT = (TOKEN, FIELD, "client_key")  # the last is the phone's own number for a form
UNGUARDED = ("accounts:login", "accounts:logout", "accounts:password", "api:token")  # a session or a token is not given twice
SAME = "这张表刚才已经提交成功，没有重复登记。"
OTHER = "这个提交号已经用过，这次的内容与上次不同。要另外登记，请换一个提交号。"


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
        if request.method != "POST" or (request.resolver_match and request.resolver_match.view_name in UNGUARDED):
            return None
        if (key := _key(request)) is None:
            return render(request, "403_csrf.html", status=403) if TOKEN in request.POST else None
        digest = _digest(request)
        with transaction.atomic():
            UsedKey.objects.bulk_create([UsedKey(id=key, digest=digest)], ignore_conflicts=True)
            used = UsedKey.objects.get(id=key)
            if used.status is not None:
                return _again(request, used, digest)
            response: HttpResponseBase = view(request, *args, **kwargs)
            if _accepted(request, response):
                _answer(used, response)
            else:
                used.delete()
        return response


def _key(request: HttpRequest) -> UUID | None:
    """The key that was sent, with who sent it; None where there is none."""
    if sent := request.headers.get(HEADER):
        try:
            user = APIView().initialize_request(request).user
        except APIException:
            return None  # the view refuses them by itself
    else:
        sent, user = request.POST.get(FIELD), request.user
    return uuid5(NAMESPACE_URL, f"{user.pk} {sent}") if sent else None


def _digest(request: HttpRequest) -> str:
    """SHA-256 in hex of the address and of all that was sent, but for tokens."""
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
    return summed.hexdigest()


def _accepted(request: HttpRequest, response: HttpResponseBase) -> bool:
    """The API accepts with 2xx, a page by leading elsewhere without an error; a form that is shown again was refused."""
    if isinstance(response, Response | DonePage):
        return response.status_code < 300
    if not isinstance(response, HttpResponseRedirectBase) or response.url.startswith(resolve_url(settings.LOGIN_URL)):
        return False
    queue: Any = messages.get_messages(request)
    return all(message.level < messages.ERROR for message in queue._queued_messages)  # iterating would use them up


def _answer(used: UsedKey, response: HttpResponseBase) -> None:
    used.status = response.status_code
    if isinstance(response, HttpResponseRedirectBase):
        used.location = response.url
    elif isinstance(response, HttpResponse):
        used.body = (response.render() if isinstance(response, Response) else response).content.decode()
    used.save(update_fields=["status", "location", "body"])


def _again(request: HttpRequest, used: UsedKey, digest: str) -> HttpResponse:
    """The first answer; for other content under the same key a question (page) or a refusal (API)."""
    if HEADER in request.headers:
        if used.digest != digest:
            return JsonResponse({"detail": OTHER, "code": "key"}, status=422)
        repeated = {"Idempotent-Replayed": "true"}
        return HttpResponse(used.body, status=used.status, content_type="application/json", headers=repeated)
    if used.digest != digest:
        fields = [(name, value) for name, values in request.POST.lists() if name not in UNSENT for value in values]
        files = [file.name for _, given in request.FILES.lists() for file in given]
        context = {"fields": fields, "files": files, "location": used.location, "action": request.get_full_path()}
        return render(request, "409.html", context, status=409)
    if not used.location:
        return HttpResponse(used.body)
    messages.info(request, SAME)
    return redirect(used.location)
