"""What waits of decisions: the next step to be recorded, an objection to what hangs, a record for its confirmation, a 公示 whose window is
over, the township's opinion, the adoption, what follows it (plan §三.1; design §11)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery
from django.urls import reverse

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.councils.covenants.models import CovenantVersion
from governance.councils.decisions.gates import NOT_DONE, What
from governance.councils.decisions.kind_models import DecisionKind, Gate
from governance.councils.decisions.models import Decision, GateRecord
from governance.disclosure.due import CLOSES
from governance.disclosure.models import Objection
from governance.frame.due import DayOf, DueKind, Rows, Todo, asked, evening, past, villages_asked
from governance.periods import today

CONFIRM = DayOf("recorded_at", met="confirmed_at__date", within=timedelta(days=3))
PREVIEW = DayOf("waits_since", within=timedelta(days=5))
NOTICE_OVER = replace(CLOSES.of("notice"), within=timedelta(days=3))
RESULT = DayOf("adopted_at", within=timedelta(days=180))
OWN_STEPS = (What.MEETING, What.DOCUMENT, What.NOTICE, What.PUBLICATION)
RUNNING = Q(decision__is_history=False, decision__withdrawn_at=None, decision__finished_at=None)


def _address(decision_id: int) -> str:
    return reverse("councils:decision-detail", args=[decision_id])


def _words(decision: Decision) -> str:
    return f"{decision.village}：{decision.title}"


def _undecided(now: datetime) -> Rows:
    """Decisions still to be adopted; one whose 公示 is over is told of by `decision-notice`."""
    return Decision.objects.undecided(today(now)).exclude(pk__in=_notices_over(now).values("decision"))


def _steps(now: datetime) -> Rows:
    """Those whose next step before the adoption is the village's to record, and not only to wait for."""
    return _undecided(now).filter(next_step__in=OWN_STEPS)


def _step(decision: Any, now: datetime) -> Todo:
    return Todo(decision.waits_since, f"等记录下一步：{decision.next_name}", _words(decision), _address(decision.pk), None)


def _ready(now: datetime) -> Rows:
    """Those of which all gates before the adoption hold and of whose covenant no marked clause waits."""
    marked = CovenantVersion.objects.unanswered().filter(decision=OuterRef("pk"))
    return _undecided(now).filter(~Exists(marked), next_step=None)


def _adoption(decision: Any, now: datetime) -> Todo:
    return Todo(decision.waits_since, "可以通过了", _words(decision), _address(decision.pk), None)


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
    title = f"步骤记录待确认：{record.gate.name}"
    return Todo(record.recorded_at, title, _words(record.decision), _address(record.decision_id), CONFIRM.due(record, now))


def _notices_over(now: datetime) -> Rows:
    """公示 whose window is over, of decisions that are still to be adopted and whose next step nobody has taken."""
    newer = Q(position__gt=OuterRef("position")) | Q(position=OuterRef("position"), attempt__gt=OuterRef("attempt"))
    later = GateRecord.objects.filter(newer, decision=OuterRef("decision"))
    rows = GateRecord.objects.filter(RUNNING, gate__what=What.NOTICE, ended_on__lt=today(now), decision__adopted_at=None)
    return rows.filter(~Exists(later))


def _runners(rows: Any, user: User, now: datetime, kind: str = "kind") -> Rows:
    """The village's own; an election is ended by who may appoint."""
    appoints = Q(**{f"{kind}__effect": DecisionKind.Effect.APPOINT})
    mine = ~appoints & villages_asked(rows, user, Action.DECISION_RUN)
    found: Rows = rows.filter(mine | (appoints & rows.place_of(user, Action.POST_APPOINT)))
    return found


def _notice_over(record: GateRecord, now: datetime) -> Todo:
    title, address = f"公示期满：{record.gate.name}", _address(record.decision_id)
    return Todo(evening(record.ended_on), title, _words(record.decision), address, NOTICE_OVER.due(record, now))


def _previews(now: datetime) -> Rows:
    """Decisions whose next gate is the township's opinion, without those that it gave back."""
    return Decision.objects.running().handed_in(today(now))


def _preview(decision: Any, now: datetime) -> Todo:
    return Todo(decision.waits_since, "决策待镇预审", _words(decision), _address(decision.pk), PREVIEW.due(decision, now))


def _returned(now: datetime) -> Rows:
    """Decisions that the township gave back to the village."""
    return Decision.objects.running().returned(today(now))


def _return(decision: Any, now: datetime) -> Todo:
    return Todo(decision.waits_since, "镇预审退回，改好后重新报审", _words(decision), _address(decision.pk), None)


def _results(now: datetime) -> Rows:
    """Adopted decisions that are not done yet, with the step that each waits for."""
    return Decision.objects.running().exclude(adopted_at=None).with_missing(today(now))


def _result(decision: Any, now: datetime) -> Todo:
    if decision.stuck_words is None:
        title = "决策已通过，可以办结"
    else:  # what was begun says what it waits for
        title = f"决策已通过，待办：{decision.stuck_words.removesuffix(f'：{NOT_DONE}')}"
    return Todo(decision.adopted_at, title, _words(decision), _address(decision.pk), RESULT.due(decision, now))


def _objected(now: datetime) -> Rows:
    """Objections against what hangs, or hung, for a decision that the office has not answered yet."""
    of_step = GateRecord.objects.filter(notice=OuterRef("notice"))
    rows = Objection.objects.filter(Exists(of_step), state=Objection.State.OPEN)
    return rows.annotate(decision_id=Subquery(of_step.values("decision")[:1]))


def _objection(objection: Any, now: datetime) -> Todo:
    """Without the name of who objects, for it may be the village's own doing; 镇里答复."""
    words = f"{objection.notice.unit}：{objection.text}"[:60]
    return Todo(objection.received_at, f"镇里在核实的异议：{objection.notice.title}"[:60], words, _address(objection.decision_id), None)


KINDS = [
    DueKind(
        "decision-objection",
        "决策公示有异议",
        open=_objected,
        held=asked(Action.DECISION_RUN),
        line=_objection,
        order=("received_at", "pk"),
        related=("notice__unit",),
        village="notice__unit",
    ),
    DueKind(
        "decision-returned",
        "镇预审退回的决策",
        open=_returned,
        held=asked(Action.DECISION_RUN),
        line=_return,
        order=("waits_since", "pk"),
        related=("village",),
    ),
    DueKind(
        "decision-step",
        "决策等记录下一步",
        open=_steps,
        held=asked(Action.DECISION_RUN),
        line=_step,
        order=("waits_since", "pk"),
        related=("village",),
    ),
    DueKind(
        "decision-adopt",
        "决策可以通过了",
        open=_ready,
        held=_runners,
        line=_adoption,
        order=("waits_since", "pk"),
        related=("village",),
    ),
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
        held=partial(_runners, kind="decision__kind"),
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
        words="{} 件决策镇里逾期未预审",
        page=lambda decision: _address(decision.pk),
    ),
    DueKind(
        "decision-result",
        "已通过的决策待办结",
        open=_results,
        held=asked(Action.DECISION_RUN),
        line=_result,
        related=("village",),
        late=past(RESULT),
        words="{} 件已通过的决策逾期未办结",
        page=lambda decision: _address(decision.pk),
    ),
]
