"""Kinds of decision in versions: copied, changed as a draft, put in force; their rules compared with the law's text (plan §三.1)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from simple_history.utils import bulk_create_with_history

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.councils.decisions.errors import DecisionError
from governance.councils.decisions.gates import Stage
from governance.councils.decisions.kind_models import DecisionKind, Gate
from governance.frame.saving import save_by
from villages.models import Unit


def kind_adopt(*, kind: DecisionKind, by: User, at: datetime | None = None) -> DecisionKind:
    """启用: from `valid_from` on what is begun follows this version; it never changes again."""
    with transaction.atomic():
        kind = _take(kind, by)
        if kind.state != DecisionKind.State.DRAFT:
            raise DecisionError(f"{kind}已启用。", "state")
        if faults := kind_faults(kind):
            raise DecisionError("；".join(faults) + "。", "kind")
        kind.state, kind.adopted_by, kind.adopted_at = DecisionKind.State.ADOPTED, by, at or timezone.now()
        save_by(kind, by, DecisionError, ["state", "adopted_by", "adopted_at"])
    return kind


def kind_copy(*, kind: DecisionKind, valid_from: date, by: User) -> DecisionKind:
    """A draft of the next version with the same steps; what was compared with the text stays compared."""
    with transaction.atomic():
        kind = _take(kind, by)
        draft = DecisionKind(
            township=kind.township,
            version=next_version(kind.township, kind.code),
            valid_from=valid_from,
            **{name: getattr(kind, name) for name in ("code", "name", "place", "effect", "takes_money", "note")},
        )
        bulk_create_with_history([draft], DecisionKind, default_user=by)
        draft = DecisionKind.objects.get(township=kind.township, code=draft.code, version=draft.version)
        gates = list(kind.gates.order_by("position", "pk"))
        for gate in gates:
            gate.pk, gate.kind = None, draft
            gate._state.adding = True
        Gate.objects.bulk_create(gates)
    return draft


def next_version(township: Unit, code: str) -> int:
    last = DecisionKind.objects.filter(township=township, code=code).aggregate(last=Max("version"))["last"]
    return (last or 0) + 1


def gates_check(*, kind: DecisionKind, by: User, at: datetime | None = None) -> int:
    """核对: `by` has compared the rules that are 待核 with the text and found them right; returns how many. Where one is not, the kind
    is copied and changed instead."""
    with transaction.atomic():
        kind = _take(kind, by)
        checked = kind.gates.unchecked().update(confirmed_by=by, confirmed_at=at or timezone.now())
        if not checked:
            raise DecisionError(f"{kind}没有待核的规则。", "state")
    return checked


def kind_faults(kind: DecisionKind) -> list[str]:
    """What keeps a draft from being used."""
    gates = list(kind.gates.order_by("position", "pk"))
    faults = []
    if not any(gate.stage == Stage.DECIDE for gate in gates):
        faults.append("没有通过之前的步骤")
    first_finish = min((gate.position for gate in gates if gate.stage == Stage.FINISH), default=None)
    if first_finish is not None and any(gate.stage == Stage.DECIDE and gate.position >= first_finish for gate in gates):
        faults.append("办结之前的步骤须排在通过之前的步骤后面")
    for position in sorted({gate.position for gate in gates}):
        alike = [gate for gate in gates if gate.position == position]
        if len({(gate.name, gate.stage, gate.what, gate.papers) for gate in alike}) > 1:
            faults.append(f"第 {position} 步的几种办法须名称、类别、阶段、材料一致")
    return faults


def check_right(by: User, township: Unit) -> None:
    if not by.may(Action.DECISION_KIND, township.path):
        raise DecisionError("这个乡镇的决策程序不归您维护。", "scope")


def _take(kind: DecisionKind, by: User) -> DecisionKind:
    row = DecisionKind.objects.select_for_update(of=("self",)).select_related("township").get(pk=kind.pk)
    check_right(by, row.township)
    return row
