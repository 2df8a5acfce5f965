"""The cache on Redis, which may be away: nobody waits for it, and what it kept is found anew (docs/decisions/0030-without-redis.md)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

AWAY_SECONDS = 5.0  # after a failure nobody asks again for so long
_away_until: dict[str, float] = {}  # by address; a process has an object for each thread


class CacheAway(Exception):
    """Redis did not answer, just now or a moment ago."""


class _Client:
    """Django's client, asked only while Redis answers."""

    def __init__(self, client: Any, place: str) -> None:
        self._client, self._place = client, place

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._client, name)

        def ask(*args: Any, **kwargs: Any) -> Any:
            if time.monotonic() < _away_until.get(self._place, 0):
                raise CacheAway
            try:
                return method(*args, **kwargs)
            except (RedisError, OSError) as error:
                _away_until[self._place] = time.monotonic() + AWAY_SECONDS
                raise CacheAway from error

        return ask


class StrictCache(RedisCache):
    """For what must be counted: every operation raises CacheAway while Redis is away."""

    def __init__(self, server: str | list[str], params: dict[str, Any]) -> None:
        super().__init__(server, params)
        usual: Any = self
        self._careful = _Client(usual._class(usual._servers, **usual._options), str(server))

    @property
    def _cache(self) -> _Client:  # type: ignore[override]  # of the same methods
        return self._careful


class ForgivingCache(StrictCache):
    """For what can be found anew: while Redis is away nothing is found and nothing kept. Other operations than these raise CacheAway."""

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        try:
            return super().get(key, default, version)
        except CacheAway:
            return default

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        try:
            super().set(key, value, timeout, version)
        except CacheAway:
            return

    def delete(self, key: Any, version: int | None = None) -> bool:
        try:
            return bool(super().delete(key, version))
        except CacheAway:
            return False
