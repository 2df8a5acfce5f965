"""Staff pages of rules, ledger, closings, ratings and notices; every page of the admin in Chinese."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib.admin import site
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.disclosure.models import Notice, Objection
from governance.disclosure.notices import objection_answer, objection_file
from governance.periods import today
from moral_bank.models import Claim, Closing, Entry, Rating
from moral_bank.rules.models import Deed, RuleSet
from tests.api.test_api import House
from tests.builders import make_entry, make_user
from villages.models import Household, Overlay, Resident, Unit

pytestmark = pytest.mark.django_db
ALLOWED = {"Excel", "ID", "API", "xlsx", "xls", "csv", "txt", "GBK", "Unicode", "staff", "cadre", "system", "audit", "Ctrl"}


MEETING = {"on": "2026-03-20", "body": "镇党委会议", "note": "审议通过"}


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def desk(client: Client, house: House) -> Client:
    client.force_login(house.staff)
    return client


def page(name: str, view: str, *args: Any) -> str:
    return reverse(f"admin:{name}_{view}", args=args)


def button(name: str, pk: int, press: str) -> str:
    return f"{page(name, 'changelist')}{pk}/{press}/"


def test_it_shows_an_adopted_version_and_edits_only_a_copy(desk: Client, house: House) -> None:
    address = page("moral_bank_ruleset", "change", house.rules.pk)
    assert 'name="five_star"' not in desk.get(address).content.decode()
    assert desk.post(address, {"name": "改"}).status_code == 404
    assert desk.post(page("moral_bank_deed", "change", house.deed.pk), {"name": "改"}).status_code == 404
    assert (
        desk.post(button("moral_bank_ruleset", house.rules.pk, "copy"), {"valid_from": "2027-01-01"}).status_code == 302
    )
    draft = RuleSet.objects.get(version=2)
    assert 'name="five_star"' in desk.get(page("moral_bank_ruleset", "change", draft.pk)).content.decode()
    assert desk.post(button("moral_bank_ruleset", draft.pk, "adopt"), MEETING).status_code == 302
    draft.refresh_from_db()
    assert draft.state == "adopted"


def test_it_tells_why_a_draft_is_not_adopted(desk: Client, house: House) -> None:
    desk.post(button("moral_bank_ruleset", house.rules.pk, "copy"), {"valid_from": "2026-03-01"})
    draft = RuleSet.objects.get(version=2)
    answer = desk.post(button("moral_bank_ruleset", draft.pk, "adopt"), MEETING)
    assert answer.status_code == 200 and "已经计算" in answer.content.decode()


def test_it_corrects_an_entry_only_by_its_reversal(desk: Client, house: House) -> None:
    entry = Entry.objects.first()
    assert entry is not None
    assert desk.post(page("moral_bank_entry", "change", entry.pk), {"memo": "改"}).status_code == 404
    assert desk.post(page("moral_bank_entry", "delete", entry.pk)).status_code == 404
    press = button("moral_bank_entry", entry.pk, "reverse_entry")
    assert desk.post(press, {"reason": ""}).status_code == 200
    assert desk.post(press, {"reason": "登错户"}).status_code == 302
    reversal = Entry.objects.get(reverses=entry)
    assert reversal.score == -entry.score
    desk.post(press, {"reason": "再来"})
    assert Entry.objects.filter(reverses=entry).count() == 1
    assert desk.post(button("moral_bank_entry", reversal.pk, "reverse_entry"), {"reason": "再反"}).status_code == 200


def test_it_takes_a_closing_through_its_steps(desk: Client, house: House) -> None:
    closing = Closing.objects.get(village=house.villages[0])
    assert desk.post(button("moral_bank_closing", closing.pk, "publish")).status_code == 302
    refused = desk.post(button("moral_bank_closing", closing.pk, "lock"))
    assert refused.status_code == 200 and "公示期" in refused.content.decode()
    closing.refresh_from_db()
    assert closing.state == "noticed" and closing.notice is not None
    objection = objection_file(notice=closing.notice, row_number=1, name="李大山", phone="15400000001", text="没有参加")
    objection_answer(objection=objection, upheld=True, answer="查实", by=house.staff)
    text = desk.get(page("moral_bank_closing", "changelist")).content.decode()
    assert "公示到" in text and "可办理下一步" in text and "异议成立，请更正后重新计算并公示" in text


def test_it_handles_chosen_closings_and_tells_each_refusal(desk: Client, house: House) -> None:
    chosen = list(Closing.objects.values_list("pk", flat=True))
    sent = {"action": "publish_chosen", "_selected_action": chosen}
    text = desk.post(page("moral_bank_closing", "changelist"), sent, follow=True).content.decode()
    assert text.count("已公示，到") == 2
    text = desk.post(page("moral_bank_closing", "changelist"), sent, follow=True).content.decode()
    assert text.count("不能公示") == 2


def test_it_publishes_only_masked_lists_and_withdraws_them(desk: Client, house: House) -> None:
    day = today().isoformat()
    sent = {
        "unit": house.villages[0].pk,
        "title": "慰问名单",
        "reason": "",
        "table": "户主\t物品\n王小明\t大米",
        "opens_on": day,
        "closes_on": day,
        "channel": "村委会",
    }
    refused = desk.post(page("disclosure_notice", "add"), sent)
    assert refused.status_code == 200 and "脱敏" in refused.content.decode() and not Notice.objects.exists()
    assert desk.post(page("disclosure_notice", "add"), {**sent, "table": "户主|物品\n王**|大米"}).status_code == 302
    notice = Notice.objects.get()
    assert (notice.columns, notice.rows) == (["户主", "物品"], [["王**", "大米"]])
    assert desk.post(button("disclosure_notice", notice.pk, "withdraw"), {"reason": "有误"}).status_code == 302
    notice.refresh_from_db()
    assert notice.withdrawn_at is not None


def test_it_answers_an_objection_once(desk: Client, house: House) -> None:
    objection = make_objection(house)
    press = button("disclosure_objection", objection.pk, "reply")
    assert desk.post(press, {"upheld": "no", "answer": "记录属实"}).status_code == 302
    assert "已经答复" in desk.post(press, {"upheld": "yes", "answer": "改"}).content.decode()


def make_objection(house: House) -> Objection:
    notice = Notice.objects.create(
        unit=house.villages[0],
        kind="other",
        title="公示",
        columns=["户主"],
        rows=[["王**"]],
        opens_on=today(),
        closes_on=today(),
    )
    return Objection.objects.create(
        notice=notice, number="YY2026-00001", name="王小明", phone="15400000001", text="记错了", answer_by=today()
    )


def fill(house: House, count: int) -> None:
    house.furnish(house.villages[0], count)
    for _ in range(count):
        make_objection(house)
        year = 2030 + RuleSet.objects.count()
        RuleSet.objects.create(township=house.township, name="细则", version=year, valid_from=date(year, 1, 1))
        Closing.objects.create(
            village=house.villages[0], kind="month", start=date(2027 + Closing.objects.count(), 1, 1)
        )
        Deed.objects.create(
            rule_set=RuleSet.objects.get(version=year), code="S1", head="service", name="志愿服务", score=5
        )


@pytest.mark.parametrize(
    "model",
    [
        "moral_bank_ruleset",
        "moral_bank_deed",
        "moral_bank_claim",
        "moral_bank_entry",
        "moral_bank_closing",
        "moral_bank_rating",
        "disclosure_notice",
        "disclosure_objection",
    ],
)
def test_it_reads_a_list_in_a_fixed_number_of_queries(desk: Client, house: House, model: str) -> None:
    counts = []
    for rows in (3, 27):
        fill(house, rows)
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(page(model, "changelist")).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 20


class _Text(HTMLParser):
    """What a reader sees or hears: text, titles, labels, placeholders and buttons, without scripts, styles and icons."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("script", "style") or "material-symbols-outlined" in (given.get("class") or ""):
            self._hidden.append(tag)
        self.words += [
            given[name] or "" for name in ("title", "aria-label", "placeholder", "alt", "data-label") if name in given
        ]
        if tag == "input" and given.get("type") in ("submit", "button"):
            self.words.append(given.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if self._hidden and self._hidden[-1] == tag:
            self._hidden.pop()

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)


def english(html: str) -> set[str]:
    reader = _Text()
    reader.feed(html)
    text = " ".join(reader.words)
    text = re.sub(r"[\w.-]*\d[\w.-]*", " ", text, flags=re.ASCII)
    return {word for word in re.findall(r"[A-Za-z]{2,}", text) if word not in ALLOWED}


def objects(house: House) -> list[Any]:
    make_objection(house)
    Overlay.objects.create(kind="grid", name="一网格", village=house.villages[0])
    found = [
        model.objects.order_by("-pk").first()
        for model in (
            Unit,
            Overlay,
            Household,
            Resident,
            RuleSet,
            Deed,
            Claim,
            Entry,
            Closing,
            Rating,
            Notice,
            Objection,
        )
    ]
    assert None not in found
    return [*found, house.cadre.posts.first()]


def test_it_speaks_chinese_on_every_page(desk: Client, house: House) -> None:
    addresses = [reverse("admin:index")]
    make_entry(house.accounts[0], Deed.objects.get(code="L1"), date(2026, 4, 1), house.staff)
    for row in objects(house):
        name, admin = f"{row._meta.app_label}_{row._meta.model_name}", site._registry[type(row)]
        addresses += [page(name, "changelist"), page(name, "changelist") + "?q=没有", page(name, "add")]
        addresses += [page(name, "change", row.pk), page(name, "delete", row.pk)]
        addresses += [page(name, "history", row.pk)] if hasattr(row, "history") else []
        addresses += [button(name, row.pk, press) for press in admin.actions_detail]  # type: ignore[attr-defined]
    addresses.append(page("villages_rosterimport", "changelist"))
    addresses.append(page("villages_rosterimport", "add"))
    seen = 0
    for address in addresses:
        answer = desk.get(address)
        assert answer.status_code in (200, 302, 404), address
        if answer.status_code == 200:
            seen += 1
            assert english(answer.content.decode()) == set(), address
    assert seen > 50


@pytest.mark.parametrize("guard", ["system", "audit"])
def test_it_speaks_chinese_to_the_guards(client: Client, house: House, guard: str) -> None:
    user = make_user(guard, guard=guard, name="赵三员")
    client.force_login(user)
    names = {"system": "accounts_user", "audit": "accounts_accesslog"}
    addresses = [reverse("admin:index"), page(names[guard], "changelist")]
    addresses += [page("accounts_user", "add"), page("accounts_user", "change", user.pk)] if guard == "system" else []
    for address in addresses:
        assert english(client.get(address).content.decode()) == set(), address
