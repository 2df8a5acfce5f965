"""The first day: an empty portal becomes a township with its three 三员, once (docs/decisions/0022-first-day.md)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from governance.accounts.duties import Guard
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog, User
from governance.accounts.users import first_password, user_create
from governance.crypto import keyed_hash
from governance.errors import DomainError
from villages.first_day.guards import MESSAGE
from villages.models import FirstCode, Unit
from villages.units.loading import units_plan, units_write
from villages.units.planning import REFUSED, SINCE, UnitRow

CODE_GROUPS, CODE_LENGTH = 4, 4
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


class FirstDayError(DomainError):
    """The portal is not begun: `begun`, `code`, `units`."""


@dataclass(frozen=True)
class GuardAccount:
    """One of 三员 as the form names them."""

    guard: str
    name: str
    username: str
    phone: str


@dataclass(frozen=True)
class Slip:
    """What one of 三员 is handed on paper."""

    guard: str
    label: str
    name: str
    username: str
    password: str


def is_begun() -> bool:
    """Whether there is anything in this portal: units, accounts, a used code."""
    return User.objects.exists() or Unit.objects.exists() or FirstCode.objects.exclude(used_at=None).exists()


def first_code_make(*, at: datetime | None = None) -> str:
    """A new code of 79 bits, fit to be read out; the one before it is no longer taken. Raises FirstDayError."""
    code = "-".join("".join(secrets.choice(_LETTERS) for _ in range(CODE_LENGTH)) for _ in range(CODE_GROUPS))
    with transaction.atomic():
        list(FirstCode.objects.select_for_update())
        if is_begun():
            raise FirstDayError(f"{MESSAGE}。", "begun")
        FirstCode.objects.update_or_create(pk=1, defaults={"hash": _hash(code), "made_at": at or timezone.now()})
    return code


def code_fits(code: str) -> bool:
    """Whether this is the code that was made last and is not used."""
    row = FirstCode.objects.filter(used_at=None).first()
    return row is not None and constant_time_compare(row.hash, _hash(code))


def township_begin(
    *, code: str, county: str, name: str, township_code: str, guards: Sequence[GuardAccount], at: datetime | None = None
) -> list[Slip]:
    """County, township and 三员 with their first passwords, which are kept nowhere in clear. Raises FirstDayError."""
    with transaction.atomic():
        row = FirstCode.objects.select_for_update().filter(used_at=None).first()
        if row is None or is_begun():
            raise FirstDayError(f"{MESSAGE}。", "begun")
        if not constant_time_compare(row.hash, _hash(code)):
            raise FirstDayError("开通码不对，请核对。", "code")
        _make_units(county, name, township_code)
        slips = _make_guards(guards)
        row.used_at = at or timezone.now()
        row.save(update_fields=["used_at"])
    return slips


def _hash(code: str) -> str:
    return keyed_hash("".join(char for char in code.lower() if char.isalnum()))


def _make_units(county: str, name: str, code: str) -> None:
    plan = units_plan([UnitRow(f"{code[:6]}000000", county), UnitRow(code, name)])
    if refused := plan.of(REFUSED):
        raise FirstDayError(f"{refused[0].reason}。", "units", "township_code")
    units_write(plan, SINCE, None)


def _make_guards(guards: Sequence[GuardAccount]) -> list[Slip]:
    """The system administrator makes the other two, as afterwards all other accounts."""
    system = next(account for account in guards if account.guard == Guard.SYSTEM)
    password = first_password()
    first = User.objects.create_user(system.username, password, name=system.name, phone=system.phone, guard=Guard.SYSTEM)
    access_log(AccessLog.Kind.GRANT, user=first, detail=f"开通门户，建立账号 {first.username}（{Guard.SYSTEM.label}）")
    passwords = {Guard.SYSTEM.value: password}
    for account in guards:
        if account is not system:
            _, passwords[account.guard] = user_create(
                username=account.username, name=account.name, phone=account.phone, guard=account.guard, by=first
            )
    return [
        Slip(account.guard, str(Guard(account.guard).label), account.name, account.username, passwords[account.guard])
        for account in guards
    ]
