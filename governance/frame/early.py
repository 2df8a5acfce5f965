"""A page that is sent in two parts, its head at once and its rows as soon as they are found: on a phone with little signal the style
sheet is on its way meanwhile, and who waits sees where they are. And how pages are made small on the way (decision 39)."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterator
from contextvars import Context, copy_context
from typing import Any

import brotli
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers

logger = logging.getLogger(__name__)
REST = "<!--rest-->"
BROKEN = "frame/broken.html"
QUALITY = 5  # a sixth smaller than gzip, in the same time
WORTH = 200  # bytes


class EarlyPage(StreamingHttpResponse):
    """Each of its parts goes out when it is there."""


def in_two(request: HttpRequest, frame: str, rest: str, context: Callable[[], dict[str, Any]]) -> EarlyPage:
    """The template `frame` up to REST; then `rest` with `context`, looked up only then; then what stands behind REST. By then the answer
    is 200: where `rest` fails the page says so in its place, and the log."""
    head, tail = render_to_string(frame, {}, request).split(REST)

    def parts() -> Iterator[str]:
        yield head
        try:
            yield render_to_string(rest, context(), request)
        except Exception:
            logger.exception("%s broke off", request.path)
            yield render_to_string(BROKEN)
        yield tail

    return EarlyPage(_within(copy_context(), parts()))


def _within(context: Context, parts: Iterator[str]) -> Iterator[str]:
    """What is looked up after the view has returned still knows whose request it is: its lines in the log say so."""
    while (part := context.run(next, parts, None)) is not None:
        yield part


class SmallMiddleware(GZipMiddleware):
    """Brotli for who takes it, else gzip. A page is longer by some letters of chance, so that its length does not tell what a form
    of ours holds."""

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        if "br" not in request.headers.get("Accept-Encoding", "") or response.has_header("Content-Encoding") or not _is_page(response):
            return super().process_response(request, response)
        patch_vary_headers(response, ("Accept-Encoding",))
        if response.streaming:
            response.streaming_content = _squeezed(response.streaming_content)
        elif len(response.content) >= WORTH:
            response.content = b"".join(_squeezed([response.content]))
            response.headers["Content-Length"] = str(len(response.content))
        else:
            return response
        response.headers["Content-Encoding"] = "br"
        return response


def _is_page(response: HttpResponseBase) -> bool:
    return response.headers.get("Content-Type", "").startswith("text/html") and (not response.streaming or isinstance(response, EarlyPage))


def _squeezed(parts: Any) -> Iterator[bytes]:
    squeezer = brotli.Compressor(mode=brotli.MODE_TEXT, quality=QUALITY)
    for part in parts:
        yield squeezer.process(part) + squeezer.flush()
    chance = f"<!--{secrets.token_hex(secrets.randbelow(SmallMiddleware.max_random_bytes // 2))}-->"
    yield squeezer.process(chance.encode()) + squeezer.finish()
