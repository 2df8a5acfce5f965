"""Who may take goods for a household: its people of age and its proxies."""

from __future__ import annotations

from collections.abc import Iterable

from moral_bank.models import Account, Proxy
from villages.models import Resident


def collectors_of(accounts: Iterable[Account]) -> dict[int, list[str]]:
    """Account id → who may collect for it: the household's present residents and current proxies; the head where nobody
    is registered. Two queries, whatever the number."""
    accounts = list(accounts)
    names: dict[int, list[str]] = {account.household_id: [] for account in accounts}
    residents = Resident.objects.present().filter(household__in=names).order_by("pk")
    for household, name in residents.values_list("household_id", "name"):
        names[household].append(name)
    found = {one.pk: names[one.household_id] or [one.household.head_name] for one in accounts}
    proxies = Proxy.objects.filter(account__in=found, ended_on=None).order_by("pk")
    for account, name in proxies.values_list("account_id", "name"):
        found[account] = [*found[account], name]
    return {account: list(dict.fromkeys(people)) for account, people in found.items()}


def collectors(account: Account) -> list[str]:
    return collectors_of([account])[account.pk]
