"""Seeded canaries: no public page and no paper for the public names a person, a phone, an ID number or an address; the two that
say whom to turn to name those in office and those who agreed in writing, and nobody else.

Every person of a small demo is a canary (a name that occurs nowhere else), and what people write freely is seeded with
them as well. Papers that belong to one household (证书, 存折, 提醒) may name its head, and nobody else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from itertools import product

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from pytest_django.plugin import DjangoDbBlocker

from governance.accounts.models import User
from governance.demo import people
from governance.demo.township import load_township
from governance.disclosure.models import Affair, Notice
from governance.disclosure.notices import notice_withdraw
from moral_bank.closings.services import closing_compute, closing_publish
from moral_bank.models import Closing, Passbook
from moral_bank.passbooks.services import passbook_token
from villages.consents.services import consent_withdraw
from villages.models import Consent, Household, Post, Resident, Unit

pytestmark = pytest.mark.django_db

AT = datetime(2026, 8, 20, 4, tzinfo=UTC)
WORD = "鹮鹱"  # stands in whatever is written freely
SEEDED = [
    ("moral_bank_entry", "memo"),
    ("moral_bank_claim", "note"),
    ("moral_bank_claim", "reason"),
    ("moral_bank_nomination", "story"),
    ("moral_bank_nomination", "nominator"),
    ("moral_bank_judgement", "reason"),
    ("disclosure_affairquestion", "text"),
    ("disclosure_affairquestion", "answer"),
    ("disclosure_activity", "asked"),
]
SAMPLE = 7  # of the lists that villages have disclosed each so many-th is looked at as a page, all of them as rows
_LIST = re.compile(r"/public/affairs/(\d+)/")
_LINK = re.compile(r'href="(/public/[^"#]*)"')
_MASKED = re.compile(r"[\u4e00-\u9fff\u9d00-\u9e60]\*+")
_RARE = [chr(code) for code in range(0x9D00, 0x9E60)]


class Canaries:
    """Everything that must not be said in public, as it stands in the database."""

    def __init__(self) -> None:
        self.names = set(Resident.objects.values_list("name", flat=True)) | set(
            User.objects.filter(guard="").values_list("name", flat=True)
        )
        self.phones = set(Resident.objects.exclude(phone="").values_list("phone", flat=True))
        self.addresses = set(Household.objects.values_list("address", flat=True))
        self.numbers = {person.id_number for person in Resident.objects.all()}

    def found(self, text: str) -> set[str]:
        """What a page says of them, with markup and blanks taken out between the letters."""
        plain = re.sub(r"<[^>]+>|\s", "", unescape(text))
        secret = self.names | self.phones | self.addresses | self.numbers | {WORD}
        return {word for word in secret if len(word) > 1 and word in plain}


@pytest.fixture(scope="module")
def canaries(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Canaries]:
    """The demo of a few households on the day `AT`, people renamed; the clock stands."""
    serials = product(_RARE, repeat=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(people.Census, "name", lambda self, sex, surname: surname + "".join(next(serials)))
        patch.setattr(people, "hard_names", tuple)
        with time_machine.travel(AT, tick=False), django_db_blocker.unblock(), transaction.atomic():
            load_township(households=320, at=AT)
            _seed_free_words()
            _publish_again()
            yield Canaries()
            transaction.set_rollback(True)


def _seed_free_words() -> None:
    """Write the word wherever people may write what they like, around the guards."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table, column in SEEDED:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            written = "true" if column == "note" else f"{column} <> ''"
            cursor.execute(f"UPDATE {table} SET {column} = %s WHERE {written}", [WORD])
            assert cursor.rowcount, f"the demo leaves {table}.{column} empty"
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def _publish_again() -> None:
    """The notices that run are written anew, from the seeded rows."""
    clerk = User.objects.get(username="zhenban")
    moving = Closing.objects.filter(state__in=["computed", "noticed"]).exclude(notice__objections__state="open")
    for closing in moving.select_related("notice"):
        if closing.notice is not None:
            notice_withdraw(notice=closing.notice, reason="重写", by=clerk)
        closing_publish(closing=closing_compute(closing.pk))


def crawl(client: Client) -> dict[str, str]:
    """Every page that a visitor can reach from the board, by its address."""
    pages: dict[str, str] = {}
    waiting = [reverse("public:board"), *(reverse("public:notice", args=[row.pk]) for row in Notice.objects.public(AT.date()))]
    for book in Passbook.objects.filter(revoked_at=None)[:5]:
        waiting.append(reverse("public:passbook", args=[passbook_token(book)]))
    while waiting:
        address = waiting.pop()
        listed = _LIST.fullmatch(address)
        if address in pages or "/objection/" in address or (listed and int(listed[1]) % SAMPLE):
            continue
        response = client.get(address)
        assert response.status_code == 200, address
        pages[address] = response.content.decode()
        waiting += [unescape(found) for found in _LINK.findall(pages[address])]
    return pages


def test_no_public_page_says_who(client: Client, canaries: Canaries) -> None:
    pages = crawl(client)
    kinds = {re.sub(r"[^/]*\d[^/]*|(?<=passbook/)[^/]+", "…", address.split("?")[0]) for address in pages}
    assert {"/public/", "/public/…/", "/public/notices/…/", "/public/passbook/…/"} <= kinds, kinds
    disclosed = {"/public/affairs/", "/public/affairs/…/", "/public/…/affairs/", "/public/…/affairs/archive/", "/public/…/affairs/feed/"}
    more = {"/public/affairs/items/…/", "/public/powers/", "/public/powers/…/", "/public/activities/", "/public/…/activities/"}
    assert disclosed | more | {"/public/…/activities/calendar.ics"} <= kinds, kinds
    told = {address: canaries.found(text) for address, text in pages.items()}
    naming = {address for address in pages if address.endswith("/people/")} | {reverse("public:duty")}
    assert {address: words for address, words in told.items() if words and address not in naming} == {}
    assert set().union(*(told[address] for address in naming)) == officials()


def test_no_list_that_was_ever_public_names_anybody(canaries: Canaries) -> None:
    """Rows, title, note and source of every version, also of those that were withdrawn."""
    rows = list(Affair.objects.public().values_list("title", "columns", "rows", "note", "source", "withdrawn_reason"))
    assert len(rows) > 200 and any("**" in str(row) for row in rows)
    assert {str(row)[:60]: found for row in rows if (found := canaries.found(str(row)))} == {}


def officials() -> set[str]:
    """Who is named on the pages that say whom to turn to, and nowhere else: by office, or by a consent in writing."""
    posts = Post.objects.current(AT.date()).select_related("resident", "user")
    agreed = ("yard_head", "publicist", "mediator", "sanitation")
    named = posts.filter(kind__in=("secretary", "cadre", "overseer")) | posts.filter(kind__in=agreed, consented_on__isnull=False)
    silent = posts.filter(kind__in=agreed, consented_on=None) | posts.filter(kind="informant")
    assert named.filter(kind="yard_head").exists() and silent.filter(kind="informant").exists() and silent.filter(kind="mediator").exists()
    return {post.holder_name for post in named}


def test_a_name_whose_consent_is_withdrawn_is_on_no_page_from_then_on(client: Client, canaries: Canaries) -> None:
    consent = Consent.objects.filter(purpose="name", resident__posts__kind="yard_head").select_related("resident").first()
    assert consent is not None
    naming = [address for address in crawl(client) if address.endswith("/people/")]
    before = "".join(client.get(address).content.decode() for address in naming)
    assert consent.resident.name in before
    with transaction.atomic():
        consent_withdraw(consent=consent, by=User.objects.get(username="zhenban"))
        pages = crawl(client)
        assert not [address for address, text in pages.items() if consent.resident.name in text]
        assert set().union(*(canaries.found(pages[address]) for address in naming)) <= officials()
        transaction.set_rollback(True)


def test_no_public_page_lists_households_with_their_results(client: Client, canaries: Canaries) -> None:
    """Neither masked names nor house numbers beside scores, ranks or stars: such lists hang in the village."""
    pages = crawl(client)
    lists = {reverse("public:notice", args=[row.pk]) for row in Notice.objects.filter(kind__in=Notice.COUNTED)} & set(pages)
    villages = {reverse("public:village", args=[row.code]) for row in Unit.objects.villages()} & set(pages)
    assert len(lists) > 10 and len(villages) > 10
    told = {address: _MASKED.findall(pages[address]) for address in lists | villages}
    assert {address: words for address, words in told.items() if words} == {}
    assert [address for address in lists if "名次" in pages[address] or "户号</th>" in pages[address]] == []


def test_the_scan_finds_what_is_there(canaries: Canaries) -> None:
    person = Resident.objects.exclude(phone="").exclude(id_hash="").order_by("pk").first()
    assert person is not None
    said = f"<td>{person.name[0]}<b>{person.name[1:]}</b></td> {person.phone} {person.id_number} {person.household.address}"
    assert canaries.found(said) == {person.name, person.phone, person.id_number, person.household.address}
