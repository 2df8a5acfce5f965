"""The part of the matrix of notices, objections, what is disclosed, small powers and activities."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from governance.accounts.duties import Action
from governance.disclosure.models import (
    Activity,
    Affair,
    AffairKind,
    AffairQuestion,
    AffairTurn,
    Notice,
    Objection,
    Power,
)
from tests.matrix import MARK, PUBLIC, Page, Staff, listed

_VILLAGE = (("code", "511923102201"),)
_SHARED = (200, 404)  # what a township has is all its villages' to read, also those of another village
_TOWN: dict[str, Any] = {"denied": _SHARED}

PAGES: dict[str, Page] = {
    "public:notice": Page(PUBLIC, "notice"),
    "public:own-line": Page(PUBLIC, "notice"),
    "disclosure:notice-print": Page(Action.NOTICE_VIEW, "notice", answers=(200, 404)),  # not where one sees a settlement alone
    "public:objection": Page(PUBLIC, "notice", answers=(200, 302, 405)),
    "disclosure:affair-list": Page(Action.AFFAIR_VIEW),
    "disclosure:affair-export": Page(Action.EXPORT),
    "disclosure:affair-open": Page(Action.AFFAIR_EDIT),
    "disclosure:affair-kinds": Page(Action.AFFAIR_VIEW),
    "disclosure:affair-kinds-export": Page(Action.EXPORT),
    "disclosure:affair-turn": Page(Action.AFFAIR_VIEW, "affair_turn"),
    "disclosure:affair-draft": Page(Action.AFFAIR_EDIT, "affair_turn"),
    "disclosure:affair-cancel": Page(Action.AFFAIR_CATALOGUE, "affair_event"),
    "disclosure:affair-edit": Page(Action.AFFAIR_EDIT, "affair_draft"),
    "disclosure:affair-drop": Page(Action.AFFAIR_EDIT, "affair_draft", "post", (302,)),
    "disclosure:affair-submit": Page(Action.AFFAIR_EDIT, "affair_draft", "post", (302,)),
    "disclosure:affair-take-back": Page(Action.AFFAIR_EDIT, "affair_review", "post", (302,)),
    "disclosure:affair-review": Page(Action.AFFAIR_REVIEW, "affair_review"),
    "disclosure:affair-publish": Page(Action.AFFAIR_EDIT, "affair_reviewed", "post", (302,)),
    "disclosure:affair-withdraw": Page(Action.AFFAIR_EDIT, "affair"),
    "disclosure:affair-print": Page(Action.AFFAIR_VIEW, "affair"),
    "disclosure:affair-question-list": Page(Action.AFFAIR_VIEW),
    "disclosure:affair-question-export": Page(Action.EXPORT),
    "disclosure:affair-question": Page(Action.AFFAIR_VIEW, "affair_question", answers=(200, 404)),  # not where one sees a settlement alone
    "public:affairs": Page(PUBLIC),
    "public:affair": Page(PUBLIC, "affair"),
    "public:affair-question": Page(PUBLIC, "affair", answers=(302,)),
    "public:affair-item": Page(PUBLIC, "affair_kind"),
    "public:village-affairs": Page(PUBLIC, "village", arguments=_VILLAGE),
    "public:affair-archive": Page(PUBLIC, "village", arguments=_VILLAGE),
    "public:affair-feed": Page(PUBLIC, "village", arguments=_VILLAGE),
    "admin:disclosure_affairkind_set_up": Page(Action.AFFAIR_CATALOGUE, method="post", answers=(302,)),
    "disclosure:power-list": Page(Action.POWER_VIEW),
    "disclosure:power-export": Page(Action.EXPORT),
    "disclosure:power-create": Page(Action.POWER_EDIT),
    "disclosure:power-detail": Page(Action.POWER_VIEW, "power", **_TOWN),
    "disclosure:power-edit": Page(Action.POWER_EDIT, "power"),
    "disclosure:power-confirm": Page(Action.POWER_EDIT, "power", "post", (302,)),
    "disclosure:power-print": Page(Action.POWER_VIEW, "power", **_TOWN),
    "public:powers": Page(PUBLIC),
    "public:power": Page(PUBLIC, "power"),
    "admin:disclosure_power_set_up": Page(Action.POWER_EDIT, method="post", answers=(302,)),
    "disclosure:activity-list": Page(Action.ACTIVITY_VIEW),
    "disclosure:activity-export": Page(Action.EXPORT),
    "disclosure:activity-create": Page(Action.ACTIVITY_EDIT),
    "disclosure:activity-year": Page(Action.ACTIVITY_VIEW),
    "disclosure:activity-detail": Page(Action.ACTIVITY_VIEW, "activity"),
    "disclosure:activity-edit": Page(Action.ACTIVITY_EDIT, "activity"),
    "disclosure:activity-invite": Page(Action.ACTIVITY_EDIT, "activity"),
    "disclosure:activity-record": Page(Action.ACTIVITY_EDIT, "activity"),
    "disclosure:activity-cancel": Page(Action.ACTIVITY_EDIT, "activity"),
    "public:activities": Page(PUBLIC),
    "public:village-activities": Page(PUBLIC, "village", arguments=_VILLAGE),
    "public:activities-ics": Page(PUBLIC, "village", arguments=_VILLAGE),
    **listed(
        ("affairkind", Action.AFFAIR_VIEW, "affair_kind"),
        ("affairturn", Action.AFFAIR_VIEW, "affair_turn"),
        ("affair", Action.AFFAIR_VIEW, "affair"),
        ("power", Action.POWER_VIEW, "power"),
        ("activity", Action.ACTIVITY_VIEW, "activity"),
    ),
    "api:affairkind-detail": Page(Action.AFFAIR_VIEW, "affair_kind", **_TOWN),
    "api:power-detail": Page(Action.POWER_VIEW, "power", **_TOWN),
    "api:affairquestion-list": Page(Action.AFFAIR_VIEW),
    "api:affairquestion-detail": Page(Action.AFFAIR_VIEW, "affair_question", answers=(200, 404)),
}
STAFF = {
    "disclosure_notice": Staff(
        Action.NOTICE_VIEW,
        "notice",
        add=True,
        export=True,
        history=False,
        buttons=(("withdraw", Action.NOTICE_PUBLISH),),
    ),
    "disclosure_objection": Staff(
        Action.NOTICE_VIEW, "objection", export=True, history=False, buttons=(("reply", Action.OBJECTION_ANSWER),)
    ),
    "disclosure_affairkind": Staff(Action.AFFAIR_VIEW, "affair_kind", add=True, export=True),
    "disclosure_power": Staff(Action.POWER_VIEW, "power", add=True, export=True, buttons=(("page", Action.POWER_VIEW),)),
}


def build(house: Any) -> None:
    """A notice that runs, with an objection; a list in each state, a power and an activity."""
    today = timezone.localdate()
    house.notice = Notice.objects.create(
        unit=house.village,
        kind="rating",
        title="八一村2026年3月道德积分评分公示",
        opens_on=today,
        closes_on=today + timedelta(days=4),
    )
    house.objection = Objection.objects.create(
        notice=house.notice, number="YY2026-00001", name=MARK, phone="15400000002", text=MARK, answer_by=today
    )
    _disclose(house, today)
    house.power = Power.objects.create(
        township=house.township, code="ceshi", area="seal", name="印章使用", basis="镇的规定", body="村委会", steps="甲|审批",
        supervisor="监委",
    )  # fmt: skip
    house.activity = Activity.objects.create(
        village=house.village, kind="show", title=MARK, planned_on=today, place=MARK, planned_by=house.cast["cadre"]
    )


def _disclose(house: Any, today: date) -> None:
    house.affair_kind = AffairKind.objects.create(
        township=house.township, code="shouzhi", section="finance", name="财务收支", basis="规定", body="村委会", channel="公开栏",
        rule="quarterly",
    )  # fmt: skip
    at_once = AffairKind.objects.create(
        township=house.township, code="xiangmu", section="village", name="工程项目", basis="规定", body="村委会", channel="公开栏",
        rule="at_once", position=1,
    )  # fmt: skip
    house.affair_event = _turn(house, at_once, today, event=MARK)
    house.affair_turn = _turn(house, house.affair_kind, today, period="2025-Q1")
    house.affair_draft = _affair(house, today, "2025-Q2")
    house.affair_review = _affair(house, today, "2025-Q3", "review")
    house.affair_reviewed = _affair(house, today, "2025-Q4", "review", "reviewed")
    house.affair = _affair(house, today, "2026-Q1", "review", "reviewed", "published")
    house.affair_question = AffairQuestion.objects.create(
        affair=house.affair, number="ZX2026-00001", name=MARK, phone="15400000002", text=MARK, answer_by=today
    )


def _turn(house: Any, kind: AffairKind, today: date, **fields: str) -> AffairTurn:
    return AffairTurn.objects.create(village=house.village, kind=kind, begins_on=today, due_on=today, **fields)


def _affair(house: Any, today: date, period: str, *states: str) -> Affair:
    """A list that went through `states`, past the services: its title is a name, which they refuse."""
    cadre, now = house.cast["cadre"], timezone.now()
    affair = Affair.objects.create(
        turn=_turn(house, house.affair_kind, today, period=period), title=MARK, columns=["项目", "金额"], rows=[["电费", "90"]],
        drafted_by=cadre, edited_by=cadre, drafted_at=now,
    )  # fmt: skip
    signed: dict[str, dict[str, Any]] = {
        "review": {"submitted_at": now},
        "reviewed": {"reviewed_by": house.cast["overseer"], "reviewed_at": now},
        "published": {"published_by": cadre, "published_at": now, "hangs_until": today + timedelta(days=30)},
    }
    for state in states:
        Affair.objects.filter(pk=affair.pk).update(state=state, **signed[state])
    affair.refresh_from_db()
    return affair
