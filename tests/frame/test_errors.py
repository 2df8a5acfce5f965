"""No request is answered with 500: every address with the worst values, hostile requests by seed, and what was found by hand.

A share of the addresses and some requests by seed in the suite; all of them, and 20,000, with `make soak ARGS=fuzz`, which prints each
cause with the shortest request, and asks every address by every role with every method.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from itertools import product
from time import monotonic
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import pytest
from django.db import transaction
from django.http import HttpResponseNotFound
from pytest_django import Settings

from governance.accounts.middleware import NulMiddleware
from governance.rooms import merged, rooms
from tests.forms import post_forms
from tests.frame.fuzzing import FORM, JSON, MANY, METHODS, WORST, ApiPost, Ask, Asker, Fuzzer, names_in_code
from tests.frame.once_forms import API_VALUES, EVERYONE, FullHouse, nothing
from tests.frame.test_once import all_forms, api_posts
from tests.matrix import PUBLIC, patterns
from tests.test_matrix import ANONYMOUS, PAGES, ROLES, may
from tests.worlds import module_world

pytestmark = pytest.mark.django_db
SOAK = os.environ.get("SOAK") == "1"
EVERY = 1 if SOAK else 2_000  # of all addresses, roles and methods together
SHARE = 1 if SOAK else 4  # of the addresses that are asked with the worst values
REQUESTS, SEED = int(os.environ.get("FUZZ_REQUESTS", 20_000 if SOAK else 150)), int(os.environ.get("FUZZ_SEED", 0))
LOGIN = """<form method="post"><input name="username" required><input name="password" required></form>"""
PASSWORD = """<form method="post"><input name="old_password"><input name="new_password1" required><input name="new_password2"></form>"""
UNGUARDED_FORMS = [(next(post_forms(LOGIN, "/login/")), ""), (next(post_forms(PASSWORD, "/password/")), EVERYONE)]
house = module_world(FullHouse)


@pytest.fixture
def quiet(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No log of what is refused by the thousand, nobody slowed down for it, and no page drawn for who is denied."""
    settings.CACHES = dict.fromkeys(settings.CACHES, {"BACKEND": "django.core.cache.backends.dummy.DummyCache"})
    monkeypatch.setattr("governance.urls.handler404", lambda request, exception: HttpResponseNotFound(), raising=False)
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def one_of_each(house: FullHouse) -> Iterator[Ask]:
    """Each address, or a share of them, by one who may open it: all names that the code knows with the worst values in turn, asked and,
    by every third, sent."""
    names = names_in_code()
    listed = [(name, route) for name, route in patterns() if name in PAGES]
    for index, (name, route) in enumerate(listed[SEED % SHARE :: SHARE]):
        page = PAGES[name]
        role = ANONYMOUS if page.needs == PUBLIC else next((role for role in (EVERYONE, *ROLES) if may(role, page, name)), EVERYONE)
        path = house.address(name, route, page)
        pairs = tuple((one, WORST[(index + place) % len(WORST)]) for place, one in enumerate(names))
        yield Ask(role, "GET", path, tuple((one, value) for one, value in pairs if "\0" not in value and len(value) < 1000))
        if SOAK or index % 3 == 0:
            yield Ask(role, "POST", path, fields=pairs, kind=JSON if name.startswith("api:") else FORM)


def test_no_address_falls_over_the_worst_values(house: FullHouse, quiet: None) -> None:
    asker = Asker(house)
    assert {cause: str(ask) for ask in one_of_each(house) if (cause := asker.cause(ask))} == {}
    assert asker.statuses[200] > 400 / SHARE, "they are not refused at the door"


def of_each_method(asker: Asker) -> Iterator[Ask]:
    """Each address by each role with each method, or every so many of them: some names of the code with the worst values."""
    names, house = names_in_code(), asker.house
    pages = [(name, house.address(name, route, PAGES[name])) for name, route in patterns() if name in PAGES]
    for number, ((name, path), role, method) in enumerate(product(pages, asker.roles, METHODS)):
        if number % EVERY == SEED % EVERY:
            pairs = tuple((names[(number + place) % len(names)], WORST[(number + place) % len(WORST)]) for place in range(3))
            asked = tuple((one, value) for one, value in pairs if "\0" not in value and len(value) < 1000)
            kind = JSON if name.startswith("api:") else FORM
            yield Ask(role, method, path, asked, () if method in ("GET", "HEAD") else pairs, kind=kind)


@pytest.mark.timeout(0 if SOAK else 600)
def test_each_role_may_ask_each_address_by_each_method(house: FullHouse, quiet: None) -> None:
    asker, begun, number = Asker(house), monotonic(), 0
    faults: dict[str, str] = {}
    for number, ask in enumerate(of_each_method(asker), 1):
        if cause := asker.cause(ask):
            faults.setdefault(cause, str(ask))
        if SOAK and number % 10_000 == 0:
            print(f"{number} of addresses × roles × methods, {monotonic() - begun:.0f} s, {len(faults)} causes", flush=True)
    print(f"\naddresses × roles × methods: {number} requests, {monotonic() - begun:.0f} s, answers {sorted(asker.statuses.items())}")
    assert faults == {} and number > 50


FOUND: list[tuple[str, str, str, dict[str, Any] | bytes]] = [
    (ANONYMOUS, "POST", "/login/", {"username": "x" * 300, "password": "x"}),
    (ANONYMOUS, "POST", "/login/", {"username": "x", "password": "长" * 300}),
    (ANONYMOUS, "POST", "/api/v1/token/", {"username": "x" * 300, "password": "x"}),
    (EVERYONE, "GET", "/services/?q=%00", {}),
    (EVERYONE, "GET", "/awards/new/?q=%00", {}),
    (EVERYONE, "GET", "/fronts/new/?q=%00", {}),
    ("staff", "GET", "/shifts/?month=9999-12", {}),
    ("staff", "GET", "/shifts/?month=0000-01", {}),
    ("staff", "GET", "/admin/villages/household/export/?foo=1", {}),
    ("audit", "GET", "/admin/accounts/accesslog/export/?foo=1", {}),
    ("audit", "GET", "/admin/accounts/accesslog/?at__year=99999", {}),
    ("staff", "DELETE", "/api/v1/deeds/", {}),
    ("supervisor", "PATCH", "/api/v1/replies/", {}),
    ("supervisor", "GET", "/api/v1/replies/1/decide/", {}),
    ("staff", "GET", "/admin/autocomplete/?app_label=villages&model_name=resident&field_name=household&term=%00", {}),
    ("staff", "GET", "/admin/villages/resident/add/?household=%00", {}),
    ("staff", "GET", "/admin/villages/resident/add/?household=abc", {}),
    ("staff", "POST", "/admin/villages/household/add/", {"unit": "abc", "once": "k"}),
    ("staff", "POST", "/admin/villages/unit/add/", {"parent": "9999-H2", "once": "k"}),
    ("staff", "POST", "/admin/disclosure/notice/add/", {"table": "户主|分数", "once": "k"}),
    ("system", "POST", "/admin/accounts/user/", {"action": "delete_selected", "_selected_action": "on", "once": "k"}),
    ("staff", "POST", "/api/v1/claims/", b"[" * 100_000),
    (EVERYONE, "GET", "/%00/", {}),
]


def of_the_house(house: FullHouse) -> list[tuple[str, str, str, dict[str, Any] | bytes]]:
    """The same for addresses with this house's own objects."""
    key, shop, service = uuid4(), house.shop.pk, house.errand.category_id
    tampered = {"TOTAL_FORMS": 1, "INITIAL_FORMS": 1, "0-id": 999_999, "0-overlay": "x"}
    inline = {f"members-{name}": value for name, value in tampered.items()}
    overlay = f"/admin/villages/overlay/{house.overlay.pk}/change/"
    surrogate = {"form": "case", "key": str(key), "fields": {"category": house.case.category_id, "unit": house.yard.pk, "text": "好\ud83d"}}
    return [
        (EVERYONE, "GET", f"/panels/{house.village.pk}/add/?q=%00", {}),
        (EVERYONE, "GET", f"/cases/{house.dispute.pk}/parties/?q=%00", {}),
        (ANONYMOUS, "GET", f"/public/services/{service}/?x=" + "x" * 3500, {}),
        ("staff", "GET", f"/admin/cases/case/{house.case.pk}/mediator/", {}),
        (EVERYONE, "PUT", f"/photos/part/{key}/?owner={key}&sha256={'a' * 64}&size=3&offset=0", b"\0\0\0"),
        (EVERYONE, "PUT", f"/photos/part/{key}/?owner={key}&sha256={'%00' * 64}&size=3&offset=0", b"abc"),
        (EVERYONE, "PUT", f"/photos/part/{key}/?owner={key}&sha256={'a' * 64}&size={'9' * 30}&offset=-1", b"abc"),
        (EVERYONE, "POST", "/log/send/", surrogate),
        ("staff", "POST", overlay, {"village": house.village.pk, "name": "x", "once": "k", **inline}),
        ("staff", "POST", overlay, {"village": house.village.pk, "name": "x", "once": "k"}),
        (EVERYONE, "GET", f"/market/{shop}/?q=%00", {}),
        ("staff", "POST", f"/admin/moral_bank/shop/{shop}/change/", {"_to_field": "", "once": "k"}),
        ("system", "POST", f"/admin/accounts/user/{house.user.pk}/change/", {"_to_field": "", "once": "k"}),
        ("system", "GET", f"/admin/accounts/user/{house.user.pk}/change/?_to_field=x", {}),
        ("staff", "GET", f"/admin/volunteers/project/{house.errand_project.pk}/history/abc/", {}),
    ]


def by_hand(house: FullHouse) -> Iterator[Ask]:
    for role, method, url, sent in [*FOUND, *of_the_house(house)]:
        kind = JSON if url.startswith(("/api/", "/log/send/")) else FORM
        fields = tuple(sent.items()) if isinstance(sent, dict) and kind == FORM else ()
        path, _, query = url.partition("?")
        pairs = tuple((name, unquote(value)) for name, _, value in (one.partition("=") for one in query.split("&") if one))
        body = None if fields or sent == {} else sent
        yield Ask(role, method, path, pairs, fields, body, kind)


def nul_by_name(asker: Asker) -> Iterator[Ask]:
    """Some lists of the admin, asked with NUL by each of their own names alone: together they hide one another."""
    for path in ("/admin/moral_bank/closing/", "/admin/cases/case/"):
        yield from (Ask("staff", "GET", path, ((name, "\0"),)) for name in asker.names(path))


def test_what_was_found_by_hand_stays_mended(house: FullHouse, quiet: None) -> None:
    asker = Asker(house)
    assert {str(ask)[:120]: cause for ask in (*by_hand(house), *nul_by_name(asker)) if (cause := asker.cause(ask))} == {}


def test_it_finds_what_nobody_guards(house: FullHouse, quiet: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NulMiddleware, "__call__", lambda door, request: door.get_response(request))
    monkeypatch.setattr("governance.frame.input_errors._is_input", lambda request, error: False)
    monkeypatch.setattr("governance.reading._text", lambda data, name: data.get(name) or "")
    asker = Asker(house)
    causes = {asker.cause(ask) for ask in (*by_hand(house), *nul_by_name(asker))}
    for place in ("cases/sending/photos.py", "frame/paging.py"):
        assert any(place in cause and "NUL" in cause for cause in causes), place


def test_each_post_of_the_api_answers_as_its_schema_says(house: FullHouse, quiet: None) -> None:
    asker = Asker(house)
    for name, path, values in api_posts(house):
        extra = API_VALUES.get(name, nothing)
        for role in MANY:
            with transaction.atomic():
                ask = Ask(role, "POST", path, body={**values, **extra(house)}, kind=JSON)
                assert asker.cause(ask) == ""
                transaction.set_rollback(True)
    assert len(asker.told) > 60
    assert asker.undocumented() == set(), "say so in governance/api_schema.py or by extend_schema"


@pytest.mark.timeout(0 if SOAK else 600)
def test_it_answers_no_hostile_request_with_500(house: FullHouse, quiet: None) -> None:
    asker = Asker(house)
    forms, _ = all_forms(house) if SOAK else ([], set())
    posts = [ApiPost(path, values, API_VALUES.get(name, nothing)) for name, path, values in api_posts(house)]
    place = {"category": house.case.category_id, "unit": house.yard.pk, "text": "测试", "name": "甲", "phone": "15400000009"}
    for name in merged("senders", rooms()):
        posts.append(ApiPost("/log/send/", {"form": name, "key": str(uuid4()), "fields": place}, nothing))
    fuzzer, begun = Fuzzer(asker, [*forms, *UNGUARDED_FORMS], posts, SEED), monotonic()
    faults: dict[str, tuple[int, str]] = {}
    for number, ask in zip(range(REQUESTS), fuzzer.asks(), strict=False):
        if SOAK and number % 1000 == 999:
            print(f"{number + 1} requests, {monotonic() - begun:.0f} s, {len(faults)} causes", flush=True)
        if cause := asker.cause(ask):
            count, shown = faults.get(cause, (0, ""))
            faults[cause] = (count + 1, shown or str(asker.shortest(ask, cause)))
            if not shown:
                print(f"{cause}\n    {faults[cause][1]}", flush=True)
    print(f"\nfuzz: {REQUESTS} requests, seed {SEED}, {monotonic() - begun:.0f} s, answers {sorted(asker.statuses.items())}")
    assert faults == {}
    assert asker.undocumented() == set(), "say so in governance/api_schema.py"
