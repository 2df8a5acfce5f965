"""What waits of covenants: drafts under way, some with a marked clause, some answered, some voted on, some taken back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.councils.models import Clause, Covenant, CovenantVersion, Decision, DecisionKind, Gate, GateRecord
from governance.periods import today
from tests.desk.due.truth import Truth
from tests.desk.due.world import NOW, TODAY, DueWorld
from villages.models import Unit


def covenants_fill(world: DueWorld, number: int = 24) -> None:
    for serial in range(number):
        village = world.one(world.villages)
        by = world.somebody(village, "secretary", "cadre")
        begun = NOW - timedelta(days=world.random.randint(1, 12))
        told = {"made_by": by, "made_at": begun}
        covenant = Covenant.objects.create(unit=village, kind="covenant", title=f"公约{serial}", **told)
        decision = _decision(village, by, begun, serial) if world.often(0.8) else None
        version = CovenantVersion.objects.create(covenant=covenant, number=1, note="订立", decision=decision, **told)
        Clause.objects.create(version=version, number=1, text="爱护公物。")
        for clause in range(2, 2 + world.random.randint(0, 2)):
            said = {"answer": "有依据", "answered_by": by, "answered_at": NOW} if world.often(0.4) else {}
            Clause.objects.create(version=version, number=clause, text=f"罚款{clause}元。", marks="fine", **said)
        if decision is not None and world.often():
            GateRecord.objects.create(
                decision=decision, gate=decision.kind.gates.get(), position=1, attempt=1, held_on=TODAY, ended_on=TODAY, recorded_by=by,
                recorded_at=NOW,
            )  # fmt: skip
        if decision is not None and world.often(0.2):
            Decision.objects.filter(pk=decision.pk).update(withdrawn_at=NOW, withdrawn_by=by, withdrawn_reason="再商量")


def _decision(village: Unit, by: User, begun: Any, serial: int) -> Decision:
    kind, is_new = DecisionKind.objects.get_or_create(
        township_id=village.parent_id, code="covenant", defaults={"name": "规约", "valid_from": date(2026, 1, 1), "effect": "covenant"}
    )
    if is_new:
        Gate.objects.create(kind=kind, position=1, name="议", what="document")
        DecisionKind.objects.filter(pk=kind.pk).update(state="adopted", adopted_at=NOW)
    return Decision.objects.create(
        township_id=village.parent_id or 0, village=village, unit=village, kind=kind, number=f"JC2026-9{serial:04d}", title="订立公约",
        purpose="群众要求", begun_by=by, begun_at=begun, proposed_on=today(begun),
    )  # fmt: skip


def _waits(version: Any) -> bool:
    decision = version.decision
    runs = decision is not None and decision.withdrawn_at is None and version.valid_from is None
    return runs and any(clause.marks and not clause.answer for clause in version.clauses.all())


def _reads(version: Any, user: User) -> bool:
    """Also those below the place where it holds."""
    path = version.covenant.unit.path
    grants = [grant for grant in user.grants if Action.COUNCIL_VIEW in grant.actions]
    return any(path.startswith(grant.path) or grant.path.startswith(path) for grant in grants)


COVENANTS = {
    "covenant-answer": Truth(
        lambda: list(CovenantVersion.objects.select_related("covenant__unit", "decision").prefetch_related("clauses")),
        _waits,
        lambda row, user: user.may(Action.DECISION_CHECK, row.covenant.unit.path),
        lambda row: today(row.decision.begun_at) + timedelta(days=5) < TODAY,
        _reads,
        lambda row: row.decision.village_id,
    ),
}
