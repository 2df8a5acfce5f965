"""What the test client answers, to a type checker, and what tests take out of an answer or a query."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.http import HttpResponseBase, StreamingHttpResponse
from django.http.response import HttpResponseRedirectBase

from governance.frame.early import EarlyPage

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse

    ClientAnswer = _MonkeyPatchedWSGIResponse  # the stubs have no other name for it
else:
    ClientAnswer = HttpResponseBase

T = TypeVar("T")


def location(answer: HttpResponseBase) -> str:
    """Where a redirect leads."""
    assert isinstance(answer, HttpResponseRedirectBase)
    return answer.url


def streamed(answer: HttpResponseBase) -> bytes:
    """The whole of a file that is sent in pieces."""
    assert isinstance(answer, StreamingHttpResponse)
    return answer.getvalue()


def page_of(answer: Any) -> bytes:
    """What a page says, also where it is sent in two parts; nothing of a file."""
    return answer.getvalue() if not answer.streaming or isinstance(answer, EarlyPage) else b""


def the(row: T | None) -> T:
    """The row that a test knows to be there."""
    assert row is not None
    return row
