"""What a plate posts into the ledger under 环境卫生评比, and how a correction takes it back (mission M27 feeds M23)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from governance.accounts.models import User
from governance.periods import Kind, Period
from inspections.errors import InspectionError
from inspections.models import Checklist, HouseholdCheck
from moral_bank.claims.services import account_of
from moral_bank.ledger.services import entry_post, entry_reverse
from moral_bank.models import Entry
from moral_bank.rules.models import Deed, Head, RuleSet

CORRECTED = "更正户月评"


def plate_deeds(checklist: Checklist, on: date) -> dict[str, Deed]:
    """Plate → the deed that it posts by the rules of a day; a plate without a row posts none.

    Raises InspectionError (`card`) where the rules have no such deed, or one that is no fixed line of 环境卫生评比.
    """
    codes = dict(checklist.plate_deeds.values_list("plate", "deed_code"))
    if not codes:
        return {}
    rules = RuleSet.objects.in_force(checklist.township_id, on)
    if rules is None:
        raise InspectionError(f"镇里还没有 {on} 施行的积分细则，户月评不能入账。", "card")
    found = {deed.code: deed for deed in rules.deeds.filter(code__in=codes.values()).select_related("rule_set")}
    for code in codes.values():
        _check_deed(found.get(code), code)
    return {plate: found[code] for plate, code in codes.items()}


def _check_deed(deed: Deed | None, code: str) -> None:
    if deed is None:
        raise InspectionError(f"施行的积分细则里没有编号 {code} 的事项，请镇工作人员改正户月评检查表或细则。", "card")
    if deed.head != Head.SANITATION or deed.is_judged or deed.is_veto:
        raise InspectionError(f"积分事项 {code}“{deed}”不是“环境卫生评比”的固定分值事项，不能用于户月评。", "card")


def plate_post(*, check: HouseholdCheck, deeds: Mapping[str, Deed], on: date, by: User, now: datetime) -> Entry | None:
    """The entry behind a check after it was judged or corrected: the one that stands where its deed stays the same, else a
    new one, and the old one reversed within the same month. The new one goes first, so that spent points are asked of
    the difference only."""
    deed, old = deeds.get(check.plate), standing(check.entry)
    if old is not None and deed is not None and old.deed_id == deed.pk:
        return old
    new = _post(check, deed, on, by, now) if deed is not None else None
    if old is not None:
        entry_reverse(entry=old, reason=CORRECTED, by=by, occurred_on=on, at=now)
    return new


def standing(entry: Entry | None) -> Entry | None:
    """The entry unless it was reversed."""
    if entry is None or Entry.objects.filter(reverses=entry).exists():
        return None
    return entry


def _post(check: HouseholdCheck, deed: Deed, on: date, by: User, now: datetime) -> Entry:
    month = Period(Kind.MONTH, check.month)
    return entry_post(
        account=account_of(check.household),
        deed=deed,
        occurred_on=on,
        by=by,
        source_key=f"check:{check.household_id}:{month}:{check.revision}",
        memo=f"{month.label}户月评：{check.get_plate_display()}",
        at=now,
    )
