"""Mediation of a dispute: parties, mediator, sittings, agreement, performance (plan §三.3; 人民调解法; domain.md §5)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from governance.accounts.duties import Duty
from governance.accounts.models import User
from governance.cases.disputes.due import CONFIRM, confirm_until
from governance.cases.disputes.flow import visits_plan
from governance.cases.engine.flow import WORKING, State, Step, Who
from governance.cases.engine.holding import roles_of
from governance.cases.engine.steps import case_lock, step_write
from governance.cases.errors import CaseError
from governance.cases.models import Agreement, Case, Dispute, Party, Recusal, ReturnVisit, Risk, Sitting
from governance.periods import today
from villages.models import Post, Resident

MEDIATING = (Duty.MEDIATOR, Duty.YARD_HEAD, Duty.GROUP_HEAD, Duty.CADRE, Duty.SECRETARY)


def mediators_for(case: Case, on: date) -> list[Post]:
    """The posts that may mediate: on the way from the place up to the village, and once it is referred, the township's."""
    codes = case.unit.path.strip("/").split("/")
    duties = [*MEDIATING, Duty.STAFF] if case.dispute.tier != Dispute.Tier.VILLAGE else MEDIATING
    posts = Post.objects.current(on).filter(unit__code__in=codes, kind__in=duties)
    return list(posts.select_related("unit", "user", "resident__household").order_by("-unit__path", "kind", "pk"))


def party_add(
    *,
    case: Case,
    name: str = "",
    phone: str = "",
    address: str = "",
    resident: Resident | None = None,
    by: User,
    at: datetime | None = None,
) -> Party:
    """A resident of the register whom `by` sees, or an outsider by name."""
    now = at or timezone.now()
    with transaction.atomic():
        dispute = _take(case, by, ended=False)
        if resident is not None:
            if not Resident.objects.visible_to(by).filter(pk=resident.pk).exists():
                raise CaseError("没有找到这位居民。", "scope")
            if dispute.parties.filter(resident=resident).exists():
                raise CaseError(f"{resident.name}已经是当事人。", "need")
            name, phone = resident.name, phone or resident.phone
            _check_kin(dispute, dispute.mediator, [resident])
        if not name.strip():
            raise CaseError("请写当事人姓名，或从名册里选。", "need")
        party = Party.objects.create(
            dispute=dispute, resident=resident, name=name.strip(), phone=phone.strip(), address=address.strip()
        )
        step_write(dispute.case, Step.NOTE, by=by, at=now, note=f"登记当事人：{party.name}")
    return party


def party_remove(*, party: Party, by: User, at: datetime | None = None) -> None:
    """Take back a party written down by mistake, before there is an agreement."""
    now = at or timezone.now()
    with transaction.atomic():
        dispute = _take(party.dispute.case, by, ended=False)
        if dispute.agreements.filter(round=dispute.case.round).exists():
            raise CaseError("已经有调解协议，不能去掉当事人。", "state")
        step_write(dispute.case, Step.NOTE, by=by, at=now, note=f"去掉当事人：{party.name}")
        party.delete()


def mediator_set(*, case: Case, post: Post, by: User, at: datetime | None = None) -> Dispute:
    """Name the mediator; a party, somebody of a party's household, or whoever must stand back is refused (回避)."""
    now = at or timezone.now()
    with transaction.atomic():
        dispute = _take(case, by, ended=False)
        if post not in mediators_for(dispute.case, today(now)):
            raise CaseError("请选事项所在地现任的调解员、院户长、组长或村干部。", "holder")
        _check_kin(dispute, post, [party.resident for party in dispute.parties.select_related("resident")])
        dispute.mediator = post
        dispute.save(update_fields=["mediator"])
        step_write(dispute.case, Step.NOTE, by=by, at=now, note=f"确定调解员：{post.holder_name}")
    return dispute


def recusal_add(*, case: Case, post: Post, reason: str, by: User, at: datetime | None = None) -> Recusal:
    """Write down that somebody must stand back, such as near kin in another household."""
    now = at or timezone.now()
    if not reason.strip():
        raise CaseError("请写明回避原因。", "need")
    with transaction.atomic():
        dispute = _take(case, by, ended=False)
        if dispute.mediator_id == post.pk:
            raise CaseError(f"{post.holder_name}是现在的调解员，请先换调解员。", "kin")
        recusal, _ = Recusal.objects.get_or_create(
            dispute=dispute, post=post, defaults={"reason": reason.strip(), "by": by, "at": now}
        )
        step_write(dispute.case, Step.NOTE, by=by, at=now, note=f"{post.holder_name}回避：{recusal.reason}")
    return recusal


def risk_set(*, case: Case, risk: str, leader: str, by: User, at: datetime | None = None) -> Dispute:
    """Risk and responsible leader; raised after the end, what a higher risk asks for is visited as well."""
    now = at or timezone.now()
    with transaction.atomic():
        dispute = _take(case, by, ended=True)
        dispute.risk, dispute.leader = Risk(risk), leader.strip()
        dispute.save(update_fields=["risk", "leader"])
        if dispute.case.state == State.VISITING:
            visits_plan(dispute.case, dispute.case.finished_at or now)
        step_write(dispute.case, Step.NOTE, by=by, at=now, note=f"风险等级：{dispute.get_risk_display()}")
    return dispute


def sitting_add(
    *,
    case: Case,
    held_at: datetime,
    place: str,
    present: str,
    content: str,
    outcome: str,
    by: User,
    at: datetime | None = None,
) -> Sitting:
    """One mediation sitting by the mediator named; 调解不成 is the dispute's outcome until an agreement is reached."""
    now = at or timezone.now()
    if not (place.strip() and present.strip() and content.strip()):
        raise CaseError("请写明调解地点、到场人员和调解情况。", "need")
    if held_at > now:
        raise CaseError("调解时间不能晚于现在。", "date")
    with transaction.atomic():
        dispute = _take(case, by, ended=False)
        if dispute.mediator is None:
            raise CaseError("请先确定调解员。", "need")
        done = dispute.sittings.filter(round=dispute.case.round).aggregate(last=Max("number"))["last"] or 0
        sitting = Sitting(
            dispute=dispute,
            round=dispute.case.round,
            number=done + 1,
            held_at=held_at,
            place=place.strip(),
            mediator=dispute.mediator,
            present=present.strip(),
            content=content.strip(),
            outcome=outcome,
            by=by,
        )
        sitting.full_clean()
        sitting.save()
        if outcome == Sitting.Outcome.FAILED:
            _set_outcome(dispute, Dispute.Outcome.FAILED)
        note = f"第{sitting.number}次调解：{sitting.get_outcome_display()}"
        step_write(dispute.case, Step.MEDIATE, by=by, at=now, note=note)
    return sitting


def agreement_make(
    *,
    case: Case,
    signed_on: date,
    facts: str,
    terms: str,
    form: str = Agreement.Form.WRITTEN,
    perform_by: date | None = None,
    how: str = "",
    by: User,
    at: datetime | None = None,
) -> Agreement:
    """The agreement of this round: after a sitting, between at least two parties."""
    now = at or timezone.now()
    if not (facts.strip() and terms.strip()):
        raise CaseError("请写明争议事项和协议内容。", "need")
    if signed_on > today(now):
        raise CaseError("签订日期不能晚于今天。", "date")
    if perform_by is not None and perform_by < signed_on:
        raise CaseError("履行期限不能早于签订日期。", "date")
    with transaction.atomic():
        dispute = _take(case, by, ended=False)
        if dispute.parties.count() < 2:
            raise CaseError("当事人不足两方，不能签协议。", "need")
        if not dispute.sittings.filter(round=dispute.case.round).exists():
            raise CaseError("还没有调解记录，请先登记调解。", "need")
        if dispute.agreements.filter(round=dispute.case.round).exists():
            raise CaseError("这次已经有调解协议。", "state")
        agreement = Agreement.objects.create(
            dispute=dispute,
            round=dispute.case.round,
            form=form,
            signed_on=signed_on,
            facts=facts.strip(),
            terms=terms.strip(),
            perform_by=perform_by,
            how=how.strip(),
            by=by,
        )
        _set_outcome(dispute, Dispute.Outcome.AGREED)
        step_write(dispute.case, Step.AGREE, by=by, at=now, note=f"{agreement.get_form_display()}，{signed_on} 生效")
    return agreement


def performance_set(
    *, case: Case, performance: str, on: date | None = None, note: str = "", by: User, at: datetime | None = None
) -> Agreement:
    """How far the agreement was performed; done in full it has a day, broken it has a reason."""
    now = at or timezone.now()
    if performance == Agreement.Performance.FULL and on is None:
        raise CaseError("请写履行日期。", "need")
    if on is not None and on > today(now):
        raise CaseError("履行日期不能晚于今天。", "date")
    if performance == Agreement.Performance.BROKEN and not note.strip():
        raise CaseError("没有履行的，请写明原因。", "need")
    with transaction.atomic():
        agreement = _agreement(_take(case, by, ended=True))
        agreement.performance = Agreement.Performance(performance)
        agreement.performed_on, agreement.performance_note = on, note.strip()
        agreement.save(update_fields=["performance", "performed_on", "performance_note"])
        said = f"{agreement.get_performance_display()} {agreement.performance_note}".strip()
        step_write(agreement.dispute.case, Step.PERFORM, by=by, at=now, note=said)
    return agreement


def confirmation_set(*, case: Case, confirmation: str, by: User, at: datetime | None = None) -> Agreement:
    """司法确认: parties may ask the court together within 30 days of the agreement's taking effect."""
    now = at or timezone.now()
    with transaction.atomic():
        agreement = _agreement(_take(case, by, ended=True))
        if confirmation == Agreement.Confirmation.ASKED and CONFIRM.is_past(agreement, now):
            raise CaseError(f"申请司法确认的期限已过（{confirm_until(agreement)}）。", "date")
        agreement.confirmation = Agreement.Confirmation(confirmation)
        agreement.save(update_fields=["confirmation"])
        said = f"司法确认：{agreement.get_confirmation_display()}"
        step_write(agreement.dispute.case, Step.NOTE, by=by, at=now, note=said)
    return agreement


def _take(case: Case, by: User, *, ended: bool) -> Dispute:
    """The dispute with its locked case, if `by` handles it; `ended` allows the time of the return visits too."""
    case = case_lock(case, by)
    if case.kind != Case.Kind.DISPUTE:
        raise CaseError("这件事项不是矛盾纠纷。", "state")
    if not roles_of(case, by) & {Who.HOLDER, Who.TAKER}:
        raise CaseError(f"{case.number}现由{case.holder_name}办理，您不能办理。", "holder")
    allowed = [*WORKING, State.VISITING] if ended else list(WORKING)
    if case.paused_at is not None or case.state not in allowed:
        raise CaseError(f"{case.number}现在{case.state_words}，不能办理。", "state")
    dispute = Dispute.objects.select_related("mediator__resident", "mediator__user").get(case=case)
    dispute.case = case
    return dispute


def _agreement(dispute: Dispute) -> Agreement:
    agreement = dispute.agreements.filter(round=dispute.case.round).first()
    if agreement is None:
        raise CaseError("这次没有调解协议。", "state")
    agreement.dispute = dispute
    return agreement


def _check_kin(dispute: Dispute, post: Post | None, residents: list[Resident | None]) -> None:
    """Raises CaseError that names why `post` must stand back."""
    if post is None:
        return
    for resident in residents:
        if resident is None or post.resident is None:
            continue
        if resident.pk == post.resident_id:
            raise CaseError(f"{post.holder_name}是当事人，不能做调解员。", "kin")
        if resident.household_id == post.resident.household_id:
            raise CaseError(f"{post.holder_name}与当事人{resident.name}同户，应当回避，不能做调解员。", "kin")
    recusal = dispute.recusals.filter(post=post).first()
    if recusal is not None:
        raise CaseError(f"{post.holder_name}应当回避（{recusal.reason}），不能做调解员。", "kin")


def _set_outcome(dispute: Dispute, outcome: Dispute.Outcome) -> None:
    dispute.outcome = outcome
    dispute.save(update_fields=["outcome"])


def visits_of(case: Case) -> list[ReturnVisit]:
    """Return visits of all rounds, in order of their days."""
    return list(case.return_visits.select_related("done_by").order_by("round", "due_on", "pk"))
