"""A statement's way: drafted, reported to the township, confirmed; put right by another version (plan §三.3; mission M07)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.errors import DomainError
from governance.frame.saving import save_by
from governance.periods import today
from villages.economy.heads import FIRST_YEAR, scheme_of
from villages.economy.models import EconomyAmount, EconomyStatement
from villages.models import Unit

State = EconomyStatement.State


class EconomyError(DomainError):
    """What is not done with a statement: `scope`, `state`, `amount`, `text`."""


def statement_write(*, village: Unit, year: int, amounts: Mapping[str, int], by: User, at: datetime | None = None) -> EconomyStatement:
    """Begin the year's statement, or change the draft that there is; all heads of the year are given, and no others."""
    _may(by, Action.ECONOMY_EDIT, village)
    amounts_check(year, amounts)
    with transaction.atomic():
        Unit.objects.select_for_update().get(pk=village.pk)
        statement = EconomyStatement.objects.filter(village=village, year=year).order_by("-version").first()
        if statement is None:
            statement = EconomyStatement(village=village, year=year)
        elif statement.state != State.DRAFT:
            raise EconomyError(f"{statement}是“{statement.get_state_display()}”，不能再改。", "state")
        statement.drafted_by, statement.drafted_at = by, at or timezone.now()
        save_by(statement, by, EconomyError)
        amounts_put(statement, amounts)
    return statement


def statement_report(*, statement: EconomyStatement, by: User) -> EconomyStatement:
    with transaction.atomic():
        statement = _locked(statement, by, Action.ECONOMY_EDIT, State.DRAFT)
        statement.state, statement.returned = State.REPORTED, ""
        save_by(statement, by, EconomyError)
    return statement


def statement_return(*, statement: EconomyStatement, reason: str, by: User) -> EconomyStatement:
    """The township gives it back; the village changes the draft."""
    if not reason.strip():
        raise EconomyError("请写退回的原因。", "text", "reason")
    with transaction.atomic():
        statement = _locked(statement, by, Action.ECONOMY_CHECK, State.REPORTED)
        statement.state, statement.returned = State.DRAFT, reason.strip()
        save_by(statement, by, EconomyError)
    return statement


def statement_confirm(*, statement: EconomyStatement, by: User, at: datetime | None = None) -> EconomyStatement:
    """It stands, and the version that stood until now is kept as put right. Nobody confirms what they drafted."""
    with transaction.atomic():
        statement = _locked(statement, by, Action.ECONOMY_CHECK, State.REPORTED)
        if statement.drafted_by_id == by.pk:
            raise EconomyError("填报人不能核定自己填的收支，请由另一人核定。", "scope")
        before = EconomyStatement.objects.standing().filter(village=statement.village, year=statement.year).first()
        if before is not None:
            before.state = State.REPLACED
            save_by(before, by, EconomyError)
        statement.state, statement.confirmed_by, statement.confirmed_at = State.CONFIRMED, by, at or timezone.now()
        save_by(statement, by, EconomyError)
    return statement


def statement_correct(*, statement: EconomyStatement, reason: str, by: User, at: datetime | None = None) -> EconomyStatement:
    """Another version as a draft, with the amounts that stand; the old one stands until this is confirmed."""
    if not reason.strip():
        raise EconomyError("请写为什么更正。", "text", "reason")
    with transaction.atomic():
        standing = _locked(statement, by, Action.ECONOMY_EDIT, State.CONFIRMED)
        if EconomyStatement.objects.open().filter(village=standing.village, year=standing.year).exists():
            raise EconomyError("这一年已经在更正。", "state")
        fresh = EconomyStatement(
            village=standing.village, year=standing.year, version=standing.version + 1, reason=reason.strip(), drafted_by=by,
            drafted_at=at or timezone.now(),
        )  # fmt: skip
        save_by(fresh, by, EconomyError)
        amounts_put(fresh, standing.fens)
    return fresh


def amounts_check(year: int, amounts: Mapping[str, int]) -> None:
    """The year's own heads, each with an amount that it may have."""
    if not FIRST_YEAR <= year <= today().year:
        raise EconomyError(f"年度应在 {FIRST_YEAR} 到 {today().year} 之间。", "amount")
    heads = scheme_of(year).heads
    wrong = amounts.keys() ^ {head.key for head in heads}
    if wrong:
        raise EconomyError(f"{year}年的科目不是这些。", "amount")
    for head in heads:
        if amounts[head.key] < 0 and not head.may_be_negative:
            raise EconomyError(f"{head.name}不能是负数。", "amount", head.key)


def amounts_put(statement: EconomyStatement, amounts: Mapping[str, int]) -> None:
    statement.amounts.all().delete()
    EconomyAmount.objects.bulk_create(amounts_rows(statement, amounts))


def amounts_rows(statement: EconomyStatement, amounts: Mapping[str, int]) -> Sequence[EconomyAmount]:
    """One row a head, in the order of the year's table."""
    return [EconomyAmount(statement=statement, head=head.key, fen=amounts[head.key]) for head in scheme_of(statement.year).heads]


def _may(by: User, action: Action, village: Unit) -> None:
    if not by.may(action, village.path):
        raise EconomyError("您不能办理这个村（社区）的集体经济收支。", "scope")


def _locked(statement: EconomyStatement, by: User, action: Action, state: EconomyStatement.State) -> EconomyStatement:
    found = EconomyStatement.objects.select_for_update(of=("self",)).select_related("village").get(pk=statement.pk)
    _may(by, action, found.village)
    if found.state != state:
        raise EconomyError(f"这份收支现在是“{found.get_state_display()}”，不能这样办理。", "state")
    return found
