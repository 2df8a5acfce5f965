"""What is done at a gate: a meeting, a paper, the township's opinion, a notice; written by one, confirmed by another (mission M19)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from governance.accounts.duties import TOWN_DUTIES, Action
from governance.accounts.models import User
from governance.councils.bodies.membership import base_of, entitled_count, homes_of, members_of
from governance.councils.bodies.models import Body
from governance.councils.covenants.effects import check_marks
from governance.councils.decisions.errors import DecisionError
from governance.councils.decisions.gates import Stage, What
from governance.councils.decisions.kind_models import DecisionKind, Gate, area_of
from governance.councils.decisions.models import Decision, GatePaper, GateRecord, GateVote
from governance.councils.decisions.services import decision_take
from governance.councils.decisions.standing import steps_of
from governance.councils.decisions.words import figures_words, notice_words
from governance.councils.meetings.models import Attendance, Meeting
from governance.disclosure.masked import texts_check
from governance.disclosure.models import Notice
from governance.disclosure.notices import notice_publish
from governance.frame.saving import save_by
from governance.periods import today
from villages.models import Resident, Unit

SHOWN = (What.NOTICE, What.PUBLICATION)
CONFIRMS = {Gate.Confirm.VILLAGE: Action.MEETING_CONFIRM, Gate.Confirm.TOWNSHIP: Action.DECISION_CHECK}
RESULT = "请写明实施结果：办了什么、办得怎样。"
READY = (Meeting.State.CONFIRMED, Meeting.State.FILED)


@dataclass(frozen=True)
class Figures:
    """Who was there and how they voted; what the gate does not count is left None."""

    entitled: int | None = None
    present: int | None = None
    houses_entitled: int | None = None
    houses_present: int | None = None
    yes: int | None = None
    no: int | None = None
    abstain: int | None = None
    recused: int = 0


def record_add(
    *,
    decision: Decision,
    gate: Gate,
    held_on: date,
    by: User,
    meeting: Meeting | None = None,
    called_on: date | None = None,
    figures: Figures = Figures(),
    votes: Mapping[Resident, str] | None = None,
    papers: Mapping[int, str] | None = None,
    is_passed: bool = True,
    text: str = "",
    at: datetime | None = None,
) -> GateRecord:
    """Write down an attempt at the next gate. With a `meeting` its day and figures are the meeting's own; `votes` by name, where they
    are given, are counted instead of `figures`. `papers`: number on the gate's list → where the paper is."""
    now = at or timezone.now()
    with transaction.atomic():
        row = _take(decision, gate, by, now)
        if gate.what in SHOWN:
            raise DecisionError("公示和公开由本系统发布。", "need")
        if held_on > today(now):
            raise DecisionError("日期不能晚于今天。", "date", field="held_on")
        if gate.what == What.PREVIEW and not text.strip():
            raise DecisionError("请写明预审意见。", "need", field="text")
        if gate.what == What.PREVIEW and is_passed and row.kind.effect == DecisionKind.Effect.COVENANT:
            check_marks(row)
        if meeting is not None:
            held_on, called_on, figures = _of_meeting(row, gate, meeting, figures)
        if votes:
            figures = _counted(row, gate, figures, votes)
        _check_figures(row, gate, figures)
        if meeting is None and not text.strip():
            _check_register(row, gate, figures, held_on)
        record = _write(
            row, gate, held_on, by, now, meeting=meeting, called_on=called_on, is_passed=is_passed, text=text.strip(), **vars(figures)
        )
        _papers_add(record, papers or {})
        GateVote.objects.bulk_create([GateVote(record=record, resident=who, choice=choice) for who, choice in (votes or {}).items()])
    return record


def notice_step(
    *, decision: Decision, gate: Gate, opens_on: date, days: int, text: str, channel: str, by: User, at: datetime | None = None
) -> GateRecord:
    """公示 or 公开 of the decision: published on the village's board, its lines drawn from the records."""
    now = at or timezone.now()
    if days < gate.notice_days:
        raise DecisionError(f"须{gate.get_what_display()} {gate.notice_days} 天以上。", "date", field="days")
    if opens_on < today(now):
        raise DecisionError("开始日期不能早于今天。", "date", field="opens_on")
    if not channel.strip():
        raise DecisionError("请写明提意见的渠道。", "need", field="channel")
    if tells_result(decision.kind, gate) and not text.strip():
        raise DecisionError(RESULT, "need", field="text")
    with transaction.atomic():
        row = _take(decision, gate, by, now)
        if gate.what not in SHOWN:
            raise DecisionError("这一步不是公示。", "need")
        texts_check(row.village, [text, channel])
        if row.kind.effect == DecisionKind.Effect.COVENANT and not row.kind.gates.filter(what=What.PREVIEW).exists():
            check_marks(row)  # once it hangs, its words stand still
        columns, rows = notice_words(row, gate)
        closes_on = opens_on + timedelta(days=days - 1)
        notice = notice_publish(
            unit=row.village, kind=Notice.Kind.OTHER, title=f"{gate.name}：{row.title}"[:100], reason=(text.strip() or row.purpose)[:300],
            columns=columns, rows=rows, opens_on=opens_on, closes_on=closes_on, channel=channel.strip(), by=by, action=Action.DECISION_RUN,
        )  # fmt: skip
        return _write(row, gate, opens_on, by, now, notice=notice, notice_from=opens_on, notice_to=closes_on, text=text.strip())


def tells_result(kind: DecisionKind, gate: Gate) -> bool:
    """Whether the gate publishes what came of the decision, which stands in no record before; a covenant's are its clauses."""
    return gate.what == What.PUBLICATION and gate.stage == Stage.FINISH and kind.effect != DecisionKind.Effect.COVENANT


def record_confirm(*, record: GateRecord, by: User, at: datetime | None = None) -> GateRecord:
    """确认 once, by somebody other than who wrote it down, not of a household that gets money."""
    with transaction.atomic():
        rows = GateRecord.objects.select_for_update(of=("self",)).select_related("gate", "decision__village")
        found: GateRecord = rows.get(pk=record.pk)
        if not may_confirm(found, by):
            raise DecisionError("这条记录不归您确认。", "scope")
        if found.confirmed_at is not None:
            raise DecisionError("这条记录已经确认。", "state")
        if found.recorded_by_id == by.pk:
            raise DecisionError("不能确认自己的记录，请另一人确认。", "another")
        _check_kin(found.decision, by)
        found.confirmed_by, found.confirmed_at = by, at or timezone.now()
        save_by(found, by, DecisionError, ["confirmed_by", "confirmed_at"])
    return found


def may_confirm(record: GateRecord, by: User) -> bool:
    """Whether the record waits for a confirmation that is `by`'s to give, by right alone; the village's is not the office's."""
    confirm = Gate.Confirm(record.gate.confirm)
    needed = CONFIRMS.get(confirm)
    if needed is None or (confirm == Gate.Confirm.VILLAGE and by.duties() <= set(TOWN_DUTIES)):
        return False
    return by.may(needed, record.decision.village.path)


def kin_present(decision: Decision, meeting: Meeting) -> int:
    """How many who came belong to a household that gets money."""
    homes = decision.beneficiaries.values("household")
    kin = Q(household__in=homes) | Q(seat__resident__household__in=homes) | Q(post__resident__household__in=homes)
    return meeting.attendances.filter(kin, status=Attendance.Status.PRESENT).count()


def _take(decision: Decision, gate: Gate, by: User, now: datetime) -> Decision:
    """The decision under its lock, where this gate is the next to be done and `by` may do it."""
    row = decision_take(decision, by, Action.DECISION_CHECK if gate.what == What.PREVIEW else Action.DECISION_RUN)
    if not row.is_open:
        raise DecisionError(f"这件决策{row.state.label}。", "state")
    steps = steps_of(row, today(now))
    waiting = next((step for step in steps if not step.standing.holds), None)
    if waiting is None or gate.position < waiting.standing.position:
        raise DecisionError("这一步已经办好。", "state")
    if gate.position > waiting.standing.position:
        raise DecisionError(f"先办好前面的步骤。{waiting.standing.words}。", "gate")
    if gate.stage == Stage.FINISH and row.adopted_at is None:
        raise DecisionError("先登记通过，再办后面的步骤。", "gate")
    if row.kind.effect == DecisionKind.Effect.APPOINT and not row.nominees.exists():
        raise DecisionError("先填推选人选，再记推选结果。", "need")
    _check_kin(row, by)
    return row


def _check_kin(decision: Decision, by: User) -> None:
    homes = decision.beneficiaries.values("household")
    if Resident.objects.filter(household__in=homes, posts__user=by).exists():
        raise DecisionError("受益户的家庭成员须回避，不能记录或确认。", "kin")


def _of_meeting(decision: Decision, gate: Gate, meeting: Meeting, figures: Figures) -> tuple[date, date | None, Figures]:
    """The day, the call and the figures of a confirmed meeting of the gate's body."""
    elsewhere = meeting.unit_id != decision.unit_id if _is_yards(decision) else meeting.village_id != decision.village_id
    if elsewhere or (gate.body and meeting.body.kind != gate.body) or meeting.state not in READY:
        raise DecisionError("请选本村（本院）已经确认的同类会议。", "need", field="meeting")
    if meeting.base == Meeting.Base.HOMES:
        raise DecisionError("这次会议只记了户数，请不选会议，自己填应到、实到的户数和人数。", "need", field="meeting")
    if meeting.on < decision.proposed_on:
        raise DecisionError(f"这次会议（{meeting.on}）早于动议（{decision.proposed_on}），不能算这一步。", "date", field="meeting")
    counts = dict(zip(figures_of(meeting), (meeting.entitled, meeting.present), strict=True))
    recused = max(figures.recused, kin_present(decision, meeting))
    return meeting.on, meeting.noticed_on, Figures(**{**vars(figures), **counts, "recused": recused})


def figures_of(meeting: Meeting) -> tuple[str, str]:
    """Which two of the figures a meeting brings: a yard counts households."""
    return ("houses_entitled", "houses_present") if meeting.body.kind == Body.Kind.YARD else ("entitled", "present")


def _is_yards(decision: Decision) -> bool:
    return decision.unit.level == Unit.Level.SETTLEMENT


def _counted(decision: Decision, gate: Gate, figures: Figures, votes: Mapping[Resident, str]) -> Figures:
    """Figures from votes by name."""
    if gate.is_secret:
        raise DecisionError("无记名投票只记票数，不记姓名。", "votes", field="votes")
    homes = set(decision.beneficiaries.values_list("household", flat=True))
    for who, choice in votes.items():
        if who.household_id in homes and choice != GateVote.Choice.RECUSED:
            raise DecisionError(f"{who.name}是受益户的家庭成员，须回避。", "kin", field="votes")
    found = Counter(votes.values())
    return Figures(**{**vars(figures), **{choice: found[choice] for choice in GateVote.Choice.values}})


def _check_figures(decision: Decision, gate: Gate, figures: Figures) -> None:
    """What would be refused by the database, in words that say which figure."""
    for present, entitled, field in (
        (figures.present, figures.entitled, "present"),
        (figures.houses_present, figures.houses_entitled, "houses_present"),
    ):
        if present is not None and (entitled is None or not entitled or present > entitled):
            raise DecisionError("实到不能多于应到，应到至少为 1。", "votes", field=field)
    here = figures.houses_present if gate.majority_base in ("houses", "houses_here") else figures.present
    cast = sum(count or 0 for count in (figures.yes, figures.no, figures.abstain)) + figures.recused
    if cast > (here or 0):
        raise DecisionError(f"票数和回避共 {cast}，多于到会的 {here or 0}。", "votes", field="yes")


def _check_register(decision: Decision, gate: Gate, figures: Figures, day: date) -> None:
    """应到 typed by hand is not less than the register says; where that is wrong, the record says why."""
    place = decision.unit if gate.body == Body.Kind.YARD else decision.village
    body = Body.objects.filter(unit=place, kind=gate.body, ended_on=None).first()
    if body is None:
        return
    people, houses = _registered(body, day)
    for typed, known, name, field in (
        (figures.entitled, people, "人", "entitled"),
        (figures.houses_entitled, houses, "户", "houses_entitled"),
    ):
        if typed is not None and typed < known:
            told = f"名册上应到 {known} {name}，填的是 {typed} {name}。照名册填；确实不同的，在说明里写明原因。"
            raise DecisionError(told, "votes", field=field)


def _registered(body: Body, day: date) -> tuple[int, int]:
    """How many people and households the register says should come, 0 where it does not say."""
    base = base_of(body)
    if base == Meeting.Base.VOTERS:
        return entitled_count(body, base, day), entitled_count(body, Meeting.Base.HOMES, day)
    return (len(members_of(body, day)), 0) if base == Meeting.Base.MEMBERS else (0, homes_of(body).count())


def _papers_add(record: GateRecord, papers: Mapping[int, str]) -> None:
    names = record.gate.paper_names
    GatePaper.objects.bulk_create(
        [
            GatePaper(record=record, position=number, name=names[number - 1][:60], number=where.strip())
            for number, where in sorted(papers.items())
            if where.strip() and 1 <= number <= len(names)
        ]
    )


def _write(decision: Decision, gate: Gate, held_on: date, by: User, now: datetime, **fields: Any) -> GateRecord:
    if gate.kind_id != decision.kind_id:
        raise DecisionError("这一步不属于这件决策的程序。", "kind")
    if gate.area not in (Gate.Area.ANY, area_of(decision.village)):
        raise DecisionError("所选的程序不适用于这里，请选本村（社区）适用的一种。", "kind")
    if not gate.rule.is_law_on(held_on):
        raise DecisionError(f"所选的程序在 {held_on} 不适用，请选当天适用的一种。", "date", field="held_on")
    ended_on: date = fields["notice_to"] if gate.what == What.NOTICE else held_on
    record = GateRecord(
        decision=decision,
        gate=gate,
        position=gate.position,
        attempt=1 + GateRecord.objects.filter(decision=decision, position=gate.position).count(),
        held_on=held_on,
        ended_on=ended_on,
        recorded_by=by,
        recorded_at=now,
        **fields,
    )
    if not figures_words(record):  # then its text is published
        texts_check(decision.village, [record.text])
    save_by(record, by, DecisionError)
    return record


def meetings_for(decision: Decision, gate: Gate) -> list[Meeting]:
    """Confirmed meetings of the gate's body at the decision's place since it was proposed and the last step was done, latest first; one
    meeting may deal with several matters."""
    place = {"unit": decision.unit} if _is_yards(decision) else {"village": decision.village}
    since = max([decision.proposed_on, *decision.records.values_list("held_on", flat=True)])
    rows = Meeting.objects.filter(body__kind=gate.body, state__in=READY, present__isnull=False, on__gte=since, **place)
    rows = rows.exclude(base=Meeting.Base.HOMES)
    return list(rows.select_related("body").order_by("-on", "-pk")[:20]) if gate.body else []
