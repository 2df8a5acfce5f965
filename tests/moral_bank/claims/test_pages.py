"""Logging a deed, the lists of claims, verifying, returning, withdrawing, and one claim's way."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from governance.accounts.duties import Duty
from governance.sheets.reader import read_workbook
from moral_bank.claims.appeals import appeal_answer, appeal_file
from moral_bank.claims.services import claim_reject, claims_waiting_for, may_verify
from moral_bank.models import Claim, Entry
from moral_bank.rules.models import Head
from tests.builders import make_deed, make_locked_month, make_rule_set, make_user
from tests.pages import Desk, neighbour, queries, read
from villages.models import Post

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    return Desk()


def form(desk: Desk, code: str = "S1", **changes: Any) -> dict[str, Any]:
    return {"occurred_on": "2026-04-01", "deed": desk.deeds[code].pk, "note": "", **changes}


def send(client: Client, desk: Desk, data: dict[str, Any], duty: str = "cadre") -> Any:
    client.force_login(desk.cast[duty])
    return client.post(f"/households/{desk.accounts[0].household_id}/log/", data, follow=True)


@time_machine.travel("2026-04-02T10:00:00+08:00")
def test_it_keeps_a_deed_and_shows_it_on_the_household(client: Client, desk: Desk) -> None:
    page = send(client, desk, form(desk, note="清理河道")).content.decode()
    assert "已记下：参加志愿服务，待核实" in page
    assert "清理河道" in page
    claim = Claim.objects.get()
    assert (claim.declared_by, claim.score, claim.occurred_on) == (desk.cast["cadre"], 5, date(2026, 4, 1))


@time_machine.travel("2026-04-02T10:00:00+08:00")
def test_it_keeps_one_claim_when_sent_twice(client: Client, desk: Desk) -> None:
    data = form(desk, once="1")
    send(client, desk, data)
    assert "没有重复登记" in send(client, desk, data).content.decode()
    assert Claim.objects.count() == 1
    other = send(client, desk, {**data, "deed": desk.deeds["L1"].pk}).content.decode()
    assert "这张表已经提交过" in other
    assert Claim.objects.count() == 1


@pytest.mark.parametrize(("score", "kept"), [("7", True), ("", False), ("0", False), ("11", False), ("x", False)])
@time_machine.travel("2026-04-02T10:00:00+08:00")
def test_it_takes_a_judged_figure_within_its_range(client: Client, desk: Desk, score: str, kept: bool) -> None:
    data = form(desk, "J1", **{f"score-{desk.deeds['J1'].pk}": score})
    response = send(client, desk, data)
    assert response.status_code == (200 if kept else 422)
    assert list(Claim.objects.values_list("score", flat=True)) == ([7] if kept else [])


@pytest.mark.parametrize("path", ["/households/{home}/log/", "/claims/batch/"])
def test_it_leads_from_each_error_to_its_field(client: Client, desk: Desk, path: str) -> None:
    client.force_login(desk.cast["cadre"])
    home = desk.accounts[0].household_id
    response = client.post(path.format(home=home), {"place": desk.village.pk, "occurred_on": "", "source": "household"})
    page = response.content.decode()
    links = re.findall(r'<a\s+href="#(id_[^"]*)">([^<]*)</a>：', page)
    assert response.status_code == 422 and ("id_deed", "事项") in links and len(links) >= 3
    for field, label in links:
        assert f'id="{field}"' in page and not label.isascii(), field


@time_machine.travel("2026-04-02T10:00:00+08:00")
def test_it_gives_back_what_was_typed_when_refused(client: Client, desk: Desk) -> None:
    data = form(desk, note="清理河道", occurred_on="2026-04-03")
    response = send(client, desk, data)
    page = response.content.decode()
    assert response.status_code == 422
    assert "发生日期不能晚于今天" in page
    assert 'value="清理河道"' in page
    assert f'value="{desk.deeds["S1"].pk}" checked' in page


@time_machine.travel("2026-04-02T10:00:00+08:00")
def test_it_offers_the_deeds_of_the_day(client: Client, desk: Desk) -> None:
    second = make_rule_set(desk.township, version=2, valid_from=date(2026, 4, 1), adopted=False)
    make_deed(second, "N1", Head.CIVILITY, "新事项", 3)
    second.state, second.adopted_at = "adopted", timezone.now()
    second.save()
    client.force_login(desk.cast["cadre"])
    assert "新事项" in client.get(f"/households/{desk.accounts[0].household_id}/log/").content.decode()
    response = send(client, desk, {**form(desk), "occurred_on": "2026-04-01"})
    assert "不属于发生当日施行的积分细则" in response.content.decode()
    send(client, desk, {**form(desk), "occurred_on": "2026-03-31"})
    assert Claim.objects.get().occurred_on == date(2026, 3, 31)


@time_machine.travel("2026-04-02T10:00:00+08:00")
def test_it_puts_frequent_deeds_first(client: Client, desk: Desk) -> None:
    path = f"/households/{desk.accounts[0].household_id}/log/"
    assert "常用</a>" not in read(client, desk.cast["cadre"], path)
    desk.claim("L1")
    page = read(client, desk.cast["cadre"], path)
    assert page.index("参与赌博") < page.index("参加志愿服务")
    assert page.count("参与赌博") == 1


@pytest.mark.parametrize("duty", ["leader", "supervisor", "overseer", "system"])
def test_it_lets_only_declarers_log(client: Client, desk: Desk, duty: str) -> None:
    assert send(client, desk, form(desk), duty).status_code == 404
    assert not Claim.objects.exists()


def test_it_waits_for_exactly_those_who_may_verify(desk: Desk) -> None:
    """`claims_waiting_for` says in one statement what `may_verify` says claim by claim, whoever stands or has gone."""
    other = neighbour()
    for code in ("S1", "J1"):
        for by in ("cadre", "yard_head", "sanitation", "staff"):
            desk.claim(code, by=by)
    for vacant in (None, Duty.YARD_HEAD, Duty.SANITATION):
        if vacant:
            Post.objects.filter(kind=vacant, unit__path__startswith=desk.village.path).update(ended_on=date(2026, 2, 1))
        for user in (*desk.cast.values(), *other.values()):
            user.__dict__.pop("grants", None)
            wanted = {claim.pk for claim in Claim.objects.all() if may_verify(claim, user)}
            assert set(claims_waiting_for(user).values_list("pk", flat=True)) == wanted, (user, vacant)
    assert claims_waiting_for(desk.cast["cadre"]).exists(), "the cadre stands in where the post is vacant"


def test_it_counts_an_officer_who_cannot_log_in_as_absent(desk: Desk) -> None:
    desk.claim(by="staff")
    assert not claims_waiting_for(desk.cast["secretary"]).exists()
    officer = desk.cast["yard_head"]
    officer.is_active = False
    officer.save()
    assert claims_waiting_for(desk.cast["secretary"]).exists()


def test_it_verifies_and_sends_to_the_panel(client: Client, desk: Desk) -> None:
    claim = desk.claim()
    client.force_login(desk.cast["yard_head"])
    assert client.get(f"/claims/{claim.pk}/verify/").status_code == 405
    assert "已核实，等待评议" in client.post(f"/claims/{claim.pk}/verify/", follow=True).content.decode()
    assert not Entry.objects.exists()
    again = client.post(f"/claims/{claim.pk}/verify/", follow=True).content.decode()
    assert "不能重复办理" in again
    assert "参加志愿服务" in read(client, desk.cast["yard_head"], "/claims/?tab=verified")


def test_it_returns_with_a_reason(client: Client, desk: Desk) -> None:
    claim = desk.claim()
    client.force_login(desk.cast["yard_head"])
    assert "请写明退回原因" in client.post(f"/claims/{claim.pk}/reject/", {"reason": " "}).content.decode()
    client.post(f"/claims/{claim.pk}/reject/", {"reason": "时间不清楚"})
    claim.refresh_from_db()
    assert (claim.state, claim.reason) == ("rejected", "时间不清楚")
    assert "时间不清楚" in read(client, desk.cast["cadre"], "/claims/?tab=returned")


def test_it_refuses_the_declarer_and_the_wrong_officer(client: Client, desk: Desk) -> None:
    claim = desk.claim()
    for duty, words in (("cadre", "不能核实自己的申报"), ("mediator", "不归您核实")):
        client.force_login(desk.cast[duty])
        assert words in client.post(f"/claims/{claim.pk}/verify/", follow=True).content.decode()
    for user in (*neighbour().values(), desk.cast["leader"], make_user("newcomer")):
        client.force_login(user)
        assert client.post(f"/claims/{claim.pk}/verify/").status_code == 404
        assert client.post(f"/claims/{claim.pk}/reject/", {"reason": "x"}).status_code == 404
    claim.refresh_from_db()
    assert claim.state == "declared"


@time_machine.travel("2026-04-02T10:00:00+08:00")
def test_it_writes_down_for_the_household_and_the_neighbour(client: Client, desk: Desk) -> None:
    head = desk.accounts[0].household.head_name
    path = f"/households/{desk.accounts[0].household_id}/log/"
    assert "对方如何同意代录" not in read(client, desk.cast["cadre"], path), "three taps stay three taps"
    assert "对方如何同意代录" in read(client, desk.cast["cadre"], f"{path}?told=1")
    page = send(client, desk, form(desk, source="household", consent="phone")).content.decode()
    assert f"（{head}申报），待核实" in page and f"{head}申报，" in page
    response = send(client, desk, form(desk, "L1", source="neighbour", applicant="", consent=""))
    page = response.content.decode()
    assert response.status_code == 422 and re.search('value="neighbour"[^>]* checked', page)
    assert "请写申报的人" in page and "请选对方如何同意代录" in page
    send(client, desk, form(desk, "L1", source="cadre", applicant="李四", consent="phone"))
    kept = Claim.objects.order_by("pk").values_list("source", "applicant", "consent")
    assert list(kept) == [("household", head, "phone"), ("cadre", "", "")]


@time_machine.travel("2026-04-02T10:00:00+08:00")
def test_it_counts_by_quantity_and_hints_at_what_is_alike(client: Client, desk: Desk) -> None:
    second = make_rule_set(desk.township, version=2, valid_from=date(2026, 4, 1), adopted=False)
    deed = make_deed(second, "H1", Head.SERVICE, "志愿服务时长", 2, by_quantity=True, unit="小时")
    second.state, second.adopted_at = "adopted", timezone.now()
    second.save()
    data = {"occurred_on": "2026-04-01", "deed": deed.pk, f"quantity-{deed.pk}": "3"}
    assert "核对是否记重" not in send(client, desk, data).content.decode()
    assert "核对是否记重" in send(client, desk, data).content.decode()
    assert list(Claim.objects.values_list("quantity", "score")) == [(3, 6), (3, 6)]
    refused = send(client, desk, {**data, f"quantity-{deed.pk}": ""})
    assert refused.status_code == 422 and "的数量（小时）" in refused.content.decode()
    assert "请核对是否记重" in read(client, desk.cast["yard_head"], "/claims/")


@time_machine.travel("2026-04-02T10:00:00+08:00")
def test_it_refuses_a_locked_month_on_the_form(client: Client, desk: Desk) -> None:
    make_locked_month(desk.village, desk.deeds["S1"].rule_set, date(2026, 3, 1))
    response = send(client, desk, form(desk, occurred_on="2026-03-31", note="清理河道"))
    assert response.status_code == 422
    assert "该月评分已锁定" in response.content.decode() and "清理河道" in response.content.decode()


def test_it_withdraws_what_i_declared(client: Client, desk: Desk) -> None:
    claim = desk.claim()
    assert "撤回</button>" in read(client, desk.cast["cadre"], f"/claims/{claim.pk}/")
    assert "撤回</button>" not in read(client, desk.cast["secretary"], f"/claims/{claim.pk}/")
    client.force_login(desk.cast["secretary"])
    assert "只有申报人" in client.post(f"/claims/{claim.pk}/withdraw/", follow=True).content.decode()
    client.force_login(desk.cast["cadre"])
    page = client.post(f"/claims/{claim.pk}/withdraw/", follow=True).content.decode()
    assert "已撤回" in page and "<strong>撤回</strong>" in page


def test_it_shows_the_way_of_a_claim(client: Client, desk: Desk) -> None:
    claim = desk.claim(source="neighbour", applicant="李四", consent="spoken", note="清理河道")
    claim_reject(claim=claim, reason="时间不清楚", by=desk.cast["yard_head"])
    appeal = appeal_file(claim=claim, name="李四", text="有人作证", by=desk.cast["cadre"])
    appeal_answer(appeal=appeal, upheld=True, answer="属实", by=desk.cast["staff"])
    page = read(client, desk.cast["cadre"], f"/claims/{claim.pk}/")
    for words in ("李四", "当面口头同意", "清理河道", "时间不清楚", "申诉成立", f"/appeals/{appeal.pk}/"):
        assert words in page
    steps = re.findall(r"<strong>(申报|退回|申诉成立，重新评议)</strong>", page)
    assert steps == ["申报", "退回", "申诉成立，重新评议"]


def test_it_lists_by_state_village_month_and_name(client: Client, desk: Desk) -> None:
    desk.grow(1)
    now = timezone.now()
    done: dict[str, Any] = {"decided_by": desk.cast["yard_head"], "decided_at": now}
    desk.claim(state="verified", note="第一件", **done)
    desk.claim(account=desk.accounts[1], occurred_on=date(2026, 2, 3), note="第二件")
    desk.claim("L1", state="rejected", reason="x", note="第三件", **done)

    def shown(query: str) -> list[str]:
        page = read(client, desk.cast["secretary"], f"/claims/?{query}")
        return [words for words in ("第一件", "第二件", "第三件") if words in page]

    assert shown("tab=verified") == ["第一件"]
    assert shown("tab=all") == ["第一件", "第二件", "第三件"]
    with time_machine.travel("2026-04-02T10:00:00+08:00"):
        assert shown("tab=all&month=2026-02") == ["第二件"]
    assert shown("tab=all&state=rejected") == ["第三件"]
    assert shown(f"tab=all&q={desk.accounts[1].household.number}") == ["第二件"]
    page = read(client, desk.cast["secretary"], "/claims/?tab=all&q=没有这个人")
    assert "没有符合的申报" in page and "共 0 条" in page


@pytest.mark.parametrize(("duty", "query", "offered"), [
    ("yard_head", "", False), ("yard_head", "tab=all", True), ("yard_head", "tab=x", False),
    ("leader", "", True), ("leader", "tab=posted", False),
])  # fmt: skip
def test_it_offers_the_states_on_the_tabs_that_have_several(client: Client, desk: Desk, duty: str, query: str, offered: bool) -> None:
    assert ('name="state"' in read(client, desk.cast[duty], f"/claims/?{query}")) is offered


def test_it_exports_what_the_list_shows(client: Client, desk: Desk) -> None:
    desk.claim(note="第一件")
    desk.claim("L1", note="第二件", state="withdrawn")
    client.force_login(desk.cast["secretary"])
    answer = client.get("/claims/export/?tab=all&state=declared")
    (sheet,) = read_workbook(b"".join(answer.streaming_content), "a.xlsx")  # type: ignore[attr-defined]
    title, heading, *rows = sheet.rows.values()
    assert title[0] == "积分申报台账" and heading[:7] == ["序号", "村（社区）", "户号", "户主", "申报事项", "发生日期", "申报人"]
    assert [row[9] for row in rows] == ["第一件"]
    assert client.get("/ledgers/claims/xlsx/?period=2026").status_code == 200
    assert "第一件" in client.get(f"/ledgers/claims/print/?period=2026&village={desk.village.pk}").content.decode()


@pytest.mark.parametrize("tab", ["waiting", "declared", "returned", "verified", "all"])
def test_it_reads_as_often_for_many_claims(client: Client, desk: Desk, tab: str) -> None:
    def fill(times: int) -> int:
        desk.grow(times)
        for account in desk.accounts[-times:]:
            desk.claim(account=account)
            desk.claim(account=account, by="yard_head")
            desk.claim(
                account=account,
                by="yard_head",
                state="rejected",
                reason="时间不清楚",
                decided_by=desk.cast["cadre"],
                decided_at=timezone.now(),
            )
            desk.claim(
                account=account, state="verified", decided_by=desk.cast["yard_head"], decided_at=timezone.now()
            )
        return queries(client, desk.cast["yard_head"], f"/claims/?tab={tab}")

    assert fill(3) == fill(30)
