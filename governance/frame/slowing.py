"""Counting tries in the shared cache, so that guessing does not pay (no log-in stands before the receipt's look-up)."""

from __future__ import annotations

from django.core.cache import cache


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
