"""Passbooks, cover and expiry on their pages: what the paper and its scan show, and to whom."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from openpyxl import load_workbook

from governance.disclosure.notices import notice_withdraw, objection_file
from governance.frame.due import lines_of
from moral_bank.ledger.services import entry_post, points_spend
from moral_bank.models import Expiry, Passbook, Proxy, Shop
from moral_bank.passbooks.due import KINDS
from moral_bank.passbooks.expiry import expiry_decide
from moral_bank.passbooks.public_views import MISSES
from moral_bank.passbooks.services import passbook_issue, passbook_revoke, passbook_token
from tests.answers import streamed
from tests.moral_bank.passbooks.test_cover import fund
from tests.pages import Desk

CANARY = "赵小丽"


class PassbookDesk(Desk):
    """A desk whose first household has a passbook and entries with names in their memos."""

    def __init__(self) -> None:
        super().__init__()
        self.account = self.accounts[0]
        self.household = self.account.household
        self.household.address, self.household.head_name = "柏树院18号", CANARY
        self.household.save()
        self.passbook = passbook_issue(household=self.household, by=self.cast["yard_head"])
        self.earn("a", memo=f"帮{CANARY}收麦")
        points_spend(account=self.account, points=2, memo=f"{CANARY}领", by=self.cast["staff"], source_key="s")

    def earn(self, key: str, memo: str = "", at: datetime | None = None) -> None:
        deed = self.deeds["S1"]
        day = date(2026, 3, 2) if at is None else at.date()
        entry_post(account=self.account, deed=deed, occurred_on=day, by=self.cast["staff"], source_key=key, memo=memo, at=at)

    @property
    def scanned(self) -> str:
        return reverse("public:passbook", args=[passbook_token(self.passbook)])

    def client(self, role: str) -> Client:
        client = Client()
        client.force_login(self.cast[role])
        return client

    def page(self, name: str, pk: int | None = None) -> str:
        return reverse(f"moral_bank:{name}", args=[pk or self.household.pk])


@pytest.fixture
def desk(db: None) -> PassbookDesk:
    cache.delete("tried:passbook:127.0.0.1")
    return PassbookDesk()


def test_a_scan_shows_points_and_no_person(desk: PassbookDesk) -> None:
    answer = Client().get(desk.scanned)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "3 分" in text and "参加志愿服务" in text and "支取" in text
    for hidden in (CANARY, desk.household.number, "柏树院", "18号", desk.cast["staff"].name, desk.cast["yard_head"].name):
        assert hidden not in text
    assert "no-store" in answer["Cache-Control"] and "noindex" in answer["X-Robots-Tag"]


def test_unknown_and_revoked_keys_get_the_same_answer(desk: PassbookDesk) -> None:
    address = desk.scanned
    passbook_revoke(passbook=desk.passbook, reason="遗失", by=desk.cast["staff"])
    revoked, unknown = Client().get(address), Client().get(reverse("public:passbook", args=["A" * 24]))
    assert revoked.status_code == unknown.status_code == 404
    strip = re.compile(rb"nonce-\S+|csrf\S+")
    assert strip.sub(b"", revoked.content) == strip.sub(b"", unknown.content)
    assert revoked["Cache-Control"] == unknown["Cache-Control"]


def test_guessing_is_slowed_and_the_right_key_still_opens(desk: PassbookDesk) -> None:
    wrong = reverse("public:passbook", args=["B" * 24])
    answers = [Client().get(wrong).status_code for _ in range(MISSES + 1)]
    assert answers == [404] * MISSES + [429]
    assert Client().get(desk.scanned).status_code == 200
    cache.delete("tried:passbook:127.0.0.1")


def test_a_scan_shows_another_month(desk: PassbookDesk) -> None:
    desk.earn("march", at=datetime(2026, 3, 20, 4, tzinfo=UTC))
    text = Client().get(f"{desk.scanned}?month=2026-03").content.decode()
    assert "2026年3月明细" in text and "2026-03-20" in text
    for wrong in ("2026-Q1", "x", "2999-01"):
        assert Client().get(f"{desk.scanned}?month={wrong}").status_code == 200


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as found:
        assert client.get(address).status_code == 200
    return len(found)


@pytest.mark.parametrize("name", ["public", "passbook-list", "household-passbook", "passbook-print", "cover-list", "expiry-list"])
def test_queries_do_not_grow_with_rows(desk: PassbookDesk, name: str) -> None:
    client = desk.client("staff")
    addresses = {
        "public": desk.scanned,
        "household-passbook": desk.page("household-passbook"),
        "passbook-print": desk.page("passbook-print", desk.passbook.pk),
    }
    address = addresses.get(name) or reverse(f"moral_bank:{name}")
    shop(desk, 1_000_000)
    decided(desk, 62)
    client.get(address)
    before = queries(client, address)
    for number in range(5):
        desk.earn(f"more:{number}")
    desk.grow(4)
    for account in desk.accounts[1:]:
        passbook_issue(household=account.household, by=desk.cast["staff"])
    decided(desk, 61)
    assert queries(client, address) == before


def test_it_prints_the_same_code_again_until_revoked(desk: PassbookDesk) -> None:
    client = desk.client("cadre")
    first, second = (client.get(desk.page("passbook-print", desk.passbook.pk)).content.decode() for _ in range(2))
    code = re.compile(r"<svg.*?</svg>", re.DOTALL)
    assert code.findall(first) == code.findall(second) and len(code.findall(first)) == 1
    heads = "".join(f"<th>{head}</th>" for head in ("日期", "事由", "存入", "支取", "结余", "经办人"))
    assert heads in first and CANARY in first and desk.household.number in first
    passbook_revoke(passbook=desk.passbook, reason="遗失", by=desk.cast["staff"])
    assert client.get(desk.page("passbook-print", desk.passbook.pk)).status_code == 302


def test_it_issues_and_revokes_on_the_household_s_page(desk: PassbookDesk) -> None:
    client = desk.client("yard_head")
    address = desk.page("passbook-revoke", desk.passbook.pk)
    refused = client.post(address, {"reason": ""})
    assert refused.status_code == 422 and "请写明作废原因" in refused.content.decode()
    assert client.post(address, {"reason": "遗失"}).status_code == 302
    answer = client.post(desk.page("passbook-issue"), follow=True)
    assert "道德银行积分存折" in answer.content.decode()
    assert Passbook.objects.filter(revoked_at=None).count() == 1
    again = client.post(desk.page("passbook-issue"), follow=True)
    assert "存折还有效" in again.content.decode()


def test_a_refused_proxy_keeps_what_was_typed(desk: PassbookDesk) -> None:
    client = desk.client("yard_head")
    refused = client.post(desk.page("proxy-add"), {"name": "钱多多", "relation": "", "consent": "当面"})
    text = refused.content.decode()
    assert refused.status_code == 422 and 'value="钱多多"' in text and "请写与户主关系" in text
    assert client.post(desk.page("proxy-add"), {"name": "钱多多", "relation": "侄子", "consent": "当面"}).status_code == 302
    assert "钱多多" in client.get(desk.page("household-passbook")).content.decode()
    proxy = Proxy.objects.get()
    assert client.post(desk.page("proxy-end", proxy.pk)).status_code == 302
    proxy.refresh_from_db()
    assert proxy.ended_on is not None


def test_who_only_looks_sees_the_statement_and_no_button(desk: PassbookDesk) -> None:
    text = desk.client("overseer").get(desk.page("household-passbook")).content.decode()
    assert "结余" in text and f"帮{CANARY}收麦" in text
    for word in ("发放存折", "打印存折", ">登记代领人<", ">作废<"):
        assert word not in text


def test_it_exports_the_official_columns(desk: PassbookDesk) -> None:
    answer = desk.client("cadre").get(desk.page("statement-export"))
    rows = list(load_workbook(BytesIO(streamed(answer))).active.values)
    found = [[str(cell) if cell is not None else "" for cell in row] for row in rows]
    assert ["日期", "事由", "存入", "支取", "结余", "经办人", "系统编号"] in found
    assert [row[2:5] for row in found[-2:]] == [["5", "", "5"], ["", "2", "3"]]
    for name in ("passbook-export", "cover-export", "expiry-export"):
        assert desk.client("staff").get(reverse(f"moral_bank:{name}")).status_code == 200


def test_lists_say_what_to_do_where_they_are_empty(db: None) -> None:
    desk = Desk()
    client = Client()
    client.force_login(desk.cast["staff"])
    for name, words in (
        ("passbook-list", "还没有发放存折"),
        ("cover-list", "还没有道德超市"),
        ("expiry-list", "积分长期有效"),
    ):
        assert words in client.get(reverse(f"moral_bank:{name}")).content.decode()
    assert "没有符合条件" in client.get(f"{reverse('moral_bank:passbook-list')}?q=无").content.decode()


def shop(desk: PassbookDesk, cents: int = 400) -> Shop:
    """Its fund in cents; 100 cents a point."""
    made, _ = Shop.objects.get_or_create(village=desk.village, defaults={"name": "八一道德超市", "cents_per_point": 100})
    fund(made, cents + 10_000, desk.cast["staff"])
    fund(made, -10_000, desk.cast["staff"])
    return made


def decided(desk: PassbookDesk, days: int) -> Expiry:
    day = timezone.localdate()
    return expiry_decide(
        village=desk.village, earned_until=day, expires_on=day + timedelta(days=days), basis="村民会议", by=desk.cast["staff"]
    )


def test_it_says_how_far_the_cover_reaches(desk: PassbookDesk) -> None:
    shop(desk, 400)
    client = desk.client("cadre")
    listed = client.get(reverse("moral_bank:cover-list")).content.decode()
    assert "75%" in listed and "正常" in listed and "4.00" in listed
    fund(Shop.objects.get(), -100, desk.cast["staff"])
    page = client.get(desk.page("cover-detail", desk.village.pk)).content.decode()
    assert "100%" in page and "积分停发" in page and "兑换照常" in page
    todo = lines_of(KINDS, desk.cast["secretary"], timezone.now())
    assert [one.title for one in todo] == ["资金覆盖停发：八一村"] and "停发" in todo[0].words
    assert lines_of(KINDS, desk.cast["overseer"], timezone.now()) == []
    filtered = client.get(f"{reverse('moral_bank:cover-list')}?level=ok").content.decode()
    assert "没有符合条件" in filtered


def words_of(client: Client, address: str) -> str:
    return " ".join(strip_tags(client.get(address).content.decode()).split())


def test_it_announces_and_cancels_an_expiry(desk: PassbookDesk) -> None:
    client, day = desk.client("staff"), timezone.localdate()
    sent = {"village": desk.village.pk, "earned_until": day, "expires_on": day + timedelta(days=5), "basis": "村民会议"}
    refused = client.post(reverse("moral_bank:expiry-create"), sent)
    text = refused.content.decode()
    assert refused.status_code == 422 and "至少在 30 天以后" in text and 'value="村民会议"' in text
    days = {"earned_until": day + timedelta(days=31), "expires_on": day + timedelta(days=32)}
    early = client.post(reverse("moral_bank:expiry-create"), {**sent, **days})
    assert "次月的最后一天" in early.content.decode()
    sent["expires_on"] = day + timedelta(days=62)
    done = client.post(reverse("moral_bank:expiry-create"), sent, follow=True)
    assert "有 1 户、共 3 分到期" in done.content.decode()
    expiry = Expiry.objects.get()
    told = "到期 3 分"
    assert told in client.get(desk.page("household-passbook")).content.decode()
    assert told in Client().get(desk.scanned).content.decode()
    assert "积分到期公示" in Client().get(reverse("public:notice", args=[expiry.notice_id])).content.decode()
    cancel, listed = desk.page("expiry-cancel", expiry.pk), reverse("moral_bank:expiry-list")
    assert client.post(cancel, {"reason": ""}).status_code == 422
    notice_withdraw(notice=expiry.notice, reason="写错了", by=desk.cast["staff"])
    assert "公示已撤回，不执行 写错了" in words_of(client, f"{listed}?state=withdrawn")
    assert "没有符合条件" in client.get(f"{listed}?state=waiting").content.decode()
    assert client.post(cancel, {"reason": "改期"}).status_code == 302
    assert "已取消 改期" in words_of(client, listed)
    assert "已取消：改期" in client.get(cancel).content.decode()
    assert told not in Client().get(desk.scanned).content.decode()


def test_it_shows_what_keeps_an_expiry_from_running(desk: PassbookDesk) -> None:
    client, listed, expiry = desk.client("staff"), reverse("moral_bank:expiry-list"), decided(desk, 62)
    for number in range(2):
        objection_file(notice=expiry.notice, row_number=None, name=f"李{number}", phone="13900000000", text="没有开会")
    assert "有异议未办结，暂不执行" in client.get(listed).content.decode()
    assert "有异议未办结" in client.get(reverse("admin:moral_bank_expiry_changelist")).content.decode()
    rows = load_workbook(BytesIO(streamed(client.get(reverse("moral_bank:expiry-export"))))).active
    assert "有异议未办结，暂不执行" in [row[7] for row in rows.values]


def test_a_program_gets_no_month_to_come(desk: PassbookDesk) -> None:
    client, address = desk.client("staff"), f"/api/v1/accounts/{desk.account.pk}/statement/"
    refused = ("9999-12", "2199-12", "2026-Q1", "abc", "0001-01")
    for month, status in (*((month, 400) for month in refused), ("1999-01", 200), ("2026-03", 200), ("", 200)):
        assert client.get(address, {"month": month}).status_code == status
    assert "还没有到" in client.get(address, {"month": "2199-12"}).content.decode()


def test_the_household_leads_there_whoever_may_read_it(desk: PassbookDesk) -> None:
    page, passbook = reverse("villages:household-detail", args=[desk.household.pk]), desk.page("household-passbook")
    for role, may in (("overseer", True), ("child_head", False)):
        client = desk.client(role)
        assert (passbook in client.get(page).content.decode(), client.get(passbook).status_code == 200) == (may, may), role
