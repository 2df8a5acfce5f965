"""Role × URL × status, generated: who may gets the page, everyone else 404, and what is not listed fails (design §2)."""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponseNotFound
from django.test import Client
from django.urls import reverse

from governance.accounts.duties import MATRIX, Action, Duty, Guard
from governance.accounts.models import User
from moral_bank.rules.models import Deed
from tests.answers import ClientAnswer, streamed
from tests.builders import make_cast, make_household, make_rule_set, make_township, make_user, make_village
from tests.matrix import FRAME, LOGGED_IN, MARK, PUBLIC, Page, patterns, rooms, staff_pages
from tests.worlds import module_world
from villages.models import Unit

STRANGER, OUTSIDER, ANONYMOUS = "stranger", "outsider", "anonymous"
ROLES = [*Duty.values, *Guard.values, STRANGER, OUTSIDER, ANONYMOUS]
LIKE = {role: [other for other in MATRIX if MATRIX[other] == held] for role, held in MATRIX.items()}
PAGES = dict(FRAME)
for _room in rooms():
    PAGES |= getattr(_room, "PAGES", {}) | staff_pages(getattr(_room, "STAFF", {}))


class House:
    """One object of each kind in 八一村, its cast, a cadre of 马鞍村 and a clerk of another township."""

    CODE = "511923102"

    def __init__(self) -> None:
        self.township = make_township(self.CODE)
        self.village = make_village(self.township, code=f"{self.CODE}201")
        self.cast: dict[str, User] = make_cast(self.township, self.village)
        self.add_strangers()
        self.rule_set = make_rule_set(self.township)
        self.deed = Deed.objects.get(rule_set=self.rule_set, code="S1")
        for room in rooms():
            if hasattr(room, "build"):
                room.build(self)

    def add_strangers(self) -> None:
        make_rule_set(make_township("511923103"), name="别镇细则")
        self.other_village = make_village(self.township, "马鞍村委会", f"{self.CODE}202")
        make_household(self.other_village, "马鞍人家")
        self.cast[STRANGER] = make_user("stranger", Duty.CADRE, self.other_village)
        self.cast[OUTSIDER] = make_user("outsider", Duty.STAFF, Unit.objects.get(code="511923103000"))

    def address(self, name: str, route: str, page: Page) -> str:
        """The URL of a page for this house's own objects."""
        shown: Any = getattr(self, page.shows) if page.shows else None
        if route.endswith("/history/([^/]+)/$"):
            history = shown.history.first().pk if hasattr(shown, "history") else 1
            return reverse(name, args=[shown.pk, history])
        arguments: dict[str, Any] = {"pk": shown.pk} if shown is not None and "pk>" in route else {}
        for argument, value in page.arguments:
            found = getattr(self, value, value)
            arguments[argument] = found if isinstance(found, str) else found.pk
        return reverse(name, kwargs=arguments)


def may(role: str, page: Page, name: str) -> bool:
    """Whether the role may open the page as far as duties go."""
    if page.needs == PUBLIC:
        return True
    if role == ANONYMOUS:
        return False
    if page.needs == LOGGED_IN or role in page.also:
        return True
    held = MATRIX[{STRANGER: Duty.CADRE, OUTSIDER: Duty.STAFF}.get(role, role)]
    return page.needs in held and (not name.startswith("admin:") or Action.ADMIN_ENTER in held)


def within(role: str, page: Page) -> bool:
    """Whether the page's object belongs to the role's own place; the logs and accounts belong to no place."""
    if page.needs in (PUBLIC, LOGGED_IN) or not page.shows or page.shows in ("user", "log", "guard_request", "stale"):
        return True
    return role not in (STRANGER, OUTSIDER)


def expected(role: str, page: Page, name: str) -> tuple[int, ...]:
    if may(role, page, name) and within(role, page):
        return page.answers
    if role == ANONYMOUS:
        return (401, 403) if name.startswith("api:") else page.anonymous
    return page.denied


def asked_of(role: str, page: Page, name: str) -> bool:
    """Of roles that may do the same (the six of 一长四员) each address is asked of the first and of one other, unless it names one."""
    alike = LIKE.get(role, [role])
    if role == alike[0] or page.also:
        return True
    return bool(alike[1 + sum(name.encode()) % (len(alike) - 1)] == role)


house = module_world(House)


def ask(client: Client, method: str, url: str) -> tuple[int, str]:
    """Status and text of one request whose effects are undone."""
    with transaction.atomic():
        answer: ClientAnswer = getattr(client, method)(url)
        body = streamed(answer) if answer.streaming else answer.content
        transaction.set_rollback(True)
    return answer.status_code, body.decode(errors="ignore")


def test_it_lists_every_url() -> None:
    found = {name for name, route in patterns() if name != "admin:"}
    assert found - set(PAGES) == set(), "not in the matrix"
    assert {name for name in set(PAGES) - found if not name.endswith(("_simple_history", "_export"))} == set(), (
        "no such URL"
    )


@pytest.fixture
def bare_404(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the page: half of what a role is denied goes into drawing the same one five hundred times."""
    monkeypatch.setattr("governance.urls.handler404", lambda request, exception: HttpResponseNotFound(), raising=False)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.usefixtures("bare_404")
@pytest.mark.django_db
def test_it_opens_what_the_role_may_see_and_nothing_else(house: House, role: str) -> None:
    client = Client(raise_request_exception=True)
    if role != ANONYMOUS:
        client.force_login(house.cast[role], backend="django.contrib.auth.backends.ModelBackend")
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    wrong = []
    for name, route in patterns():
        page = PAGES.get(name)
        if page is None or not asked_of(role, page, name):
            continue
        client.cookies = SimpleCookie(cookies)  # what the request before left behind is undone
        url = house.address(name, route, page)
        status, text = ask(client, page.method, url)
        if status not in expected(role, page, name):
            wrong.append(f"{role} {page.method} {url}: {status}, not {expected(role, page, name)}")
        if role in (STRANGER, OUTSIDER) and page.needs != PUBLIC and MARK in text:
            wrong.append(f"{role} {page.method} {url}: shows another's rows")
    assert wrong == []


@pytest.mark.django_db
def test_it_leads_short_admin_addresses_to_pages_with_doors(house: House) -> None:
    """`/admin/<app>/<model>/<id>/` only redirects, and only for those who may enter the admin."""
    short = [route for name, route in patterns() if name == "admin:"]
    assert len(short) > 10
    for route in short:
        url = "/" + route.replace("<path:object_id>", "1")
        client = Client()
        client.force_login(house.cast["cadre"], backend="django.contrib.auth.backends.ModelBackend")
        assert client.get(url).status_code == 404, url
        client.force_login(house.cast["staff"], backend="django.contrib.auth.backends.ModelBackend")
        assert client.get(url).status_code == 302, url
