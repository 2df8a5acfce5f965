"""What the room of cases offers to the house."""

from __future__ import annotations

import environ
from celery.schedules import crontab

from governance.accounts.duties import Action
from governance.rooms import Room

ROOM = Room(
    urls="governance.cases.urls",
    public_urls="governance.cases.public_urls",
    handbook={"phone": ("手机、待办和登录", "cases/sending/handbook.html")},
    menu={
        "事项": [
            ("事件、纠纷与代办", "fact_check", "cases_case", Action.CASE_VIEW),
            ("事项类别与限时", "apps", "cases_category", Action.CASE_VIEW),
            ("办公室", "group", "cases_office", Action.CASE_VIEW),
            ("代办方式", "handyman", "cases_servicekind", Action.CASE_VIEW),
            ("回访规则", "schedule", "cases_returnrule", Action.CASE_VIEW),
            ("纠纷台账导入", "upload_file", "cases_disputeimport", Action.CASE_IMPORT),
        ],
    },
    more={
        "日常工作": [
            ("走访巡查", "cases:visit-list", Action.VISIT_VIEW),
            ("值班表", "cases:shift-list", Action.SHIFT_VIEW),
            ("代办事项和需带材料", "cases:service-list", Action.CASE_VIEW),
            ("内容不一致的提交", "cases:conflict-list", Action.CASE_LOG),
        ],
    },
    due=[
        "governance.cases.engine.due.KINDS",
        "governance.cases.disputes.due.KINDS",
        "governance.cases.shifts.due.KINDS",
        "governance.cases.sending.due.KINDS",
    ],
    needs=["governance.cases.categories.needs.cases_needs"],
    ledgers="governance.cases.books.BOOKS",
    household="governance.cases.household.household_part",
    claim_day="governance.cases.visits.services.claim_day",
    senders={
        "case": (Action.CASE_LOG, "governance.cases.sending.taking.case_take"),
        "visit": (Action.VISIT_LOG, "governance.cases.sending.taking.visit_take"),
    },
    carries={"errand": ("代办事项", "governance.cases.errands.carrying.errands_carrying")},
    makes={
        "event": ("登记事件", Action.CASE_LOG, "governance.cases.making.EVENT"),
        "dispute": ("登记纠纷", Action.CASE_LOG, "governance.cases.making.DISPUTE"),
    },
    mends="governance.cases.making.fault_make",
    shell=[
        "base.css",
        "cases.css",
        "desk.js",
        "offline/main.js",
        "offline/send.js",
        "offline/store.js",
        "offline/seal.js",
        "offline/form.js",
        "offline/clock.js",
        "offline/drafts.js",
        "offline/photos.js",
        "vendor/idb/index.js",
        "vendor/htmx.org/htmx.min.js",
    ],
    kept="governance.cases.sending.kept.cases_kept",
    api=[
        ("cases", "governance.cases.engine.api.CaseViewSet", ""),
        ("return-visits", "governance.cases.engine.api.ReturnVisitViewSet", ""),
        ("visits", "governance.cases.engine.api.VisitViewSet", ""),
        ("shifts", "governance.cases.engine.api.ShiftViewSet", ""),
    ],
    person="governance.cases.personal.PERSON",
    holds=["governance.cases.personal.cases_hold"],
    beat={
        "cases-climb": {"task": "cases.climb", "schedule": environ.Env().float("CLIMB_SECONDS", default=60.0)},
        "cases-night": {"task": "cases.night", "schedule": crontab(hour=6, minute=30)},
    },
    enums={
        "CaseKind": "governance.cases.engine.models.KIND_CHOICES",
        "CaseState": "governance.cases.engine.models.STATE_CHOICES",
        "CaseSource": "governance.cases.engine.models.Source",
        "CaseLevel": "governance.cases.engine.models.Level",
        "ReturnVisitState": "governance.cases.engine.models.ReturnVisit.State",
        "VisitKind": "governance.cases.visits.models.Visit.Kind",
    },
    guards="governance.cases.guards.GUARDS",
    forms="governance.cases.form_names.FORM_NAMES",
)
