"""What phones keep and send by themselves: which pages, whose key, how a form's own page answers its queue, and when it was written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import lxml.html  # type: ignore[import-untyped]
import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import resolve
from django.utils import timezone

from governance.accounts.models import User
from governance.cases.models import Case, Sent, Visit
from governance.cases.sending.senders import Writing
from governance.frame.drafts import LOGGED_OUT
from governance.periods import today
from inspections.models import Front
from moral_bank.models import Claim
from tests.answers import page_of
from tests.forms import PostForm, filled, post_forms
from tests.frame.once_forms import EVERYONE, VALUES, FullHouse, nothing
from tests.frame.test_once import counts
from tests.worlds import module_world
from volunteers.models import CareRecord

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
DRAFT = {"X-Draft": "1"}
# A name of the address for each sort that is kept from logging in on.
SORTS = {
    "desk:home", "cases:case-log", "cases:visit-log", "cases:draft-list", "cases:return-visit", "cases:sitting-add", "cases:case-step",
    "moral_bank:claim-create", "inspections:check-walk", "inspections:front-walk", "inspections:front-patrol",
    "volunteers:my-care", "volunteers:order-log",
}  # fmt: skip
PAGE_FORMS = {"cases:return-visit", "cases:sitting-add", "cases:case-step", "moral_bank:claim-create", "inspections:front-patrol"}
TOKENS = ("csrfmiddlewaretoken", "once", "client_key", "saved_at")


def full_house() -> FullHouse:
    """All of it in the hands of one person: a dispute, an errand to finish, a household for which something was declared."""
    house = FullHouse()
    user = house.cast[EVERYONE]
    for case, state in ((house.dispute, "handling"), (house.errand, "handling")):
        Case.objects.filter(pk=case.pk).update(assignee=user, holder_unit=None, holder_duty="", office=None, state=state)
    Claim.objects.create(
        account=house.account, deed=house.deed, occurred_on=today(), score=5, declared_by=user, declared_at=timezone.now()
    )
    CareRecord.objects.filter(pk=house.care.pk).update(helper=user)
    Front.objects.create(
        kind="shop", village=house.village, unit=house.yard, name="便民小店", person="李四", place="2号", plate_number="八一-002",
        by=house.cast["staff"], at=timezone.now(),
    )  # fmt: skip
    return house


house = module_world(full_house)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


@pytest.fixture
def client(house: FullHouse) -> Client:
    return client_of(house.cast[EVERYONE])


def kept(client: Client) -> list[str]:
    pages: list[str] = client.get("/log/kept/").json()["pages"]
    return pages


def name_of(address: str) -> str:
    return resolve(address.split("?")[0]).view_name


def test_it_keeps_every_sort_of_form_from_logging_in_on(client: Client) -> None:
    pages = kept(client)
    assert {name_of(page) for page in pages} == SORTS
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200, page
        assert re.search(r" data-(keep|offline)", page_of(answer).decode()), f"the worker would not keep {page}"


def test_it_keeps_for_each_person_what_opens_to_them(house: FullHouse) -> None:
    for role, user in house.cast.items():
        if (answer := (client := client_of(user)).get("/log/kept/")).status_code == 404:
            continue
        shut = [page for page in answer.json()["pages"] if client.get(page).status_code != 200]
        assert shut == [], role


def page_forms(client: Client) -> Iterator[PostForm]:
    """The forms of kept pages that go to their own page, one of each sort."""
    found: dict[str, PostForm] = {}
    for page in kept(client):
        text = page_of(client.get(page)).decode()
        marked = lxml.html.fromstring(text).xpath("//form[@data-offline='page']")
        if marked:
            names = {one.name for one in marked[0].xpath(".//input|.//select|.//textarea")}
            found.setdefault(name_of(page), next(form for form in post_forms(text, page) if names - {None} == set(form.fields)))
    yield from found.values()


def test_it_takes_each_form_from_the_queue_once_and_says_what_is_wrong(house: FullHouse, client: Client) -> None:
    seen = set()
    for form in page_forms(client):
        seen.add(form.address)
        with transaction.atomic():
            key = str(uuid4())
            rows = counts()
            refused = client.post(form.action, {"once": key}, headers=DRAFT)
            assert (refused.status_code, counts()) == (422, rows), form.name
            assert re.search("[一-鿿]", refused.json()["detail"]), form.name
            assert client_of(house.cast[EVERYONE]).get(form.action).status_code == 200
            stranger = Client().post(form.action, {"once": key}, headers=DRAFT)
            assert (stranger.status_code, stranger.json()["detail"]) == (401, "请重新登录，登录后自动发送。")
            values = {**filled(form, True), **VALUES.get(form.name, nothing)(house), "once": key}
            answers = [client.post(form.action, values, headers=DRAFT)]
            rows = counts()
            answers.append(client.post(form.action, values, headers=DRAFT))
            assert [answer.status_code for answer in answers] == [200, 200], (form.name, answers[0].content.decode())
            assert answers[0].json()["link"] == answers[1].json()["link"] != "", form.name
            assert counts() == rows, form.name
            other = client.post(form.action, {**values, "note": "另一份"}, headers=DRAFT)
            assert (other.status_code, counts()) == (409, rows), form.name
            transaction.set_rollback(True)
    assert seen == PAGE_FORMS


def test_it_takes_no_form_of_somebody_who_is_led_elsewhere(house: FullHouse, client: Client) -> None:
    """A redirect is not enough: who must change a password is led away before the form is read, and the phone keeps it until then."""
    User.objects.filter(pk=house.cast[EVERYONE].pk).update(must_change_password=True)
    answer = client.post(f"/return-visits/{house.return_visit.pk}/", {"once": str(uuid4())}, headers=DRAFT)
    assert answer.status_code == 401 and "请先在网页上修改密码" in answer.json()["detail"]


def test_a_person_has_one_key_and_nobody_elses(house: FullHouse) -> None:
    user, other = house.cast[EVERYONE], house.cast["yard_head"]
    keys = [client_of(one).get("/log/key/").json()["key"] for one in (user, user, other)]
    assert keys[0] == keys[1] != keys[2]


def test_it_takes_nothing_in_the_session_of_somebody_else_than_its_writer(house: FullHouse, client: Client) -> None:
    """A tab may be older than the session: its cookies are the next person's, and so is its token."""
    other = {**DRAFT, "X-Draft-User": str(house.cast["yard_head"].pk)}
    fields = {"kind": "call", "unit": house.yard.pk, "seen": "老人身体还好"}
    body, rows = json.dumps({"form": "visit", "key": str(uuid4()), "fields": fields}), counts()
    photo = f"/photos/part/{uuid4()}/"
    answers = [
        client.post("/log/send/", body, "application/json", headers=other),
        client.post(f"/return-visits/{house.return_visit.pk}/", {"once": str(uuid4()), "note": "好转"}, headers=other),
        client.put(f"{photo}?owner={uuid4()}&size=1&sha256={'0' * 64}&offset=0", b"x", headers=other),
        client.get(photo, headers=other),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(401, "other")] * 4 and counts() == rows
    own = {**DRAFT, "X-Draft-User": str(house.cast[EVERYONE].pk)}
    assert client.post("/log/send/", body, "application/json", headers=own).status_code == 201
    assert Client().post("/log/send/", body, "application/json", headers=own).json() == LOGGED_OUT


def test_what_a_record_is_about_stands_on_the_page(house: FullHouse, client: Client) -> None:
    home, resident, visit = house.household.pk, house.resident.pk, house.visit.pk
    queries = {
        "/log/": (f"household={home}", f"visit={visit}"),
        "/visits/log/": (f"household={home}",),
        "/service-orders/log/": (f"household={home}", f"resident={resident}", f"visit={visit}"),
    }
    pages = [f"{path}?{query}" for path, found in queries.items() for query in found]
    for page in [*pages, *kept(client)]:
        text = page_of(client.get(page)).decode()
        for form in lxml.html.fromstring(text).xpath("//form[@data-offline]"):
            spoken = [one.get("data-shows").split() for one in form.xpath(".//*[@data-shows]") if one.text_content().strip()]
            shown = {name for names in spoken for name in names}
            hidden = {one.name for one in form.xpath(".//input[@type='hidden']") if one.get("value") and one.name not in TOKENS}
            assert hidden <= shown, page
            if page in pages:
                assert hidden and form.get("data-about"), page


NOON = datetime.fromisoformat("2026-11-29T12:00:00+08:00")


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(days=2), timedelta(days=-2)])
def test_it_knows_when_a_form_was_written_whatever_the_phones_clock(ahead: timedelta) -> None:
    written = NOON - timedelta(hours=20)
    heard = Writing.heard((written + ahead).isoformat(), (NOON + ahead).isoformat(), NOON)
    assert heard == Writing(written, ahead.days * 86400)
    assert Writing.of(heard.fields()) == heard


@pytest.mark.parametrize("written", ["", "gestern", "2026-11-29T12:00:00", "\ud800"])
def test_it_hears_nothing_of_what_is_no_time(written: str) -> None:
    assert Writing.heard(written, NOON.isoformat(), NOON) == Writing()
    assert Writing.heard((NOON + timedelta(days=9)).isoformat(), NOON.isoformat(), NOON).at == NOON


def send(client: Client, name: str, fields: dict[str, Any], written: datetime, ahead: timedelta) -> Any:
    clock = {"written_at": (written + ahead).isoformat(), "sent_at": (timezone.now() + ahead).isoformat()}
    body = json.dumps({"form": name, "key": str(uuid4()), "fields": fields, **clock})
    return client.post("/log/send/", body, "application/json", headers=DRAFT)


@pytest.mark.parametrize(("ahead", "words"), [(2, "手机时钟快 2 天"), (-2, "手机时钟慢 2 天"), (0, "")])
def test_the_time_of_writing_stands_beside_the_servers(house: FullHouse, client: Client, ahead: int, words: str) -> None:
    off, written = timedelta(days=ahead), timezone.now() - timedelta(hours=3)
    yesterday = timezone.localtime(written).date().isoformat()
    case = {"category": house.case.category_id, "unit": house.yard.pk, "text": "水管漏水"}
    visit = {"kind": "call", "unit": house.yard.pk, "seen": "老人身体还好", "went_on": yesterday}
    links = [send(client, name, fields, written, off).json()["link"] for name, fields in (("case", case), ("visit", visit))]
    for sent in Sent.objects.order_by("-pk")[:2]:
        assert sent.written_at is not None and abs(sent.written_at - written) < timedelta(seconds=30)
    assert abs(Visit.objects.latest("pk").went_at - written) < timedelta(seconds=30)
    for link in links:
        page = client.get(link).content.decode()
        assert f"手机上写于 {timezone.localtime(written):%Y-%m-%d %H:%M}" in page and words in page
        assert ("手机时钟" in page) == bool(words)


def test_taps_of_a_phone_two_days_slow_are_taken(house: FullHouse, client: Client) -> None:
    """Refused for age by the phone's clock, taken by the true one."""
    slow = timedelta(days=-2)
    saved = (timezone.now() + slow).isoformat()
    fields = {"project": house.errand_project.pk, "unit": house.yard.pk, "name": "李婆婆", "place": "2号", "source": "phone"}
    fields["saved_at"] = saved
    assert send(client, "service", fields, timezone.now(), slow).json().get("status") == "created"
    assert send(client, "service", fields, timezone.now(), timedelta(0)).status_code == 422


def test_nothing_is_written_after_it_arrived(house: FullHouse) -> None:
    at = "written_at = at + interval '1 second'" if connection.vendor == "postgresql" else "written_at = datetime(at, '+1 second')"
    with pytest.raises(IntegrityError, match="sent_written_before"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE cases_sent SET {at}")
