"""What the matrix is made of: every URL with the action it needs and the object it shows. What is not listed fails.

Each room lists its own in `tests/<room>/matrix.py`: `PAGES`, `STAFF` (its models in the admin), `build(house)` (one object of
each kind). All three may be absent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from django.apps import apps
from django.urls import URLPattern, get_resolver

from governance.accounts.duties import Action

LOGGED_IN, PUBLIC = "logged in", "public"
MARK = "独一无二"


@dataclass(frozen=True)
class Page:
    """`needs`: an action, LOGGED_IN or PUBLIC. `shows`: attribute of the house, "" for lists. `answers`: statuses for
    those who may. `denied` are the statuses of those who may not, `anonymous` of strangers to the portal where that is not
    the way to the login page; `also` are roles that may without the action."""

    needs: Action | str
    shows: str = ""
    method: str = "get"
    answers: tuple[int, ...] = (200,)
    denied: tuple[int, ...] = (404,)
    anonymous: tuple[int, ...] = (302,)
    arguments: tuple[tuple[str, str], ...] = ()
    also: frozenset[str] = frozenset()


FRAME = {
    "admin:index": Page(Action.ADMIN_ENTER),
    "admin:search": Page(Action.ADMIN_ENTER, answers=(200, 404)),
    "admin:login": Page(PUBLIC, answers=(302, 404)),
    "admin:logout": Page(Action.ADMIN_ENTER, method="post", answers=(302,)),
    "admin:password_change": Page(Action.ADMIN_ENTER, answers=(200, 302)),
    "admin:password_change_done": Page(Action.ADMIN_ENTER, answers=(200, 302)),
    "admin:autocomplete": Page(Action.ADMIN_ENTER, answers=(404,)),
    "admin:jsi18n": Page(Action.ADMIN_ENTER),
    "admin:view_on_site": Page(
        Action.ADMIN_ENTER, answers=(404,), arguments=(("content_type_id", "0"), ("object_id", "0"))
    ),
    "admin:app_list": Page(Action.ADMIN_ENTER, answers=(200, 404), arguments=(("app_label", "villages"),)),
    "api:token": Page(PUBLIC, method="post", answers=(400,)),
    "api:schema": Page(LOGGED_IN),
    "api:docs": Page(LOGGED_IN),
}


def rooms() -> list[ModuleType]:
    """The `matrix.py` of each room, in the order of INSTALLED_APPS: what a room builds may stand on what rooms below it built."""
    names = [f"tests.{app.label}.matrix" for app in apps.get_app_configs() if find_spec(f"tests.{app.label}")]
    return [import_module(name) for name in names if find_spec(name)]


def listed(*rows: tuple[str, Action, str]) -> dict[str, Page]:
    """The API's list and detail of each (base name, action, example)."""
    return {
        name: page
        for base, action, shows in rows
        for name, page in ((f"api:{base}-list", Page(action)), (f"api:{base}-detail", Page(action, shows)))
    }


@dataclass(frozen=True)
class Staff:
    """A model's pages in the admin: who sees it, which example it shows, what else can be done with it there."""

    view: Action
    shows: str
    add: bool = False
    delete: bool = False
    history: bool = True
    export: bool = False
    buttons: tuple[tuple[str, Action], ...] = ()
    also: frozenset[str] = frozenset()


def staff_pages(models: Mapping[str, Staff]) -> dict[str, Page]:
    """Every page of every model in the admin; what a model does not offer is 404 for its own staff as well."""
    pages: dict[str, Page] = {}
    for model, staff in models.items():
        there = {True: (200,), False: (404,)}
        own = (("object_id", staff.shows),)
        pages |= {
            f"admin:{model}_changelist": Page(staff.view, also=staff.also),
            f"admin:{model}_add": Page(staff.view, answers=there[staff.add], also=staff.also),
            f"admin:{model}_change": Page(staff.view, staff.shows, arguments=own),
            f"admin:{model}_delete": Page(staff.view, staff.shows, answers=there[staff.delete], arguments=own),
            f"admin:{model}_history": Page(staff.view, staff.shows, answers=there[staff.history], arguments=own),
            f"admin:{model}_simple_history": Page(staff.view, staff.shows, answers=there[staff.history]),
            f"admin:{model}_export": Page(staff.view, answers=there[staff.export]),
        }
        for name, action in staff.buttons:
            pages[f"admin:{model}_{name}"] = Page(action, staff.shows, answers=(200, 302), arguments=own)
    return pages


def patterns() -> Iterator[tuple[str, str]]:
    """(name with namespaces, route) of every URL of the project."""

    def walk(resolver: object, route: str, space: str) -> Iterator[tuple[str, str]]:
        for entry in resolver.url_patterns:  # type: ignore[attr-defined]
            if isinstance(entry, URLPattern):
                yield space + (entry.name or ""), route + str(entry.pattern)
            else:
                inner = f"{space}{entry.namespace}:" if entry.namespace else space
                yield from walk(entry, route + str(entry.pattern), inner)

    return walk(get_resolver(), "", "")
