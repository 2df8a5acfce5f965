"""The outer handler: what the input breaks is 400, what the house itself breaks stays its own error; the last refusals in words."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from pytest_django import Settings

from governance.accounts.duties import Duty
from governance.accounts.models import Message, User
from governance.errors import DomainError
from governance.frame.act import act
from governance.frame.admin_forms import ServiceForm as AdminServiceForm
from governance.frame.forms import PageForm, ServiceForm, year_fits
from governance.frame.input_errors import TAKEN, UNFIT, refusal_of
from governance.urls import urlpatterns as house_urls
from tests.builders import make_household, make_resident, make_township, make_user, make_village
from tests.test_architecture import room_of
from villages.calendar.admin import CalendarDayAdmin
from villages.models import NumberSeries, Unit

pytestmark = pytest.mark.django_db


def careless(request: HttpRequest, kind: str) -> HttpResponse:
    """A view that believes what it is sent."""
    typed = request.POST.get("typed", "")
    ways: dict[str, Any] = {
        "name": lambda: User.objects.create(username=typed),
        "key": lambda: User.objects.filter(pk=typed).first(),
        "figure": lambda: NumberSeries.objects.create(unit=Unit.objects.all()[0], prefix="x", last=int(typed)),
        "day": lambda: date(int(typed.split("-")[0]), 1, 1),
        "amount": lambda: Decimal(typed).quantize(Decimal("0.01")),
        "float": lambda: int(float(typed)),
        "absent": lambda: request.POST["missing"],
        "json": lambda: User.objects.create(username=json.loads(request.body)["typed"]),
        "own": lambda: date(int("0"), 1, 1),
        "own key": lambda: User.objects.filter(pk="own").first(),
        "own name": lambda: User.objects.create(username="x" * 300),
        "own text": lambda: ways["typed"],
    }
    return HttpResponse(str(ways[kind]()))


urlpatterns = [path("careless/<str:kind>/", careless), path("api/careless/<str:kind>/", careless), *house_urls]


@pytest.fixture
def desk(settings: Settings) -> Iterator[Client]:
    settings.ROOT_URLCONF = __name__
    client = Client(raise_request_exception=False)
    client.force_login(make_user("staff", Duty.STAFF, make_township()))
    logging.disable(logging.CRITICAL)
    yield client
    logging.disable(logging.NOTSET)


CASES = [
    ("name", "x" * 300), ("name", "王\0"), ("key", "abc"), ("key", "'\""), ("figure", "9" * 30), ("day", "0000-01-01"), ("day", "10000-01"),
    ("day", "9" * 400), ("amount", "9" * 40), ("amount", "1e400"), ("float", "inf"), ("float", "NaN"),
    ("figure", "9" * 5000), ("figure", "9999999999"), ("absent", ""),
]  # fmt: skip


@pytest.mark.parametrize("once", ["", "k"], ids=["plain", "with its key"])
@pytest.mark.parametrize(("kind", "typed"), CASES)
def test_what_the_input_breaks_is_400_in_chinese(desk: Client, kind: str, typed: str, once: str) -> None:
    answer = desk.post(f"/careless/{kind}/", {"typed": typed, **({"once": once} if once else {})})
    assert answer.status_code == 400 and "请求有误" in answer.content.decode()


@pytest.mark.parametrize("address", ["/login/?unread=%00", "/login/%00/", "/api/v1/deeds/?unread=%00"])
def test_no_address_with_a_nul_comes_to_a_view(desk: Client, address: str) -> None:
    assert desk.get(address).status_code == 400
    assert desk.get(address.replace("%00", "x")).status_code in (200, 302, 404)


def test_a_lone_surrogate_is_400_and_for_programs_json(desk: Client) -> None:
    answer = desk.post("/api/careless/json/", '{"typed": "\\ud800"}', "application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


@pytest.mark.parametrize("kind", ["own", "own key", "own name", "own text"])
@pytest.mark.parametrize("typed", ["1", "2026-03-01", "王小明", "15400000001"])
def test_what_the_house_breaks_is_its_own_error(desk: Client, kind: str, typed: str) -> None:
    assert desk.post(f"/careless/{kind}/", {"typed": typed}).status_code == 500


def twice() -> None:
    """What a double click does."""
    unit = Unit.objects.first() or make_township()
    for _ in range(2):
        NumberSeries.objects.create(unit=unit, prefix="x", last=1)


def below_zero() -> None:
    NumberSeries.objects.create(unit=Unit.objects.first() or make_township(), prefix="x", last=-1)


def invalid() -> None:
    Message(text="").full_clean()


class NoForm(PageForm):
    text = forms.CharField(required=False)


@pytest.mark.parametrize(("service", "words"), [(twice, TAKEN), (below_zero, UNFIT), (invalid, "不能为空")])
def test_what_only_the_database_refuses_stands_on_the_form(rf: Any, service: Any, words: str) -> None:
    form = NoForm({})
    logging.disable(logging.CRITICAL)
    assert act(rf.post("/"), form, lambda text: service()) is None
    logging.disable(logging.NOTSET)
    assert words in form.reasons
    assert not NumberSeries.objects.exists(), "nothing of it is kept, and the connection goes on"


@pytest.mark.parametrize(("service", "words"), [(twice, TAKEN), (below_zero, UNFIT), (invalid, "不能为空")])
def test_it_stands_on_the_form_of_the_admin_too(desk: Client, monkeypatch: pytest.MonkeyPatch, service: Any, words: str) -> None:
    township = Unit.objects.get(level="township")
    resident = make_resident(make_household(make_village(township)))
    resident.save()
    monkeypatch.setattr(CalendarDayAdmin, "add_through", lambda *_: service())
    monkeypatch.setattr("villages.households.admin.resident_leave", lambda **_: service())
    asked = {
        "/admin/villages/calendarday/add/": {"township": township.pk, "day": "2027-01-01", "name": "元旦", "kind": "off"},
        f"/admin/villages/resident/{resident.pk}/leave/": {"status": "moved", "on": "2026-01-01", "reason": "x"},
    }
    for address, sent in asked.items():
        answer = desk.post(address, sent)
        assert (answer.status_code, words in answer.content.decode()) == (200, True), address
    assert not NumberSeries.objects.exists()


def test_a_refusal_by_the_model_says_all_its_reasons() -> None:
    assert refusal_of(ValidationError({"a": ["甲"], "b": ["乙"]})).message == "甲；乙"
    assert isinstance(refusal_of(IntegrityError("x")), DomainError)


def days_of(form: type[forms.BaseForm]) -> Iterator[forms.Field]:
    yield from (field for field in getattr(form, "base_fields", {}).values() if isinstance(field, (forms.DateField, forms.DateTimeField)))


def all_forms(base: type[Any] = forms.BaseForm) -> Iterator[type[Any]]:
    """Every form class of the house: the addresses have imported them all."""
    for one in base.__subclasses__():
        yield one
        yield from all_forms(one)


def test_each_day_of_each_form_has_a_year_of_the_house() -> None:
    assert house_urls
    own = [form for form in all_forms() if room_of(form.__module__) and any(days_of(form))]
    assert len(own) > 30
    bounded = (ServiceForm, AdminServiceForm)
    loose = [form for form in own if not issubclass(form, bounded) and any(year_fits not in field.validators for field in days_of(form))]
    assert loose == []


class Day(PageForm):
    day = forms.DateField()
    at = forms.DateTimeField()


@pytest.mark.parametrize("year", ["0001", "1899", "2201", "9999"])
def test_a_day_of_another_year_is_refused_at_its_field(year: str) -> None:
    form = Day({"day": f"{year}-12-31", "at": f"{year}-12-31T23:59"})
    assert form.reasons == "；".join(["年份应在 1900 到 2200 之间。"] * 2)
    assert Day({"day": "1900-01-01", "at": "2200-12-31T23:59"}).is_valid()
