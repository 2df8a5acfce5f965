"""Ids of another place in addresses, questions, forms and JSON, sent by everybody to whom that place is closed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from random import Random
from typing import Any
from urllib.parse import urlsplit

from django.contrib import admin
from django.db import transaction
from django.db.models import Model
from django.test.client import MULTIPART_CONTENT
from drf_spectacular.generators import SchemaGenerator

from governance.accounts.duties import Guard
from governance.api_schema import operations
from governance.frame.once import FIELD, TOKEN
from governance.rooms import merged, rooms
from tests.forms import PostForm, filled
from tests.frame.foreign import BASE, NEXT_DOOR, WORD, Swap, Swapper, Worlds
from tests.frame.fuzzing import FORM, JSON, Ask, file_of
from tests.frame.once_forms import API_VALUES, EVERYONE, VALUES, FullHouse, nothing
from tests.frame.test_once import all_forms, api_posts
from tests.matrix import LOGGED_IN, PUBLIC, Page, patterns
from tests.test_matrix import OUTSIDER, PAGES, STRANGER, may

# Where a field has another name than the house's object that fits into it.
NAMES = {
    "place": "village", "settlement": "yard", "group": "yard", "parent": "township", "home": "household", "user": "user", "by": "user",
    "helper": "user", "keeper": "user", "case": "dispute", "item": "goods", "member": "panel_member",
    "project": "errand_project", "volunteer": "volunteer", "team": "service_team", "category": "care_category", "card": "card",
}  # fmt: skip


@dataclass
class Swaps:
    """All requests, by sort; `share` of the pages from which forms and the names of questions are read (1: all)."""

    worlds: Worlds
    asker: Swapper
    seed: int = 0
    share: int = 1
    random: Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.own, self.foreign = self.worlds.own, self.worlds.foreign

    def all(self) -> Iterator[Swap]:
        for sort in (self.addresses, self.questions, self.forms, self.replays, self.api, self.completions, self.phones):
            yield from sort()

    def addresses(self) -> Iterator[Swap]:
        """Each address of an object, asked and sent by each role to which that object is closed."""
        for name, route in patterns():
            page = PAGES.get(name)
            if page is None or page.needs == PUBLIC or not re.search(r"<|\(\?P", route):
                continue
            for role in self.asker.roles:
                if self._is_open(role, page, name):
                    continue
                house = self.own if role.startswith((NEXT_DOOR, STRANGER)) else self.foreign
                path = house.address(name, route, page)
                closed = bool(page.shows) and page.needs != LOGGED_IN and 200 not in page.denied
                kind = JSON if name.startswith("api:") else FORM
                for method in ("GET", "POST", "PATCH", "DELETE") if kind == JSON else ("GET", "POST"):
                    yield Swap(Ask(role, method, path, kind=kind), "address", closed)

    def _is_open(self, role: str, page: Page, name: str) -> bool:
        """Accounts, the log and what else of the three belongs to no place."""
        return role in Guard.values and may(role, page, name)

    @cached_property
    def keys(self) -> list[str]:
        """Of the foreign house's own objects."""
        found = {str(one.pk) for one in vars(self.foreign).values() if isinstance(one, Model)}
        return sorted(key for key in found if key.isdecimal() and int(key) > BASE)

    def values(self, name: str) -> list[str]:
        """The foreign object of a field's name, and some that it is a key of by chance."""
        bare = re.sub(r"_id$|^.*[-_](?=[a-z]+$)|[-_]?\d+$", "", name)
        named = [getattr(self.foreign, one, None) for one in (name, bare, NAMES.get(bare, ""))]
        own = [str(one.pk) for one in named if isinstance(one, Model)]
        return list(dict.fromkeys([*own, self.foreign.household.number, *self.random.sample(self.keys, 2)]))

    def questions(self) -> Iterator[Swap]:
        """Pages that are one's own, asked by each of their names for what is another's; searched for its first letter, too."""
        parameters = _parameters()
        listed = [(name, route) for name, route in patterns() if name in PAGES]
        asked = [(name, route) for name, route in listed if PAGES[name].needs != PUBLIC and PAGES[name].method == "get"]
        for name, route in Random(self.seed).sample(asked, len(asked))[:: self.share]:
            page = PAGES[name]
            path = self.own.address(name, route, page)
            for role in (EVERYONE, "staff", OUTSIDER):
                names = [*self.asker.names(path), *parameters.get(name, ()), "q", "search"]
                for one in dict.fromkeys(names):
                    for value in self.values(one) if one not in ("q", "search") else [WORD[:1], self.foreign.household.number]:
                        yield Swap(Ask(role, "GET", path, ((one, value),)), "question")

    def forms(self) -> Iterator[Swap]:
        """One's own forms, one field of each filled with a foreign key."""
        for form, role in self._read(self.own):
            own = VALUES.get(form.name, nothing)
            values = {**filled(form, True), **_undone(self.own, own)}
            for name in (one for one in values if one not in (FIELD, TOKEN)):
                for value in self.values(name):
                    before = partial(own, self.own) if own is not nothing else None
                    yield Swap(replace(_sent(form, role, {**values, name: [value]}), before=before), "form")

    def _read(self, house: FullHouse) -> list[tuple[PostForm, str]]:
        """The house's forms; what looking at its pages leaves (a message read, a day of log-in) is undone."""
        with transaction.atomic():
            found, _ = all_forms(house, self.share)
            transaction.set_rollback(True)
        return found

    def replays(self) -> Iterator[Swap]:
        """The foreign house's forms, filled in well, sent by people of one's own; what the public may send is closed to nobody."""
        for form, role in self._read(self.foreign):
            own = VALUES.get(form.name, nothing)
            values = {**filled(form, True), **_undone(self.foreign, own)}
            page = PAGES[form.address]
            if page.needs == PUBLIC or page.needs == LOGGED_IN and not page.shows:
                continue
            for sender in dict.fromkeys((role or EVERYONE, EVERYONE, "staff", OUTSIDER)):
                if sender not in Guard.values:
                    before = partial(own, self.foreign) if own is not nothing else None
                    yield Swap(replace(_sent(form, sender, values, WORD), before=before), "replay")

    def api(self) -> Iterator[Swap]:
        """One's own POSTs of the API with each key in them replaced, and the foreign house's as they are."""
        for name, path, values in api_posts(self.own):
            extra = API_VALUES.get(name, nothing)
            whole = {**values, **_undone(self.own, extra)}
            for place in _numbers(whole):
                for value in self.values(str([step for step in place if isinstance(step, str)][-1])):
                    for role in (EVERYONE, "staff"):
                        body = _with(whole, place, int(value))
                        yield Swap(Ask(role, "POST", path, body=body, kind=JSON, before=partial(extra, self.own)), "api")
        for name, path, values in api_posts(self.foreign):
            extra = API_VALUES.get(name, nothing)
            for role in (EVERYONE, "staff", "supervisor", OUTSIDER):
                body = {**values, **_undone(self.foreign, extra)}
                yield Swap(Ask(role, "POST", path, body=body, kind=JSON, before=partial(extra, self.foreign)), "api")

    def completions(self) -> Iterator[Swap]:
        """What the admin offers while somebody types."""
        for model, pages in admin.site._registry.items():
            for name in pages.autocomplete_fields:
                for term in (WORD[:1], self.foreign.household.number, ""):
                    asked = (("app_label", model._meta.app_label), ("model_name", str(model._meta.model_name)), ("field_name", name))
                    for role in ("staff", EVERYONE, OUTSIDER):
                        yield Swap(Ask(role, "GET", "/admin/autocomplete/", (*asked, ("term", term))), "completion")

    def phones(self) -> Iterator[Swap]:
        """What phones send, each form with the foreign house's keys."""
        foreign = self.foreign
        fields = {"category": foreign.case.category_id, "unit": foreign.yard.pk, "household": foreign.household.pk, "text": "测试"}
        more = {"card": foreign.card.pk, "item": foreign.card_item.pk, "person": foreign.round_person.pk, "order": foreign.service_order.pk}
        for number, name in enumerate(merged("senders", rooms())):
            for role in (EVERYONE, "staff", "supervisor", "volunteer", OUTSIDER):
                key = f"00000000-0000-4000-8000-{number:012d}"
                body = {"form": name, "key": key, "fields": {**fields, **more, "kind": "call", "seen": "好"}}
                yield Swap(Ask(role, "POST", "/log/send/", body=body, kind=JSON), "phone")


def _undone(house: FullHouse, own: Callable[[FullHouse], dict[str, Any]]) -> dict[str, Any]:
    with transaction.atomic():
        found = own(house)
        transaction.set_rollback(True)
    return found


def _sent(form: PostForm, role: str, values: dict[str, Any], without: str = "") -> Ask:
    """The form as it is sent; a word that stands in it is typed otherwise, so that the answer does not merely repeat it."""
    pairs = [(name, one) for name, found in values.items() for one in (found if isinstance(found, list) else [found]) if one is not None]
    sent = tuple((name, one.replace(without, "别处") if without and isinstance(one, str) else file_of(one)) for name, one in pairs)
    parts = urlsplit(form.action)
    query = tuple((name, value) for name, _, value in (one.partition("=") for one in parts.query.split("&") if one))
    kind = MULTIPART_CONTENT if any(isinstance(value, tuple) for _, value in sent) else FORM
    return Ask(role or EVERYONE, "POST", parts.path, query, sent, kind=kind)


def _parameters() -> dict[str, list[str]]:
    """The names by which each list of the API is asked, by the page's name."""
    schema: dict[str, Any] = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]
    return {
        f"api:{operation['operationId'].removesuffix('_list').replace('_', '')}-list": [
            one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"
        ]
        for _, method, operation in operations(schema)
        if method == "get"
    }


def _numbers(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where whole numbers stand in JSON."""
    if isinstance(value, int) and not isinstance(value, bool) and place:
        yield place
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, one in pairs:
        yield from _numbers(one, (*place, step))


def _with(value: Any, place: tuple[Any, ...], new: int) -> Any:
    if not place:
        return new
    step, *rest = place
    if isinstance(value, dict):
        return {**value, step: _with(value[step], tuple(rest), new)}
    return [_with(one, tuple(rest), new) if index == step else one for index, one in enumerate(value)]
