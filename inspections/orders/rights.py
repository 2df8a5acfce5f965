"""Whose step an order's is: the village signs and reports, never who issued it; the re-check is neither who reported or issued it,
nor people of the village and their kin (plan §四(三))."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from governance.accounts.duties import Duty
from governance.accounts.models import User
from inspections.conflicts import conflict_reason, homes_of
from inspections.errors import InspectionError
from inspections.models import Order, OrderStep, Recusal
from villages.models import Post


def fix_refusal(order: Order, user: User) -> InspectionError | None:
    """Why `user` must leave signing, reporting and asking for more time to another of the village, None where nothing stands
    against it (code `another`)."""
    if user.pk != order.issued_by_id:
        return None
    return InspectionError("这件整改是您签发的，签收、报告整改和申请延期要由村里的另一个人办。", "another")


def check_refusal(order: Order, user: User, on: date) -> InspectionError | None:
    """Why `user` must leave the re-check to another person, None where nothing stands against it (codes `another`, `kin`)."""
    if user.pk == order.issued_by_id:
        return InspectionError("签发人不能复核自己签发的整改，请由另一人复核。", "another")
    if user.pk == order.reported_by_id or order.steps.filter(step=OrderStep.Step.REPORT, by=user).exists():
        return InspectionError("报告整改的人不能复核，请由另一人复核。", "another")
    reason = conflict_reason(user=user, village=order.village, on=on)
    return InspectionError(f"{reason}，应当回避，不能复核这个村的整改。", "kin") if reason else None


def barred_q(user: User, on: date) -> Q:
    """The orders that `user` must not re-check, as one condition; `check_refusal` says the same of one order."""
    own = Q(user=user) | Q(resident__household__in=homes_of(user))
    paths = Post.objects.current(on).filter(own).exclude(kind=Duty.VOLUNTEER).values_list("unit__path", flat=True)
    codes = {code for path in paths for code in path.strip("/").split("/")}
    recused = Recusal.objects.filter(user=user).values("village")
    reported = OrderStep.objects.filter(step=OrderStep.Step.REPORT, by=user).values("order")
    return (
        Q(issued_by=user)
        | Q(reported_by=user)
        | Q(pk__in=reported)
        | Q(village__code__in=codes)
        | Q(village__in=recused)
    )
