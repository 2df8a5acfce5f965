"""A covenant from its draft to the wall: by its decision alone, over no marked clause, its words still from the township's consent on;
what the databases refuse around the services (plan §三.2; docs/decisions/0036-covenants.md)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from governance.councils.covenants.errors import CovenantError
from governance.councils.covenants.models import Clause, Covenant, CovenantVersion
from governance.councils.covenants.services import (
    clauses_answer,
    clauses_mark,
    covenant_add,
    version_begin,
    version_draft,
    version_record,
    version_set,
)
from governance.councils.decisions.errors import DecisionError
from governance.councils.decisions.recording import Figures, notice_step, record_add, record_confirm
from governance.councils.decisions.services import decision_adopt, decision_withdraw
from governance.councils.models import Decision
from governance.disclosure.errors import DisclosureError
from governance.disclosure.models import Notice
from tests.builders import make_household, make_resident, make_rule_set, settlement_of
from tests.councils.decisions.house import BEGUN, noon, refusal
from tests.councils.decisions.test_decisions import StepHouse
from villages.models import Unit

pytestmark = pytest.mark.django_db
MILD = "爱国守法。\n门前三包，每天打扫。"
HARSH = f"{MILD}\n不参加劳动的，取消各项补贴。"
MARKED = "第3条涉及待遇补贴，镇还没有写审查意见"
DECIDED = date(2026, 9, 25)


class CovenantHouse(StepHouse):
    def drafted(self, text: str = MILD, **fields: Any) -> CovenantVersion:
        said = {"unit": self.village, "kind": "covenant", "title": "居民公约", "text": text, "note": "初次订立", "by": self.secretary}
        return covenant_add(**{**said, "at": noon(BEGUN), **fields})

    def begun(self, text: str = MILD) -> tuple[CovenantVersion, Decision]:
        draft = self.drafted(text)
        return draft, version_begin(version=draft, by=self.secretary, at=noon(BEGUN))

    def heard(self, decision: Decision) -> None:
        """Up to the township's consent."""
        self.held(decision, 1, date(2026, 9, 2), 7, 6, 6)
        self.shown(decision, 2, date(2026, 9, 3), days=7)

    def consented(self, decision: Decision, day: date = date(2026, 9, 11)) -> None:
        gate = self.gate(decision, 3)
        record_add(decision=decision, gate=gate, held_on=day, text="同意", by=self.staff, at=noon(day))

    def voted(self, decision: Decision) -> None:
        called = DECIDED - timedelta(days=10)
        self.held(decision, 4, DECIDED, 200, 120, 90, body="assembly", called_on=called)

    def adopted(self, text: str = MILD) -> CovenantVersion:
        draft, decision = self.begun(text)
        self.heard(decision)
        self.consented(decision)
        self.voted(decision)
        decision_adopt(decision=decision, by=self.secretary, at=noon(DECIDED))
        draft.refresh_from_db()
        return draft


@pytest.fixture
def house() -> CovenantHouse:
    return CovenantHouse()


def test_it_holds_from_its_adoption_on(house: CovenantHouse) -> None:
    version = house.adopted()
    assert version.valid_from == DECIDED and version.decision is not None and version.decision.state == Decision.State.ADOPTED
    assert list(CovenantVersion.objects.in_force(DECIDED)) == [version]
    assert not CovenantVersion.objects.in_force(DECIDED - timedelta(days=1)).exists()


def test_what_hangs_is_the_draft_clause_by_clause(house: CovenantHouse) -> None:
    _, decision = house.begun()
    house.heard(decision)
    notice = Notice.objects.get()
    assert notice.columns == ["第几条", "内容"] and notice.rows == [["第1条", "爱国守法。"], ["第2条", "门前三包，每天打扫。"]]


def test_a_marked_clause_keeps_it_back_until_the_township_says_why(house: CovenantHouse) -> None:
    draft, decision = house.begun(HARSH)
    assert [clause.mark_words for clause in draft.clauses.all()] == ["", "", "待遇补贴"]
    house.heard(decision)
    with pytest.raises(DecisionError, match=MARKED):
        house.consented(decision)
    with pytest.raises(CovenantError, match="不归您审查"):
        clauses_answer(version=draft, answers={3: "合法"}, by=house.secretary, at=noon(DECIDED))
    with pytest.raises(CovenantError, match="请至少写一条"):
        clauses_answer(version=draft, answers={1: "没有标出的"}, by=house.staff, at=noon(DECIDED))
    assert clauses_answer(version=draft, answers={3: "只指集体自定的补贴"}, by=house.staff, at=noon(DECIDED)) == 1
    house.consented(decision)


def test_what_the_township_said_stays_with_the_words_only(house: CovenantHouse) -> None:
    draft = house.drafted(HARSH)
    clauses_answer(version=draft, answers={3: "只指集体自定的补贴"}, by=house.staff)
    version_draft(covenant=draft.covenant, text=HARSH + "\n互相帮助。", note="加一条", by=house.secretary)
    assert Clause.objects.get(version=draft, number=3).answer
    version_draft(covenant=draft.covenant, text=HARSH.replace("各项", "一切"), note="改一条", by=house.secretary)
    assert Clause.objects.get(version=draft, number=3).is_open
    assert CovenantVersion.objects.count() == 1


def test_its_words_stand_still_from_the_consent_on_until_it_is_taken_back(house: CovenantHouse, client: Client) -> None:
    draft, decision = house.begun()
    house.heard(decision)
    version_draft(covenant=draft.covenant, text=MILD + "\n互相帮助。", note="听了意见", by=house.secretary)
    house.consented(decision)
    client.force_login(house.secretary)
    sent = {"text": MILD, "note": "再改"}
    refused = client.post(reverse("councils:covenant-draft", args=[draft.covenant_id]), sent)
    assert refused.status_code == 422 and "条款不能再改" in refused.content.decode() and "再改" in refused.content.decode()
    assert draft.clauses.count() == 3
    decision_withdraw(decision=decision, reason="再商量", by=house.secretary, at=noon(DECIDED))
    assert client.post(reverse("councils:covenant-draft", args=[draft.covenant_id]), sent).status_code == 302
    again = version_begin(version=CovenantVersion.objects.get(pk=draft.pk), by=house.secretary, at=noon(DECIDED))
    assert again.pk != decision.pk and CovenantVersion.objects.get(pk=draft.pk).decision == again


def test_a_yards_covenant_stands_still_once_it_hangs(house: CovenantHouse) -> None:
    yard = settlement_of(house.village)
    draft = house.drafted(unit=yard, kind="yard", title="院坝公约")
    decision = version_begin(version=draft, by=house.secretary, at=noon(BEGUN))
    gate = house.gate(decision, 1)
    figures = Figures(houses_entitled=9, houses_present=7, yes=7)
    record = record_add(decision=decision, gate=gate, held_on=BEGUN, figures=figures, by=house.secretary, at=noon(BEGUN))
    record_confirm(record=record, by=house.cadre, at=noon(BEGUN))
    assert not refusal("UPDATE councils_clause SET text = 'x' WHERE version_id = %s AND number = 1", draft.pk)
    day = BEGUN + timedelta(days=1)
    notice_step(
        decision=decision, gate=house.gate(decision, 2), opens_on=day, days=3, text="", channel="院户长", by=house.secretary, at=noon(day)
    )
    assert "条款不能再改" in refusal("UPDATE councils_clause SET text = 'y' WHERE version_id = %s AND number = 1", draft.pk)
    decision_adopt(decision=decision, by=house.secretary, at=noon(BEGUN + timedelta(days=5)))
    assert CovenantVersion.objects.get(pk=draft.pk).valid_from == BEGUN + timedelta(days=5)


FORCE = "UPDATE councils_covenantversion SET valid_from = '2026-09-30', set_by_id = %s WHERE id = %s"


def test_no_covenant_comes_into_force_around_its_decision(house: CovenantHouse) -> None:
    draft, decision = house.begun()
    assert "才能施行" in refusal(FORCE, house.staff.pk, draft.pk)
    house.heard(decision)
    house.consented(decision)
    house.voted(decision)
    assert "才能施行" in refusal(FORCE, house.staff.pk, draft.pk)
    with pytest.raises(CovenantError, match="按程序通过以后才施行"):
        version_set(version=draft, valid_from=DECIDED, by=house.staff, at=noon(DECIDED))


def test_a_draft_says_who_wrote_it_last_and_nobody_answers_for_their_own(house: CovenantHouse) -> None:
    draft = house.drafted(HARSH)
    version_draft(covenant=draft.covenant, text=f"{HARSH}\n讲究卫生。", note="镇里代改", by=house.staff)
    draft.refresh_from_db()
    assert draft.made_by == house.staff
    with pytest.raises(CovenantError, match="起草人以外"):
        clauses_answer(version=draft, answers={3: "只停村里自己的奖励"}, by=house.staff)
    version_draft(covenant=draft.covenant, text=HARSH, note="村里定稿", by=house.secretary)
    assert clauses_answer(version=draft, answers={3: "只停村里自己的奖励"}, by=house.staff) == 1


def test_the_township_marks_what_no_pattern_finds(house: CovenantHouse, client: Client) -> None:
    """It keeps the draft back as any mark, goes with its words, and is taken away by a change of them or by the township."""
    draft = house.drafted(MILD)
    with pytest.raises(CovenantError, match="不归您审查"):
        clauses_mark(version=draft, numbers=[1], by=house.secretary)
    client.force_login(house.staff)
    client.post(reverse("councils:covenant-mark", args=[draft.pk]), {"clause-2": "on"})
    assert "第2条涉及镇里要求改的" in draft.waits_for
    version_draft(covenant=draft.covenant, text=f"{MILD}\n讲究卫生。", note="加一条", by=house.secretary)
    assert "第2条涉及镇里要求改的" in draft.waits_for
    version_draft(covenant=draft.covenant, text="爱国守法。\n门前三包，每周打扫。", note="改了", by=house.secretary)
    assert draft.waits_for == ""
    clauses_mark(version=draft, numbers=[1], by=house.staff)
    clauses_mark(version=draft, numbers=[], by=house.staff)
    assert draft.waits_for == ""


def test_only_the_townships_office_marks_and_nothing_in_force(house: CovenantHouse, client: Client) -> None:
    draft = house.drafted(MILD, title="议事公约")
    address = reverse("councils:covenant-mark", args=[draft.pk])
    for duty in ("secretary", "cadre", "overseer", "yard_head", "leader"):
        client.force_login(house.cast[duty])
        assert client.post(address, {"clause-1": "on"}).status_code in (403, 404)
        with pytest.raises(CovenantError, match="不归您审查"):
            clauses_mark(version=draft, numbers=[1], by=house.cast[duty])
    assert draft.waits_for == ""
    clauses_mark(version=draft, numbers=[1, 2], by=house.staff)
    clauses_answer(version=draft, answers={1: "可以保留"}, by=house.staff)
    clauses_mark(version=draft, numbers=[1, 2], by=house.staff)
    assert Clause.objects.get(version=draft, number=1).answer == "可以保留", "what stays marked keeps its answer"
    assert "第2条" in draft.waits_for
    held = house.adopted()
    with pytest.raises(CovenantError, match="已经施行"):
        clauses_mark(version=held, numbers=[1], by=house.staff)
    client.force_login(house.staff)
    assert client.post(reverse("councils:covenant-mark", args=[held.pk]), {"clause-1": "on"}).status_code == 422
    assert not any(clause.marks for clause in held.clauses.all())


def test_a_yards_marked_clause_does_not_hang(house: CovenantHouse) -> None:
    """Nobody looks at a yard's covenant but the wall: what a mark keeps back does not hang, for there its words stand still."""
    draft = house.drafted(HARSH, unit=settlement_of(house.village), kind="yard", title="院坝公约")
    decision = version_begin(version=draft, by=house.secretary, at=noon(BEGUN))
    gates = list(decision.kind.gates.order_by("position"))
    hangs = next(gate for gate in gates if gate.what == "notice")
    for gate in gates[: gates.index(hangs)]:
        house.record(decision, gate, BEGUN, houses_entitled=9, houses_present=9, yes=9)
    shown: dict[str, Any] = {"decision": decision, "gate": hangs, "opens_on": DECIDED, "days": hangs.notice_days}
    shown |= {"text": "", "channel": "院户长"}
    with pytest.raises(DecisionError, match=MARKED):
        notice_step(**shown, by=house.secretary, at=noon(DECIDED))
    clauses_answer(version=draft, answers={3: "只停村里自己的奖励"}, by=house.staff)
    assert notice_step(**shown, by=house.secretary, at=noon(DECIDED)).notice is not None


def test_no_marked_clause_is_adopted_around_the_services(house: CovenantHouse) -> None:
    draft, decision = house.begun(HARSH)
    house.heard(decision)
    record = house.record
    with pytest.raises(Exception, match="镇审查意见"):
        record(decision, house.gate(decision, 3), date(2026, 9, 11), confirmed=False)


def test_a_mark_that_comes_after_the_consent_still_keeps_it_back(house: CovenantHouse) -> None:
    draft, decision = house.begun(HARSH)
    clauses_answer(version=draft, answers={3: "只指集体自定的补贴"}, by=house.staff, at=noon(BEGUN))
    house.heard(decision)
    house.consented(decision)
    house.voted(decision)
    taken = "UPDATE councils_clause SET answer = '', answered_by_id = NULL, answered_at = NULL WHERE version_id = %s AND number = 3"
    assert not refusal(taken, draft.pk)
    adopt = "UPDATE councils_decision SET adopted_at = '2026-09-25 12:00:00+08:00', adopted_by_id = %s WHERE id = %s"
    assert "没有规约草案，或标出的条款" in refusal(adopt, house.staff.pk, decision.pk)
    with pytest.raises(DecisionError, match=MARKED):
        decision_adopt(decision=decision, by=house.secretary, at=noon(DECIDED))


def test_nothing_of_a_version_in_force_changes(house: CovenantHouse) -> None:
    version = house.adopted()
    for statement in (
        "UPDATE councils_clause SET text = 'x' WHERE version_id = %s AND number = 1",
        "DELETE FROM councils_clause WHERE version_id = %s AND number = 1",
        "UPDATE councils_covenantversion SET valid_from = '2026-01-01' WHERE id = %s",
        "UPDATE councils_covenantversion SET note = 'x' WHERE id = %s",
        "DELETE FROM councils_covenantversion WHERE id = %s",
    ):
        assert refusal(statement, version.pk), statement
    assert refusal("UPDATE councils_covenant SET kind = 'rule' WHERE id = %s", version.covenant_id)
    assert not refusal("UPDATE councils_clause SET deeds = 'A-01' WHERE version_id = %s AND number = 1", version.pk)


LONG_AGO: dict[str, Any] = {"valid_from": date(2021, 3, 5), "history_note": "2021年3月5日村民会议通过，已报镇备案"}


def test_what_was_in_force_before_is_written_down_as_that(house: CovenantHouse, client: Client) -> None:
    """By the township and nobody else, with a day gone by; it is said wherever it is read, and the next version goes by its decision."""
    draft = house.drafted()
    with pytest.raises(CovenantError, match="不归您补登"):
        version_record(version=draft, by=house.secretary, **LONG_AGO)
    with pytest.raises(CovenantError, match="录入之前"):
        version_record(version=draft, by=house.staff, **LONG_AGO | {"valid_from": BEGUN})
    with pytest.raises(CovenantError, match="什么会议"):
        version_record(version=draft, by=house.staff, **LONG_AGO | {"history_note": " "})
    client.force_login(house.staff)
    assert "补登" in client.get(reverse("councils:covenant-detail", args=[draft.covenant_id])).content.decode()
    record = reverse("councils:covenant-record", args=[draft.pk])
    assert client.post(record, {"valid_from": "2021-03-05", "history_note": LONG_AGO["history_note"]}).status_code == 302
    draft.refresh_from_db()
    assert (draft.valid_from, draft.set_by) == (date(2021, 3, 5), house.staff)
    for page in (reverse("public:covenant", args=[draft.covenant_id]), reverse("councils:covenant-detail", args=[draft.covenant_id])):
        assert "补登：2021年3月5日村民会议通过" in client.get(page).content.decode()
    following = version_draft(covenant=draft.covenant, text=f"{MILD}\n不乱倒垃圾。", note="增加一条", by=house.secretary)
    with pytest.raises(CovenantError, match="第一版可以补登"):
        version_record(version=following, by=house.staff, **LONG_AGO)


def test_nobody_writes_down_their_own_covenant_as_an_old_one(house: CovenantHouse) -> None:
    own = house.drafted(title="旧约")
    CovenantVersion.objects.filter(pk=own.pk).update(made_by=house.staff)
    with pytest.raises(CovenantError, match="录入人以外"):
        version_record(version=own, by=house.staff, **LONG_AGO)
    marked = house.drafted(HARSH, title="院规")
    with pytest.raises(CovenantError, match=MARKED):
        version_record(version=marked, by=house.staff, **LONG_AGO)
    draft, _ = house.begun()
    with pytest.raises(CovenantError, match="还没有办理的第一版"):
        version_record(version=draft, by=house.staff, **LONG_AGO)


def test_the_databases_take_an_old_one_only_as_that(house: CovenantHouse) -> None:
    draft = house.drafted()
    old = "UPDATE councils_covenantversion SET valid_from = '2021-03-05', set_by_id = {}, history_note = '{}' WHERE id = %s"
    assert refusal(old.format(house.secretary.pk, "村民会议"), draft.pk) and refusal(old.format(house.staff.pk, ""), draft.pk)
    assert refusal(old.replace("2021-03-05", "2027-03-05").format(house.staff.pk, "村民会议"), draft.pk)
    assert refusal("UPDATE councils_covenantversion SET history_note = '村民会议' WHERE id = %s", draft.pk)
    assert not refusal(old.format(house.staff.pk, "村民会议"), draft.pk)


def test_a_rule_of_work_is_set_and_shown_where_it_applies(house: CovenantHouse, client: Client) -> None:
    draft = house.drafted(unit=house.township, kind="rule", title="走访制度", topic="covenants", by=house.staff)
    with pytest.raises(CovenantError, match="不能早于起草"):
        version_set(version=draft, valid_from=BEGUN - timedelta(days=1), by=house.staff, at=noon(BEGUN))
    client.force_login(house.secretary)
    page = reverse("desk:handbook-page", args=["covenants"])
    assert "走访制度" not in client.get(page).content.decode()
    version_set(version=draft, valid_from=BEGUN, by=house.staff, at=noon(BEGUN))
    assert "走访制度" in client.get(page).content.decode()
    assert client.get(reverse("councils:covenant-detail", args=[draft.covenant_id])).status_code == 200
    assert client.post(reverse("councils:covenant-draft", args=[draft.covenant_id]), {"text": MILD, "note": "x"}).status_code == 404


def test_it_names_nobody_of_the_register(house: CovenantHouse) -> None:
    make_resident(make_household(house.village), "欧阳小明")
    with pytest.raises(DisclosureError, match="欧阳小明"):
        house.drafted(MILD + "\n欧阳小明不得养狗。")
    with pytest.raises(DisclosureError, match="电话号码"):
        house.drafted(MILD + "\n有事打 15400000001。")


def test_each_kind_has_its_place_and_its_people(house: CovenantHouse) -> None:
    with pytest.raises(CovenantError, match="不在"):
        house.drafted(unit=settlement_of(house.village))
    for stranger in (house.cast["yard_head"], house.cast["leader"], house.cast["overseer"]):
        with pytest.raises(CovenantError, match="不归您起草"):
            house.drafted(by=stranger)
    with pytest.raises(CovenantError, match="不归您起草"):
        house.drafted(unit=house.township, kind="rule", by=house.secretary)


def test_it_is_drafted_and_compared_on_pages(house: CovenantHouse, client: Client) -> None:
    version = house.adopted()
    client.force_login(house.secretary)
    begun = client.get(reverse("councils:covenant-draft", args=[version.covenant_id]))
    assert "门前三包，每天打扫。" in begun.content.decode()
    same = client.post(reverse("councils:covenant-draft", args=[version.covenant_id]), {"text": MILD, "note": "没有改"})
    assert same.status_code == 422 and "一字不差" in same.content.decode()
    sent = {"text": MILD.replace("每天", "每周") + "\n互相帮助。", "note": "改每周"}
    page = client.post(reverse("councils:covenant-draft", args=[version.covenant_id]), sent, follow=True).content.decode()
    assert "第2版" in page and "把草稿按程序办理" in page
    compared = client.get(reverse("councils:covenant-compare", args=[version.covenant_id])).content.decode()
    assert "新增 1 条，删去 0 条，改动 1 条" in compared and "<del>天</del><ins>周</ins>" in compared


def test_deeds_rest_on_a_clause(house: CovenantHouse, client: Client) -> None:
    deed = make_rule_set(house.township).deeds.order_by("code").first()
    assert deed is not None
    version = house.adopted()
    client.force_login(house.secretary)
    address = reverse("councils:covenant-cite", args=[version.pk])
    refused = client.post(address, {"clause-1": "", "clause-2": f"{deed.code}，Z-99"})
    assert refused.status_code == 422 and "没有编号 Z-99" in refused.content.decode()
    page = client.post(address, {"clause-1": "", "clause-2": deed.code}, follow=True).content.decode()
    assert f"积分事项 {deed.code} {deed.name}" in page


def test_residents_read_what_holds(house: CovenantHouse, client: Client) -> None:
    version = house.adopted()
    listed = client.get(reverse("public:covenants")).content.decode()
    shown = client.get(reverse("public:covenant", args=[version.covenant_id])).content.decode()
    assert "居民公约" in listed and "门前三包，每天打扫。" in shown
    draft = house.drafted(title="另一份")
    assert client.get(reverse("public:covenant", args=[draft.covenant_id])).status_code == 404
    assert Covenant.objects.count() == 2 and Unit.objects.filter(pk=house.village.pk).exists()
