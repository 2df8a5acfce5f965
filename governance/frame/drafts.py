"""Forms that a phone's queue sends to their own pages (docs/decisions/0010-offline.md): it hears in JSON what became of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseRedirectBase
from django.utils.html import strip_tags

from governance.frame.once import TAKEN

HEADER, QUIET, WRITER = "X-Draft", "quiet", "X-Draft-User"
LOGGED_OUT = {"detail": "请重新登录，登录后自动发送。"}
OTHER = {"detail": "这台手机上现在登录的是另一个账号。请用写这一件的账号登录，登录后自动发送。", "code": "other"}
OLD = {"detail": "这张表之前收到过，这次的内容不一样。请打开核对，还要记的另记一张。"}
_REASON = re.compile(r'<(p|div)\b[^>]*(?:class="error"|role="alert")[^>]*>(.*?)</\1>', re.DOTALL)


class DraftMiddleware:
    """Stands before OnceMiddleware, whose word alone says that a form was taken: 200 {link, words}. 401 where nobody is logged in,
    or somebody else than who wrote it (its tab may be older than the session), or who has to do something else first; 422 with the
    reasons that the page would show; what is JSON already is left as it is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        writer = request.headers.get(WRITER)
        if writer and request.user.is_authenticated and writer != str(request.user.pk):
            return JsonResponse(OTHER, status=401)
        is_form = request.method == "POST" and HEADER in request.headers
        if is_form and not request.user.is_authenticated:
            return JsonResponse(LOGGED_OUT, status=401)
        response = self.get_response(request)
        if (is_form or writer) and (unready := getattr(request, "unready", "")):
            return JsonResponse({"detail": f"{unready}办好后自动发送。"}, status=401)
        return _answer(request, response) if is_form and not isinstance(response, JsonResponse) else response


def _answer(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if response.headers.get(TAKEN):
        queue: Any = messages.get_messages(request)
        words = "".join(str(message) for message in queue._queued_messages)
        if request.headers[HEADER] == QUIET:  # said in the button's place, so not on the next page again
            queue.used = True
            queue._queued_messages = []
        return JsonResponse({"link": getattr(response, "url", ""), "words": words})
    if isinstance(response, HttpResponseRedirectBase):
        refusals = [str(message) for message in messages.get_messages(request) if message.level >= messages.ERROR]
        return JsonResponse({"detail": "；".join(refusals) or "没有收下，请打开核对。"}, status=422)
    if response.status_code == 409:
        return JsonResponse(OLD, status=409)
    if response.status_code in (200, 422):
        return JsonResponse({"detail": reasons_in(response.content.decode())}, status=422)
    return response


def reasons_in(page: str) -> str:
    """What a form that came back says is wrong with it."""
    found = [" ".join(unescape(strip_tags(inner)).split()) for _, inner in _REASON.findall(page)]
    return "；".join(dict.fromkeys(filter(None, found))) or "没有收下，请打开核对。"
