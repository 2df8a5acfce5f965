"""Counting tries in the shared cache, so that guessing does not pay (no log-in stands before the receipt's look-up). While the cache is
away the database counts, from nought."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from governance.accounts.log import client_ip
from governance.accounts.tallies import tally, tally_of
from governance.caching import CacheAway


def tried(name: str, seconds: int) -> int:
    """How often `name` was tried in this window, this time included; atomic where the cache is (Redis, the database)."""
    cache, key = caches["counts"], f"tried:{name}"
    try:
        cache.add(key, 0, seconds)
        return cache.incr(key)
    except ValueError:  # the window ended between the two
        cache.set(key, 1, seconds)
        return 1
    except CacheAway:
        return tally(name, seconds)


def tries(name: str) -> int:
    """How often `name` was tried in this window, without counting this look."""
    try:
        return int(caches["counts"].get(f"tried:{name}", 0))
    except CacheAway:
        return tally_of(name)


class Counted(SimpleRateThrottle):
    """What the API's throttles have in common: they count as all else is counted, so that none falls with the cache."""

    duration: int  # seconds; this and the next are read from `rate`
    num_requests: int

    def allow_request(self, request: Request, view: Any) -> bool:
        name = self.get_cache_key(request, view)
        return name is None or tried(name, self.duration) <= self.num_requests

    def wait(self) -> float:
        return float(self.duration)


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
