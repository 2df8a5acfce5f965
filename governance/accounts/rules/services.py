"""The rules for accounts, kept by the security administrator."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from governance.accounts.duties import Action
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog, User
from governance.accounts.rules.models import AccountRules
from governance.errors import DomainError


class RulesError(DomainError):
    """Refused: `scope`."""


def rules_set(*, second_for: Sequence[str], password_days: int, stale_days: int, by: User) -> AccountRules:
    """In force from each one's next log-in on."""
    if not by.may(Action.ACCOUNT_RULES):
        raise RulesError("只有安全管理员可以定账号安全要求。", "scope")
    rules = AccountRules(second_for=list(second_for), password_days=password_days, stale_days=stale_days)
    with transaction.atomic():
        AccountRules.objects.update_or_create(
            pk=1, defaults={"second_for": rules.second_for, "password_days": password_days, "stale_days": stale_days}
        )
        access_log(AccessLog.Kind.GRANT, user=by, detail=f"定账号安全要求 {rules}")
    return rules
