"""Pages of the panel: members, a sitting written down, records and papers, what waits, the strike after an objection."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import openpyxl
import pytest
import time_machine
from django.test import Client

from governance.disclosure.notices import objection_answer, objection_file
from moral_bank.models import Claim, Judgement, PanelMember, Sitting, Vote
from moral_bank.panel.services import Verdict, kin_reason, sitting_record
from tests.builders import make_household, make_resident, make_village
from tests.moral_bank.panel.house import NAMES, make_member
from tests.pages import Desk, neighbour, queries, read
from villages.models import Household, Resident

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("april")]


@pytest.fixture
def april():  # type: ignore[no-untyped-def]
    with time_machine.travel("2026-04-02T10:00:00+08:00") as clock:
        yield clock


class PanelDesk(Desk):
    """A village with a panel of five, and verified claims at will."""

    def __init__(self, households: int = 2, members: int = 5) -> None:
        super().__init__(households)
        self.members = [make_member(self.village, NAMES[n], by=self.cast["staff"]) for n in range(members)]
        self.record = f"/panels/{self.village.pk}/record/"

    def verified(self, code: str = "S1", **fields: Any) -> Claim:
        decided = {"decided_by": self.cast["yard_head"], "decided_at": "2026-03-12T10:00:00+08:00"}
        score = fields.pop("score", None)
        claim = self.claim(code, **{"state": "verified", **decided, **fields})
        if score is not None:
            claim.score = score
            claim.save(update_fields=["score"])
        return claim

    def sent(self, *claims: Claim, **changes: Any) -> dict[str, Any]:
        """The form as the page presets it, with changes."""
        data: dict[str, Any] = {
            "held_on": "2026-04-01",
            "note": "",
            "member": [str(member.pk) for member in self.members],
        }
        for claim in claims:
            data |= {f"whole-{claim.pk}": "yes", f"score-{claim.pk}": str(claim.score)}
            data[f"reason-{claim.pk}"] = f"情况属实，同意申报的 {claim.score} 分" if claim.deed.is_judged else ""
        return data | changes

    def sat(self, *claims: Claim) -> Sitting:
        votes = [{member.pk: ("yes", "") for member in self.members if not kin_reason(member, claim)} for claim in claims]
        return sitting_record(
            village=self.village,
            held_on=date(2026, 4, 1),
            members=self.members,
            verdicts=[Verdict(claim, True, said) for claim, said in zip(claims, votes, strict=True)],
            by=self.cast["secretary"],
        )


@pytest.fixture
def desk() -> PanelDesk:
    return PanelDesk()


# --- members ---------------------------------------------------------------------------------------------------------


def test_it_warns_where_the_panel_is_too_small(client: Client) -> None:
    desk = PanelDesk(members=2)
    desk.verified()
    make_village(desk.township, "马鞍村委会", "511923102202")
    page = read(client, desk.cast["secretary"], f"/panels/{desk.village.pk}/")
    assert "现有成员 2 人，不足 3 人，不能评议申报" in page
    assert "登记评议会</a>" not in page
    assert "评议小组不足 3 人" in read(client, desk.cast["secretary"], desk.record)
    listed = read(client, desk.cast["staff"], "/panels/?state=few")
    assert "共 2 个村" in listed and "不足 3 人" in listed
    assert "共 1 个村" in read(client, desk.cast["staff"], "/panels/?state=waiting")


def test_it_leads_a_village_to_its_own_panel(client: Client, desk: PanelDesk) -> None:
    client.force_login(desk.cast["cadre"])
    assert client.get("/panels/")["Location"] == f"/panels/{desk.village.pk}/"


def test_it_seats_and_lets_go(client: Client, desk: PanelDesk) -> None:
    person = make_resident(make_household(desk.village, "冯七"), "冯七", phone="15400000009")
    client.force_login(desk.cast["secretary"])
    path = f"/panels/{desk.village.pk}/add/"
    assert "冯七" in client.get(f"{path}?q=冯").content.decode()
    assert "没有找到" in client.get(f"{path}?q=钱多多").content.decode()
    assert "确认" not in client.get(f"{path}?resident={person.pk}").content.decode()
    late = client.post(path, {"resident": person.pk, "appointed_on": "2026-04-03"})
    assert (late.status_code, "不能晚于今天" in late.content.decode()) == (422, True)
    page = client.post(path, {"resident": person.pk, "appointed_on": "2026-04-01"}, follow=True).content.decode()
    assert "冯七已登记为评议小组成员" in page
    member = PanelMember.objects.get(resident=person)
    page = client.post(f"/panel-members/{member.pk}/end/", {"ended_on": "2026-04-02"}, follow=True).content.decode()
    assert "冯七已退出评议小组" in page
    assert "已退出的成员（1 人）" in page
    assert "已经退出" in client.post(f"/panel-members/{member.pk}/end/", {"ended_on": "2026-04-02"}, follow=True).content.decode()


# --- a sitting -------------------------------------------------------------------------------------------------------


def test_it_presets_no_verdict_but_kin_to_recused(client: Client, desk: PanelDesk) -> None:
    desk.members.append(make_member(desk.village, "王小红", household=desk.accounts[0].household, by=desk.cast["staff"]))
    claim, judged = desk.verified(note="清理河道"), desk.verified("J1", account=desk.accounts[1], score=6)
    page = read(client, desk.cast["secretary"], desk.record)
    assert "评议 2 条申报" in page
    assert f'id="whole-{claim.pk}-later" value="later" checked' in page and 'value="yes" checked' not in page
    assert f'id="seat-{desk.members[0].pk}" value="{desk.members[0].pk}" checked' in page
    assert "王小红：与申报户同户" in page
    assert f'name="vote-{claim.pk}-{desk.members[5].pk}"' not in page
    assert f'name="vote-{judged.pk}-{desk.members[5].pk}"' in page
    assert f'name="score-{judged.pk}"' in page and f'name="score-{claim.pk}"' not in page
    Resident.objects.filter(pk=desk.members[0].resident_id).update(status="moved")
    page = read(client, desk.cast["secretary"], desk.record)
    assert f'id="seat-{desk.members[0].pk}" value="{desk.members[0].pk}">' in page and "赵永福（迁出）" in page
    Resident.objects.filter(pk=desk.members[0].resident_id).update(status="present")
    client.post(desk.record, desk.sent(claim, judged))
    assert set(Claim.objects.values_list("pk", "state", "score")) == {(claim.pk, "approved", 5), (judged.pk, "approved", 6)}
    assert Vote.objects.filter(choice="recused").get().reason == "与申报户同户"


def test_it_leaves_for_later_what_too_few_may_vote_on(client: Client) -> None:
    desk = PanelDesk(members=2)
    desk.members.append(make_member(desk.village, "王小红", household=desk.accounts[0].household, by=desk.cast["staff"]))
    own, other = desk.verified(), desk.verified(account=desk.accounts[1])
    page = read(client, desk.cast["secretary"], desk.record)
    assert all(f'id="whole-{one.pk}-later" value="later" checked' in page for one in (own, other))
    assert page.count("能表决的不足 3 人") == 1


def test_it_keeps_only_the_exceptions(client: Client, desk: PanelDesk) -> None:
    carried, refused, later = (desk.verified() for _ in range(3))
    first, second, third = (member.pk for member in desk.members[:3])
    client.force_login(desk.cast["secretary"])
    changes = {
        f"vote-{carried.pk}-{first}": "no",
        f"vote-{carried.pk}-{second}": "recused",
        f"why-{carried.pk}-{second}": "是亲戚",
        f"whole-{refused.pk}": "no",
        f"vote-{refused.pk}-{third}": "abstain",
        f"reason-{refused.pk}": "没有参加",
        f"whole-{later.pk}": "later",
    }
    answer = client.post(desk.record, desk.sent(carried, refused, later, **changes), follow=True)
    page = answer.content.decode()
    assert "已记下评议会，评议 2 条申报" in page
    assert "同意 3，不同意 1，弃权 0，回避 1" in page and "是亲戚" in page
    states = dict(Claim.objects.values_list("pk", "state"))
    assert (states[carried.pk], states[refused.pk], states[later.pk]) == ("approved", "rejected", "verified")


def test_it_keeps_what_was_typed_and_names_the_claim(client: Client, desk: PanelDesk) -> None:
    fine, bad = desk.verified(), desk.verified(account=desk.accounts[1])
    client.force_login(desk.cast["secretary"])
    sent = desk.sent(fine, bad, **{f"whole-{bad.pk}": "no", "note": "院坝会", f"vote-{fine.pk}-{desk.members[0].pk}": "abstain"})
    sent["member"] = sent["member"][:4]
    answer = client.post(desk.record, sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "王小明户“参加志愿服务”：不通过须写明评议意见。" in page
    assert f'href="#claim-{bad.pk}"' in page
    assert f'id="whole-{bad.pk}-no" value="no" checked' in page
    assert 'value="院坝会"' in page and '<option value="abstain" selected>' in page
    assert f'value="{desk.members[4].pk}" checked' not in page
    assert not Sitting.objects.exists()


def test_it_takes_the_panels_figure(client: Client, desk: PanelDesk) -> None:
    claim = desk.verified("J1", score=6)
    client.force_login(desk.cast["secretary"])
    answer = client.post(desk.record, desk.sent(claim, **{f"score-{claim.pk}": "8"}))
    assert "写明理由" in answer.content.decode(), "the preset words speak of the declared figure"
    client.post(desk.record, desk.sent(claim, **{f"score-{claim.pk}": "8", f"reason-{claim.pk}": "整洁"}))
    assert Judgement.objects.get().score == 8


def test_it_records_once_what_is_sent_twice(client: Client, desk: PanelDesk) -> None:
    claim = desk.verified()
    client.force_login(desk.cast["secretary"])
    sent = desk.sent(claim, once="1")
    first, second = client.post(desk.record, sent), client.post(desk.record, sent)
    assert first["Location"] == second["Location"]
    assert Sitting.objects.count() == 1


def test_it_says_what_somebody_else_has_decided_meanwhile(client: Client, desk: PanelDesk) -> None:
    claim = desk.verified()
    sent = desk.sent(claim)
    desk.sat(claim)
    client.force_login(desk.cast["secretary"])
    assert "这条申报待公示入账，不能评议" in client.post(desk.record, sent).content.decode()


# --- records, papers, to-do ------------------------------------------------------------------------------------------


def test_it_shows_and_prints_the_record(client: Client, desk: PanelDesk) -> None:
    sitting = desk.sat(desk.verified(), desk.verified(account=desk.accounts[1]))
    page = read(client, desk.cast["overseer"], f"/sittings/{sitting.pk}/")
    assert "同意 5，不同意 0，弃权 0，回避 0" in page
    paper = read(client, desk.cast["secretary"], f"/sittings/{sitting.pk}/print/")
    assert "道德银行评议记录" in paper and "、".join(NAMES[:5]) in paper
    listed = read(client, desk.cast["leader"], "/sittings/")
    assert "共 1 次" in listed and "2 条" in listed
    assert "没有符合条件的评议会" in read(client, desk.cast["leader"], "/sittings/?period=2026-01")


def test_it_shows_votes_to_those_only_who_see_the_villages_closings(client: Client, desk: PanelDesk) -> None:
    claim = desk.verified()
    desk.sat(claim)
    for duty, sees in (("secretary", True), ("overseer", True), ("yard_head", False), ("informant", False)):
        page = read(client, desk.cast[duty], f"/claims/{claim.pk}/")
        assert "评议会，" in page and ("赵永福" in page) is sees, duty


def test_it_exports_the_ledger_and_the_members(client: Client, desk: PanelDesk) -> None:
    desk.sat(desk.verified())
    client.force_login(desk.cast["staff"])
    for path in ("/sittings/export/", "/panels/export/", "/ledgers/sittings/xlsx/"):
        sheet = client.get(path)
        assert b"".join(sheet.streaming_content).startswith(b"PK")  # type: ignore[attr-defined]
    assert "赵永福" in client.get("/ledgers/sittings/print/?period=2026").content.decode()
    client.force_login(desk.cast["overseer"])
    assert client.get("/sittings/export/").status_code == 404


def test_it_exports_the_members_of_the_villages_that_the_list_shows(client: Client, desk: PanelDesk) -> None:
    desk.verified()
    few = make_village(desk.township, "马鞍村委会", "511923102202")
    make_member(few, "何少一", by=desk.cast["staff"])
    client.force_login(desk.cast["staff"])

    def exported(query: str) -> set[Any]:
        book = openpyxl.load_workbook(io.BytesIO(client.get(f"/panels/export/?{query}").getvalue()))
        return {row[0] for row in book.active.iter_rows(min_row=3, values_only=True)}

    assert exported("") == {str(desk.village), str(few)}
    assert (exported("state=waiting"), exported("state=few")) == ({str(desk.village)}, {str(few)})
    assert (exported(f"village={few.pk}"), exported(f"village={few.pk}&state=waiting")) == ({str(few)}, set())
    assert "没有导出" in client.get("/panels/export/?state=zzz", follow=True).content.decode()


def test_it_reminds_who_records(client: Client, desk: PanelDesk) -> None:
    desk.verified(), desk.verified()
    assert "待评议 2 条" in read(client, desk.cast["secretary"], "/")
    assert "待评议" not in read(client, desk.cast["yard_head"], "/")


def test_it_is_absent_for_strangers(client: Client, desk: PanelDesk) -> None:
    sitting, member = desk.sat(desk.verified()), desk.members[0]
    for user in neighbour().values():
        client.force_login(user)
        for path in (f"/panels/{desk.village.pk}/", desk.record, f"/sittings/{sitting.pk}/", f"/sittings/{sitting.pk}/print/"):
            assert client.get(path).status_code == 404, (user, path)
        assert client.post(f"/panel-members/{member.pk}/end/").status_code == 404
    for duty in ("yard_head", "overseer"):
        client.force_login(desk.cast[duty])
        assert client.get(desk.record).status_code == 404
    client.force_login(desk.cast["yard_head"])
    assert client.get(f"/sittings/{sitting.pk}/").status_code == 404


def test_it_reads_as_often_for_many_rows(client: Client, desk: PanelDesk) -> None:
    sitting = desk.sat(desk.verified())
    desk.verified()
    pages = (f"/panels/{desk.village.pk}/", "/panels/?state=", desk.record, "/sittings/", f"/sittings/{sitting.pk}/", "/")
    few = [queries(client, desk.cast["staff"], path) for path in pages]
    for number in range(8):
        desk.members.append(make_member(desk.village, f"成员{number}", by=desk.cast["staff"]))
        make_village(desk.township, f"新{number}村委会", f"5119231023{number:02d}")
    sitting = desk.sat(*(desk.verified() for _ in range(9)))
    for _ in range(9):
        desk.verified()
    pages = (*pages[:4], f"/sittings/{sitting.pk}/", "/")
    assert [queries(client, desk.cast["staff"], path) for path in pages] == few


# --- the strike ------------------------------------------------------------------------------------------------------


def test_it_strikes_from_the_closings_page(client: Client, desk: PanelDesk) -> None:
    claim, other = desk.verified(), desk.verified(account=desk.accounts[1])
    desk.sat(claim, other)
    closing = desk.noticed()
    notice = closing.notice
    assert notice is not None
    line = [row[1] for row in notice.rows].index(desk.accounts[0].household.number) + 1
    objection = objection_file(notice=notice, row_number=line, name="李秀英", phone="15400000002", text="没有参加")
    path, staff = f"/closings/{closing.pk}/objections/{objection.pk}/strike/", desk.cast["staff"]
    assert "撤销该申报" not in read(client, staff, f"/closings/{closing.pk}/")
    client.post(path, {"claim": claim.pk, "reason": "没有参加"})
    assert Claim.objects.get(pk=claim.pk).state == "approved"
    objection_answer(objection=objection, upheld=True, answer="查实", by=staff)
    page = read(client, staff, f"/closings/{closing.pk}/")
    assert "撤销该申报" in page and "锁定后入账的申报" in page and "这一户本月待入账" in page
    home = Household.objects.filter(pk=desk.accounts[0].household_id)
    home.update(head_name="张小明")
    page = read(client, staff, f"/closings/{closing.pk}/")
    assert "撤销该申报" in page and "这一户" not in page
    home.update(head_name=desk.accounts[0].household.head_name)
    assert "撤销该申报" not in read(client, desk.cast["secretary"], f"/closings/{closing.pk}/")
    page = read(client, staff, path)
    assert f'value="{claim.pk}"' in page and f'value="{other.pk}"' not in page
    refused = client.post(path, {"claim": claim.pk, "reason": ""})
    assert (refused.status_code, "请写明撤销原因" in refused.content.decode()) == (422, True)
    assert client.post(path, {"claim": other.pk, "reason": "没有参加"}).status_code == 422
    page = client.post(path, {"claim": claim.pk, "reason": "没有参加"}, follow=True).content.decode()
    assert "已撤销该申报" in page and "须重新计算" in page
    assert Claim.objects.get(pk=claim.pk).state == "rejected"
    assert "<strong>撤销</strong>" in read(client, staff, f"/claims/{claim.pk}/")
    client.force_login(desk.cast["secretary"])
    assert client.get(path).status_code == 404


def test_it_explains_a_rating_with_what_waits(client: Client, desk: PanelDesk) -> None:
    desk.sat(desk.verified(note="清理河道"))
    closing = desk.computed()
    rating = closing.ratings.get(account=desk.accounts[0])
    page = read(client, desk.cast["secretary"], f"/ratings/{rating.pk}/")
    for words in ("待入账 1 条", "4月1日评议", "5 人表决，5 人同意"):
        assert words in page
    assert "/sittings/" not in read(client, desk.cast["yard_head"], f"/ratings/{rating.pk}/")
