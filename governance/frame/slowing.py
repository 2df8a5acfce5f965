"""Counting tries in the shared cache, so that guessing does not pay (no log-in stands before the receipt's look-up)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from governance.accounts.log import client_ip


def tried(name: str, seconds: int) -> int:
    """How often `name` was tried in this window, this time included; atomic where the cache is (Redis)."""
    key = f"tried:{name}"
    cache.add(key, 0, seconds)
    try:
        return cache.incr(key)
    except ValueError:  # the window ended between the two
        cache.set(key, 1, seconds)
        return 1


def tries(name: str) -> int:
    """How often `name` was tried in this window, without counting this look."""
    return int(cache.get(f"tried:{name}", 0))


@dataclass(frozen=True)
class Guessing:
    """A look-up without log-in, slowed by who asks and by what is asked for: names of the two counts, tries in their windows (seconds)."""

    address: str
    thing: str
    tries: int = 10
    window: int = 600
    window_of_thing: int = 3600

    def is_too_often(self, request: HttpRequest, thing: str) -> bool:
        """Whether this address, or whoever asks for `thing`, has tried more often than people do; counts this try."""
        if tried(f"{self.address}:{client_ip(request)}", self.window) > self.tries:
            return True
        digest = hashlib.sha256(thing.encode()).hexdigest()[:32]
        return tried(f"{self.thing}:{digest}", self.window_of_thing) > self.tries

    def slowed(self, request: HttpRequest, page: str, context: dict[str, Any]) -> HttpResponse:
        """The page with 429, and when to come again."""
        answer = render(request, page, context, status=429)
        answer["Retry-After"] = str(self.window)
        return answer
