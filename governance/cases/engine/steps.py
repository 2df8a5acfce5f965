"""What every change of a case shares: its lock, its history, those who are on it and those who are told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from governance.accounts.inbox import messages_send
from governance.accounts.models import User
from governance.cases.engine.flow import Step
from governance.cases.engine.holding import holder_of, people_of
from governance.cases.errors import CaseError
from governance.cases.models import Case, CasePerson, CaseStep
from governance.periods import today

RELATED = ("township", "village", "unit", "category__office", "assignee", "holder_unit", "office", "first_receiver")


def case_lock(case: Case, by: User | None) -> Case:
    """The case under its lock with what its rules read; refused if `by` does not see it (None is the clock)."""
    rows = Case.objects.visible_to(by) if by is not None else Case.objects.all()
    locked = Case.objects.select_for_update(of=("self",)).select_related(*RELATED).filter(pk=case.pk).first()
    if locked is None or not rows.filter(pk=case.pk).exists():
        raise CaseError("这件事项不在您可以办理的范围内。", "scope")
    return locked


def step_write(
    case: Case, step: Step, *, by: User | None, at: datetime, source: str | None = None, note: str = "", level: str = ""
) -> CaseStep:
    """One row of the history, as the case stands after it."""
    return CaseStep.objects.create(
        case=case,
        step=step.value,
        round=case.round,
        at=at,
        by=by,
        source=case.state if source is None else source,
        target=case.state,
        level=level,
        note=note,
        holder=case.holder_name,
        step_due_at=case.step_due_at,
        case_due_at=case.case_due_at,
    )


def tell_holder(case: Case, what: str, at: datetime, key: str = "") -> int:
    """A message to whoever has the case; `key` tells events apart that may come twice."""
    people = people_of(holder_of(case), today(at))
    text = f"{what}（{case.number}）：{case.text[:40]}"
    key = key or f"case:{case.pk}:{at.timestamp()}"
    return messages_send(
        users=people, text=text, link=f"/cases/{case.pk}/", key=key, at=at, text_out=f"乡治：{what}（{case.number}）"
    )


def case_join(case: Case, people: Iterable[User]) -> None:
    """Put accounts on the case, so that they see it where it is private."""
    CasePerson.objects.bulk_create(
        [CasePerson(case=case, user=user) for user in dict.fromkeys(people)], ignore_conflicts=True
    )
