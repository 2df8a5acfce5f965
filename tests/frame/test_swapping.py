"""Nobody reaches what is another place's by its ids: a share of the ways in the suite, all with `make soak ARGS=swap`."""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Iterator
from itertools import zip_longest
from random import Random
from time import monotonic

import pytest
from django.http import HttpResponseNotFound
from pytest_django import Settings

from tests.frame import test_once
from tests.frame.foreign import Swap, Swapper, Worlds
from tests.frame.once_forms import EVERYONE, FullHouse
from tests.frame.swapping import Swaps
from tests.worlds import module_world
from villages.scope import ScopedQuerySet

pytestmark = pytest.mark.django_db
SOAK = os.environ.get("SOAK") == "1"
SEED, SHARE = int(os.environ.get("SWAP_SEED", 0)), 1 if SOAK else 40
REQUESTS = int(os.environ.get("SWAP_REQUESTS", 0 if SOAK else 300))  # 0: all there are
worlds = module_world(Worlds)


@pytest.fixture
def quiet(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No log of what is refused by the thousand, nobody slowed down for it, and no page drawn for who is denied."""
    settings.CACHES = dict.fromkeys(settings.CACHES, {"BACKEND": "django.core.cache.backends.dummy.DummyCache"})
    monkeypatch.setattr("governance.urls.handler404", lambda request, exception: HttpResponseNotFound(), raising=False)
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def chosen(swaps: Swaps) -> list[Swap]:
    """All of them, or as many by seed as are asked for: of each sort alike, where there are so many."""
    found = list(swaps.all())
    Random(SEED).shuffle(found)
    if not REQUESTS:
        return found
    sorts: dict[str, list[Swap]] = {}
    for swap in found:
        sorts.setdefault(swap.sort, []).append(swap)
    return [swap for row in zip_longest(*sorts.values()) for swap in row if swap is not None][:REQUESTS]


@pytest.mark.timeout(0 if SOAK else 600)
def test_no_id_of_another_place_opens_or_changes_anything(worlds: Worlds, quiet: None) -> None:
    swapper, begun = Swapper(worlds), monotonic()
    given: dict[str, str] = {}
    sorts: Counter[str] = Counter()
    for number, swap in enumerate(chosen(Swaps(worlds, swapper, SEED, SHARE)), 1):
        sorts[swap.sort] += 1
        if found := swapper.gives_away(swap):
            given[f"{swap.sort}: {swap.ask}"] = found
            print(f"{found}\n    {swap.sort}: {swap.ask}", flush=True)
        if SOAK and number % 1000 == 0:
            print(f"{number} requests, {monotonic() - begun:.0f} s, {len(given)} gave something away", flush=True)
    print(f"\nswap: {dict(sorts)}, {sorts.total()} in all, {monotonic() - begun:.0f} s, answers {sorted(swapper.statuses.items())}")
    assert given == {}


def test_it_finds_what_is_not_scoped(worlds: Worlds, quiet: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ScopedQuerySet, "visible_to", lambda rows, user, action=None: rows)
    swapper = Swapper(worlds)
    asks = [swap for swap in Swaps(worlds, swapper).addresses() if swap.ask.path.startswith("/households/") and swap.ask.role == EVERYONE]
    assert {swapper.gives_away(swap)[:5] for swap in asks if swap.ask.method == "GET"} >= {"shows"}


def test_reading_the_forms_of_a_place_changes_nothing_of_it(worlds: Worlds, quiet: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(house: FullHouse) -> list[tuple[str, tuple[str, ...]]]:
        inside = [(path, ("staff",)) for path in (f"/inbox/{house.message.pk}/", "/proofs/")]
        return [*inside, (f"/public/villages/{house.village.pk}/ask/", ("",))]

    monkeypatch.setattr(test_once, "pages", read)
    replays = list(Swaps(worlds, Swapper(worlds)).replays())
    assert {swap.ask.path for swap in replays} == {"/proofs/run/"}, "what the public may send is closed to nobody"
    now = worlds.tables.all()
    changed = {(table, key) for table, keys in worlds.beyond.items() for key in keys if now[table].get(key) != worlds.stood[table][key]}
    assert changed == set()
