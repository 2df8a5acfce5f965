"""What the room of councils offers to the house."""

from __future__ import annotations

from governance.accounts.duties import Action
from governance.rooms import Room

ROOM = Room(
    urls="governance.councils.urls",
    guards="governance.councils.guards.GUARDS",
    menu={
        "议事与决策": [
            ("决策事项", "how_to_vote", "councils_decision", Action.COUNCIL_VIEW),
            ("决策程序", "rule", "councils_decisionkind", Action.COUNCIL_VIEW),
            ("决策台账导入", "upload_file", "councils_decisionimport", Action.DECISION_KIND),
        ],
    },
    more={
        "议事与决策": [
            ("决策事项", "councils:decision-list", Action.COUNCIL_VIEW),
            ("推选一长四员", "councils:election-list", Action.DECISION_RUN),
        ],
    },
    due=["governance.councils.decisions.due.KINDS"],
    needs=["governance.councils.decisions.needs.decisions_needs"],
    ledgers="governance.councils.books.BOOKS",
    api=[
        ("decisions", "governance.councils.decisions.api.DecisionViewSet", ""),
        ("decision-kinds", "governance.councils.decisions.api.DecisionKindViewSet", ""),
    ],
    person="governance.councils.decisions.personal.PERSON",
    holds=["governance.councils.decisions.personal.decisions_hold"],
    enums={
        "DecisionState": "governance.councils.decisions.models.Decision.State",
        "DecisionKindState": "governance.councils.decisions.kind_models.DecisionKind.State",
        "DecisionPlace": "governance.councils.decisions.kind_models.DecisionKind.Place",
        "DecisionEffect": "governance.councils.decisions.kind_models.DecisionKind.Effect",
        "GateWhat": "governance.councils.decisions.kind_models.WHAT_CHOICES",
        "GateStage": "governance.councils.decisions.kind_models.STAGE_CHOICES",
        "GateQuorum": "governance.councils.decisions.kind_models.QUORUM_CHOICES",
        "GateMajority": "governance.councils.decisions.kind_models.MAJORITY_CHOICES",
        "GateArea": "governance.councils.decisions.kind_models.Gate.Area",
        "GateConfirm": "governance.councils.decisions.kind_models.Gate.Confirm",
        "BodyKind": "governance.councils.bodies.models.Body.Kind",
    },
    handbook={"decisions": ("决策事项和推选", "councils/decisions/handbook.html")},
)
