"""What the room of inspections offers to the house."""

from __future__ import annotations

from celery.schedules import crontab

from governance.accounts.duties import Action
from governance.rooms import Room

ROOM = Room(
    urls="inspections.urls",
    menu={
        "督查": [
            ("检查表", "checklist", "inspections_checklist", Action.CHECKLIST_VIEW),
            ("整改与督办", "fact_check", "inspections_order", Action.ORDER_VIEW),
            ("发现的问题", "rule", "inspections_finding", Action.ORDER_VIEW),
            ("述职评议", "gavel", "inspections_review", Action.REVIEW_VIEW),
            ("门前三包", "home", "inspections_front", Action.FRONT_VIEW),
            ("户月评台账导入", "upload_file", "inspections_checkimport", Action.CHECK_IMPORT),
        ],
    },
    more={
        "日常工作": [
            ("户月评", "inspections:check-list", Action.CHECK_VIEW),
            ("门前三包", "inspections:front-list", Action.FRONT_VIEW),
        ],
        "台账和统计": [
            ("实测指标", "inspections:fact-list", Action.ROUND_VIEW),
        ],
        "督查和整改": [
            ("季度督查", "inspections:round-list", Action.PLAN_VIEW),
            ("督查评分表", "inspections:card-list", Action.ROUND_VIEW),
            ("整改和督办", "inspections:order-list", Action.ORDER_VIEW),
            ("发现的问题", "inspections:finding-list", Action.ORDER_VIEW),
            ("季度目标考核", "inspections:quarter-list", Action.REVIEW_VIEW),
            ("述职评议", "inspections:review-list", Action.REVIEW_VIEW),
            ("约谈与问责", "inspections:blame-list", Action.BLAME),
        ],
    },
    due=[
        "inspections.rounds.due.KINDS",
        "inspections.fronts.due.KINDS",
        "inspections.orders.due.KINDS",
        "inspections.checks.due.KINDS",
    ],
    needs=["inspections.cards.needs.inspections_needs"],
    senders={
        "check": (Action.CHECK_SCORE, "inspections.checks.sending.check_send"),
        "score": (Action.ROUND_SCORE, "inspections.scorecards.sending.score_send"),
    },
    shell=["inspections.css", "checks.js", "scoring.js"],
    kept="inspections.kept.inspections_kept",
    api=[
        ("rounds", "inspections.rounds.api.RoundViewSet", ""),
        ("scorecards", "inspections.rounds.api.ScorecardViewSet", ""),
        ("replies", "inspections.rounds.api.ReplyViewSet", ""),
        ("orders", "inspections.orders.api.OrderViewSet", ""),
        ("household-checks", "inspections.orders.api.HouseholdCheckViewSet", ""),
        ("patrols", "inspections.orders.api.PatrolViewSet", ""),
    ],
    beat={
        "rounds-sweep": {"task": "inspections.rounds_sweep", "schedule": 15.0},
        "orders-sweep": {"task": "inspections.orders_sweep", "schedule": crontab(hour=0, minute=15)},
    },
    enums={
        "RoundState": "inspections.models.Round.State",
        "ReplyState": "inspections.models.Reply.State",
        "OrderKind": "inspections.models.Order.Kind",
        "OrderState": "inspections.models.Order.State",
        "Grade": "inspections.cards.models.GRADE_CHOICES",
    },
    failed="inspections.rounds.failed.FAILED",
    forget=["inspections.fronts.personal.fronts_forget"],
    guards="inspections.guards.GUARDS",
    forms="inspections.form_names.FORM_NAMES",
)
