"""The one reader of what an address or a button says where no form reads it: texts, keys of rows, months.

Views never touch `request.GET` and `request.POST` for a single value (`tests/test_architecture.py`). What is none of these comes
out as "", 0 or this month.
"""

from __future__ import annotations

from django.http import HttpRequest, QueryDict

from governance.periods import Period, month_or_this

KEY_DIGITS = 18
LONGEST = 2000  # more is no text that a view asks for


def key_of(text: str | None) -> int:
    """The key of a row that an address or a field names, 0 where it can be none."""
    return int(text) if text and text.isdecimal() and len(text) <= KEY_DIGITS else 0


def text_asked(request: HttpRequest, name: str, default: str = "") -> str:
    """A text of the address; `default` where it is empty or absent."""
    return _text(request.GET, name) or default


def key_asked(request: HttpRequest, name: str) -> int:
    """A row's key of the address."""
    return key_of(text_asked(request, name))


def keys_asked(request: HttpRequest, name: str) -> list[int]:
    """All rows' keys under one name of the address."""
    return _keys(request.GET, name)


def month_asked(request: HttpRequest, name: str = "month") -> Period:
    """The month of the address; this one where it names none, something else or one to come."""
    return month_or_this(text_asked(request, name))


def text_sent(request: HttpRequest, name: str) -> str:
    """A text that was sent, by a button most often."""
    return _text(request.POST, name)


def key_sent(request: HttpRequest, name: str) -> int:
    """A row's key that was sent."""
    return key_of(text_sent(request, name))


def keys_sent(request: HttpRequest, name: str) -> list[int]:
    """All rows' keys that were sent under one name: what was ticked."""
    return _keys(request.POST, name)


def whole(text: str) -> str:
    """A text of JSON as columns keep it: without NUL; the half of a character, which is left where a script cuts an emoji, as �."""
    return text.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _text(data: QueryDict, name: str) -> str:
    return (data.get(name) or "").replace("\0", "")[:LONGEST]


def _keys(data: QueryDict, name: str) -> list[int]:
    return [key for text in data.getlist(name) if (key := key_of(text))]
