"""What the room of disclosure offers to the house."""

from __future__ import annotations

from celery.schedules import crontab

from governance.accounts.duties import Action
from governance.rooms import Room

ROOM = Room(
    urls="governance.disclosure.desk_urls",
    public_urls="governance.disclosure.urls",
    guards="governance.disclosure.guards.GUARDS",
    due=[
        "governance.disclosure.due.KINDS",
        "governance.disclosure.affairs.due.KINDS",
        "governance.disclosure.powers.due.KINDS",
        "governance.disclosure.activities.due.KINDS",
    ],
    public_texts="governance.disclosure.masked.texts_check",
    needs=["governance.disclosure.needs.disclosure_needs"],
    ledgers="governance.disclosure.books.BOOKS",
    handbook={
        "notices": ("公示、异议和公开的姓名", "disclosure/handbook.html"),
        "affairs": ("事务公开、小微权力和活动", "disclosure/affairs/handbook.html"),
    },
    menu={
        "公示与异议": [
            ("公示", "campaign", "disclosure_notice", Action.NOTICE_VIEW),
            ("异议", "contact_support", "disclosure_objection", Action.NOTICE_VIEW),
            ("公开目录", "rule", "disclosure_affairkind", Action.AFFAIR_VIEW),
            ("小微权力清单", "gavel", "disclosure_power", Action.POWER_VIEW),
        ],
    },
    more={
        "公开和活动": [
            ("事务公开", "disclosure:affair-list", Action.AFFAIR_VIEW),
            ("质询", "disclosure:affair-question-list", Action.AFFAIR_VIEW),
            ("小微权力清单", "disclosure:power-list", Action.POWER_VIEW),
            ("活动", "disclosure:activity-list", Action.ACTIVITY_VIEW),
        ],
    },
    api=[
        ("affair-kinds", "governance.disclosure.affairs.api.AffairKindViewSet", ""),
        ("affair-turns", "governance.disclosure.affairs.api.AffairTurnViewSet", ""),
        ("affairs", "governance.disclosure.affairs.api.AffairViewSet", ""),
        ("affair-questions", "governance.disclosure.affairs.api.AffairQuestionViewSet", ""),
        ("powers", "governance.disclosure.powers.api.PowerViewSet", ""),
        ("activities", "governance.disclosure.activities.api.ActivityViewSet", ""),
    ],
    beat={
        "affairs-night": {"task": "disclosure.affairs_night", "schedule": crontab(hour=0, minute=20)},
    },
    enums={
        "AffairSection": "governance.disclosure.affairs.models.AffairKind.Section",
        "AffairRule": "governance.disclosure.affairs.models.AffairKind.DueRule",
        "AffairState": "governance.disclosure.affairs.models.Affair.State",
        "PowerArea": "governance.disclosure.powers.models.Power.Area",
        "ActivityKind": "governance.disclosure.activities.models.Activity.Kind",
        "ActivityState": "governance.disclosure.activities.models.Activity.State",
    },
    affair_sources={"jingji": ("从村集体经济带入", "governance.disclosure.affairs.economy.economy_disclosed")},
    forms="governance.disclosure.form_names.FORM_NAMES",
)
