"""What each room offers to the house: `ROOM` in the `room.py` of an app, collected in the order of INSTALLED_APPS.

A room says names only (`inspections.fronts.due.fronts_todo`), so that settings may read it before any model is loaded; who
collects them imports what it needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

# (label, name of the address, action that somebody needs to see it, None for whoever logs in)
Link = tuple[str, str, str | None]
# (label, symbol, app_model of the admin or name of an address, action)
Entry = tuple[str, str, str, str]


@dataclass(frozen=True)
class Room:
    """All parts may be empty; every name is dotted, from the project's root.

    `urls` and `public_urls`: modules with `urlpatterns`, the first under the room's own namespace. `menu`: groups of the
    admin's side menu. `more`: groups of links that the desk's bar has no room for. `due`: lists of DueKind, what waits for whom.
    `ledgers`: a dict of name → Book. `senders`: name of a form that phones send → (action, (data, user) → answer, reasons).
    `shell`: static files that a phone keeps.
    `kept`: (user) → addresses of pages that it keeps from logging in on.
    `api`: (prefix, view set, base name or ""). `beat`: Celery's schedule.
    `household`, `visit`: (request, row) → Part of its page. `recent`: (user) → households with which he last had to do.
    `claim_day`: (user, GET) → the day that a new claim begins with. `enums`: names of the API's enumerations.
    `on_call`: (village, day) → ids of the village's posts that may take 应急值守 on the day beside its cadres.
    `needs`: (user, township) → lines of 开通进度. `guards`: a list of Guard, what the databases refuse.
    `failed`: lists of FailedKind, what the background gave up.
    `forms`: name of a form's address → what people call it.
    `handbook`: name → (title, template) of a page of 使用手册.
    `own_line`: (notice, house number, code of its paper) → number of that household's line on the notice, None for whatever does
    not fit.
    `makes`: name → (label, action, a `villages.making.Maker`), what can be made of what a meeting agreed.
    `affair_sources`: code of an item of the catalogue of 事务公开 → (label, (village, period) → what its list begins with).
    `event_sources`: the same of what is disclosed at once, (village, day) → what its list begins with.
    `mends`: (Matter, code of a category, user) → a `villages.making.Made` of what is to be mended, None where the township has not got
    the category.
    `public_texts`: (place, texts) → nothing; a `DomainError` where a text that is to be public names somebody of the register.
    `carries`: field of a small power → (label, township → code → what carries it out).
    `withdrawn`: (resident, purpose of a consent, user) → ends what rested on the consent that was withdrawn.
    `person`: lists of Held, what the room holds of a resident, for the file that a person gets on request.
    `holds`: (day) → ids of residents of whom something is open, who are not forgotten yet. `forget`: (Gone) → takes the names
    and numbers out of what the room copied of them, case files aside.
    """

    urls: str = ""
    public_urls: str = ""
    menu: Mapping[str, Iterable[Entry]] = field(default_factory=dict)
    more: Mapping[str, Iterable[Link]] = field(default_factory=dict)
    due: Iterable[str] = ()
    needs: Iterable[str] = ()
    failed: str = ""
    ledgers: str = ""
    senders: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    shell: Iterable[str] = ()
    kept: str | Iterable[str] = ()
    api: Iterable[tuple[str, str, str]] = ()
    beat: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    household: str | Iterable[str] = ""
    visit: str | Iterable[str] = ""
    recent: str = ""
    claim_day: str = ""
    on_call: str = ""
    enums: Mapping[str, str] = field(default_factory=dict)
    guards: str = ""
    forms: str = ""
    handbook: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    own_line: str = ""
    makes: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)
    affair_sources: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    event_sources: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    mends: str = ""
    public_texts: str = ""
    carries: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    withdrawn: str = ""
    person: str = ""
    holds: Iterable[str] = ()
    forget: Iterable[str] = ()


def rooms_of(apps: Iterable[str]) -> list[Room]:
    """The rooms among `apps`, in their order."""
    modules = dict.fromkeys(f"{app.split('.apps.')[0]}.room" for app in apps)
    return [import_module(name).ROOM for name in modules if _is_there(name)]


def _is_there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def rooms() -> list[Room]:
    """As settings found them."""
    found: list[Room] = settings.ROOMS
    return found


def merged(part: str, among: Iterable[Room]) -> dict[str, Any]:
    """A part that is a dict by name, of all rooms together; two rooms may not use a name twice."""
    found: dict[str, Any] = {}
    for room in among:
        added = getattr(room, part)
        if twice := found.keys() & added.keys():
            raise ValueError(f"{part}: {sorted(twice)} twice")
        found |= added
    return found


def grouped(part: str, titles: Sequence[str] = ()) -> dict[str, list[Any]]:
    """`menu` or `more` of all rooms, by title of the group: rooms may add to each other's groups. Groups stand in the order
    of `titles`, those that are not among them at the end."""
    found: dict[str, list[Any]] = {title: [] for title in titles}
    for room in rooms():
        for title, links in getattr(room, part).items():
            found.setdefault(title, []).extend(links)
    return found


def named(part: str) -> Iterator[Any]:
    """What the dotted names of a part stand for, of all rooms."""
    for room in rooms():
        names = getattr(room, part)
        for name in [names] if isinstance(names, str) else names:
            if name:
                yield import_string(name)
