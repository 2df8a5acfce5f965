"""The cases' part of the matrix."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.utils import timezone

from governance.accounts.duties import Action, Duty
from governance.cases.categories.setting_up import cases_set_up
from governance.cases.engine.services import Report, case_log
from governance.cases.models import (
    Agreement,
    Case,
    Category,
    Conflict,
    DisputeImport,
    Photo,
    ReturnRule,
    ReturnVisit,
    Sent,
    Shift,
    ShiftKind,
    Swap,
)
from governance.cases.visits.services import VisitReport, visit_log
from tests.matrix import MARK, PUBLIC, Page, Staff, listed
from villages.models import Post

# Also send what they score on site, whom they reached, and what is asked of volunteers.
_SENDERS = frozenset({"leader", "supervisor", "child_head", "child_town", "volunteer"})

PAGES: dict[str, Page] = {
    "cases:service-worker": Page(PUBLIC),
    "cases:send": Page(Action.CASE_LOG, method="post", answers=(400,), anonymous=(401,), also=_SENDERS),
    "cases:draft-key": Page(Action.CASE_LOG, anonymous=(401,), also=_SENDERS),
    "cases:kept-pages": Page(Action.CASE_LOG, anonymous=(401,), also=_SENDERS),
    "cases:draft-list": Page(Action.CASE_LOG, also=_SENDERS),
    "cases:photo-part": Page(
        Action.CASE_LOG, anonymous=(401,), arguments=(("key", "00000000-0000-4000-8000-000000000000"),)
    ),
    "cases:photo": Page(Action.CASE_VIEW, "photo", anonymous=(404,)),
    "cases:conflict-list": Page(Action.CASE_LOG),
    "cases:conflict-settle": Page(Action.CASE_LOG, "conflict", answers=(200, 404)),
    "cases:case-log": Page(Action.CASE_LOG),
    "cases:case-alike": Page(Action.CASE_LOG),
    "cases:case-list": Page(Action.CASE_VIEW),
    "cases:case-detail": Page(Action.CASE_VIEW, "case"),
    "cases:case-step": Page(Action.CASE_VIEW, "case", answers=(200, 302), arguments=(("step", "note"),)),
    **{
        f"cases:{name}": Page(Action.CASE_HANDLE, "dispute")
        for name in (
            "party-add", "mediator", "recusal", "risk", "sitting-add", "agreement", "performance", "confirmation",
        )
    },
    "cases:party-remove": Page(Action.CASE_HANDLE, "dispute", arguments=(("party_pk", "party"),)),
    "cases:agreement-print": Page(Action.CASE_VIEW, "dispute"),
    "cases:dossier-print": Page(Action.CASE_VIEW, "dispute"),
    "cases:return-visit": Page(Action.CASE_HANDLE, "return_visit"),
    "cases:service-list": Page(Action.CASE_VIEW),
    "cases:errand-slip": Page(Action.CASE_HANDLE, "errand"),
    "cases:errand-edit": Page(Action.CASE_HANDLE, "errand", "post", (302,)),
    "cases:visit-list": Page(Action.VISIT_VIEW),
    "cases:visit-log": Page(Action.VISIT_LOG),
    "cases:visit-detail": Page(Action.VISIT_VIEW, "visit"),
    "cases:shift-list": Page(Action.SHIFT_VIEW),
    "cases:shift-print": Page(Action.SHIFT_VIEW),
    "cases:shift-generate": Page(Action.SHIFT_EDIT, method="post", answers=(404,)),
    "cases:shift-publish": Page(Action.SHIFT_EDIT, method="post", answers=(404,)),
    "cases:shift-kinds": Page(Action.SHIFT_EDIT, "village"),
    "cases:post-phone": Page(Action.SHIFT_EDIT, "post", "post", (302,)),
    "cases:swap-ask": Page(Action.SHIFT_EDIT, "shift"),
    "cases:swap-answer": Page(Action.SHIFT_VIEW, "swap", "post", (302, 404)),
    "public:receipt": Page(PUBLIC),
    "public:service-list": Page(PUBLIC),
    "public:service": Page(PUBLIC, "service"),
    "admin:cases_category_set_up": Page(Action.CATEGORY_EDIT, method="post", answers=(302,)),
    "api:case-step": Page(Action.CASE_VIEW, "case", "post", (400,)),
    "api:case-mediator": Page(Action.CASE_HANDLE, "dispute", "post", (400,)),
    "api:returnvisit-done": Page(Action.CASE_HANDLE, "return_visit", "post", (400,)),
    **listed(
        ("case", Action.CASE_VIEW, "case"),
        ("returnvisit", Action.CASE_VIEW, "return_visit"),
        ("visit", Action.VISIT_VIEW, "visit"),
        ("shift", Action.SHIFT_VIEW, "shift"),
    ),
}
STAFF = {
    "cases_case": Staff(
        Action.CASE_VIEW,
        "dispute",
        export=True,
        history=False,
        buttons=(
            ("file", Action.CASE_ASSIGN),
            ("reopen", Action.CASE_ASSIGN),
            ("mediator", Action.CASE_ASSIGN),
            ("page", Action.CASE_VIEW),
        ),
    ),
    "cases_disputeimport": Staff(
        Action.CASE_IMPORT,
        "ledger",
        add=True,
        history=False,
        buttons=tuple((name, Action.CASE_IMPORT) for name in ("commit", "remap", "rejects", "discard")),
    ),
    "cases_category": Staff(Action.CASE_VIEW, "service", add=True, export=True),
    "cases_office": Staff(Action.CASE_VIEW, "office", add=True, delete=True),
    "cases_servicekind": Staff(Action.CASE_VIEW, "service_kind", add=True, delete=True),
    "cases_returnrule": Staff(Action.CASE_VIEW, "return_rule", add=True, delete=True),
}


def build(house: Any) -> None:
    """One case of each sort, a visit, a shift with a swap, a photo, a conflict."""
    clerk, now = house.cast["staff"], timezone.now()
    cases_set_up(township=house.township)
    categories = {row.code: row for row in Category.objects.filter(township=house.township)}

    def log(code: str, **more: Any) -> Case:
        return case_log(report=Report(category=categories[code], unit=house.yard, text=MARK, **more), by=clerk, at=now)

    house.case, house.service = log("dianli", mine=True), categories["dianfei"]
    house.dispute = log("linli", parties=(MARK, "赵六"), mine=True)
    house.errand = log("dianfei", client=MARK, phone="15400000003")
    house.party = house.dispute.dispute.parties.first()
    Agreement.objects.create(
        dispute=house.dispute.dispute, round=1, signed_on=timezone.localdate(), facts=MARK, terms=MARK, by=clerk
    )
    house.return_visit = ReturnVisit.objects.create(case=house.dispute, round=1, day=7, due_on=timezone.localdate())
    report = VisitReport(kind="call", unit=house.yard, household=house.household, seen=MARK)
    house.visit = visit_log(report=report, by=clerk, at=now)
    house.photo = Photo.objects.create(
        key=uuid4(),
        owner_key=uuid4(),
        by=clerk,
        size=1,
        sha256="0" * 64,
        state="ready",
        case=house.case,
        at=now,
        file=ContentFile(b"x", "x.jpg"),
    )
    sent = Sent.objects.create(key=uuid4(), user=clerk, digest="0" * 64, at=now, case=house.case)
    house.conflict = Conflict.objects.create(sent=sent, digest="1" * 64, payload={"text": MARK}, at=now)
    kind = ShiftKind.objects.create(village=house.village, name="坐班", starts="08:30", ends="17:30")
    days = [timezone.localdate() + timedelta(days=ahead) for ahead in (2, 3)]
    post = Post.objects.get(kind=Duty.CADRE, unit=house.village)
    house.shift, other = (Shift.objects.create(village=house.village, kind=kind, day=day, post=post, published_at=now) for day in days)
    house.swap = Swap.objects.create(shift=house.shift, other=other, asked_by=clerk, asked_at=now)
    house.ledger = DisputeImport.objects.create(
        township=house.township, uploaded_by=clerk, filename=f"{MARK}.xlsx", state="discarded"
    )
    house.office, house.service_kind = categories["dianfei"].office, categories["dianfei"].service
    house.return_rule = ReturnRule.objects.filter(township=house.township).first()
