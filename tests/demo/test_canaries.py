"""Seeded canaries: no public page and no paper for the public names a person, a phone, an ID number or an address; the two that
say whom to turn to name those in office and those who agreed in writing, and nobody else.

Every person of a small demo is a canary (a name that occurs nowhere else), and what people write freely is seeded with
them as well. Papers that belong to one household (证书, 存折, 提醒) may name its head, and nobody else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from html import escape, unescape
from itertools import product
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.db.models import F
from django.test import Client
from django.urls import URLResolver, resolve, reverse
from pytest_django.plugin import DjangoDbBlocker

from governance.accounts.models import User
from governance.councils import public_urls as councils_urls
from governance.councils.covenants.services import clauses_answer, covenant_add
from governance.councils.decisions.services import decision_begin
from governance.councils.decisions.words import notice_words
from governance.councils.meetings.services import meeting_call
from governance.councils.models import Body, CovenantVersion, Decision, DecisionKind
from governance.demo import people
from governance.demo.posts import BAYI
from governance.demo.township import load_township
from governance.disclosure import urls as disclosure_urls
from governance.disclosure.activities.services import Plan, activity_cancel, activity_plan
from governance.disclosure.affairs.services import Content, affair_draft, affair_withdraw, kind_save
from governance.disclosure.affairs.turns import turn_open
from governance.disclosure.masked import SURE
from governance.disclosure.models import Activity, Affair, AffairKind, AffairQuestion, Notice, Objection, Power
from governance.disclosure.notices import notice_publish, notice_withdraw
from governance.disclosure.powers.services import power_save
from governance.errors import DomainError
from moral_bank.closings.services import closing_compute, closing_publish
from moral_bank.models import Closing, Passbook
from moral_bank.passbooks.services import passbook_token
from villages.consents.services import consent_withdraw
from villages.models import Consent, Household, Post, Resident, Unit

pytestmark = pytest.mark.django_db

AT = datetime(2026, 8, 20, 4, tzinfo=UTC)
WORD, PHONE, NUMBER = "鹮鹱", "15499990001", "511929190112319992"  # stand in whatever is written freely
WRITTEN, ANY = "{column} <> ''", "true"
UNSHOWN = "state IN ('draft', 'review', 'reviewed')"
DRAFTED = "version_id IN (SELECT id FROM councils_covenantversion WHERE valid_from IS NULL)"
# Table → column → of which rows. What is shown in public on purpose is not here: the services refuse the words (`TELLING`).
SEEDED = {
    "moral_bank_entry": {"memo": WRITTEN},
    "moral_bank_claim": {"note": ANY, "reason": WRITTEN},
    "moral_bank_nomination": {"story": WRITTEN, "nominator": WRITTEN},
    "moral_bank_judgement": {"reason": WRITTEN},
    "disclosure_affairquestion": {"name": ANY, "text": ANY, "answer": WRITTEN},
    "disclosure_affairturn": {"event": WRITTEN},
    "disclosure_affair": {"opinion": ANY, "title": UNSHOWN, "note": f"{UNSHOWN} OR state = 'withdrawn'", "source": "state = 'withdrawn'"},
    "disclosure_activity": {"asked": WRITTEN, "told": "state = 'held'"},
    "disclosure_objection": {"name": ANY, "text": ANY},
    "disclosure_power": {column: "NOT is_active" for column in ("name", "basis", "body", "papers", "limits", "supervisor")},
    "councils_body": {"charter": ANY, "convener": ANY},
    "councils_meeting": {"topic": ANY, "place": ANY, "guests": ANY, "minutes": ANY},
    "councils_item": {"title": ANY, "said": ANY, "outcome": ANY},
    "councils_task": {"what": ANY, "who": ANY, "result": WRITTEN},
    "councils_decision": {"title": ANY, "purpose": ANY, "history_outcome": "is_history"},
    "councils_gaterecord": {"text": ANY},
    "councils_covenantversion": {"note": ANY},
    "villages_facility": {"owner": ANY, "name": "kind IN ('tianwang', 'jizhong')"},
    "councils_clause": {"text": DRAFTED, "answer": WRITTEN},
}
GONE = "withdrawn_at IS NOT NULL"
SEEDED_AGAIN = {"disclosure_notice": {"title": GONE, "reason": GONE, "channel": GONE, "withdrawn_reason": GONE}}
SAMPLE = 7  # of the lists that villages have disclosed each so many-th is looked at as a page, all of them as rows
_LIST = re.compile(r"/public/affairs/(\d+)/")
_LINK = re.compile(r'href="(/public/[^"#]*)"')
_FURTHER = re.compile(r'href="(\?page=[^"#]*)"')
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
        self.phones |= {said.phone for rows in (AffairQuestion.objects.all(), Objection.objects.all()) for said in rows}
        self.numbers = {person.id_number for person in Resident.objects.all()}

    @cached_property
    def pages(self) -> dict[str, str]:
        return crawl(Client())

    def found(self, text: str) -> set[str]:
        """What a page says of them, with markup and blanks taken out between the letters."""
        plain = re.sub(r"<[^>]+>|\s", "", unescape(text))
        secret = self.names | self.phones | self.addresses | self.numbers | {WORD, PHONE, NUMBER}
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
            _answer_and_switch_off()
            _seed_free_words(SEEDED)
            _publish_again()
            _seed_free_words(SEEDED_AGAIN)
            yield Canaries()
            transaction.set_rollback(True)


def _answer_and_switch_off() -> None:
    """What the demo has none of: a clause that the township has answered for, a power out of use."""
    version = CovenantVersion.objects.unanswered().get()
    marked = {clause.number: "合法" for clause in version.clauses.exclude(marks="")}
    clauses_answer(version=version, answers=marked, by=User.objects.get(username="zhenban"))
    Power.objects.filter(pk=Power.objects.latest("position").pk).update(is_active=False)


def _seed_free_words(seeded: dict[str, dict[str, str]]) -> None:
    """Write a name, a phone and an ID number wherever people may write what they like, around the guards."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table, columns in seeded.items():
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            for column, which in columns.items():
                cursor.execute(f"UPDATE {table} SET {column} = %s WHERE {which.format(column=column)}", [WORD + PHONE + NUMBER])
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
        waiting += [address.split("?")[0] + unescape(found) for found in _FURTHER.findall(pages[address])]
    return pages


def test_no_public_page_says_who(canaries: Canaries) -> None:
    pages = canaries.pages
    kinds = {re.sub(r"[^/]*\d[^/]*|(?<=passbook/)[^/]+", "…", address.split("?")[0]) for address in pages}
    assert {"/public/", "/public/…/", "/public/notices/…/", "/public/passbook/…/"} <= kinds, kinds
    told = {address: canaries.found(text) for address, text in pages.items()}
    naming = {address for address in pages if address.endswith("/people/")} | {reverse("public:duty")}
    assert {address: words for address, words in told.items() if words and address not in naming} == {}
    assert set().union(*(told[address] for address in naming)) == officials()


# Every address of the public rooms of councils and disclosure → what each of its pages says, so that none was empty.
SAYING = {
    "covenants": "起施行</span>",
    "covenant": "<ol><li>",
    "notice": "<dt>公示期</dt>",
    "own-line": "查询码",
    "affairs": "公开上",
    "affair": "<dt>公开主体</dt>",
    "affair-item": "<dt>公开渠道</dt>",
    "village-affairs": " 公开，至 ",
    "affair-archive": " 公开</span>",
    "affair-feed": "<entry>",
    "powers": "镇确认，不作依据",
    "power": '<svg xmlns="http://www.w3.org/2000/svg"',
    "activities": '<ul class="plain">',
    "village-activities": '<ul class="plain">',
    "activities-ics": "BEGIN:VEVENT",
}
SENT = {"objection", "affair-question"}  # what is sent to these addresses is answered on the page it was sent from


def names_of(patterns: Iterable[Any]) -> set[str]:
    found = set()
    for one in patterns:
        found |= names_of(one.url_patterns) if isinstance(one, URLResolver) else {str(one.name)}
    return found


def test_every_public_address_of_the_rooms_was_visited_and_said_something(canaries: Canaries) -> None:
    assert names_of([*councils_urls.urlpatterns, *disclosure_urls.urlpatterns]) == {*SAYING, *SENT}
    visited: dict[str, dict[str, str]] = {name: {} for name in SAYING}
    for address, text in canaries.pages.items():
        name = resolve(address.split("?")[0]).url_name
        if name in visited:
            visited[name][address] = text
    assert {name for name, its in visited.items() if not its} == set()
    silent = {address for name, its in visited.items() for address, text in its.items() if SAYING[name] not in text}
    assert silent == set()
    villages = {unit.code for unit in Unit.objects.villages().on(AT.date())}
    for name in ("village-affairs", "affair-archive", "affair-feed", "village-activities", "activities-ics"):
        assert {reverse(f"public:{name}", args=[code]) for code in villages} <= set(visited[name]), name


def test_what_holds_hangs_and_is_planned_was_all_read(canaries: Canaries) -> None:
    """Each covenant in force clause by clause, each power in use, each running notice, each activity of the calendar."""
    read = canaries.pages
    for version in CovenantVersion.objects.in_force(AT.date()).select_related("covenant"):
        page = read[reverse("public:covenant", args=[version.covenant_id])]
        assert all(escape(text) in page for text in version.clauses.values_list("text", flat=True)), version
    for power in Power.objects.public():
        assert escape(power.name) in read[reverse("public:power", args=[power.pk])]
    assert {reverse("public:notice", args=[pk]) for pk in Notice.objects.public(AT.date()).values_list("pk", flat=True)} <= set(read)
    coming = Activity.objects.filter(planned_on__range=(AT.date(), AT.date() + timedelta(days=120)))
    assert coming.exists() and all(escape(one.title) in read[reverse("public:activities")] for one in coming)


def test_sheets_for_the_board_name_nobody_and_lead_to_pages_that_were_read(
    client: Client, canaries: Canaries, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(User.objects.get(username="zhenban"))
    affair = Affair.objects.current().annotate(place=F("pk") % SAMPLE).filter(place=0).first()
    version = CovenantVersion.objects.in_force(AT.date()).first()
    power, notice = Power.objects.public().first(), Notice.objects.public(AT.date()).first()
    assert affair and version and power and notice
    sheets = {
        "disclosure:affair-print": affair.pk, "disclosure:power-print": power.pk, "disclosure:notice-print": notice.pk,
        "councils:covenant-print": version.pk,
    }  # fmt: skip
    for module in ("affairs.views", "powers.views", "printing"):
        monkeypatch.setattr(f"governance.disclosure.{module}.qr_svg", lambda address: address)
    monkeypatch.setattr("governance.councils.covenants.views.qr_svg", lambda address: address)
    for name, pk in sheets.items():
        page = client.get(reverse(name, args=[pk])).content.decode()
        code = re.search(r'<div class="qr">http://testserver(/public/[^<]*)<br>', page)
        assert code and canaries.pages[code[1]], name
        assert canaries.found(page) == set(), name


def test_no_list_that_was_ever_public_names_anybody(canaries: Canaries) -> None:
    """Rows and title of every version, also of those that were withdrawn; note and source of those whose words were not seeded."""
    shown = Affair.objects.public()
    rows = list(shown.values_list("title", "columns", "rows", "withdrawn_reason"))
    rows += list(shown.exclude(state="withdrawn").values_list("title", "note", "source", "state"))
    assert len(rows) > 200 and any("**" in str(row) for row in rows)
    assert {str(row)[:60]: found for row in rows if (found := canaries.found(str(row)))} == {}


class Teller:
    """Who writes, where, and about what, of what will stand in public; each method puts `words` into one field."""

    def __init__(self) -> None:
        self.village = Unit.objects.get(code=BAYI)
        assert self.village.parent is not None
        self.township = self.village.parent
        self.staff, self.cadre = (User.objects.get(username=name) for name in ("zhenban", "bayi-ganbu"))
        self.day = AT.date()

    def notice(self, **fields: Any) -> None:
        given = {"title": "公示", "reason": "", "columns": ["事项", "内容"], "rows": [["修路", "三天"]], "channel": "村委会", **fields}
        notice_publish(unit=self.village, kind=Notice.Kind.OTHER, opens_on=self.day, closes_on=self.day, by=self.staff, **given)

    def affair(self, **fields: Any) -> None:
        kind = AffairKind.objects.get(township=self.township, code="xiangmu")
        turn = turn_open(kind=kind, village=self.village, event="修路", on=self.day, by=self.cadre)
        affair_draft(turn=turn, content=replace(Content("修路", ("项目", "金额"), (("路基", "1"),)), **fields), by=self.cadre)

    def withdrawal(self, words: str) -> None:
        affair = Affair.objects.current().filter(turn__village=self.village).first()
        assert affair is not None
        affair_withdraw(affair=affair, reason=words, by=self.cadre)

    def activity(self, **fields: Any) -> Activity:
        plan = Plan(self.village, Activity.Kind.values[0], "讲座", self.day + timedelta(days=3), "村委会")
        return activity_plan(plan=replace(plan, **fields), by=self.cadre)

    def cancelled(self, words: str) -> None:
        activity_cancel(activity=self.activity(), reason=words, by=self.cadre)

    def covenant(self, **fields: Any) -> None:
        given = {"unit": self.village, "kind": "covenant", "title": "乡风公约", "text": "守法。", "by": self.cadre, **fields}
        covenant_add(note="订立", **given)

    def rule(self, **fields: Any) -> None:
        self.covenant(unit=self.township, kind="rule", by=self.staff, **fields)

    def meeting(self, **fields: Any) -> None:
        body = Body.objects.get(unit=self.village, kind="talk")
        meeting_call(body=body, **{"topic": "修路", "on": self.day + timedelta(days=3), "by": self.cadre, **fields})

    def decision(self, **fields: Any) -> None:
        kind = DecisionKind.objects.get(township=self.township, code="siyi")
        given = {"title": "修路", "purpose": "出行", "proposed_on": self.day, **fields}
        decision_begin(kind=kind, unit=self.village, by=self.cadre, **given)

    def hung(self, words: str) -> None:
        """What stands in the records around the services is not hung with them."""
        decision = Decision.objects.filter(village=self.village, kind__code="siyi", finished_at__isnull=False).get()
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE councils_gaterecord DISABLE TRIGGER USER")
            cursor.execute("UPDATE councils_gaterecord SET text = %s WHERE decision_id = %s", [words, decision.pk])
            cursor.execute("ALTER TABLE councils_gaterecord ENABLE TRIGGER USER")
        columns, rows = notice_words(decision, decision.records.latest("position").gate)
        self.notice(columns=columns, rows=[["内容", cell] for _, cell in rows if words in cell])

    def power(self, name: str, words: str) -> None:
        power = Power.objects.filter(township=self.township).first()
        assert power is not None
        setattr(power, name, words)
        power_save(power=power, by=self.staff)

    def kind(self, name: str, words: str) -> None:
        kind = AffairKind.objects.filter(township=self.township).first()
        assert kind is not None
        setattr(kind, name, words)
        kind_save(kind=kind, by=self.staff)


# What is shown in public: by which service it is written, with these words in it.
TELLING: dict[str, Callable[..., object]] = {
    "notice title": lambda teller, words: teller.notice(title=words),
    "notice reason": lambda teller, words: teller.notice(reason=words),
    "notice channel": lambda teller, words: teller.notice(channel=words),
    "notice cell": lambda teller, words: teller.notice(rows=[["修路", words]]),
    "affair title": lambda teller, words: teller.affair(title=words),
    "affair note": lambda teller, words: teller.affair(note=words),
    "affair source": lambda teller, words: teller.affair(source=words),
    "affair cell": lambda teller, words: teller.affair(rows=((words, "1"),)),
    "affair withdrawn": Teller.withdrawal,
    "activity title": lambda teller, words: teller.activity(title=words),
    "activity place": lambda teller, words: teller.activity(place=words),
    "activity cancelled": Teller.cancelled,
    "covenant title": lambda teller, words: teller.covenant(title=words),
    "covenant clause": lambda teller, words: teller.covenant(text=f"守法。\n{words}"),
    "rule title": lambda teller, words: teller.rule(title=words),
    "rule clause": lambda teller, words: teller.rule(text=f"守法。\n{words}"),
    "meeting topic": lambda teller, words: teller.meeting(topic=words),
    "meeting place": lambda teller, words: teller.meeting(place=words),
    "meeting agenda": lambda teller, words: teller.meeting(agenda=["修路", words]),
    "decision title": lambda teller, words: teller.decision(title=words),
    "decision purpose": lambda teller, words: teller.decision(purpose=words),
    "decision record": Teller.hung,
    **{f"power {name}": partial(Teller.power, name=name) for name in ("basis", "body", "papers", "limits", "supervisor", "cost")},
    "power name": lambda teller, words: teller.power("name", words[:40]),
    "power steps": lambda teller, words: teller.power("steps", f"村|{words}"),
    **{f"kind {name}": partial(Teller.kind, name=name) for name in ("name", "basis", "body", "channel", "columns")},
}


@pytest.mark.parametrize("telling", TELLING)
def test_what_will_stand_in_public_is_not_written_with_them(canaries: Canaries, telling: str) -> None:
    """The name is somebody's in the register; the plain words pass, so that it is the canary which is refused."""
    people = Resident.objects.filter(household__village__code=BAYI).exclude(phone="").exclude(id_hash="").order_by("pk")
    person = next(one for one in people if len(one.name) >= SURE)
    for words in (person.name, person.phone, person.id_number):
        with pytest.raises(DomainError) as refused, transaction.atomic():
            TELLING[telling](Teller(), words=words)
        assert refused.value.code == "privacy", telling
    with transaction.atomic():
        TELLING[telling](Teller(), words="商定的事")
        transaction.set_rollback(True)


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
    naming = [address for address in canaries.pages if address.endswith("/people/")]
    before = "".join(client.get(address).content.decode() for address in naming)
    assert consent.resident.name in before
    with transaction.atomic():
        consent_withdraw(consent=consent, by=User.objects.get(username="zhenban"))
        pages = crawl(client)
        assert not [address for address, text in pages.items() if consent.resident.name in text]
        assert set().union(*(canaries.found(pages[address]) for address in naming)) <= officials()
        transaction.set_rollback(True)


def test_no_public_page_lists_households_with_their_results(canaries: Canaries) -> None:
    """Neither masked names nor house numbers beside scores, ranks or stars: such lists hang in the village."""
    pages = canaries.pages
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
