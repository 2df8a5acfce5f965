"""What the room of councils offers to the house."""

from __future__ import annotations

from governance.accounts.duties import Action
from governance.rooms import Room

ROOM = Room(
    urls="governance.councils.urls",
    public_urls="governance.councils.public_urls",
    menu={
        "议事与决策": [
            ("议事组织", "groups", "councils_body", Action.COUNCIL_VIEW),
            ("组织成员", "group", "councils_seat", Action.COUNCIL_VIEW),
            ("会议", "event", "councils_meeting", Action.COUNCIL_VIEW),
            ("会议任务", "checklist", "councils_task", Action.COUNCIL_VIEW),
            ("决策事项", "how_to_vote", "councils_decision", Action.COUNCIL_VIEW),
            ("公约和制度", "history_edu", "councils_covenant", Action.COUNCIL_VIEW),
            ("决策程序", "rule", "councils_decisionkind", Action.COUNCIL_VIEW),
            ("决策台账导入", "upload_file", "councils_decisionimport", Action.DECISION_KIND),
        ],
    },
    more={
        "议事与决策": [
            ("议事组织", "councils:body-list", Action.COUNCIL_VIEW),
            ("会议", "councils:meeting-list", Action.COUNCIL_VIEW),
            ("会议任务", "councils:task-list", Action.COUNCIL_VIEW),
            ("决策事项", "councils:decision-list", Action.COUNCIL_VIEW),
            ("推选一长四员", "councils:election-list", Action.DECISION_RUN),
            ("公约和制度", "councils:covenant-list", Action.COUNCIL_VIEW),
        ],
    },
    due=[
        "governance.councils.bodies.due.KINDS",
        "governance.councils.meetings.due.KINDS",
        "governance.councils.decisions.due.KINDS",
        "governance.councils.covenants.due.KINDS",
    ],
    needs=[
        "governance.councils.bodies.needs.bodies_needs",
        "governance.councils.decisions.needs.decisions_needs",
    ],
    ledgers="governance.councils.books.BOOKS",
    shell=["councils.css", "councils.js"],
    kept="governance.councils.kept.councils_kept",
    household="governance.councils.household.household_part",
    person="governance.councils.personal.PERSON",
    holds=[
        "governance.councils.personal.councils_hold",
        "governance.councils.decisions.personal.decisions_hold",
    ],
    api=[
        ("bodies", "governance.councils.bodies.api.BodyViewSet", ""),
        ("meetings", "governance.councils.meetings.api.MeetingViewSet", ""),
        ("council-tasks", "governance.councils.meetings.api.TaskViewSet", ""),
        ("decisions", "governance.councils.decisions.api.DecisionViewSet", ""),
        ("covenants", "governance.councils.covenants.api.CovenantViewSet", ""),
        ("decision-kinds", "governance.councils.decisions.api.DecisionKindViewSet", ""),
    ],
    enums={
        "BodyKind": "governance.councils.models.Body.Kind",
        "SeatRole": "governance.councils.models.Seat.Role",
        "MeetingState": "governance.councils.models.Meeting.State",
        "MeetingBase": "governance.councils.models.Meeting.Base",
        "CouncilTaskState": "governance.councils.models.Task.State",
        "CovenantKind": "governance.councils.models.Covenant.Kind",
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
    },
    carries={"decision": ("决策程序", "governance.councils.decisions.carrying.decisions_carrying")},
    affair_sources={
        "mingxi": ("从决策事项带入", "governance.councils.decisions.disclosing.spent_each"),
        "shouzhi": ("从决策事项带入", "governance.councils.decisions.disclosing.spent_by_project"),
    },
    event_sources={"jueyi": ("从决策事项带入", "governance.councils.decisions.disclosing.resolved_on")},
    handbook={
        "councils": ("议事组织和会议", "councils/handbook.html"),
        "decisions": ("决策事项和推选", "councils/decisions/handbook.html"),
        "covenants": ("公约和制度", "councils/covenants/handbook.html"),
    },
    guards="governance.councils.guards.GUARDS",
    forms="governance.councils.form_names.FORM_NAMES",
)
