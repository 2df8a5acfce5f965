"""A decision from 动议 to 办结 by its services, who may do what, and what the databases refuse around them (plan §三.1)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from governance.accounts.duties import Duty
from governance.councils.decisions import elections
from governance.councils.decisions.due import KINDS
from governance.councils.decisions.errors import DecisionError
from governance.councils.decisions.kinds import gates_check, kind_adopt, kind_copy
from governance.councils.decisions.papers import register_paper
from governance.councils.decisions.recording import Figures, meetings_for, notice_step, record_add, record_confirm
from governance.councils.decisions.services import (
    decision_adopt,
    decision_begin,
    decision_finish,
    decision_resubmit,
    decision_withdraw,
)
from governance.councils.decisions.setting_up import decision_kinds_set_up
from governance.councils.models import (
    Attendance,
    Body,
    Decision,
    DecisionKind,
    Gate,
    GateRecord,
    GateVote,
    Meeting,
    Nominee,
    Seat,
)
from governance.disclosure.errors import DisclosureError
from governance.disclosure.models import Notice, Objection
from governance.disclosure.notices import objection_answer, objection_file
from governance.documents.official import Heading
from tests.builders import make_household, make_resident, make_unit, make_village, settlement_of
from tests.councils.decisions.house import BEGUN, FINISH, PLACES, DecisionHouse, marked, noon
from tests.trial import run_in_trial_mode
from villages.models import Household, Post, Resident, Unit

pytestmark = pytest.mark.django_db


class StepHouse(DecisionHouse):
    """By the services: the secretary records, the cadre confirms."""

    def __init__(self) -> None:
        super().__init__()
        decision_kinds_set_up(township=self.township)

    def begin(self, code: str = "siyi", **fields: Any) -> Decision:
        kind = fields.pop("kind", None) or DecisionKind.objects.get(code=code)
        yard = kind.place == DecisionKind.Place.YARD
        said = {
            "kind": kind, "unit": settlement_of(self.village) if yard else self.village, "title": "硬化三组道路",
            "purpose": "群众出行不便", "proposed_on": BEGUN, "by": self.secretary, "at": noon(BEGUN), **fields,
        }  # fmt: skip
        return decision_begin(**said)

    def gate(self, decision: Decision, position: int, body: str = "") -> Gate:
        rows = decision.kind.gates.filter(position=position).order_by("-law_from", "pk")
        found = [gate for gate in rows if (not body or gate.body == body) and gate.rule.is_law_on(BEGUN)]
        return found[0]

    def held(self, decision: Decision, position: int, day: date, *figures: int, body: str = "", **fields: Any) -> GateRecord:
        """A meeting: entitled, present, yes; confirmed by the cadre."""
        entitled, present, yes = figures
        record = record_add(
            decision=decision, gate=self.gate(decision, position, body), held_on=day, by=self.secretary, at=noon(day),
            figures=Figures(entitled=entitled, present=present, yes=yes, no=0, abstain=0), **fields,
        )  # fmt: skip
        return record_confirm(record=record, by=self.cadre, at=noon(day))

    def shown(self, decision: Decision, position: int, day: date, days: int = 5) -> GateRecord:
        gate = self.gate(decision, position)
        return notice_step(
            decision=decision, gate=gate, opens_on=day, days=days, text="已按议定办理", channel="村务监督委员会", by=self.secretary,
            at=noon(day),
        )  # fmt: skip

    def road(self) -> Decision:
        """修路, up to the Party members."""
        decision = self.begin()
        self.held(decision, 1, date(2026, 9, 2), 5, 5, 5, papers={1: "提议书"})
        self.held(decision, 2, date(2026, 9, 4), 7, 6, 6)
        return decision


@pytest.fixture
def house() -> StepHouse:
    return StepHouse()


def test_a_road_goes_its_way(house: StepHouse) -> None:
    decision = house.road()
    house.held(decision, 3, date(2026, 9, 8), 42, 27, 27)
    delegates = house.gate(decision, 4, "delegates")
    with pytest.raises(DecisionError, match="先办好前面的步骤。党员大会审议：应到 42 人，实到 27 人，不足三分之二"):
        record_add(decision=decision, gate=delegates, held_on=date(2026, 9, 9), by=house.secretary, at=noon(date(2026, 9, 9)))
    with pytest.raises(DecisionError, match="还不能登记为已通过。党员大会审议：应到 42 人，实到 27 人，不足三分之二。"):
        decision_adopt(decision=decision, by=house.secretary, at=noon(date(2026, 9, 9)))
    again = house.held(decision, 3, date(2026, 9, 12), 42, 30, 25)
    assert again.attempt == 2
    house.held(decision, 4, date(2026, 9, 20), 35, 30, 28, body="delegates")
    house.shown(decision, 5, date(2026, 9, 21))
    adopted = decision_adopt(decision=decision, by=house.secretary, at=noon(date(2026, 9, 21)))
    assert adopted.state == Decision.State.ADOPTED
    with pytest.raises(DecisionError, match="还不能登记为已办结。实施结果公开：还没有办理"):
        decision_finish(decision=decision, by=house.secretary, at=noon(date(2026, 10, 1)))
    empty = {"decision": decision, "gate": house.gate(decision, 6), "opens_on": date(2026, 11, 1), "days": 5, "channel": "村监委"}
    with pytest.raises(DecisionError, match="请写明实施结果") as refused:
        notice_step(**empty, text=" ", by=house.secretary, at=noon(date(2026, 11, 1)))  # type: ignore[arg-type]
    assert refused.value.field == "text" and not decision.records.filter(position=6).exists()
    house.shown(decision, 6, date(2026, 11, 1))
    with pytest.raises(DecisionError, match="还不能登记为已办结。实施结果公开：公开到 2026-11-05 为止，还没有期满"):
        decision_finish(decision=decision, by=house.secretary, at=noon(date(2026, 11, 5)))
    assert "公开到 2026-11-05 为止" in marked(house, decision, date(2026, 11, 5), FINISH)
    assert decision_finish(decision=decision, by=house.secretary, at=noon(date(2026, 11, 6))).state == Decision.State.FINISHED
    assert decision.records.filter(position=3).count() == 2


def test_what_is_published_is_drawn_from_the_records(house: StepHouse) -> None:
    decision = house.road()
    house.held(decision, 3, date(2026, 9, 12), 42, 30, 25)
    house.held(decision, 4, date(2026, 9, 20), 35, 30, 28, body="delegates")
    notice = house.shown(decision, 5, date(2026, 9, 21)).notice
    assert notice is not None and notice.published_by == house.secretary
    lines = dict(notice.rows)
    assert lines["提议事项"] == "硬化三组道路"
    assert lines["党员大会审议"] == "2026-09-12，应到 42 人，实到 30 人，同意 25，不同意 0，弃权 0"


def test_each_step_is_for_who_may_and_by_two(house: StepHouse) -> None:
    decision = house.begin()
    gate = house.gate(decision, 1)
    for stranger in (house.cast["yard_head"], house.cast["leader"], house.cast["overseer"]):
        with pytest.raises(DecisionError, match="不归您"):
            record_add(decision=decision, gate=gate, held_on=BEGUN, by=stranger, at=noon(BEGUN))
    figures = Figures(entitled=5, present=5, yes=5)
    record = record_add(decision=decision, gate=gate, held_on=BEGUN, figures=figures, papers={1: "1号"}, by=house.secretary, at=noon(BEGUN))
    with pytest.raises(DecisionError, match="不能确认自己的记录"):
        record_confirm(record=record, by=house.secretary)
    with pytest.raises(DecisionError, match="不归您确认"):
        record_confirm(record=record, by=house.cast["overseer"])
    with pytest.raises(DecisionError, match="不归您确认"):
        record_confirm(record=record, by=house.staff)  # the village's confirmation is not the office's
    record_confirm(record=record, by=house.cadre)
    with pytest.raises(DecisionError, match="已经确认"):
        record_confirm(record=record, by=house.cadre)
    with pytest.raises(DecisionError, match="已经办好"):
        record_add(decision=decision, gate=gate, held_on=BEGUN, figures=figures, by=house.secretary, at=noon(BEGUN))


def test_a_record_that_is_wrong_is_written_down_anew_before_it_is_confirmed(house: StepHouse, client: Client) -> None:
    """Nobody has to confirm what is not so to go on; both attempts stay."""
    decision, gate = house.begin(), house.gate(house.begin(), 1)
    said: dict[str, Any] = {"decision": decision, "gate": gate, "papers": {1: "1号"}, "by": house.secretary, "at": noon(BEGUN)}
    record_add(**said, held_on=BEGUN, figures=Figures(entitled=5, present=5, yes=2))
    client.force_login(house.secretary)
    step = reverse("councils:decision-step", args=[decision.pk])
    assert step in client.get(reverse("councils:decision-detail", args=[decision.pk])).content.decode()
    assert client.get(step).status_code == 200
    again = record_add(**said, held_on=BEGUN, figures=Figures(entitled=5, present=5, yes=5))
    record_confirm(record=again, by=house.cadre)
    assert (again.attempt, decision.records.count()) == (2, 2)
    assert "记错了" not in client.get(reverse("councils:decision-detail", args=[decision.pk])).content.decode()


def test_the_townships_opinion_is_the_offices(house: StepHouse) -> None:
    decision = house.begin("yishi")
    house.held(decision, 1, BEGUN, 7, 7, 7, papers={1: "方案"})
    house.shown(decision, 2, BEGUN + timedelta(days=1), 7)
    vote = BEGUN + timedelta(days=20)
    house.held(decision, 3, vote, 35, 30, 30, body="delegates")
    gate = house.gate(decision, 4)
    with pytest.raises(DecisionError, match="不归您办理"):
        record_add(decision=decision, gate=gate, held_on=vote, text="同意", by=house.secretary, at=noon(vote))
    refused = {"decision": decision, "gate": gate, "held_on": vote, "by": house.staff, "at": noon(vote)}
    record_add(**refused, text="请补预算", is_passed=False)  # type: ignore[arg-type]
    with pytest.raises(DecisionError, match="镇预审：镇预审没有通过"):
        house.shown(decision, 5, vote)
    assert record_add(**refused, text="同意").attempt == 2  # type: ignore[arg-type]
    house.shown(decision, 5, vote)


def test_what_the_township_gave_back_is_handed_in_anew(house: StepHouse, client: Client) -> None:
    """The village finds it among what waits, says what it did, and the township has it again: nothing is dead and no step is burnt."""
    kind = house.kind(
        {"position": 1, "name": "镇预审", "what": "preview"}, {"position": 2, "name": "公示", "what": "notice", "notice_days": 5}
    )
    decision = house.decision(kind)
    asked: dict[str, Any] = {"decision": decision, "by": house.secretary}
    with pytest.raises(DecisionError, match="没有退回"):
        decision_resubmit(**asked, note="补了预算")
    gate, day = house.gate(decision, 1), BEGUN
    opinion: dict[str, Any] = {"decision": decision, "gate": gate, "held_on": day, "by": house.staff, "at": noon(day)}
    record_add(**opinion, text="请补预算", is_passed=False)
    assert waiting(house.secretary) == {"decision-returned"} and waiting(house.staff) == set()
    client.force_login(house.secretary)
    page = reverse("councils:decision-detail", args=[decision.pk])
    assert "镇预审退回修改" in client.get(page).content.decode()
    address = reverse("councils:decision-resubmit", args=[decision.pk])
    assert "请写明改了什么" in client.post(address, {"note": " "}).content.decode()
    assert client.post(address, {"note": "补了预算"}).status_code == 302
    assert "补了预算" in client.get(page).content.decode()
    assert waiting(house.secretary) == set() and waiting(house.staff) == {"decision-preview"}
    with pytest.raises(DecisionError, match="没有退回"):
        decision_resubmit(**asked, note="再补")
    record_add(**{**opinion, "at": timezone.now() + timedelta(minutes=1)}, text="还要补", is_passed=False)
    assert waiting(house.secretary) == {"decision-returned"} and waiting(house.staff) == set()


def waiting(user: Any) -> set[str]:
    keys = ("decision-returned", "decision-preview")
    now = timezone.now()
    return {kind.key for kind in KINDS if kind.key in keys and kind.held_by(user, now).exists()}


def test_objections_are_answered_first(house: StepHouse) -> None:
    decision = house.begin("yishi")
    house.held(decision, 1, BEGUN, 7, 7, 7, papers={1: "方案"})
    first = BEGUN + timedelta(days=1)
    notice = house.shown(decision, 2, first, 7).notice
    assert notice is not None
    said = {"row_number": None, "name": "李某", "phone": "15400000001"}
    objection = objection_file(notice=notice, text="账不对", at=noon(first), **said)  # type: ignore[arg-type]
    over = first + timedelta(days=8)
    gate = house.gate(decision, 3, "delegates")
    figures = Figures(entitled=35, present=30, yes=30)
    again = {"decision": decision, "gate": gate, "held_on": over, "figures": figures, "by": house.secretary, "at": noon(over)}
    with pytest.raises(DecisionError, match="方案公示：还有 1 条异议没有答复"):
        record_add(**again)  # type: ignore[arg-type]
    objection_answer(objection=objection, upheld=False, answer="已说明", by=house.staff)
    assert record_add(**again)  # type: ignore[arg-type]


def test_a_meeting_brings_its_own_figures(house: StepHouse) -> None:
    decision = house.begin()
    meeting = make_meeting(house, Body.Kind.BRANCH, date(2026, 9, 3), came=3, absent=1)
    gate = house.gate(decision, 1)
    typed = Figures(entitled=9, present=9, yes=3)
    record = record_add(
        decision=decision, gate=gate, held_on=BEGUN, meeting=meeting, figures=typed, papers={1: "1号"}, by=house.secretary,
        at=noon(date(2026, 9, 4)),
    )  # fmt: skip
    assert (record.held_on, record.entitled, record.present, record.yes) == (date(2026, 9, 3), 4, 3, 3)
    other = make_meeting(house, Body.Kind.RITES, date(2026, 9, 3), came=3)
    second = house.begin()
    with pytest.raises(DecisionError, match="同类会议"):
        record_add(decision=second, gate=gate, held_on=BEGUN, meeting=other, by=house.secretary, at=noon(date(2026, 9, 4)))


def test_a_meeting_that_counted_households_brings_no_people(house: StepHouse) -> None:
    decision = house.begin()
    meeting = make_meeting(house, Body.Kind.BRANCH, date(2026, 9, 3), came=3, base="homes")
    gate = house.gate(decision, 1)
    assert meeting not in meetings_for(decision, gate)
    with pytest.raises(DecisionError, match="只记了户数，请不选会议"):
        record_add(decision=decision, gate=gate, held_on=BEGUN, meeting=meeting, by=house.secretary, at=noon(date(2026, 9, 4)))


def test_a_meeting_before_it_was_proposed_is_no_step_of_it(house: StepHouse) -> None:
    decision, early = house.begin(), BEGUN - timedelta(days=1)
    meeting, gate = make_meeting(house, Body.Kind.BRANCH, early, came=3), house.gate(decision, 1)
    assert meetings_for(decision, gate) == []
    with pytest.raises(DecisionError, match="早于动议"):
        record_add(decision=decision, gate=gate, held_on=BEGUN, meeting=meeting, by=house.secretary, at=noon(date(2026, 9, 4)))


def test_who_should_come_is_no_fewer_than_the_register_says(house: StepHouse) -> None:
    """A smaller 应到 typed by hand would make a quorum of nobody: it takes a reason, which stays with the record."""
    make_meeting(house, Body.Kind.BRANCH, BEGUN, came=3, absent=2)  # five seats and the secretary
    decision = house.begin()
    gate, day = house.gate(decision, 1), BEGUN
    attempt: dict[str, Any] = {"decision": decision, "gate": gate, "held_on": day, "by": house.secretary, "at": noon(day)}
    with pytest.raises(DecisionError, match="名册上应到 6 人，填的是 1 人"):
        record_add(**attempt, figures=Figures(entitled=1, present=1, yes=1))
    record = record_add(**attempt, figures=Figures(entitled=5, present=5, yes=5), text="一人已调离，名册未改")
    assert (record.entitled, record.text) == (5, "一人已调离，名册未改")
    assert record_add(**attempt, figures=Figures(entitled=6, present=6, yes=6)).entitled == 6


def test_what_hangs_for_a_withdrawn_decision_is_taken_down(house: StepHouse) -> None:
    """The village takes it down with its decision; another's notice stays."""
    paper, shown = {"position": 1, "name": "调研", "what": "document"}, {"position": 2, "name": "公示", "what": "notice", "notice_days": 5}
    kind = house.kind(paper, shown)
    one, other = house.decision(kind), house.decision(kind)
    for decision in (one, other):
        at: dict[str, Any] = {"decision": decision, "by": house.secretary, "at": noon(BEGUN)}
        record_add(**at, gate=house.gate(decision, 1), held_on=BEGUN, text="走访了十二户")
        notice_step(**at, gate=house.gate(decision, 2), opens_on=BEGUN, days=5, text="", channel="监督委员会")
    decision_withdraw(decision=one, reason="选址有误", by=house.secretary, at=noon(BEGUN))
    gone, stays = (decision.records.get(position=2).notice for decision in (one, other))
    assert gone is not None and stays is not None
    assert (gone.withdrawn_reason, gone.withdrawn_by) == ("这件决策已撤回：选址有误", house.secretary)
    assert stays.withdrawn_at is None


def test_a_communitys_rule_is_no_villages(house: StepHouse) -> None:
    decision = house.road()
    house.held(decision, 3, date(2026, 9, 8), 42, 30, 25)
    with pytest.raises(DecisionError, match="不适用于这里，请选本村（社区）适用的一种"):
        house.held(decision, 4, date(2026, 9, 20), 35, 18, 10, body="res_del")


def test_what_is_published_of_a_step_names_nobody(house: StepHouse) -> None:
    make_resident(make_household(house.village, "陈大明"), "王小明")
    paper, notice = {"position": 1, "name": "调研", "what": "document"}, {"position": 2, "name": "公示", "what": "notice", "notice_days": 5}
    kind = house.kind(paper, notice)
    decision, day = house.decision(kind), date(2026, 9, 4)
    said = {"decision": decision, "gate": house.gate(decision, 1), "held_on": day, "by": house.secretary, "at": noon(day)}
    for text in ("王小明家门口积水", "打 15400000001 问过"):
        with pytest.raises(DisclosureError):
            record_add(**said, text=text)  # type: ignore[arg-type]
    record_add(**said, text="走访了十二户")  # type: ignore[arg-type]
    shown = {"decision": decision, "gate": house.gate(decision, 2), "opens_on": day, "days": 5, "by": house.secretary, "at": noon(day)}
    for text, channel in (("王小明家门口积水", "村监委"), ("", "找王小明"), ("", "15400000001")):
        with pytest.raises(DisclosureError):
            notice_step(**shown, text=text, channel=channel)  # type: ignore[arg-type]


def test_kin_of_who_gets_money_stand_back(house: StepHouse) -> None:
    home = make_household(house.village, "陈大明")
    decision = house.begin(households=[home], money_fen=12_345)
    assert decision.money == "123.45"
    meeting = make_meeting(house, Body.Kind.BRANCH, date(2026, 9, 3), came=3, home=home)
    gate, day = house.gate(decision, 1), date(2026, 9, 4)
    said = {"decision": decision, "gate": gate, "held_on": day, "meeting": meeting, "by": house.secretary, "at": noon(day)}
    with pytest.raises(DecisionError, match="票数和回避共 4，多于到会的 3"):
        record_add(**said, figures=Figures(yes=3))  # type: ignore[arg-type]
    kin = home.residents.get()
    with pytest.raises(DecisionError, match="受益户的家庭成员，须回避"):
        record_add(**said, votes={kin: "yes"})  # type: ignore[arg-type]
    record = record_add(**said, figures=Figures(yes=2), papers={1: "1号"})  # type: ignore[arg-type]
    assert record.recused == 1
    Post.objects.create(kind=Duty.CADRE, unit=house.village, user=house.cadre, resident=kin, appointed_on=BEGUN)
    with pytest.raises(DecisionError, match="须回避"):
        record_confirm(record=record, by=house.cadre)


def test_votes_by_name_are_counted_and_never_where_secret(house: StepHouse) -> None:
    decision = house.begin()
    meeting = make_meeting(house, Body.Kind.BRANCH, date(2026, 9, 3), came=3)
    people = [one.seat.resident for one in meeting.attendances.select_related("seat__resident") if one.seat]
    day = date(2026, 9, 4)
    votes = dict(zip(people, ("yes", "yes", "no"), strict=True))
    record = record_add(
        decision=decision, gate=house.gate(decision, 1), held_on=day, meeting=meeting, votes=votes, by=house.secretary, at=noon(day)
    )
    assert (record.yes, record.no, record.abstain, record.votes.count()) == (2, 1, 0, 3)
    secret = house.kind({"position": 1, "name": "投票", "what": "meeting", "is_secret": True})
    voted = house.record(house.decision(secret), secret.gates.get(), BEGUN)
    with pytest.raises(DatabaseError, match="只记票数"):
        GateVote.objects.create(record=voted, resident=people[0], choice="yes")


def test_a_decision_keeps_the_steps_with_which_it_began(house: StepHouse) -> None:
    decision = house.road()
    draft = kind_copy(kind=decision.kind, valid_from=date(2026, 9, 5), by=house.staff)
    draft.gates.filter(position__gte=3).delete()
    kind_adopt(kind=draft, by=house.staff)
    assert DecisionKind.objects.in_force(date(2026, 9, 5)).get(code="siyi").version == 2
    assert DecisionKind.objects.in_force(date(2026, 9, 4)).get(code="siyi").version == 1
    with pytest.raises(DecisionError, match="党员大会审议：还没有办理"):
        decision_adopt(decision=decision, by=house.secretary, at=noon(date(2026, 9, 9)))
    later = house.begin(kind=draft, proposed_on=date(2026, 9, 6), at=noon(date(2026, 9, 6)))
    assert later.kind.version == 2


def test_what_is_to_be_checked_is_said_until_it_is(house: StepHouse) -> None:
    kind = DecisionKind.objects.get(code="siyi")
    assert kind.gates.unchecked().count() == 4
    with pytest.raises(DecisionError, match="不归您维护"):
        gates_check(kind=kind, by=house.secretary)
    assert gates_check(kind=kind, by=house.staff) == 4
    assert not kind.gates.unchecked().exists()


def test_a_rule_is_followed_only_while_it_is_law(house: StepHouse) -> None:
    decision = house.road()
    house.held(decision, 3, date(2026, 9, 12), 42, 30, 25)
    old = decision.kind.gates.get(position=4, body="delegates", law_to=date(2025, 12, 31))
    with pytest.raises(DecisionError, match="在 2026-09-20 不适用"):
        record_add(decision=decision, gate=old, held_on=date(2026, 9, 20), by=house.secretary, at=noon(date(2026, 9, 20)))


def test_it_is_withdrawn_with_a_reason_before_it_is_adopted(house: StepHouse) -> None:
    decision = house.road()
    with pytest.raises(DecisionError, match="写明原因"):
        decision_withdraw(decision=decision, reason=" ", by=house.secretary)
    assert decision_withdraw(decision=decision, reason="并入乡道项目", by=house.secretary).state == Decision.State.WITHDRAWN
    with pytest.raises(DecisionError, match="已撤回"):
        house.held(decision, 3, date(2026, 9, 12), 42, 30, 25)


def test_the_register_has_a_sheet_for_each_step(house: StepHouse) -> None:
    decision = house.road()
    house.held(decision, 3, date(2026, 9, 8), 42, 27, 27)
    house.held(decision, 3, date(2026, 9, 12), 42, 30, 25)
    paper = register_paper(decision)
    assert [block.fresh for block in paper.blocks if isinstance(block, Heading)] == [False, True, True, True, True, True]
    text = str(paper.blocks)
    assert [step in text for step in ("一、村（社区）党组织提议", "三、党员大会审议", "六、实施结果公开")] == [True] * 3
    assert "应到 42 人，实到 30 人，比例 71.4%；同意 25" in text and "没有办成。应到 42 人，实到 27 人，比例 64.2%" in text
    assert text.count("参会人员签字") == 4 and text.count("监督意见") == 2


def test_a_sheet_has_the_headings_of_its_own_step(house: StepHouse) -> None:
    """Blank or filled, who came stands on the sheet of a meeting alone."""
    funeral, water = house.begin("hongbai"), house.begin("yishi")

    def sheet(decision: Decision, name: str) -> list[str]:
        blocks: list[Any] = list(register_paper(decision).blocks)
        at = next(place for place, block in enumerate(blocks) if isinstance(block, Heading) and block.text.endswith(f"、{name}"))
        return [label for label, _ in blocks[at + 1].rows][3:]

    blank = ["内容", "红白事申报单", "经办人签字"]
    assert sheet(funeral, "户主申报") == blank and sheet(funeral, "红白理事会议定") == ["参会人员", "提议内容", "参会人员签字"]
    assert sheet(water, "镇预审") == ["预审意见", "签字（盖章）"]
    gate = house.gate(funeral, 1)
    record_add(decision=funeral, gate=gate, held_on=BEGUN, papers={1: "3号"}, text="从简", by=house.secretary, at=noon(BEGUN))
    assert sheet(funeral, "户主申报") == blank


# --- elections --------------------------------------------------------------------------------------------------------------


def elected(house: StepHouse) -> tuple[Decision, list[Post]]:
    Post.objects.filter(unit=settlement_of(house.village), kind__in=("yard_head", "mediator")).delete()
    made = elections.elections_begin(village=house.village, by=house.secretary, at=noon(BEGUN))
    assert [one.title for one in made] == ["柏树院推选院户长、矛盾纠纷调解员"]
    people = [make_resident(make_household(house.village, name), name) for name in ("赵一", "钱二")]
    decision, (head, mediator) = made[0], people
    wanted: dict[str, Resident] = {Duty.YARD_HEAD: head, Duty.MEDIATOR: mediator}
    gate = house.gate(decision, 1)
    figures = Figures(houses_entitled=30, houses_present=20, yes=11, no=9)
    vote = {"decision": decision, "gate": gate, "held_on": BEGUN, "figures": figures, "by": house.secretary, "at": noon(BEGUN)}
    with pytest.raises(DecisionError, match="先填推选人选"):
        record_add(**vote)  # type: ignore[arg-type]
    assert elections.nominees_set(decision=decision, residents=wanted, by=house.secretary, at=noon(BEGUN)) == 2
    record_confirm(record=record_add(**vote), by=house.cadre)  # type: ignore[arg-type]
    return decision, list(Post.objects.filter(resident__in=people))


def test_one_press_elects_for_all_vacant_posts(house: StepHouse) -> None:
    decision, posts = elected(house)
    assert posts == []
    with pytest.raises(DecisionError, match="推选已经开始"):
        elections.elections_begin(village=house.village, by=house.secretary, at=noon(BEGUN))
    with pytest.raises(DecisionError, match="不能再改人选"):
        elections.nominees_set(decision=decision, residents={}, by=house.secretary)
    first = BEGUN + timedelta(days=1)
    notice = house.shown(decision, 2, first, 3).notice
    assert notice is not None and notice.rows == [["柏树院", "院户长", "赵*"], ["柏树院", "矛盾纠纷调解员", "钱*"]]
    with pytest.raises(DecisionError, match="人选公示：公示到 2026-09-04 为止，还没有期满"):
        decision_adopt(decision=decision, by=house.staff, at=noon(first + timedelta(days=2)))
    over = noon(first + timedelta(days=3))
    done = decision_adopt(decision=decision, by=house.staff, at=over)
    assert done.state == Decision.State.FINISHED
    made = Post.objects.filter(unit=decision.unit, appointed_on=over.date()).order_by("kind")
    assert [(post.kind, post.holder_name, post.elected_on) for post in made] == [("mediator", "钱二", BEGUN), ("yard_head", "赵一", BEGUN)]
    assert Nominee.objects.filter(decision=decision, post__in=made).count() == 2


def test_who_may_not_appoint_does_not_by_the_last_step(house: StepHouse) -> None:
    decision, _ = elected(house)
    first = BEGUN + timedelta(days=1)
    house.shown(decision, 2, first, 3)
    with pytest.raises(Exception, match="不能在这个单位聘任"):
        decision_adopt(decision=decision, by=house.secretary, at=noon(first + timedelta(days=3)))
    assert Decision.objects.get(pk=decision.pk).adopted_at is None


# --- around the code --------------------------------------------------------------------------------------------------------

GUARDED = {
    "a record changed": "UPDATE councils_gaterecord SET yes = 99 WHERE id = {record}",
    "a record deleted": "DELETE FROM councils_gaterecord WHERE id = {record}",
    "confirmed by who wrote": "UPDATE councils_gaterecord SET confirmed_by_id = {secretary}, confirmed_at = {now} WHERE id = {waiting}",
    "confirmed twice": "UPDATE councils_gaterecord SET confirmed_by_id = {staff} WHERE id = {record}",
    "another's gate": "INSERT INTO councils_gaterecord ({columns}) SELECT decision_id, {other}, position, 2, {rest}",
    "an attempt left out": "INSERT INTO councils_gaterecord ({columns}) SELECT decision_id, gate_id, position, 5, {rest}",
    "more votes than people": "INSERT INTO councils_gaterecord ({columns}) SELECT decision_id, gate_id, position, 2, {votes}",
    "a community's rule in a village": "INSERT INTO councils_gaterecord ({columns}) SELECT {reached}, {communitys}, 4, 1, {rest}",
    "a village's rule in a community": "INSERT INTO councils_gaterecord ({columns}) SELECT {communal}, {villages}, 4, 1, {rest}",
    "another yard's meeting": "INSERT INTO councils_gaterecord ({met}) SELECT {yards}, {yard_gate}, 1, 1, {next_yard}",
    "a meeting of homes as people": "INSERT INTO councils_gaterecord ({met}) SELECT decision_id, gate_id, position, 2, {homes}",
    "a yard's kind in a village": "INSERT INTO councils_decision ({born}) SELECT {village}, {yuanhu}, 'JC-X', {same}",
    "a village's kind in a yard": "INSERT INTO councils_decision ({born}) SELECT {yard}, {yishi}, 'JC-X', {same}",
    "a decision's words": "UPDATE councils_decision SET title = 'x' WHERE id = {decision}",
    "a decision's kind": "UPDATE councils_decision SET kind_id = {yishi} WHERE id = {fresh}",
    "a decision deleted": "DELETE FROM councils_decision WHERE id = {fresh}",
    "adopted": "UPDATE councils_decision SET adopted_at = {now}, adopted_by_id = {staff} WHERE id = {decision}",
    "finished": "UPDATE councils_decision SET finished_at = {now}, finished_by_id = {staff} WHERE id = {decision}",
    "history adopted": "UPDATE councils_decision SET adopted_at = {now}, adopted_by_id = {staff} WHERE id = {history}",
    "history made of it": "UPDATE councils_decision SET is_history = {true} WHERE id = {fresh}",
    "withdrawn without reason": "UPDATE councils_decision SET withdrawn_at = {now}, withdrawn_by_id = {staff} WHERE id = {fresh}",
    "a gate in force": "UPDATE councils_gate SET quorum_num = 0 WHERE id = {gate}",
    "a gate taken out": "DELETE FROM councils_gate WHERE id = {gate}",
    "a kind in force": "UPDATE councils_decisionkind SET name = 'x' WHERE id = {yishi}",
    "a beneficiary afterwards": "INSERT INTO councils_beneficiary (decision_id, household_id) VALUES ({decision}, {home})",
    "a nominee with a post": "UPDATE councils_nominee SET post_id = {post} WHERE id = {nominee}",
    "a decision's key": "UPDATE councils_decision SET id = 999999 WHERE id = {fresh}",
    "a record's key": "UPDATE councils_gaterecord SET id = 999999 WHERE id = {waiting}",
    "a gate's key": "UPDATE councils_gate SET id = 999999 WHERE id = {gate}",
    "hung again": "UPDATE disclosure_notice SET withdrawn_at = NULL WHERE id = {notice}",
    "an objection deleted": "DELETE FROM disclosure_objection WHERE notice_id = {notice}",
    "an objection answered otherwise": "UPDATE disclosure_objection SET state = 'dismissed' WHERE id = {upheld}",
    "an objection to another": "UPDATE disclosure_objection SET notice_id = {elsewhere} WHERE id = {objection}",
}  # fmt: skip
ALLOWED = {
    "a village's rule in a village": "INSERT INTO councils_gaterecord ({columns}) SELECT {reached}, {villages}, 4, 1, {rest}",
    "a community's rule in a community": "INSERT INTO councils_gaterecord ({columns}) SELECT {communal}, {communitys}, 4, 1, {rest}",
    "the yard's own meeting": "INSERT INTO councils_gaterecord ({met}) SELECT {yards}, {yard_gate}, 1, 1, {own_yard}",
    "a yard's kind in a yard": "INSERT INTO councils_decision ({born}) SELECT {yard}, {yuanhu}, 'JC-X', {same}",
    "a village's kind in a village": "INSERT INTO councils_decision ({born}) SELECT {village}, {yishi}, 'JC-X', {same}",
    "confirmed by another": "UPDATE councils_gaterecord SET confirmed_by_id = {staff}, confirmed_at = {now} WHERE id = {waiting}",
    "words before the first step": "UPDATE councils_decision SET title = 'x' WHERE id = {fresh}",
    "withdrawn": (
        "UPDATE councils_decision SET withdrawn_at = {now}, withdrawn_by_id = {staff}, withdrawn_reason = 'x' WHERE id = {fresh}"
    ),
    "a rule compared": "UPDATE councils_gate SET confirmed_by_id = {staff}, confirmed_at = {now} WHERE id = {unchecked}",
    "the next attempt": "INSERT INTO councils_gaterecord ({columns}) SELECT decision_id, gate_id, position, 2, {rest}",
    "a beneficiary in time": "INSERT INTO councils_beneficiary (decision_id, household_id) VALUES ({fresh}, {home})",
    "an objection answered": (
        "UPDATE disclosure_objection SET state = 'upheld', answered_at = {now}, answer = '已改正' WHERE id = {objection}"
    ),
    "an objection to any other notice deleted": "DELETE FROM disclosure_objection WHERE notice_id = {elsewhere}",
}
_OWN = "is_passed, text, recorded_by_id, recorded_at"
_MET = (
    "decision_id, gate_id, position, attempt, meeting_id, held_on, ended_on, houses_entitled, houses_present, entitled, present, yes,"
    f" recused, {_OWN}"
)
_BORN = (
    "township_id, village_id, title, purpose, begun_by_id, begun_at, proposed_on, is_history, resubmitted_note, withdrawn_reason,"
    " history_outcome"
)
_COLUMNS = f"decision_id, gate_id, position, attempt, held_on, ended_on, entitled, present, yes, recused, {_OWN}"


def names_for_guards(house: StepHouse) -> dict[str, Any]:
    decision, fresh = house.begin(), house.begin()
    record = house.held(decision, 1, date(2026, 9, 2), 5, 5, 5, papers={1: "1号"})
    figures = Figures(entitled=7, present=7, yes=7)
    two = date(2026, 9, 4)
    waiting = record_add(decision=decision, gate=house.gate(decision, 2), held_on=two, figures=figures, by=house.secretary, at=noon(two))
    history = house.decision(DecisionKind.objects.get(code="siyi"), is_history=True)
    election = house.decision(DecisionKind.objects.get(code="tuixuan"), unit=settlement_of(house.village))
    person = make_resident(make_household(house.village), "赵一")
    nominee = Nominee.objects.create(decision=election, duty="yard_head", resident=person)
    hung, elsewhere = hung_and_withdrawn(house)
    objection, upheld = hung.objections.order_by("pk")
    common = f"{_OWN} FROM councils_gaterecord WHERE id = {record.pk}"
    return {
        "record": record.pk, "waiting": waiting.pk, "decision": decision.pk, "fresh": fresh.pk, "history": history.pk,
        "secretary": house.secretary.pk, "staff": house.staff.pk, "now": "'2026-11-01 04:00:00+00:00'", "true": "1 = 1",
        "yishi": DecisionKind.objects.get(code="yishi").pk, "other": DecisionKind.objects.get(code="yishi").gates.all()[0].pk,
        "gate": record.gate_id, "unchecked": decision.kind.gates.unchecked()[0].pk, "home": make_household(house.village).pk,
        "nominee": nominee.pk, "post": Post.objects.all()[0].pk, "columns": _COLUMNS,
        "rest": f"held_on, ended_on, entitled, present, yes, recused, {common}",
        "votes": f"held_on, ended_on, entitled, present, 6, recused, {common}",
        "notice": hung.pk, "elsewhere": elsewhere.pk, "objection": objection.pk, "upheld": upheld.pk,
        **names_of_places(house, fresh, common),
    }  # fmt: skip


def names_of_places(house: StepHouse, fresh: Decision, common: str) -> dict[str, Any]:
    """A community beside the village, two yards in it, a meeting of each and one that counted households."""
    community = make_village(house.township, *PLACES["community"])
    yard, rules = settlement_of(house.village), DecisionKind.objects.get(code="siyi").gates.filter(position=4, law_to=None)
    yards, day = house.begin("yuanhu"), date(2026, 9, 3)
    homes = make_meeting(house, Body.Kind.BRANCH, day, came=3, base="homes")
    next_yard = make_unit("settlement", "二院", f"{yard.code[:-3]}002", yard.parent)
    own, other = (make_meeting(house, Body.Kind.YARD, day, came=3, base="households", unit=unit) for unit in (yard, next_yard))
    met = "{}, '2026-09-03', '2026-09-03', {}, 2, 0, " + common
    return {
        "communal": house.decision(fresh.kind, village=community, unit=community).pk, "reached": fresh.pk,
        "communitys": rules.get(body="res_del").pk, "villages": rules.get(body="delegates").pk,
        "yards": yards.pk, "yard_gate": yards.kind.gates.get(position=1).pk, "met": _MET,
        "own_yard": met.format(own.pk, "3, 3, NULL, NULL"), "next_yard": met.format(other.pk, "3, 3, NULL, NULL"),
        "homes": met.format(homes.pk, "NULL, NULL, 3, 3"), "born": f"unit_id, kind_id, number, {_BORN}",
        "same": f"{_BORN} FROM councils_decision WHERE id = {fresh.pk}", "yuanhu": yards.kind_id, "yard": yard.pk,
        "village": house.village.pk,
    }  # fmt: skip


def hung_and_withdrawn(house: StepHouse) -> tuple[Notice, Notice]:
    """A 公示 that was a decision's and was taken down, with an objection that is open and one that was upheld; and one of its own."""
    kind, last = house.kind({"position": 1, "name": "公示", "what": "notice", "notice_days": 3}), BEGUN + timedelta(days=2)
    gone = {"withdrawn_at": noon(last), "withdrawn_by": house.staff, "withdrawn_reason": "写错"}
    hung, elsewhere = (house.notice(BEGUN, last, **gone) for _ in range(2))
    for number, (notice, state) in enumerate(((hung, "open"), (hung, "upheld"), (elsewhere, "upheld"))):
        answered = {} if state == "open" else {"answered_at": noon(last), "answer": "已答复"}
        Objection.objects.create(
            notice=notice, number=f"YY{number}", name="李某", phone="15400000001", text=state, answer_by=last, state=state, **answered
        )
    house.record(house.decision(kind), kind.gates.get(), BEGUN, notice=hung, notice_from=BEGUN, notice_to=last)
    return hung, elsewhere


def passes(statement: str) -> bool:
    """Whether the database lets a statement through; it is undone."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            assert cursor.rowcount, statement
            transaction.set_rollback(True)
    except DatabaseError:
        return False
    return True


def passed_by() -> dict[str, list[str]]:
    names = names_for_guards(StepHouse())
    return {
        "passed": [name for name, statement in GUARDED.items() if passes(statement.format(**names))],
        "refused": [name for name, statement in ALLOWED.items() if not passes(statement.format(**names))],
    }


def test_it_is_kept_by_the_database_too() -> None:
    assert passed_by() == {"passed": [], "refused": []}


def test_it_is_kept_in_trial_mode_too(tmp_path: Path) -> None:
    assert run_in_trial_mode(f"{__name__}:passed_by", tmp_path) == {"passed": [], "refused": []}


def make_meeting(
    house: DecisionHouse, kind: str, day: date, *, came: int, absent: int = 0, home: Household | None = None, base: str = "members",
    unit: Unit | None = None,
) -> Meeting:  # fmt: skip
    """A confirmed meeting with seats; of `home` one, where it is given; of the village, or of a `unit` in it."""
    where = unit or house.village
    body, _ = Body.objects.get_or_create(
        unit=where, kind=kind, defaults={"village": house.village, "name": Body.Kind(kind).label, "founded_on": date(2020, 6, 1)}
    )
    now = timezone.now()
    meeting = Meeting.objects.create(
        body=body, unit=where, village=house.village, topic="道路", on=day, state="minuted", base=base, write_by=day,
        called_by=house.secretary, called_at=now, entitled=came + absent, present=came, minuted_by=house.secretary, minuted_at=now,
    )  # fmt: skip
    for number in range(came + absent):
        place = home if home and not number else make_household(house.village, f"户主{number}", unit=unit or settlement_of(house.village))
        seat = Seat.objects.create(body=body, resident=make_resident(place, f"委员{number}"), since=date(2026, 1, 1))
        status = Attendance.Status.PRESENT if number < came else Attendance.Status.ABSENT
        Attendance.objects.create(meeting=meeting, seat=seat, status=status)
    meeting.state, meeting.confirmed_by, meeting.confirmed_at = Meeting.State.CONFIRMED, house.cadre, now
    meeting.save()
    return meeting

