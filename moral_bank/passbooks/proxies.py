"""代领人: who may redeem and collect for a household besides its own people, and how the household agreed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.saving import save_by
from governance.periods import today
from moral_bank.claims.services import account_of
from moral_bank.models import Account, Proxy
from moral_bank.passbooks.services import PassbookError
from villages.models import Household


def proxy_add(
    *, household: Household, name: str, relation: str, consent: str, by: User, at: datetime | None = None
) -> Proxy:
    """Write a proxy down; the same name once while it stands."""
    if not by.may(Action.PASSBOOK_ISSUE, household.unit.path):
        raise PassbookError("这一户不在您可以登记代领人的范围内。", "scope")
    if household.ended_on is not None:
        raise PassbookError("这一户已销户，不能登记代领人。", "ended")
    with transaction.atomic():
        account = Account.objects.select_for_update().get(pk=account_of(household).pk)
        proxy = Proxy(account=account, name=name.strip(), relation=relation.strip(), consent=consent.strip())
        if account.proxies.filter(name=proxy.name, ended_on=None).exists():
            raise PassbookError("这位代领人已登记。", "exists")
        proxy.added_by, proxy.added_on = by, today(at)
        save_by(proxy, by, PassbookError)
    return proxy


def proxy_end(*, proxy: Proxy, by: User, at: datetime | None = None) -> Proxy:
    """From today on the proxy collects nothing more; the row stays for what was collected."""
    with transaction.atomic():
        rows = Proxy.objects.select_for_update(of=("self",)).select_related("account__household__unit")
        proxy = rows.get(pk=proxy.pk)
        if not by.may(Action.PASSBOOK_ISSUE, proxy.account.household.unit.path):
            raise PassbookError("这一户不在您可以取消代领人的范围内。", "scope")
        if proxy.ended_on is not None:
            raise PassbookError("这位代领人已经取消。", "state")
        proxy.ended_on = today(at)
        proxy.save(update_fields=["ended_on"])
    return proxy
