"""No request is answered with 500: every address with the worst values, hostile requests by seed, and what was found by hand.

A few hundred by seed in the suite, 20,000 with `make soak ARGS=fuzz`, which prints each cause with the shortest request.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from time import monotonic

import pytest
from django.http import HttpResponseNotFound
from pytest_django import Settings

from tests.forms import post_forms
from tests.frame.fuzzing import FORM, JSON, WORST, ApiPost, Ask, Asker, Fuzzer, names_in_code
from tests.frame.once_forms import API_VALUES, EVERYONE, FullHouse, nothing
from tests.frame.test_once import all_forms, api_posts
from tests.matrix import PUBLIC, patterns
from tests.test_matrix import ANONYMOUS, PAGES, ROLES, may
from tests.worlds import module_world

pytestmark = pytest.mark.django_db
SOAK = os.environ.get("SOAK") == "1"
REQUESTS, SEED = int(os.environ.get("FUZZ_REQUESTS", 20_000 if SOAK else 300)), int(os.environ.get("FUZZ_SEED", 0))
LOGIN = """<form method="post"><input name="username" required><input name="password" required></form>"""
PASSWORD = """<form method="post"><input name="old_password"><input name="new_password1" required><input name="new_password2"></form>"""
UNGUARDED_FORMS = [(next(post_forms(LOGIN, "/login/")), ""), (next(post_forms(PASSWORD, "/password/")), EVERYONE)]
house = module_world(FullHouse)


@pytest.fixture
def quiet(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No log of what is refused by the thousand, nobody slowed down for it, and no page drawn for who is denied."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    monkeypatch.setattr("governance.urls.handler404", lambda request, exception: HttpResponseNotFound(), raising=False)
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def one_of_each(house: FullHouse) -> Iterator[Ask]:
    """Each address by one who may open it: all names that the code knows with the worst values in turn, asked and, by every
    third, sent."""
    names = names_in_code()
    for index, (name, route) in enumerate(patterns()):
        page = PAGES.get(name)
        if page is None:
            continue
        role = ANONYMOUS if page.needs == PUBLIC else next((role for role in (EVERYONE, *ROLES) if may(role, page, name)), EVERYONE)
        path = house.address(name, route, page)
        pairs = tuple((one, WORST[(index + place) % len(WORST)]) for place, one in enumerate(names))
        yield Ask(role, "GET", path, tuple((one, value) for one, value in pairs if "\0" not in value and len(value) < 1000))
        if SOAK or index % 3 == 0:
            yield Ask(role, "POST", path, fields=pairs, kind=JSON if name.startswith("api:") else FORM)


def test_no_address_falls_over_the_worst_values(house: FullHouse, quiet: None) -> None:
    asker = Asker(house)
    assert {cause: str(ask) for ask in one_of_each(house) if (cause := asker.cause(ask))} == {}
    assert asker.statuses[200] > 100, "they are not refused at the door"


def test_it_answers_no_hostile_request_with_500(house: FullHouse, quiet: None) -> None:
    asker = Asker(house)
    forms, _ = all_forms(house) if SOAK else ([], set())
    posts = [ApiPost(path, values, API_VALUES.get(name, nothing)) for name, path, values in api_posts(house)]
    fuzzer, begun = Fuzzer(asker, [*forms, *UNGUARDED_FORMS], posts, SEED), monotonic()
    faults: dict[str, tuple[int, str]] = {}
    for _, ask in zip(range(REQUESTS), fuzzer.asks(), strict=False):
        if cause := asker.cause(ask):
            count, shown = faults.get(cause, (0, ""))
            faults[cause] = (count + 1, shown or str(asker.shortest(ask, cause)))
            if not shown:
                print(f"{cause}\n    {faults[cause][1]}", flush=True)
    print(f"\nfuzz: {REQUESTS} requests, seed {SEED}, {monotonic() - begun:.0f} s, answers {sorted(asker.statuses.items())}")
    assert faults == {}
    assert asker.undocumented() == set(), "say so in governance/api_schema.py"
