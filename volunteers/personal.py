"""What volunteers and care hold open of residents, and what is taken out when one is forgotten (docs/decisions/0033-personal-data.md)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from governance.accounts.models import User
from governance.frame.columns import Col
from governance.frame.personal import Held
from villages.models import Consent, Resident
from villages.retention.gone import Gone
from villages.retention.models import NAMELESS
from volunteers.models import CareNote, CareRecord, Hours, ServiceOrder, Volunteer
from volunteers.people.services import volunteer_leave


def service_holds(on: date) -> QuerySet[Any]:
    """Whose order is open, whoever is a volunteer still or in the ledger of care."""
    orders = ServiceOrder.objects.open()
    lists = (
        orders.exclude(resident=None).order_by().values("resident"),
        Volunteer.objects.registered().exclude(resident=None).order_by().values("resident"),
        CareRecord.objects.filter(left_on=None).order_by().values("resident"),
    )
    held = Q(household__in=orders.exclude(household=None).order_by().values("household"))
    for rows in lists:
        held |= Q(pk__in=rows)
    return Resident.objects.filter(held).order_by().values("pk")


def volunteers_forget(gone: Gone) -> None:
    """Who was a volunteer once bears no name, number or birthday any more; the hours stay. A guardian who is forgotten has no name
    with those of the same household."""
    empty: dict[str, Any] = {"name": NAMELESS, "name_pinyin": "", "phone": "", "adult_on": None}
    stored: tuple[Any, ...] = (Volunteer.objects, Volunteer.history)
    for rows in stored:
        theirs = rows.filter(resident__in=gone.residents)
        theirs.update(**empty)
        theirs.exclude(guardian="").update(guardian=NAMELESS)
        for guarded in gone.bearing("resident__household", "guardian"):
            rows.filter(guarded).update(guardian=NAMELESS)


def service_withdrawn(person: Resident, purpose: str, by: User) -> None:
    """Whoever no longer agrees to serve is a volunteer no more; refused while they are on an order."""
    if purpose == Consent.Purpose.VOLUNTEER:
        for volunteer in Volunteer.objects.registered().filter(resident=person):
            volunteer_leave(volunteer=volunteer, reason="撤回同意", by=by)


PERSON = [
    Held(
        "志愿者",
        Volunteer,
        "resident",
        [
            Col("姓名", "name"),
            Col("联系电话", "phone"),
            Col("监护人", "guardian"),
            Col("监护人同意日期", "guardian_consented_on"),
            Col("状态", "get_state_display"),
            Col("加入日期", "joined_on"),
            Col("退出日期", "left_on"),
        ],
    ),
    Held("服务时长", Hours, "volunteer__resident", [Col("日期", "served_on"), Col("分钟", "minutes")]),
    Held(
        "点单",
        ServiceOrder,
        "resident",
        [
            Col("编号", "number"),
            Col("服务项目", "project"),
            Col("点单时间", "asked_at"),
            Col("联系电话", "phone"),
            Col("具体位置", "place"),
            Col("需求", "text"),
            Col("状态", "get_state_display"),
        ],
        ("project",),
    ),
    Held(
        "特殊困难群体台账",
        CareRecord,
        "resident",
        [
            Col("类别", "category"),
            Col("等级", "get_tier_display"),
            Col("需要什么", "needs"),
            Col("监护人", lambda record: record.private_words[0]),
            Col("病情、残疾等", lambda record: record.private_words[1]),
            Col("同意", "get_consent_display"),
            Col("同意日期", "consented_on"),
            Col("纳入日期", "entered_on"),
            Col("退出日期", "left_on"),
        ],
        ("category",),
    ),
    Held(
        "关爱记录",
        CareNote,
        "resident",
        [Col("时间", "at"), Col("情况", "get_condition_display"), Col("需要什么", "need"), Col("下次看望", "again_on")],
    ),
]
