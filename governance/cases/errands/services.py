"""便民代办 beyond the flow: fees, satisfaction, and what a receipt tells without a log-in (plan §三.1, §三.4)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from governance.accounts.duties import Duty
from governance.accounts.inbox import messages_send
from governance.accounts.models import User
from governance.cases.engine.flow import OPEN, State, Step, Who
from governance.cases.engine.holding import Holder, holder_of, people_of, roles_of
from governance.cases.engine.steps import case_lock, step_write
from governance.cases.errors import CaseError
from governance.cases.models import Case, CaseStep, Errand
from governance.periods import today

TAIL = 4
SHOWN_STEPS = (
    Step.LOG, Step.ACCEPT, Step.HANDLE, Step.COORDINATE, Step.PAUSE, Step.RESUME, Step.FINISH, Step.HANDOVER, Step.REOPEN,
)  # fmt: skip


@dataclass(frozen=True)
class Receipt:
    """What anybody with number and phone may see: no name, address, reason or note. `steps` are (day, what)."""

    number: str
    category: str
    state: str
    due: datetime | None
    village: str
    steps: list[tuple[datetime, str]]
    handed: bool
    may_rate: bool
    satisfaction: str


def errand_edit(
    *, case: Case, account: str, amount: Decimal | None, by: User, at: datetime | None = None
) -> Errand:
    """The account and the money of a fee paid for somebody, kept in the history."""
    now = at or timezone.now()
    with transaction.atomic():
        case = _take(case, by)
        errand = case.errand
        errand.account, errand.amount = account.strip(), amount
        errand.full_clean()
        errand.save(update_fields=["account", "amount"])
        said = f"缴费户号 {errand.account or '无'}，金额 {errand.amount if errand.amount is not None else '未填'} 元"
        step_write(case, Step.NOTE, by=by, at=now, note=said)
    return errand


def satisfaction_set(
    *, case: Case, satisfaction: str, comment: str = "", by: User, at: datetime | None = None
) -> Errand:
    """What the resident ticked on the slip, entered by a cadre."""
    with transaction.atomic():
        case = _take(case, by, ended=True)
        return _rate(case, satisfaction, comment, by, at or timezone.now())


def receipt_find(*, number: str, tail: str) -> Case | None:
    """The errand with this number whose client's phone ends in `tail`; None for whatever does not fit."""
    found: Case | None = None
    rows = Case.objects.filter(number=number.strip().upper(), kind=Case.Kind.ERRAND)
    for case in rows.select_related("errand", "category", "village", "township"):
        if hmac.compare_digest(case.errand.phone[-TAIL:], tail.strip()):
            found = case
    return found


def receipt_of(case: Case) -> Receipt:
    rows = CaseStep.objects.filter(case=case, step__in=SHOWN_STEPS).order_by("id")
    ended = case.state in (State.DONE, State.FILED)
    return Receipt(
        number=case.number,
        category=case.category.name,
        state=case.state_words,
        due=case.case_due_at if case.state in OPEN and case.paused_at is None else None,
        village=str(case.village),
        steps=[(step.at, step.get_step_display()) for step in rows],
        handed=case.errand.handed_at is not None,
        may_rate=ended and not case.errand.satisfaction,
        satisfaction=case.errand.get_satisfaction_display(),
    )


def receipt_rate(*, case: Case, satisfaction: str, comment: str = "", at: datetime | None = None) -> Errand:
    """The resident's own word on a finished errand; once."""
    with transaction.atomic():
        case = case_lock(case, None)
        if case.state not in (State.DONE, State.FILED):
            raise CaseError("办结以后才能评价。", "state")
        return _rate(case, satisfaction, comment, None, at or timezone.now())


def _rate(case: Case, satisfaction: str, comment: str, by: User | None, now: datetime) -> Errand:
    errand = case.errand
    if errand.satisfaction:
        raise CaseError("已经评价过了，谢谢。", "state")
    if satisfaction not in Errand.Satisfaction.values:
        raise CaseError("请选满意、基本满意或不满意。", "need")
    errand.satisfaction, errand.comment = Errand.Satisfaction(satisfaction), comment.strip()[:200]
    errand.save(update_fields=["satisfaction", "comment"])
    step_write(case, Step.NOTE, by=by, at=now, note=f"群众评价：{errand.get_satisfaction_display()} {errand.comment}".strip())
    if satisfaction == Errand.Satisfaction.BAD:
        people = people_of(holder_of(case), today(now))
        people += people_of(Holder(duty=Duty.SECRETARY, unit=case.village), today(now))
        text = f"群众对代办不满意（{case.number}）：{errand.comment or '没有写原因'}"
        messages_send(users=people, text=text, link=f"/cases/{case.pk}/", key=f"rating:{case.pk}", at=now)
    return errand


def _take(case: Case, by: User, *, ended: bool = False) -> Case:
    case = case_lock(case, by)
    if case.kind != Case.Kind.ERRAND:
        raise CaseError("这件事项不是便民代办。", "state")
    if not roles_of(case, by) & {Who.HOLDER, Who.TAKER}:
        raise CaseError(f"{case.number}现由{case.holder_name}办理，您不能办理。", "holder")
    if (case.state in (State.DONE, State.FILED)) != ended and case.state != State.DONE:
        raise CaseError(f"{case.number}现在{case.get_state_display()}，不能这样登记。", "state")
    return case
