"""What waits of decisions: a record for its confirmation, a 公示 whose window is over, the township's opinion, what
follows an adoption (plan §三.1; design §11)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.councils.decisions.gates import What
from governance.councils.decisions.kind_models import DecisionKind, Gate
from governance.councils.decisions.models import Decision, GateRecord
from governance.disclosure.due import CLOSES
from governance.frame.due import DayOf, DueKind, Rows, Todo, asked_of_villages, evening, past, villages_asked
from governance.periods import today

CONFIRM = DayOf("recorded_at", met="confirmed_at__date", within=timedelta(days=3))
PREVIEW = DayOf("waits_since", within=timedelta(days=5))
NOTICE_OVER = replace(CLOSES.of("notice"), within=timedelta(days=3))
RESULT = DayOf("adopted_at", within=timedelta(days=180))
RUNNING = Q(decision__is_history=False, decision__withdrawn_at=None, decision__finished_at=None)


def _address(decision_id: int) -> str:
    return reverse("councils:decision-detail", args=[decision_id])


def _unconfirmed(now: datetime) -> Rows:
    """Records that count and wait for another person."""
    later = GateRecord.objects.filter(decision=OuterRef("decision"), position=OuterRef("position"), attempt__gt=OuterRef("attempt"))
    return GateRecord.objects.filter(RUNNING, ~Exists(later), confirmed_at=None).exclude(gate__confirm=Gate.Confirm.NONE)


def _confirmers(rows: Any, user: User, now: datetime) -> Rows:
    in_village = Q(gate__confirm=Gate.Confirm.VILLAGE) & villages_asked(rows, user, Action.MEETING_CONFIRM)
    in_town = Q(gate__confirm=Gate.Confirm.TOWNSHIP) & rows.place_of(user, Action.DECISION_CHECK)
    found: Rows = rows.filter(in_village | in_town).exclude(recorded_by=user)
    return found


def _to_confirm(record: GateRecord, now: datetime) -> Todo:
    decision = record.decision
    title = f"步骤记录待确认：{record.gate.name}"
    return Todo(record.recorded_at, title, f"{decision.village}：{decision.title}", _address(decision.pk), CONFIRM.due(record, now))


def _notices_over(now: datetime) -> Rows:
    """公示 whose window is over, of decisions that are still to be adopted and whose next step nobody has taken."""
    newer = Q(position__gt=OuterRef("position")) | Q(position=OuterRef("position"), attempt__gt=OuterRef("attempt"))
    later = GateRecord.objects.filter(newer, decision=OuterRef("decision"))
    rows = GateRecord.objects.filter(RUNNING, gate__what=What.NOTICE, ended_on__lt=today(now), decision__adopted_at=None)
    return rows.filter(~Exists(later))


def _runners(rows: Any, user: User, now: datetime) -> Rows:
    """The village's own; an election is ended by who may appoint."""
    appoints = Q(decision__kind__effect=DecisionKind.Effect.APPOINT)
    mine = ~appoints & villages_asked(rows, user, Action.DECISION_RUN)
    found: Rows = rows.filter(mine | (appoints & rows.place_of(user, Action.POST_APPOINT)))
    return found


def _notice_over(record: GateRecord, now: datetime) -> Todo:
    decision = record.decision
    words = f"{decision.village}：{decision.title}"
    return Todo(evening(record.ended_on), f"公示期满：{record.gate.name}", words, _address(decision.pk), NOTICE_OVER.due(record, now))


def _previews(now: datetime) -> Rows:
    """Decisions whose next gate is the township's opinion."""
    return Decision.objects.running().waiting_for(What.PREVIEW, today(now))


def _preview(decision: Any, now: datetime) -> Todo:
    words = f"{decision.village}：{decision.title}"
    return Todo(decision.waits_since, "决策待镇预审", words, _address(decision.pk), PREVIEW.due(decision, now))


def _results(now: datetime) -> Rows:
    """Adopted decisions that are not done yet, with the step that each waits for."""
    return Decision.objects.running().exclude(adopted_at=None).with_missing(today(now))


def _result(decision: Any, now: datetime) -> Todo:
    title = f"决策已通过，待办：{decision.stuck_at}" if decision.stuck_at else "决策已通过，可以办结"
    words = f"{decision.village}：{decision.title}"
    return Todo(decision.adopted_at, title, words, _address(decision.pk), RESULT.due(decision, now))


KINDS = [
    DueKind(
        "decision-confirm",
        "决策步骤待确认",
        open=_unconfirmed,
        held=_confirmers,
        line=_to_confirm,
        related=("gate", "decision__village"),
        late=past(CONFIRM),
        village="decision__village",
        words="{} 条决策步骤逾期未确认",
        page=lambda record: _address(record.decision_id),
    ),
    DueKind(
        "decision-notice",
        "决策公示期满",
        open=_notices_over,
        held=_runners,
        line=_notice_over,
        related=("gate", "notice", "decision__village"),
        late=past(NOTICE_OVER),
        village="decision__village",
        words="{} 件决策公示期满未办下一步",
        page=lambda record: _address(record.decision_id),
    ),
    DueKind(
        "decision-preview",
        "决策待镇预审",
        open=_previews,
        held=lambda rows, user, now: rows.visible_to(user, Action.DECISION_CHECK),
        line=_preview,
        related=("village",),
        late=past(PREVIEW),
        words="{} 件决策逾期未预审",
        page=lambda decision: _address(decision.pk),
    ),
    DueKind(
        "decision-result",
        "已通过的决策待办结",
        open=_results,
        held=lambda rows, user, now: asked_of_villages(rows, user, Action.DECISION_RUN),
        line=_result,
        related=("village",),
        late=past(RESULT),
        words="{} 件已通过的决策逾期未办结",
        page=lambda decision: _address(decision.pk),
    ),
]
