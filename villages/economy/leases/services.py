"""A contract's way: written down, put right while it runs, renewed by another or ended with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.saving import save_by
from governance.periods import today
from villages.economy.leases.models import Lease
from villages.economy.services import EconomyError
from villages.models import Unit


@dataclass(frozen=True)
class Terms:
    """What a contract says."""

    subject: str
    lessee: str
    amount: str
    begins_on: date
    runs_out_on: date
    yearly_fen: int


def lease_add(*, village: Unit, terms: Terms, by: User, renews: Lease | None = None) -> Lease:
    _may(by, village)
    lease = Lease(village=village, recorded_by=by, renews=renews)
    _write(lease, terms, by)
    return lease


def lease_change(*, lease: Lease, terms: Terms, by: User) -> Lease:
    with transaction.atomic():
        lease = _locked(lease, by)
        _write(lease, terms, by)
    return lease


def lease_renew(*, lease: Lease, terms: Terms, by: User) -> Lease:
    """Another contract after this one, which is over for that; returns the new one."""
    with transaction.atomic():
        lease = _locked(lease, by)
        if terms.begins_on < lease.runs_out_on:
            raise EconomyError(f"续签的合同从 {lease.runs_out_on} 或以后开始。", "date", "begins_on")
        lease.state = Lease.State.RENEWED
        save_by(lease, by, EconomyError)
        return lease_add(village=lease.village, terms=terms, by=by, renews=lease)


def lease_end(*, lease: Lease, on: date, reason: str, by: User) -> Lease:
    if not reason.strip():
        raise EconomyError("请写终止的原因。", "text", "reason")
    with transaction.atomic():
        lease = _locked(lease, by)
        if not lease.begins_on <= on <= today():
            raise EconomyError("终止日期应在起始日期到今天之间。", "date", "on")
        lease.state, lease.ended_on, lease.end_reason = Lease.State.ENDED, on, reason.strip()
        save_by(lease, by, EconomyError)
    return lease


def _write(lease: Lease, terms: Terms, by: User) -> None:
    lease.subject, lease.lessee, lease.amount = terms.subject.strip(), terms.lessee.strip(), terms.amount.strip()
    lease.begins_on, lease.runs_out_on, lease.yearly_fen = terms.begins_on, terms.runs_out_on, terms.yearly_fen
    if lease.yearly_fen < 0:
        raise EconomyError("每年金额不能是负数。", "amount", "yearly_fen")
    save_by(lease, by, EconomyError)


def _may(by: User, village: Unit) -> None:
    if not by.may(Action.ECONOMY_EDIT, village.path):
        raise EconomyError("您不能登记这个村（社区）的发包合同。", "scope")


def _locked(lease: Lease, by: User) -> Lease:
    found = Lease.objects.select_for_update(of=("self",)).select_related("village").get(pk=lease.pk)
    _may(by, found.village)
    if found.state != Lease.State.RUNNING:
        raise EconomyError(f"这份合同{found.get_state_display()}，不能再改。", "state")
    return found
