"""What waits of facilities: a check from a week before its day, a fault that is not mended in its days."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.urls import reverse

from governance.accounts.duties import Action
from governance.frame.due import Day, DueKind, Todo, asked, evening, past
from villages.facilities.models import Facility, FacilityFault

CHECK = Day("check_due_on")
MEND = Day("due_on")
AHEAD = timedelta(days=7)


def _check_line(facility: Facility, now: datetime) -> Todo:
    assert facility.check_due_on is not None
    link = reverse("villages:facility-check", args=[facility.pk])
    title = f"检查{facility.kind_name}：{facility.name}"
    return Todo(evening(facility.check_due_on), title, str(facility.unit), link, CHECK.due(facility, now))


def _fault_line(fault: FacilityFault, now: datetime) -> Todo:
    link = reverse("villages:facility-detail", args=[fault.facility_id])
    title = f"没有按期修好：{fault.facility}"
    return Todo(evening(fault.due_on), title, fault.case_number or str(fault.facility.unit), link, MEND.due(fault, now))


KINDS = [
    DueKind(
        "facility-check",
        "设施和点位该检查了",
        open=lambda now: Facility.objects.filter(CHECK.by(now + AHEAD), check_due_on__isnull=False),
        held=asked(Action.FACILITY_CHECK),
        line=_check_line,
        order=("check_due_on", "pk"),
        related=("unit",),
        late=past(CHECK),
        words="{} 处设施和点位没有按期检查",
        page=lambda facility: reverse("villages:facility-detail", args=[facility.pk]),
    ),
    DueKind(
        "facility-fault",
        "设施和点位没有按期修好",
        open=lambda now: FacilityFault.objects.filter(MEND.past(now), mended_on=None),
        held=asked(Action.FACILITY_EDIT),
        line=_fault_line,
        order=("due_on", "pk"),
        related=("facility__unit",),
        late=past(MEND),
        village="facility__village",
        words="{} 处设施和点位损坏没有按期修好",
        page=lambda fault: reverse("villages:facility-detail", args=[fault.facility_id]),
    ),
]
