"""Consent and its withdrawal: a guardian's below fourteen, once for each purpose, never rewritten; withdrawal works at once."""

from __future__ import annotations

from datetime import date
from importlib import import_module
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.test import Client

from tests.builders import make_resident
from tests.pages import neighbour
from tests.volunteers.orders.house import ServiceHouse
from villages.consents.services import ConsentError, consent_give, consent_withdraw
from villages.models import Consent, Post
from villages.posts.services import post_public_set
from volunteers.models import Volunteer

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 10)


@pytest.fixture(autouse=True)
def today() -> Any:
    with time_machine.travel("2026-03-11 10:00+08:00", tick=False) as clock:
        yield clock


class House(ServiceHouse):
    def __init__(self) -> None:
        super().__init__()
        self.home, self.person = self.family("吴老大")

    def give(self, **fields: Any) -> Consent:
        usual = {"resident": self.person, "purpose": "photo", "given_on": DAY, "how": "signed", "by": self.cast["cadre"]}
        return consent_give(**{**usual, **fields})


@pytest.fixture
def house() -> House:
    return House()


@pytest.mark.parametrize(("born", "refused"), [(date(2012, 3, 10), False), (date(2012, 3, 11), True), (None, False)])
def test_below_fourteen_a_guardian_agrees(house: House, born: date | None, refused: bool) -> None:
    child = make_resident(house.home, "吴小", birth_date=born)
    if not refused:
        house.give(resident=child)
        return
    with pytest.raises(ConsentError, match="监护人"):
        house.give(resident=child)
    with pytest.raises(IntegrityError, match="监护人"), transaction.atomic():
        Consent.objects.create(resident=child, purpose="photo", given_on=DAY, how="signed")
    with pytest.raises(ConsentError, match="关系"):
        house.give(resident=child, guardian="吴老大")
    assert house.give(resident=child, guardian="吴老大", guardian_relation="父亲").guardian == "吴老大"


def test_it_stands_once_and_is_not_rewritten(house: House) -> None:
    consent = house.give()
    with pytest.raises(ConsentError, match="已经登记"):
        house.give()
    with pytest.raises(ConsentError, match="不能晚于今天"):
        house.give(purpose="name", given_on=date(2026, 3, 12))
    rows = Consent.objects.filter(pk=consent.pk)
    for change in ({"given_on": date(2026, 1, 1)}, {"purpose": "name"}, {"how": "spoken"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.delete()
    consent_withdraw(consent=consent, by=house.cast["cadre"])
    with pytest.raises(ConsentError, match="已经撤回"):
        consent_withdraw(consent=consent, by=house.cast["cadre"])
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(withdrawn_on=None)
    assert house.give().withdrawn_on is None, "whoever withdrew may agree again"


def test_only_who_keeps_the_household_writes_it_down(house: House) -> None:
    consent = house.give()
    for by in (neighbour()["staff"], house.cast["yard_head"]):
        with pytest.raises(ConsentError, match="范围"):
            house.give(purpose="name", by=by)
        with pytest.raises(ConsentError, match="范围"):
            consent_withdraw(consent=consent, by=by)


def test_a_name_that_is_withdrawn_is_gone_from_public_pages_at_once(client: Client, house: House) -> None:
    post = Post.objects.create(kind="mediator", unit=house.village, resident=house.person, appointed_on=date(2026, 1, 1))
    post_public_set(post=post, phone="154-0001", consented_on=DAY, by=house.cast["staff"])
    consent = Consent.objects.get(resident=house.person, purpose="name")
    page = f"/public/{house.village.code}/people/"
    assert "吴老大" in client.get(page).content.decode() and "154-0001" in client.get(page).content.decode()
    consent_withdraw(consent=consent, by=house.cast["cadre"])
    assert "吴老大" not in client.get(page).content.decode() and "154-0001" not in client.get(page).content.decode()


def test_whoever_no_longer_agrees_to_serve_is_no_volunteer(house: House) -> None:
    volunteer = house.one
    assert volunteer.resident is not None
    consent = house.give(resident=volunteer.resident, purpose="volunteer")
    house.run(house.ask(), volunteer)
    with pytest.raises(Exception, match="跑"):
        consent_withdraw(consent=consent, by=house.cast["cadre"])
    assert Consent.objects.get(pk=consent.pk).withdrawn_on is None, "all or nothing"
    other = house.two
    assert other.resident is not None
    consent_withdraw(consent=house.give(resident=other.resident, purpose="volunteer"), by=house.cast["cadre"])
    assert Volunteer.objects.get(pk=other.pk).state == "left"


def test_consents_of_posts_are_brought_over_once(house: House) -> None:
    for day in (DAY, date(2026, 1, 5)):
        Post.objects.create(
            kind="mediator" if day == DAY else "publicist", unit=house.village, resident=house.person, appointed_on=day, consented_on=day
        )
    for _ in range(2):
        with connection.schema_editor() as editor:
            import_module("villages.migrations.0023_fill_consent").fill(apps, editor)
    assert Consent.objects.get().given_on == date(2026, 1, 5)


def test_its_page_records_and_withdraws(client: Client, house: House) -> None:
    client.force_login(house.cast["cadre"])
    page = f"/residents/{house.person.pk}/consents/"
    assert page in client.get(f"/households/{house.home.pk}/").content.decode()
    refused = client.post(page, {"purpose": "photo", "given_on": "2026-03-12", "how": "signed"})
    assert refused.status_code == 422 and "不能晚于今天" in refused.content.decode()
    client.post(page, {"purpose": "photo", "given_on": "2026-03-10", "how": "print"})
    consent = Consent.objects.get()
    assert (consent.how, consent.by) == ("print", house.cast["cadre"])
    assert "书面按手印" in client.get(page).content.decode()
    assert "已登记撤回" in client.post(f"/consents/{consent.pk}/end/", follow=True).content.decode()
    consent.refresh_from_db()
    assert (consent.withdrawn_on, consent.withdrawn_by) == (date(2026, 3, 11), house.cast["cadre"])
