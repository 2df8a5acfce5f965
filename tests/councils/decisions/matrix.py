"""The pages of decisions."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone

from governance.accounts.duties import Action
from governance.councils.decisions.setting_up import decision_kinds_set_up
from governance.councils.models import Decision, DecisionImport, DecisionKind, Gate, GateRecord
from governance.sheets.cells import LEVELS
from tests.matrix import MARK, Page, Staff
from villages.models import Unit

# --- decisions ---
_RUN = Action.DECISION_RUN
_OF_VILLAGE = (200, 404)  # not where one sees a settlement alone
PAGES: dict[str, Page] = {
    "councils:decision-list": Page(Action.COUNCIL_VIEW),
    "councils:decision-export": Page(Action.EXPORT),
    "councils:decision-begin": Page(_RUN),
    "councils:decision-detail": Page(Action.COUNCIL_VIEW, "decision", answers=_OF_VILLAGE),
    "councils:decision-step": Page(_RUN, "decision", answers=(200, 302)),
    "councils:decision-adopt": Page(_RUN, "decision", "post", (302,)),
    "councils:decision-finish": Page(_RUN, "decision", "post", (302,)),
    "councils:decision-resubmit": Page(_RUN, "decision_returned"),
    "councils:decision-withdraw": Page(_RUN, "decision"),
    "councils:decision-paper": Page(Action.COUNCIL_VIEW, "decision", answers=_OF_VILLAGE),
    "councils:decision-nominees": Page(_RUN, "election"),
    "councils:decision-confirm": Page(Action.MEETING_CONFIRM, "gate_record", "post", (302,)),
    "councils:election-list": Page(_RUN),
    "councils:election-begin": Page(_RUN, method="post", answers=(302,)),
    "api:decision-list": Page(Action.COUNCIL_VIEW),
    "api:decision-detail": Page(Action.COUNCIL_VIEW, "decision", answers=_OF_VILLAGE),
    "api:decisionkind-list": Page(Action.COUNCIL_VIEW),
    "api:decisionkind-detail": Page(Action.COUNCIL_VIEW, "decision_kind", denied=(200, 404)),  # the whole township's
    "admin:councils_decisionkind_set_up": Page(Action.DECISION_KIND, method="post", answers=(302,)),
}

STAFF = {
    "councils_decision": Staff(
        Action.COUNCIL_VIEW, "decision", history=False, export=True, buttons=(("page", Action.COUNCIL_VIEW),)
    ),
    "councils_decisionkind": Staff(
        Action.COUNCIL_VIEW,
        "decision_kind",
        add=True,
        buttons=tuple((name, Action.DECISION_KIND) for name in ("adopt", "copy", "check_text")),
    ),
    "councils_gate": Staff(Action.COUNCIL_VIEW, "gate", history=False),
    "councils_decisionimport": Staff(
        Action.DECISION_KIND,
        "decision_import",
        add=True,
        history=False,
        buttons=tuple((name, Action.DECISION_KIND) for name in ("commit", "remap", "rejects", "discard")),
    ),
}


def build(house: Any) -> None:
    """A decision with one record, one that the township gave back, an election, a kind with its gates, an old book."""
    decision_kinds_set_up(township=house.township)
    house.decision_kind = DecisionKind.objects.get(township=house.township, code="siyi")
    house.gate = Gate.objects.filter(kind=house.decision_kind).order_by("position", "pk").first()
    house.decision = make_decision(house, house.decision_kind, house.village, "JC2026-90001")
    yard = Unit.objects.get(level="settlement", path__startswith=house.village.path)
    house.election = make_decision(house, DecisionKind.objects.get(township=house.township, code="tuixuan"), yard, "JC2026-90002")
    house.gate_record = GateRecord.objects.create(
        decision=house.decision, gate=house.gate, position=house.gate.position, attempt=1, held_on=date(2026, 9, 2),
        ended_on=date(2026, 9, 2), entitled=5, present=5, yes=5, recorded_by=house.cast["staff"], recorded_at=timezone.now(),
    )  # fmt: skip
    house.decision_returned = _returned(house)
    house.decision_import = DecisionImport.objects.create(
        township=house.township, uploaded_by=house.cast["staff"], filename="决策.xlsx", counts=dict.fromkeys(LEVELS, 0)
    )


def _returned(house: Any) -> Decision:
    kind = DecisionKind.objects.create(township=house.township, code="baoshen", name="报审", valid_from=date(2026, 1, 1))
    opinion = Gate.objects.create(kind=kind, position=1, name="镇预审", what="preview")
    DecisionKind.objects.filter(pk=kind.pk).update(state="adopted", adopted_at=timezone.now())
    decision = make_decision(house, kind, house.village, "JC2026-90003")
    GateRecord.objects.create(
        decision=decision, gate=opinion, position=1, attempt=1, held_on=date(2026, 9, 2), ended_on=date(2026, 9, 2), is_passed=False,
        text="请补预算", recorded_by=house.cast["staff"], recorded_at=timezone.now(),
    )  # fmt: skip
    return decision


def make_decision(house: Any, kind: DecisionKind, unit: Unit, number: str) -> Decision:
    return Decision.objects.create(
        township=house.township, village=house.village, unit=unit, kind=kind, number=number, title=f"硬化三组道路{MARK}",
        purpose="出行不便", begun_by=house.cast["secretary"], begun_at=timezone.now(), proposed_on=date(2026, 9, 1),
    )  # fmt: skip
