"""The one outer handler: what breaks on input that nothing can be made of is answered with 400 in Chinese, never with 500.

The exception must show that the input is its cause: by its kind, by a value of the request that it quotes, or by one that is beyond
what the house keeps. All else is the house's own error and stays one. What is refused here is logged: a form or reader has a gap.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator
from decimal import InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import DataError, IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.http.request import RawPostDataException, UnreadablePostError
from django.template.loader import render_to_string
from django.utils.datastructures import MultiValueDictKeyError

from governance.errors import DomainError
from governance.periods import YEARS

WORDS = "这个请求看不懂。请返回上一页重试。"
TAKEN = "已经有同样的一条，没有重复登记。请返回列表查看。"
UNFIT = "填写的内容不符合登记规则，没有保存。请检查后重试。"
UNIQUE, TOO_LONG, OUT_OF_RANGE = "23505", "22001", "22003"
UNTRANSLATABLE = ("22021", "22P05")  # what no text of the database keeps, in JSON too
OVERFLOWN = ("out of range", "NaN", "Exceeds the limit")  # words of the ValueErrors of dates, floats and ints
_MANY_DIGITS = re.compile(r"\d{10,}")  # beyond 32 bits; so long are telephones and ID numbers, too, which no number column takes
_BEYOND = re.compile(r"\d{19,}|(?i:nan|inf)|\d[eE]\+?\d")  # beyond 64 bits, or no figure that people type
_YEAR = re.compile(r"(?<!\d)\d{4,6}(?=-\d|年)")
logger = logging.getLogger(__name__)


class InputErrorMiddleware:
    """Answers what a view could not (`OnceMiddleware` those that it runs itself)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return answer_to(request, error)


def answer_to(request: HttpRequest, error: Exception) -> HttpResponse | None:
    """400 where the input is the error's cause; None where it is the house's own."""
    if not _is_input(request, error):
        return None
    logger.warning("Input that no form refused: %s %s", request.method, request.path, exc_info=error)
    return bad_request(request, error)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The page of 400, for programs as JSON (`handler400`)."""
    if request.path.startswith("/api/"):
        return JsonResponse({"detail": WORDS, "code": "invalid"}, status=400)
    return HttpResponse(render_to_string("400.html"), status=400)


def refusal_of(error: ValidationError | IntegrityError) -> DomainError:
    """What a model or the database refused last, in words for who typed it. That a form let it pass is logged."""
    if isinstance(error, ValidationError):
        return DomainError("；".join(error.messages))
    if _state(error) == UNIQUE or "UNIQUE" in str(error):
        return DomainError(TAKEN, "conflict")
    logger.error("Refused by the database alone", exc_info=error)
    return DomainError(UNFIT, "constraint")


def _is_input(request: HttpRequest, error: Exception) -> bool:
    if isinstance(error, MultiValueDictKeyError):  # a field or parameter that the page always sends
        return True
    if isinstance(error, UnicodeEncodeError):
        return "\ud800" <= error.object[error.start] <= "\udfff"
    if isinstance(error, (DataError, ValueError)) and "NUL" in str(error):
        return True
    if not isinstance(error, (ValueError, ArithmeticError, DataError, ValidationError)):
        return False
    return any(test(error, value) for value in _values(request) for test in (_quotes, _breaks))


def _quotes(error: Exception, value: str) -> bool:
    """Whether the error is about this very value: “expected a number but got 'abc'”."""
    words = "；".join(error.messages) if isinstance(error, ValidationError) else str(error)
    return isinstance(error, (ValueError, ValidationError)) and any(shown in words for shown in (repr(value), f"“{value}”"))


def _breaks(error: Exception, value: str) -> bool:
    """Whether the value is such that an error of this kind comes of it: longer than the column, a figure or year beyond all measure."""
    if isinstance(error, DataError) and _state(error) == TOO_LONG:
        most = re.search(r"\((\d+)\)", str(error))
        return most is not None and len(value) > int(most[1])
    if isinstance(error, DataError) and _state(error) in UNTRANSLATABLE:
        return re.search("[\0\ud800-\udfff]", value) is not None
    if isinstance(error, DataError) and _state(error) == OUT_OF_RANGE and _MANY_DIGITS.search(value):
        return True
    kinds = (DataError, OverflowError, InvalidOperation)
    overflown = isinstance(error, kinds) or (isinstance(error, ValueError) and any(words in str(error) for words in OVERFLOWN))
    return overflown and (bool(_BEYOND.search(value)) or any(int(year) not in YEARS for year in _YEAR.findall(value)))


def _state(error: Exception) -> str:
    """PostgreSQL's code of an error, "" of another engine's."""
    return getattr(error.__cause__, "pgcode", None) or ""


def _values(request: HttpRequest) -> Iterator[str]:
    """All that the request says: words of the address, fields, names of files, what stands in JSON."""
    if match := request.resolver_match:
        yield from map(str, (*match.args, *match.kwargs.values()))
    yield from (value for _, values in request.GET.lists() for value in values)
    try:
        yield from (value for _, values in request.POST.lists() for value in values)
        yield from (str(file.name) for _, files in request.FILES.lists() for file in files if isinstance(file, UploadedFile))
        if "json" in (request.content_type or ""):
            yield from _leaves(json.loads(request.body))
    except (RawPostDataException, UnreadablePostError, ValueError, RecursionError):  # read as a stream, or cut off: nothing to show
        return


def _leaves(data: Any) -> Iterator[str]:
    if isinstance(data, (dict, list)):
        for one in data.values() if isinstance(data, dict) else data:
            yield from _leaves(one)
    else:
        yield str(data)
