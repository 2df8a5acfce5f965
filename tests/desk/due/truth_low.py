"""Cases, notices and the bank."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from governance.accounts.duties import Action, Duty
from governance.accounts.models import User
from governance.cases.models import Agreement, Case, Conflict, Extension, ReturnVisit, Shift, Swap
from governance.disclosure.models import Objection
from governance.periods import today
from moral_bank.awards.models import Nomination
from moral_bank.claims.appeals import answer_refusal
from moral_bank.claims.services import may_verify
from moral_bank.models import Appeal, Claim, Closing, Lot, Rating, Redemption, Shop
from tests.desk.due.truth import Truth, holds
from tests.desk.due.world import NOW, TODAY
from villages.models import Post, Unit

OPEN = ("found", "accepted", "handling", "coordinating")


def _seats(office: Any) -> list[int]:
    return [member.user_id for member in office.members.all()] if office else []


def _queued(case: Any, user: User) -> bool:
    return user.pk in _seats(case.office) or (case.holder_unit_id is not None and holds(user, case.holder_duty, case.holder_unit_id))


def _sees(case: Any, user: User, action: Action = Action.CASE_VIEW) -> bool:
    on_it = _queued(case, user) or any(person.user_id == user.pk for person in case.people.all())
    return user.may(action, case.unit.path) and (not case.private or on_it)


def _leads(case: Any) -> bool:
    return any(post.user_id and not post.ended_on for post in Post.objects.filter(kind=Duty.LEADER, unit=case.township_id))


def _climbed(case: Any, user: User) -> bool:
    has = case.assignee_id == user.pk or (user.may(Action.CASE_HANDLE) and _queued(case, user))
    if case.level == "village" or has or not _sees(case, user):
        return False
    seats, clerk = _seats(case.category.office), holds(user, Duty.STAFF, case.township_id)
    if user.pk in seats or (clerk and not seats):
        return True
    return case.level == "leader" and (holds(user, Duty.LEADER, case.township_id) or (clerk and not _leads(case)))


def _has(case: Any, user: User) -> bool:
    return case.assignee_id == user.pk or _queued(case, user)


def _may_confirm(case: Any) -> bool:
    return case.state in ("accepted", "handling", "coordinating", "visiting") and case.paused_at is None


def _case_late(case: Any) -> bool:
    return case.paused_at is None and any(due is not None and due < NOW for due in (case.step_due_at, case.case_due_at))


def _case_waits(case: Any) -> bool:
    return case.state in OPEN and case.case_due_at is not None


def cases() -> list[Case]:
    related = Case.objects.select_related("unit", "category__office", "office")
    return list(related.prefetch_related("people", "office__members", "category__office__members"))


def _path(claim: Any) -> str:
    path: str = claim.account.household.unit.path
    return path


def _home_village(row: Any) -> int:
    village: int = row.account.household.village_id
    return village


ACCOUNT = "account__household__unit"


def _locked(village: Unit, *states: str) -> bool:
    return Closing.objects.filter(village=village, kind="month", start=date(2026, 2, 1), state__in=["locked", *states]).exists()


CASES = {
    "case": Truth(
        cases, _case_waits, lambda row, user: user.may(Action.CASE_HANDLE) and row.assignee_id == user.pk and _sees(row, user),
        _case_late, _sees,
    ),
    "case-queue": Truth(
        cases, _case_waits, lambda row, user: user.may(Action.CASE_HANDLE) and _queued(row, user) and _sees(row, user), _case_late
    ),
    "case-climbed": Truth(cases, _case_waits, _climbed, _case_late),
    "return-visit": Truth(
        lambda: ReturnVisit.objects.select_related("case__unit", "case__office"),
        lambda row: row.state == "open" and row.due_on <= TODAY,
        lambda row, user: user.may(Action.CASE_HANDLE) and row.case.assignee_id == user.pk,
        lambda row: row.due_on < TODAY, lambda row, user: _sees(row.case, user), lambda row: row.case.village_id,
    ),
    "case-extension": Truth(
        lambda: Extension.objects.select_related("case__unit", "case__office"),
        lambda row: row.state == "asked",
        lambda row, user: row.asked_by_id != user.pk and row.case.state in OPEN and _sees(row.case, user, Action.CASE_APPROVE),
    ),
    "confirmation": Truth(
        lambda: Agreement.objects.select_related("dispute__case__unit", "dispute__case__office"),
        lambda row: row.confirmation == "open" and 20 <= (TODAY - row.signed_on).days <= 30 and _may_confirm(row.dispute.case),
        lambda row, user: user.may(Action.CASE_HANDLE) and _sees(row.dispute.case, user) and _has(row.dispute.case, user),
    ),
    "shift": Truth(
        lambda: Shift.objects.select_related("post", "village"),
        lambda row: row.day == TODAY,
        lambda row, user: row.post.user_id == user.pk and user.may(Action.SHIFT_VIEW, row.village.path),
    ),
    "swap": Truth(
        lambda: Swap.objects.select_related("other__post"),
        lambda row: row.state == "asked",
        lambda row, user: row.other.post.user_id == user.pk,
    ),
    "conflict": Truth(
        lambda: Conflict.objects.select_related("sent"), lambda row: not row.outcome, lambda row, user: row.sent.user_id == user.pk
    ),
}  # fmt: skip

BANK = {
    "objection": Truth(
        lambda: Objection.objects.select_related("notice__unit"),
        lambda row: row.state == "open",
        lambda row, user: user.may(Action.OBJECTION_ANSWER, row.notice.unit.path),
        lambda row: row.answer_by < TODAY,
        lambda row, user: user.may(Action.NOTICE_VIEW, row.notice.unit.path), lambda row: row.notice.unit_id,
    ),
    "claim": Truth(
        lambda: Claim.objects.select_related(ACCOUNT, "deed"),
        lambda row: row.state == "declared",
        may_verify, lambda row: NOW - row.declared_at > timedelta(days=7),
        lambda row, user: user.may(Action.CLAIM_VIEW, _path(row)), _home_village,
    ),
    "appeal": Truth(
        lambda: Appeal.objects.select_related(ACCOUNT, "claim"),
        lambda row: row.state == "open",
        lambda row, user: user.may(Action.APPEAL_ANSWER) and not answer_refusal(row, user),
    ),
    "panel": Truth(
        lambda: Claim.objects.select_related(ACCOUNT),
        lambda row: row.state == "verified",
        lambda row, user: user.may(Action.PANEL_RECORD, _path(row)),
    ),
    "award-judge": Truth(
        lambda: Nomination.objects.select_related(ACCOUNT),
        lambda row: row.state == "nominated",
        lambda row, user: user.may(Action.AWARD_JUDGE, _path(row)) and not user.may(Action.AWARD_CONFIRM),
    ),
    "award-confirm": Truth(
        lambda: Nomination.objects.select_related(ACCOUNT, "notice"),
        lambda row: row.state == "noticed" and row.notice.withdrawn_at is None and row.notice.closes_on < TODAY,
        lambda row, user: user.may(Action.AWARD_CONFIRM, _path(row)),
    ),
    "reminder": Truth(
        lambda: Rating.objects.select_related(ACCOUNT, "closing"),
        lambda row: row.stars == 0 and row.closing.kind == "quarter" and NOW - row.closing.locked_at <= timedelta(days=120),
        lambda row, user: user.may(Action.REMINDER_VIEW, _path(row)) and not user.may(Action.AWARD_CONFIRM),
        lambda row: today(row.closing.locked_at) + timedelta(days=30) < TODAY,
        lambda row, user: user.may(Action.RATING_VIEW, _path(row)), lambda row: row.closing.village_id,
    ),
    "cover": Truth(
        lambda: Shop.objects.select_related("village"), lambda row: True, lambda row, user: user.may(Action.MARKET_STOCK, row.village.path)
    ),
    "redemption": Truth(
        lambda: Redemption.objects.select_related(ACCOUNT),
        lambda row: row.state == "held",
        lambda row, user: user.may(Action.MARKET_HAND, _path(row)) and row.held_by_id != user.pk,
    ),
    "lot": Truth(
        lambda: Lot.objects.select_related("item__shop__village"),
        lambda row: row.stock > 0 and row.best_before is not None and row.best_before < TODAY,
        lambda row, user: user.may(Action.MARKET_STOCK, row.item.shop.village.path),
    ),
    "closing-notice": Truth(
        lambda: Unit.objects.filter(level="village"),
        lambda row: not _locked(row, "noticed"),
        lambda row, user: user.may(Action.CLOSING_RUN, row.path),
        lambda row: True, lambda row, user: user.may(Action.UNIT_VIEW, row.path), lambda row: row.pk,
    ),
    "closing": Truth(
        lambda: Unit.objects.filter(level="village"),
        lambda row: not _locked(row),
        lambda row, user: user.may(Action.CLOSING_RUN, row.path),
        lambda row: True, lambda row, user: user.may(Action.UNIT_VIEW, row.path), lambda row: row.pk,
    ),
}  # fmt: skip
