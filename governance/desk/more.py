"""The bar, and the way to every page that it has no room for: at the side of wide screens, on a page of its own on others."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.desk.repeats.names import form_name
from governance.rooms import grouped

BAR = (
    ("首页", "desk:home", None),
    ("事项", "cases:case-list", Action.CASE_VIEW),
    ("住户", "villages:household-list", Action.HOUSEHOLD_VIEW),
    ("申报", "moral_bank:claim-list", Action.CLAIM_VIEW),
    ("评分", "moral_bank:rating-list", Action.RATING_VIEW),
    ("更多", "desk:more", None),
)
# Groups that a room adds beyond these stand at the end.
TITLES = (
    "日常工作",
    "议事与决策",
    "志愿服务",
    "特殊困难群体",
    "公开和活动",
    "台账和统计",
    "督查和整改",
    "道德银行：记分和评议",
    "道德银行：评分和荣誉",
    "道德银行：超市和存折",
    "管理",
    "帮助",
)


@dataclass(frozen=True)
class Link:
    """`current`: what aria-current says: "page" for this very page, "true" for one below it, nothing elsewhere."""

    label: str
    address: str
    current: str


@dataclass(frozen=True)
class Navigation:
    """`groups`: title, links, whether one of them is current. `form`: the address name of a page where people type, else ""."""

    bar: list[Link]
    groups: list[tuple[str, list[Link], bool]]
    form: str


@login_required
def more(request: UserRequest) -> HttpResponse:
    return render(request, "desk/more.html")


def navigation(request: HttpRequest) -> dict[str, Any]:
    """For the templates: what this user may open; made only where a page shows it."""
    return {"navigation": SimpleLazyObject(lambda: _navigation(request))}


def _navigation(request: HttpRequest) -> Navigation:
    allowed = request.user.actions() if request.user.is_authenticated else frozenset()
    mark = partial(_links, allowed=allowed, path=request.path)
    groups = {title: mark(links) for title, links in grouped("more", TITLES).items()}
    nearest = max((link.address for links in groups.values() for link in links if link.current), key=len, default="")
    for title, links in groups.items():
        groups[title] = [link if link.address == nearest else replace(link, current="") for link in links]
    shown = [(title, links, any(link.current for link in links)) for title, links in groups.items() if links]
    name = request.resolver_match.view_name if request.resolver_match else ""
    return Navigation(mark(BAR), shown, name if form_name(name) else "")


def _links(entries: Iterable[tuple[str, str, Action | None]], *, allowed: Collection[Action], path: str) -> list[Link]:
    """Those that are allowed; marked where they lead to `path` or above it."""
    addresses = [(label, _address(name)) for label, name, needed in entries if needed is None or needed in allowed]
    return [Link(label, address, _current(address, path)) for label, address in addresses]


def _current(address: str, path: str) -> str:
    if address == path:
        return "page"
    return "true" if address != "/" and path.startswith(address) else ""


@cache
def _address(name: str) -> str:
    return reverse(name)
