"""Accounts as the system administrator keeps them: made without rights, which come from posts alone (design §2)."""

from __future__ import annotations

import secrets
from datetime import datetime

from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from axes.utils import reset
from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone
from rest_framework.authtoken.models import Token

from governance.accounts.duties import Action, Guard
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog, GuardRequest, User
from governance.accounts.second.services import second_take_away, wrong_codes_forget
from governance.accounts.stale.services import stale_lift
from governance.errors import DomainError

SLIPS_AT_ONCE = 40
_LETTERS = "abcdefghjkmnpqrstuvwxyz"
_DIGITS = "23456789"


class AccountError(DomainError):
    """A change of accounts that is refused: `scope`, `self`, `guard`."""


def user_create(*, username: str, name: str, phone: str, guard: str = "", by: User) -> tuple[User, str]:
    """A new account and its first password, which is stored nowhere in clear. ValidationError on bad fields."""
    _manager(by)
    guard_vacant(guard)
    password = first_password()
    with transaction.atomic():
        user = User.objects.create_user(username, password, name=name, phone=phone, guard=guard)
        _record(f"建立账号 {username}" + (f"（{Guard(guard).label}）" if guard else ""), by)
    return user, password


def user_open(*, username: str, name: str, phone: str, guard: str = "", by: User) -> User:
    """An account to which nobody can log in until its first password is printed (`first_passwords`). ValidationError on bad fields."""
    _manager(by)
    guard_vacant(guard)
    with transaction.atomic():
        user = User.objects.create_user(username, None, name=name, phone=phone, guard=guard)
        _record(f"建立账号 {username}" + (f"（{Guard(guard).label}）" if guard else ""), by)
    return user


def new_accounts(*, printed: bool, by: User) -> QuerySet[User]:
    """Accounts that never logged in, with a first password or without; not one's own, and none of 三员 whose password two of them reset."""
    waiting = User.objects.filter(is_active=True, last_login=None, must_change_password=True).exclude(pk=by.pk).order_by("pk")
    without = Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    asked = GuardRequest.objects.filter(target=OuterRef("pk"))
    return waiting.exclude(without).filter(guard="") if printed else waiting.filter(without).exclude(Exists(asked))


def first_passwords(*, again: bool = False, by: User) -> list[tuple[User, str]]:
    """First passwords for accounts without one, at most SLIPS_AT_ONCE; `again` also for those that had one and never logged
    in, whose old one ends. They are stored nowhere in clear: print them now."""
    _manager(by)
    with transaction.atomic():
        found = [*new_accounts(printed=False, by=by)[:SLIPS_AT_ONCE]]
        if again:
            found += new_accounts(printed=True, by=by)[: SLIPS_AT_ONCE - len(found)]
        return [(user, user_reset_password(user=user, by=by)) for user in found]


def user_update(*, user: User, name: str, phone: str, by: User) -> User:
    _manager(by)
    _no_guard(user)
    user.name, user.phone = name, phone
    user.full_clean(exclude=["password"])
    with transaction.atomic():
        user.save(update_fields=["name", "phone"])
        _record(f"修改账号 {user.username} 的姓名或电话", by)
    return user


def user_reset_password(*, user: User, by: User) -> str:
    """A new first password; it ends the account's sessions, API tokens, second factor and lock."""
    _manager(by)
    _not_self(user, by, "自己的密码请在“修改密码”页面修改。")
    if user.last_login is not None or user.has_usable_password():
        _no_guard(user)
    password = first_password()
    user.set_password(password)
    user.must_change_password = True
    with transaction.atomic():
        user.save(update_fields=["password", "must_change_password"])
        Token.objects.filter(user=user).delete()
        second_take_away(user=user)
        account_unlock(user)
        _record(f"重置账号 {user.username} 的密码", by)
    return password


def user_change_password(*, user: User, password: str) -> User:
    """The account's own change; API tokens made under the old password end."""
    user.set_password(password)
    user.must_change_password = False
    with transaction.atomic():
        user.save(update_fields=["password", "must_change_password"])
        Token.objects.filter(user=user).delete()
        _record("本人修改密码", user)
    return user


def user_disable(*, user: User, by: User) -> User:
    """Its sessions and tokens end with the next request; nobody disables himself, so one system administrator stays."""
    _manager(by)
    _not_self(user, by, "不能停用自己的账号。")
    _no_guard(user)
    return _set_active(user, False, by)


def user_enable(*, user: User, by: User) -> User:
    _manager(by)
    _no_guard(user)
    return _set_active(user, True, by)


def user_unlock(*, user: User, by: User) -> None:
    """Forget the account's failed log-ins and wrong codes, and that nobody came for long."""
    _manager(by)
    with transaction.atomic():
        account_unlock(user)
        _record(f"解锁账号 {user.username}", by)


def account_unlock(user: User) -> None:
    """Whatever keeps its holder from logging in, but for the account's being switched off."""
    reset(username=user.username)
    wrong_codes_forget(user)
    stale_lift(user)


def locked_usernames(at: datetime | None = None) -> QuerySet[AccessAttempt]:
    """Login names that are locked for at least one address, as a subquery of one column."""
    since = (at or timezone.now()) - get_cool_off()
    locked: QuerySet[AccessAttempt] = (
        AccessAttempt.objects.filter(attempt_time__gte=since)
        .values("username", "ip_address")
        .annotate(failures=Sum("failures_since_start"))
        .filter(failures__gte=settings.AXES_FAILURE_LIMIT)
        .values("username")
        .order_by()
    )
    return locked


def first_password() -> str:
    """Fit to be read out and typed: groups of four, without characters that look alike."""
    groups = (_LETTERS, _DIGITS, _LETTERS)
    return "-".join("".join(secrets.choice(group) for _ in range(4)) for group in groups)


def _manager(by: User) -> None:
    if not by.may(Action.ACCOUNT_MANAGE):
        raise AccountError("只有系统管理员可以维护账号。", "scope")


def _no_guard(user: User) -> None:
    if User.objects.filter(pk=user.pk).exclude(guard="").exists():
        raise AccountError("三员账号的变更须由另一位三员同意，请到“三员账号变更”里申请。", "guard")


def guard_vacant(guard: str) -> None:
    """The first of each kind is made on the first days, when there is nobody who could agree."""
    if guard and User.objects.filter(guard=guard).exists():
        raise AccountError(f"已有{Guard(guard).label}，增设须由另一位三员同意，请到“三员账号变更”里申请。", "guard", "guard")


def _not_self(user: User, by: User, message: str) -> None:
    if user.pk == by.pk:
        raise AccountError(message, "self")


def _set_active(user: User, active: bool, by: User) -> User:
    user.is_active = active
    with transaction.atomic():
        user.save(update_fields=["is_active"])
        _record(f"{'启用' if active else '停用'}账号 {user.username}", by)
    return user


def _record(detail: str, by: User) -> None:
    access_log(AccessLog.Kind.GRANT, user=by, detail=detail)
