"""What a dispute adds to the flow: its parts, what it asks before an end, its return visits (plan §三.3; domain.md §5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from governance.accounts.duties import Duty
from governance.cases.engine.flow import Step
from governance.cases.engine.holding import Holder, people_of
from governance.cases.errors import CaseError
from governance.cases.models import Agreement, Case, Dispute, Party, ReturnRule, ReturnVisit, Risk, Sitting
from governance.periods import today
from villages.models import Resident

DEFAULT_DAYS = {Risk.GREEN: (7, 30), Risk.YELLOW: (7, 30), Risk.RED: (1, 3, 7, 30)}
MEDIATION_OFFICE = "tiaojie"


def dispute_open(*, case: Case, parties: Sequence[str], resident: Resident | None, risk: str) -> Dispute:
    """The dispute's own row, with the parties named so far; `resident` is the first of them, if of the register."""
    dispute = Dispute.objects.create(case=case, risk=risk)
    if resident is not None:
        Party.objects.create(dispute=dispute, resident=resident, name=resident.name, phone=resident.phone)
    named = [name.strip() for name in parties if name.strip()]
    known = resident.name if resident is not None else ""
    Party.objects.bulk_create([Party(dispute=dispute, name=name) for name in named if name != known])
    return dispute


def settled_words(case: Case) -> str:
    """What the round's agreement, or else its last sitting, says of the outcome: typed once, and carried from there."""
    agreement = Agreement.objects.filter(dispute__case=case, round=case.round).first()
    if agreement is not None:
        return agreement.terms
    sitting = Sitting.objects.filter(dispute__case=case, round=case.round).order_by("-number").first()
    return sitting.content if sitting is not None else ""


def check_step(case: Case, step: Step) -> None:
    """Raises CaseError, naming everything that is missing before a dispute is finished or filed."""
    missing: list[str] = []
    if step == Step.FINISH:
        missing = finish_blockers(case)
    elif step == Step.FILE:
        missing = file_blockers(case)
    if missing:
        code = "visits" if any("回访" in text for text in missing) else "need"
        raise CaseError(f"还不能{'办结' if step == Step.FINISH else '归档'}：{'；'.join(missing)}。", code)


def finish_blockers(case: Case) -> list[str]:
    """What is still missing before a dispute may be finished, in words."""
    dispute = case.dispute
    missing = []
    if dispute.parties.count() < 2:
        missing.append("当事人不足两方")
    if dispute.mediator_id is None:
        missing.append("还没有确定调解员")
    if not dispute.sittings.filter(round=case.round).exists():
        missing.append("还没有调解记录")
    if not dispute.outcome:
        missing.append("还没有调处结果（达成协议或未达成协议）")
    return missing


def file_blockers(case: Case) -> list[str]:
    """What is still open before a dispute may be filed, in words."""
    missing = []
    open_visits = case.return_visits.filter(state=ReturnVisit.State.OPEN).order_by("due_on")
    days = [f"{visit.due_on:%Y-%m-%d}" for visit in open_visits]
    if days:
        missing.append(f"还有 {len(days)} 次回访未完成（{'、'.join(days)}）")
    pending = [Agreement.Performance.PENDING, Agreement.Performance.PARTLY]
    if case.dispute.agreements.filter(round=case.round, performance__in=pending).exists():
        missing.append("协议履行情况还没有登记完")
    return missing


def visits_plan(case: Case, now: datetime) -> int:
    """Return visits of this round by the township's rules for the dispute's risk, counted from the day it ended."""
    risk = case.dispute.risk
    days = list(ReturnRule.objects.filter(township=case.township, risk=risk).values_list("day", flat=True))
    planned = [
        ReturnVisit(case=case, round=case.round, day=day, due_on=today(now) + timedelta(days=day))
        for day in days or DEFAULT_DAYS[Risk(risk)]
    ]
    return len(ReturnVisit.objects.bulk_create(planned, ignore_conflicts=True))


def visits_drop(case: Case) -> int:
    """A relapse reopens the case: what was still to be visited falls away, and a new round plans anew."""
    if case.kind == Case.Kind.DISPUTE:
        Dispute.objects.filter(case=case).update(outcome="")
    return case.return_visits.filter(state=ReturnVisit.State.OPEN).update(state=ReturnVisit.State.DROPPED)


def refer(case: Case, now: datetime) -> Holder:
    """镇调解: the village's mediator is released, and the township's mediation office, else its clerks, have the case."""
    dispute = case.dispute
    if dispute.tier != Dispute.Tier.VILLAGE:
        raise CaseError(f"已经在{dispute.get_tier_display()}，不能再移交镇调解。", "state")
    dispute.tier, dispute.mediator = Dispute.Tier.TOWNSHIP, None
    dispute.save(update_fields=["tier", "mediator"])
    offices = [Holder(office=office) for office in case.township.offices.filter(code=MEDIATION_OFFICE)]
    found = next((holder for holder in offices if people_of(holder, today(now))), None)
    return found or Holder(duty=Duty.STAFF, unit=case.township)


def guide(case: Case) -> None:
    """引导诉讼: mediation has not led to an agreement; the parties were told of the court."""
    dispute = case.dispute
    if dispute.outcome == Dispute.Outcome.AGREED:
        raise CaseError("已经达成协议，不用引导诉讼。", "state")
    dispute.tier, dispute.outcome = Dispute.Tier.COURT, Dispute.Outcome.FAILED
    dispute.save(update_fields=["tier", "outcome"])
