"""What waits of what is disclosed, of small powers and activities, written past the services: states, days and holders at random."""

from __future__ import annotations

from typing import Any

from governance.disclosure.models import Activity, Affair, AffairKind, AffairQuestion, AffairTurn, Power
from tests.desk.due.world import NOW, TODAY, DueWorld
from villages.models import Unit


def disclosed_fill(world: DueWorld) -> None:
    """Lists in every state of their way, some of a kind that is no longer asked for, with questions; powers; activities."""
    for village in world.villages:
        for serial, active in ((0, True), (1, world.often(0.5))):
            words = {"section": "finance", "name": "财务收支", "basis": "规定", "body": "村", "channel": "栏", "rule": "monthly"}
            kind, _ = AffairKind.objects.get_or_create(
                township=world.town_of(village), code=f"k{serial}", defaults={**words, "is_active": active}
            )
            for month in range(1, 13):
                _disclosed(world, village, kind, f"2025-{month:02d}")
        for _ in range(8):
            _activity(world, village)
    for township, cast in ((world.townships[0], world.casts[0]), (world.townships[1], world.casts[2])):
        for serial in range(6):
            confirmed = {"confirmed_on": TODAY, "confirmed_by": cast["staff"], "review_on": world.day(40)} if world.often(0.8) else {}
            Power.objects.create(
                township=township, code=f"p{serial}", area="seal", name="印章", basis="规定", body="村", steps="甲|审批", supervisor="监委",
                is_active=world.often(0.8), **confirmed,
            )  # fmt: skip


def _disclosed(world: DueWorld, village: Unit, kind: AffairKind, period: str) -> None:
    turn = AffairTurn.objects.create(village=village, kind=kind, period=period, begins_on=TODAY, due_on=world.day())
    way = ["draft", "review", "reviewed", "published", "withdrawn"][: world.random.randint(0, 5)]
    if not way:
        return
    _listed(world, turn, 1, way)
    if way[-1] == "published" and world.often():
        _listed(world, turn, 2, ["draft", "review", "reviewed"][: world.random.randint(1, 3)])


def _listed(world: DueWorld, turn: AffairTurn, version: int, way: list[str]) -> None:
    writer, other = (world.somebody(turn.village, duty) for duty in ("cadre", world.one(["secretary", "overseer"])))
    affair = Affair.objects.create(
        turn=turn, version=version, title="财务收支", drafted_by=world.one([writer, other]), edited_by=writer, drafted_at=NOW
    )
    at = world.before()
    signed: dict[str, dict[str, Any]] = {
        "review": {"submitted_at": at},
        "reviewed": {"reviewed_by": world.somebody(turn.village, "leader"), "reviewed_at": NOW},
        "published": {"published_by": writer, "published_at": NOW, "hangs_until": TODAY},
        "withdrawn": {"withdrawn_by": writer, "withdrawn_at": NOW, "withdrawn_reason": "抄错"},
    }
    for state in way[1:]:
        Affair.objects.filter(pk=affair.pk).update(state=state, **signed[state])
        if state == "published":
            AffairTurn.objects.filter(pk=turn.pk).update(met_on=TODAY)
            _asked(world, affair)


def _asked(world: DueWorld, affair: Affair) -> None:
    for serial in range(world.random.randint(0, 3)):
        answered = {"answer": "已说明", "answered_at": NOW, "answered_by": affair.edited_by} if world.often(0.3) else {}
        AffairQuestion.objects.create(
            affair=affair, number=f"ZX2026-{affair.pk}{serial}", name="李秀英", phone="15400000002", text=f"问{serial}",
            answer_by=world.day(), **answered,
        )  # fmt: skip


def _activity(world: DueWorld, village: Unit) -> None:
    by = world.somebody(village, "cadre")
    activity = Activity.objects.create(village=village, kind="show", title="演出", planned_on=world.day(), place="院坝", planned_by=by)
    state = world.one(["planned", "planned", "invited", "held", "cancelled"])
    more: dict[str, dict[str, Any]] = {
        "invited": {"invited_on": TODAY, "invitation": "广播"},
        "held": {"turnout": 40, "recorded_by": by, "recorded_at": NOW},
        "cancelled": {"cancel_reason": "下雨"},
    }
    if state != "planned":
        Activity.objects.filter(pk=activity.pk).update(state=state, **more[state])
