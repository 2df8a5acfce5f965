"""申诉 to the township, once: against a claim that was refused, or a loss or veto that was posted (mission M23).

Who answers must have had no hand in it: not the one who refused, struck or verified the claim, who wrote down the sitting that
judged it, who declared it, nor, of an entry without a claim, who posted it.
"""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.inbox import messages_send
from governance.accounts.models import User
from governance.errors import DomainError
from governance.frame.saving import save_by
from moral_bank.claims.services import claim_locked
from moral_bank.ledger.services import entry_reverse
from moral_bank.models import Appeal, Claim, Entry
from villages.models import Household

_OWN = "您经办过这件事（申报、核实、登记评议、撤销或入账），申诉须由别的工作人员答复。"


class AppealError(DomainError):
    """An appeal or answer that is refused: `scope`, `subject`, `words`, `once`, `state`, `own`, `reason`."""


def appeal_refusal(*, claim: Claim | None = None, entry: Entry | None = None, by: User) -> str:
    """Why `by` cannot file an appeal against this claim or entry, in Chinese; "" where nothing stands against it."""
    if (claim is None) == (entry is None):
        return "申诉须针对一条申报或一条记录。"
    household = _household(claim, entry)
    mine = claim is not None and claim.declared_by_id == by.pk
    if not mine and not by.may(Action.CLAIM_DECLARE, household.unit.path):
        return "这一户不在您可以代录的范围内。"
    if claim is not None and claim.state != Claim.State.REJECTED:
        return "只有退回的申报可以申诉。"
    if entry is not None and not is_appealable(entry):
        return "只有扣分或一票否决、且没有冲正的记录可以申诉。"
    return ""


def is_appealable(entry: Entry) -> bool:
    """A loss or a veto that stands; `entry` is read with `reversed_by`."""
    stands = entry.reverses_id is None and not hasattr(entry, "reversed_by")
    return stands and bool(entry.head) and (entry.score < 0 or entry.veto)


def appeal_file(
    *,
    claim: Claim | None = None,
    entry: Entry | None = None,
    name: str,
    text: str,
    by: User,
    at: datetime | None = None,
) -> Appeal:
    """Write down the household's appeal; `name` is who appeals. A second one against the same thing is refused."""
    with transaction.atomic():
        if claim is not None:
            claim = claim_locked(claim)
        if refusal := appeal_refusal(claim=claim, entry=entry, by=by):
            raise AppealError(refusal, "subject")
        if not name.strip() or not text.strip():
            raise AppealError("请写明谁申诉和理由。", "words")
        if Appeal.objects.filter(claim=claim, entry=entry).exists():
            raise AppealError("已经申诉过一次，不能再申诉。", "once")
        appeal = Appeal(
            account_id=claim.account_id if claim is not None else entry.account_id,  # type: ignore[union-attr]
            claim=claim,
            entry=entry,
            name=name.strip(),
            text=text.strip(),
            received_by=by,
            received_at=at or timezone.now(),
        )
        try:
            with transaction.atomic():
                save_by(appeal, by, AppealError)
        except IntegrityError as error:  # filed at the same moment
            raise AppealError("已经申诉过一次，不能再申诉。", "once") from error
    return appeal


def answer_refusal(appeal: Appeal, by: User) -> str:
    """Why `by` cannot answer, in Chinese; "" where they can."""
    if appeal.state != Appeal.State.OPEN:
        return f"这件申诉{appeal.get_state_display()}，不能再答复。"
    if not by.may(Action.APPEAL_ANSWER, _household(appeal.claim, appeal.entry).unit.path):
        return "申诉由镇工作人员答复。"
    return _OWN if by.pk in _hands(appeal) else ""


def appeals_waiting_for(user: User) -> QuerySet[Appeal]:
    """The open appeals that `user` may answer: `answer_refusal` in one statement."""
    refused = Claim.history.filter(id=OuterRef("pk"), state=Claim.State.REJECTED, history_user=user)
    hand = Q(declared_by=user) | Q(decided_by=user) | Q(judgements__sitting__recorded_by=user) | Exists(refused)
    own = Claim.objects.filter(Q(pk=OuterRef("claim")) | Q(entry=OuterRef("entry")), hand)
    rows = Appeal.objects.visible_to(user, Action.APPEAL_ANSWER).filter(state=Appeal.State.OPEN)
    return rows.exclude(Exists(own)).exclude(entry__claim=None, entry__posted_by=user)


def appeal_answer(
    *, appeal: Appeal, upheld: bool, answer: str, by: User, at: datetime | None = None
) -> Appeal:
    """申诉成立: the claim goes back to the panel for its second round, the entry is reversed into the open month.
    维持原决定 is final. Who declared and who wrote the appeal down are told."""
    now = at or timezone.now()
    if not answer.strip():
        raise AppealError("答复申诉须写明理由。", "reason")
    with transaction.atomic():
        appeal = _locked(appeal)
        if refusal := answer_refusal(appeal, by):
            raise AppealError(refusal, "state" if appeal.state != Appeal.State.OPEN else "own")
        appeal.state = Appeal.State.UPHELD if upheld else Appeal.State.DISMISSED
        appeal.answer, appeal.answered_by, appeal.answered_at = answer.strip(), by, now
        save_by(appeal, by, AppealError, ["state", "answer", "answered_by", "answered_at"])
        if upheld and appeal.claim is not None:
            _reopen(appeal.claim, by, now)
        elif upheld and appeal.entry is not None:
            entry_reverse(entry=appeal.entry, reason=f"申诉成立，{appeal.answer}", by=by, at=now)
        _tell(appeal, now)
    return appeal


def _reopen(claim: Claim, by: User, now: datetime) -> None:
    """Back to the panel with the figure that was declared: the township's answer stands for the 核实."""
    claim = claim_locked(claim)
    if claim.state != Claim.State.REJECTED:
        raise AppealError(f"这条申报{claim.get_state_display()}，不能再评议。", "state")
    claim.state, claim.reason = Claim.State.VERIFIED, ""
    if not claim.deed.is_judged:
        claim.score = claim.deed.score * claim.quantity
    claim.counts_on = claim.closing = None
    claim.decided_by, claim.decided_at = by, now
    save_by(claim, by, AppealError, ["state", "reason", "score", "counts_on", "closing", "decided_by", "decided_at"])


def _locked(appeal: Appeal) -> Appeal:
    """The appeal under its lock, with what it is about."""
    related = (
        "account__household__unit", "claim__account__household__unit", "claim__deed", "entry__account__household__unit",
        "entry__reversed_by", "entry__claim",
    )  # fmt: skip
    return Appeal.objects.select_for_update(of=("self",)).select_related(*related).get(pk=appeal.pk)


def _household(claim: Claim | None, entry: Entry | None) -> Household:
    subject = claim or entry
    assert subject is not None
    return subject.account.household


def _hands(appeal: Appeal) -> set[int]:
    """Users who had a hand in what is appealed against."""
    claim = appeal.claim or (getattr(appeal.entry, "claim", None) if appeal.entry else None)
    if claim is None:
        return {appeal.entry.posted_by_id} if appeal.entry else set()
    sat = claim.judgements.values_list("sitting__recorded_by", flat=True)
    refused = claim.history.filter(state=Claim.State.REJECTED).values_list("history_user", flat=True)
    return {pk for pk in (claim.declared_by_id, claim.decided_by_id, *sat, *refused) if pk is not None}


def _tell(appeal: Appeal, now: datetime) -> None:
    claim = appeal.claim or getattr(appeal.entry, "claim", None)
    people = [appeal.received_by, *([claim.declared_by] if claim else [])]
    what = claim.deed.name if claim else appeal.entry.memo if appeal.entry else ""
    text = f"{appeal.get_state_display()}：户号 {appeal.account.household.number}，{what[:40]}。{appeal.answer}"
    messages_send(
        users=people,
        text=text,
        link=f"/appeals/{appeal.pk}/",
        key=f"appeal:{appeal.pk}",
        at=now,
        text_out=f"乡治：您代录的申诉已答复（{appeal.get_state_display()}），请登录查看。",
    )
