"""专项探访: today's list of all high-tier people and of households at risk, and who was reached (design §12)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.inbox import messages_send
from governance.accounts.models import User
from governance.frame.saving import save_by
from governance.periods import today
from villages.models import Household, Unit
from volunteers.care.errors import CareError
from volunteers.care.levels import helpers_of
from volunteers.care.services import helpers_for
from volunteers.models import CareRecord, CareRound, CareRoundPerson, RiskHousehold


def round_start(*, village: Unit, kind: str, name: str, by: User, at: datetime | None = None) -> CareRound:
    """Today's list of a village; the helpers are told. A household at risk stands on it by itself, unless a grown-up of it does."""
    now = at or timezone.now()
    if not by.may(Action.CARE_EDIT, village.path):
        raise CareError("这个村不在您可以发起的范围内。", "scope")
    if CareRound.objects.filter(village=village, day=today(now), name=name.strip()).exists():
        raise CareError("今天已有同名的专项探访。", "state", field="name")
    started = CareRound(village=village, kind=kind, name=name.strip(), day=today(now), by=by, at=now)
    with transaction.atomic():
        save_by(started, by, CareError)
        high = CareRecord.objects.present().with_helpers(today(now)).filter(village=village, tier=CareRecord.Tier.HIGH)
        records = list(high.select_related("resident", "helper", "substitute").order_by("pk"))
        covered = {record.resident.household_id for record in records if not record.is_child}
        risks = RiskHousehold.objects.filter(household__village=village, ended_on=None).exclude(household__in=covered)
        people = [CareRoundPerson(round=started, record=record, household_id=record.resident.household_id) for record in records]
        people += [CareRoundPerson(round=started, household_id=risk.household_id) for risk in risks.order_by("pk")]
        CareRoundPerson.objects.bulk_create(people)
        _tell(started, records, now)
    return started


def round_tick(
    *, person: CareRoundPerson, answered: bool = False, moved: bool = False, note: str = "", by: User, at: datetime | None = None
) -> CareRoundPerson:  # fmt: skip
    """叫应 or 转移; who was moved has answered. What is ticked stays ticked."""
    now = at or timezone.now()
    with transaction.atomic():
        rows = CareRoundPerson.objects.visible_to(by).select_for_update(of=("self",)).select_related("round__village")
        found = rows.filter(pk=person.pk).first()
        if found is None or not by.may(Action.VISIT_LOG, found.round.village.path):
            raise CareError("这份名单不在您可以登记的范围内。", "scope")
        if not (answered or moved):
            raise CareError("请选叫应或转移。", "need")
        found.answered_at = found.answered_at or now
        found.moved_at = found.moved_at or (now if moved else None)
        found.note, found.by = note.strip() or found.note, by
        found.save(update_fields=["answered_at", "moved_at", "note", "by"])
    return found


def risk_add(*, household: Household, risk: str, shelter: str, keeper: User, by: User, at: datetime | None = None) -> RiskHousehold:
    """Register where a household lives at risk, where it is taken, and who calls it."""
    day = today(at or timezone.now())
    if not by.may(Action.CARE_EDIT, household.unit.path) or household.ended_on is not None:
        raise CareError("这一户不在您可以维护的范围内。", "scope")
    if not helpers_for(household.village, day).filter(pk=keeper.pk).exists():
        raise CareError("请选本村有任职的人。", "helper", field="keeper")
    row = RiskHousehold(household=household, risk=risk, shelter=shelter.strip(), keeper=keeper, since=day)
    with transaction.atomic():
        save_by(row, by, CareError)
    return row


def risk_end(*, risk: RiskHousehold, by: User, at: datetime | None = None) -> RiskHousehold:
    """The risk is gone (repaired, moved)."""
    with transaction.atomic():
        rows = RiskHousehold.objects.visible_to(by, Action.CARE_EDIT).select_for_update(of=("self",))
        found = rows.filter(pk=risk.pk).first()
        if found is None:
            raise CareError("这一户不在您可以维护的范围内。", "scope")
        if found.ended_on is not None:
            raise CareError("已经解除。", "state")
        found.ended_on = today(at or timezone.now())
        save_by(found, by, CareError, ["ended_on"])
    return found


def _tell(started: CareRound, records: list[CareRecord], now: datetime) -> None:
    helpers = [user for record in records for user in helpers_of(record)]
    messages_send(
        users=helpers,
        text=f"专项探访：{started.name}，请今天联系您帮扶的人",
        link="/my-care/",
        key=f"care-round:{started.pk}",
        at=now,
        text_out=f"乡治：{started.name}，请今天联系您帮扶的人",
    )
