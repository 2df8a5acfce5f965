"""特殊困难群体台账: the list, one person, the logged look at the private words (plan §三.2; mission M28)."""

from __future__ import annotations

import re

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.frame.act import press
from governance.frame.columns import Tag
from governance.frame.lists import list_export, list_page
from governance.frame.paging import page_of
from villages.models import Resident
from volunteers.care.due import CARE_LATE
from volunteers.care.exports import CARE_LEDGER, exported, interval_of
from volunteers.care.levels import Level, care_reveal, level_of, revealed, with_levels
from volunteers.care.lists import CARE, CHILDREN, TIER_TONES, due_of
from volunteers.care.lookups import RELATED, record_of
from volunteers.care.notes import may_note
from volunteers.models import CareNote, CareRecord

LOOKING = (Action.CARE_VIEW, Action.CARE_CHILD, Action.SERVICE_RUN)


@duty_required(Action.CARE_VIEW, Action.CARE_CHILD)
def care_list(request: UserRequest) -> HttpResponse:
    rows = CareRecord.objects.by_duty(request.user)
    overdue, gone = CARE_LATE.late_among(rows, timezone.now()).count(), rows.gone().count()
    marks = [Tag(f"逾期 {overdue} 人", "late")] if overdue else []
    marks += [Tag(f"该退出 {gone} 人", "near")] if gone else []
    return list_page(request, CARE, with_levels(rows, request.user).select_related(*RELATED), marks=marks)


@duty_required(Action.CARE_CHILD)
def care_children(request: UserRequest) -> HttpResponse:
    rows = CareRecord.objects.by_duty(request.user).filter(is_child=True)
    return list_page(request, CHILDREN, with_levels(rows, request.user).select_related(*RELATED))


@duty_required(Action.EXPORT)
def care_export(request: UserRequest) -> HttpResponseBase:
    """Guardians on the sheet are looks at private words."""
    rows = exported(request.user)
    answer = list_export(request, CARE, rows, CARE_LEDGER, "volunteers:care-list")
    if answer.streaming:
        private = rows.filter(level_seen=Level.PRIVATE).exclude(private=b"").order_by().values("pk")
        revealed(CareRecord.objects.filter(pk__in=private))
    return answer


@never_cache
@duty_required(*LOOKING)
def care_detail(request: UserRequest, pk: int) -> HttpResponse:
    record = record_of(request, pk)
    return render(request, "volunteers/care/detail.html", _shown(request, record))


@never_cache
@require_POST
@duty_required(*LOOKING)
def care_reveal_view(request: UserRequest, pk: int) -> HttpResponse:
    """Guardian, illness, disability and ID number; logged and counted."""
    record = record_of(request, pk)
    done = press(request, care_reveal, record=record, by=request.user, request=request)
    if not done:
        return redirect("volunteers:care-detail", pk=pk)
    return render(request, "volunteers/care/detail.html", {**_shown(request, record), **_revealed(*done.result)})


def _revealed(guardian: str, words: str, id_number: str) -> dict[str, object]:
    """The private words, and the guardian's phone to call."""
    phone = re.search(r"(?<!\d)(1\d{10}|0\d{2,3}-?\d{7,8})(?!\d)", guardian)
    return {"private": (guardian, words, id_number), "guardian_phone": phone[0] if phone else ""}


def _shown(request: UserRequest, record: CareRecord) -> dict[str, object]:
    user = request.user
    level = level_of(user, record)
    maintained = CareRecord.objects.visible_to(user, Action.CARE_EDIT).filter(pk=record.pk, left_on=None).exists()
    notes = CareNote.objects.visible_to(user).filter(resident=record.resident_id).select_related("visit", "by", "again_by")
    return {
        "record": record,
        "contact": level >= Level.CONTACT,
        "may_reveal": level >= Level.PRIVATE,
        "may_edit": maintained,
        "may_note": record.left_on is None and may_note(user, record.resident),
        "may_order": user.may(Action.SERVICE_LOG, record.unit.path),
        "sees_visits": user.may(Action.VISIT_VIEW, record.unit.path),
        "gone": record.left_on is None and record.resident.status != Resident.Status.PRESENT,
        "due": due_of(record),
        "tone": TIER_TONES[record.tier],
        "interval": interval_of(record),
        "page": page_of(request, notes.prefetch_related("visit__service_orders").order_by("-pk")),
    }
