"""An activity's way: planned → invited → held, or cancelled with the reason (plan §三.2–3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import transaction
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.disclosure.activities.models import Activity
from governance.disclosure.errors import DisclosureError
from governance.disclosure.masked import texts_check
from governance.frame.saving import save_by
from governance.periods import today
from villages.models import Unit

State = Activity.State


@dataclass(frozen=True)
class Plan:
    """What is announced: all of it stands in public."""

    village: Unit
    kind: str
    title: str
    planned_on: date
    place: str
    starts: time | None = None
    festival: str = ""


def activity_plan(*, plan: Plan, by: User) -> Activity:
    """What was held without being planned is written down afterwards: planned for its day, then recorded."""
    _may(by, plan.village)
    activity = Activity(planned_by=by)
    _write(activity, plan)
    save_by(activity, by, DisclosureError)
    return activity


def activity_change(*, activity: Activity, plan: Plan, by: User) -> Activity:
    with transaction.atomic():
        activity = _locked(activity, by, *Activity.COMING)
        _may(by, plan.village)
        _write(activity, plan)
        save_by(activity, by, DisclosureError)
    return activity


def activity_invite(*, activity: Activity, on: date, invitation: str, by: User, at: datetime | None = None) -> Activity:
    with transaction.atomic():
        activity = _locked(activity, by, State.PLANNED)
        if on > today(at):
            raise DisclosureError("通知日期不能晚于今天。", "date", "on")
        if on > activity.planned_on:
            raise DisclosureError("通知日期不能晚于活动日期。", "date", "on")
        if not invitation.strip():
            raise DisclosureError("请写怎么通知的。", "text", "invitation")
        activity.state, activity.invited_on, activity.invitation = State.INVITED, on, invitation.strip()
        save_by(activity, by, DisclosureError)
    return activity


def activity_record(
    *, activity: Activity, turnout: int, told: str = "", asked: str = "", by: User, at: datetime | None = None
) -> Activity:
    """It was held: how many came, what people asked. What was recorded may be put right; its history keeps what stood before."""
    now = at or timezone.now()
    with transaction.atomic():
        activity = _locked(activity, by, *Activity.COMING, State.HELD)
        if activity.planned_on > today(now):
            raise DisclosureError("活动日期还没到；提前举办的，请先修改日期。", "date")
        activity.state, activity.turnout, activity.told, activity.asked = State.HELD, turnout, told.strip(), asked.strip()
        activity.recorded_by, activity.recorded_at = by, now
        save_by(activity, by, DisclosureError)
    return activity


def activity_cancel(*, activity: Activity, reason: str, by: User) -> Activity:
    if not reason.strip():
        raise DisclosureError("取消活动须写明原因。", "text", "reason")
    with transaction.atomic():
        activity = _locked(activity, by, *Activity.COMING)
        texts_check(activity.village, [reason])
        activity.state, activity.cancel_reason = State.CANCELLED, reason.strip()
        save_by(activity, by, DisclosureError)
    return activity


def _write(activity: Activity, plan: Plan) -> None:
    texts_check(plan.village, [plan.title, plan.place])
    activity.village, activity.kind, activity.title, activity.place = plan.village, plan.kind, plan.title.strip(), plan.place.strip()
    activity.planned_on, activity.starts, activity.festival = plan.planned_on, plan.starts, plan.festival.strip()


def _may(by: User, village: Unit) -> None:
    if not by.may(Action.ACTIVITY_EDIT, village.path):
        raise DisclosureError("您不能安排这个村（社区）的活动。", "scope")


def _locked(activity: Activity, by: User, *states: Activity.State) -> Activity:
    activity = Activity.objects.select_for_update(of=("self",)).select_related("village").get(pk=activity.pk)
    _may(by, activity.village)
    if activity.state not in states:
        raise DisclosureError(f"这个活动现在是“{activity.get_state_display()}”，不能这样办理。", "state")
    return activity
