"""Rosters with whole ID numbers: for those with a duty of its own, for a reason, under a number and a name."""

from __future__ import annotations

from dataclasses import replace

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.timezone import localtime

from governance.accounts.duties import Action
from governance.accounts.export_models import ExportJob
from governance.accounts.exporting import export_ask
from governance.accounts.models import User
from governance.frame.exports import Ledger
from villages.households.exports import WHOLE_ROSTER
from villages.households.services import HouseholdError
from villages.models import Resident, Unit


def whole_numbers_ask(*, village: Unit | None, reason: str, by: User) -> ExportJob:
    """Have such a roster of one village or of all written in the background, whatever its size; taking the file is logged with
    the reason. Raises HouseholdError."""
    rows = residents_whole(by, village.pk if village else 0)
    if not by.may(Action.RESIDENT_EXPORT):
        raise HouseholdError("您不能导出完整身份证号。", "scope")
    if not (reason := " ".join(reason.split())):
        raise HouseholdError("请写明用途。", "reason", "reason")
    if not (total := rows.count()):
        raise HouseholdError("这里没有可以导出的居民。", "empty")
    address = reverse("villages:resident-whole", query={"village": village.pk} if village else None)
    return export_ask(user=by, title=WHOLE_ROSTER.title, address=address, total=total, reason=reason)


def residents_whole(by: User, village: int) -> QuerySet[Resident]:
    """The residents whose whole numbers `by` may export, of one village or (0) of all."""
    rows = Resident.objects.visible_to(by, Action.RESIDENT_EXPORT)
    return rows.filter(household__village=village) if village else rows


def marked(job: ExportJob) -> Ledger:
    """The ledger with a line that says whose copy it is, since when and what for."""
    at = f"{localtime(job.asked_at):%Y-%m-%d %H:%M}"
    return replace(WHOLE_ROSTER, mark=f"第 {job.pk} 号；{job.user.name}（{job.user.username}）{at} 导出；用途：{job.reason}")
