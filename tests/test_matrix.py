"""Role × URL × status, generated: who may gets the page, everyone else 404, and what is not listed fails (design §2)."""

from __future__ import annotations

from datetime import date, timedelta
from http.cookies import SimpleCookie
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from governance.accounts.duties import MATRIX, Action, Duty, Guard
from governance.accounts.inbox_models import Message
from governance.accounts.models import AccessLog, User
from governance.cases.categories.setting_up import cases_set_up
from governance.cases.engine.services import Report, case_log
from governance.cases.models import (
    Agreement,
    Case,
    Category,
    Conflict,
    DisputeImport,
    Photo,
    ReturnRule,
    ReturnVisit,
    Sent,
    Shift,
    ShiftKind,
    Swap,
)
from governance.cases.visits.services import VisitReport, visit_log
from governance.disclosure.models import Notice, Objection
from moral_bank.models import Claim, Closing, Rating
from moral_bank.rules.models import Deed
from tests.answers import ClientAnswer, streamed
from tests.builders import (
    make_account,
    make_cast,
    make_entry,
    make_household,
    make_resident,
    make_rule_set,
    make_township,
    make_user,
    make_village,
    settlement_of,
)
from tests.matrix import ADMIN_FRAME, DESK, LOGGED_IN, PUBLIC, Page, patterns, staff_pages
from tests.matrix_api import API
from tests.matrix_awards import AWARDS, add_awards
from tests.matrix_claims import CLAIMS, add_claims
from tests.matrix_inspections import INSPECTIONS, add_inspections
from tests.matrix_market import MARKET, add_market
from tests.matrix_panel import PANEL, add_panel
from tests.matrix_passbooks import PASSBOOKS, add_passbooks
from tests.matrix_proof import PROOF, add_proof
from tests.matrix_rules import RULES, add_rules
from tests.worlds import module_world
from villages.models import CalendarDay, Overlay, Post, Unit
from villages.roster_models import RosterImport

MARK = "独一无二"
STRANGER, OUTSIDER, ANONYMOUS = "stranger", "outsider", "anonymous"
ROLES = [*Duty.values, *Guard.values, STRANGER, OUTSIDER, ANONYMOUS]
BANK = {**CLAIMS, **PANEL, **RULES, **MARKET, **AWARDS, **PASSBOOKS, **PROOF}
PAGES = {**DESK, **ADMIN_FRAME, **staff_pages(), **API, **INSPECTIONS, **BANK}


class House:
    """One object of each kind in 八一村, its cast, a cadre of 马鞍村 and a clerk of another township."""

    def __init__(self) -> None:
        self.township = make_township()
        self.village = make_village(self.township)
        self.cast: dict[str, User] = make_cast(self.township, self.village)
        make_rule_set(make_township("511923103"), name="别镇细则")
        other = make_village(self.township, "马鞍村委会", "511923102202")
        make_household(other, "马鞍人家")
        self.cast[STRANGER] = make_user("stranger", Duty.CADRE, other)
        self.cast[OUTSIDER] = make_user("outsider", Duty.STAFF, Unit.objects.get(code="511923103000"))
        self.rule_set = make_rule_set(self.township)
        self.deed = Deed.objects.get(rule_set=self.rule_set, code="S1")
        self._people()
        self._records()
        self._cases()
        add_inspections(self)
        for add in (add_claims, add_panel, add_rules, add_market, add_awards, add_passbooks, add_proof):
            add(self)

    def _people(self) -> None:
        self.yard = settlement_of(self.village)
        self.household = make_household(self.village, MARK)
        self.resident = make_resident(self.household, MARK, phone="15400000001")
        self.overlay = Overlay.objects.create(kind="grid", name=MARK, village=self.village)
        self.post = Post.objects.create(
            kind=Duty.OVERSEER, unit=self.village, resident=self.resident, appointed_on=date(2026, 1, 1)
        )
        self.roster = RosterImport.objects.create(
            township=self.township, uploaded_by=self.cast["staff"], filename=f"{MARK}.xlsx", state="discarded"
        )
        self.user, self.log = self.cast["cadre"], AccessLog.objects.create(kind="login", username=MARK)

    def _records(self) -> None:
        clerk, now, today = self.cast["staff"], timezone.now(), timezone.localdate()
        self.account = make_account(self.household)
        self.entry = make_entry(self.account, self.deed, date(2026, 3, 2), clerk)
        self.claim = Claim.objects.create(
            account=self.account,
            deed=self.deed,
            occurred_on=date(2026, 3, 2),
            score=5,
            note=MARK,
            client_key=uuid4(),
            declared_by=clerk,
            declared_at=now,
        )
        self.notice = Notice.objects.create(
            unit=self.village,
            kind="rating",
            title="八一村2026年3月道德积分评分公示",
            opens_on=today,
            closes_on=today + timedelta(days=4),
        )
        self.objection = Objection.objects.create(notice=self.notice, name=MARK, phone="15400000002", text=MARK)
        self.closing = Closing.objects.create(
            village=self.village,
            kind="month",
            start=date(2026, 3, 1),
            state="noticed",
            rule_set=self.rule_set,
            computed_at=now,
            notice=self.notice,
            household_count=1,
            entry_count=1,
        )
        self.rating = Rating.objects.create(
            closing=self.closing, account=self.account, law=20, service=10, sanitation=15, participation=8, civility=12,
            score=65, rank=1,
        )  # fmt: skip

    def _cases(self) -> None:
        """One case of each sort, a visit, a shift with a swap, a photo, a conflict, a message."""
        clerk, now = self.cast["staff"], timezone.now()
        cases_set_up(township=self.township)
        categories = {row.code: row for row in Category.objects.filter(township=self.township)}
        def log(code: str, **more: Any) -> Case:
            return case_log(report=Report(category=categories[code], unit=self.yard, text=MARK, **more), by=clerk, at=now)

        self.case, self.service = log("dianli", mine=True), categories["dianfei"]
        self.dispute = log("linli", parties=(MARK, "赵六"), mine=True)
        self.errand = log("dianfei", client=MARK, phone="15400000003")
        self.party = self.dispute.dispute.parties.first()
        Agreement.objects.create(
            dispute=self.dispute.dispute, round=1, signed_on=timezone.localdate(), facts=MARK, terms=MARK, by=clerk
        )
        self.return_visit = ReturnVisit.objects.create(case=self.dispute, round=1, day=7, due_on=timezone.localdate())
        report = VisitReport(kind="call", unit=self.yard, household=self.household, seen=MARK)
        self.visit = visit_log(report=report, by=clerk, at=now)
        self.photo = Photo.objects.create(
            key=uuid4(),
            owner_key=uuid4(),
            by=clerk,
            size=1,
            sha256="0" * 64,
            state="ready",
            case=self.case,
            at=now,
            file=ContentFile(b"x", "x.jpg"),
        )
        sent = Sent.objects.create(key=uuid4(), user=clerk, digest="0" * 64, at=now, case=self.case)
        self.conflict = Conflict.objects.create(sent=sent, digest="1" * 64, payload={"text": MARK}, at=now)
        self.message = Message.objects.create(user=clerk, text=MARK, link="/", key="x", created_at=now)
        kind = ShiftKind.objects.create(village=self.village, name="坐班", starts="08:30", ends="17:30")
        days = [timezone.localdate() + timedelta(days=ahead) for ahead in (2, 3)]
        post = Post.objects.get(kind=Duty.CADRE, unit=self.village)
        self.shift, other = (Shift.objects.create(village=self.village, kind=kind, day=day, post=post, published_at=now) for day in days)
        self.swap = Swap.objects.create(shift=self.shift, other=other, asked_by=clerk, asked_at=now)
        self.calendar_day = CalendarDay.objects.create(day=date(2030, 1, 1), name="元旦", kind="off")
        self.ledger = DisputeImport.objects.create(
            township=self.township, uploaded_by=clerk, filename=f"{MARK}.xlsx", state="discarded"
        )
        self.office, self.service_kind = categories["dianfei"].office, categories["dianfei"].service
        self.return_rule = ReturnRule.objects.filter(township=self.township).first()

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
    if page.needs in (PUBLIC, LOGGED_IN) or not page.shows or page.shows in ("user", "log", "calendar_day"):
        return True
    return role not in (STRANGER, OUTSIDER)


def expected(role: str, page: Page, name: str) -> tuple[int, ...]:
    if may(role, page, name) and within(role, page):
        return page.answers
    if role == ANONYMOUS:
        return (401, 403) if name.startswith("api:") else page.anonymous
    return page.denied


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


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.django_db
def test_it_opens_what_the_role_may_see_and_nothing_else(house: House, role: str) -> None:
    client = Client(raise_request_exception=True)
    if role != ANONYMOUS:
        client.force_login(house.cast[role], backend="django.contrib.auth.backends.ModelBackend")
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    wrong = []
    for name, route in patterns():
        page = PAGES.get(name)
        if page is None:
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
