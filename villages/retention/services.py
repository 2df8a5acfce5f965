"""Who has moved or died long ago is forgotten: the register, its history and what other rooms copied of it lose name, numbers and
birthday. The ledger, its chain and case files stay as they are (docs/decisions/0033-personal-data.md)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from simple_history.utils import bulk_update_with_history

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.errors import DomainError
from governance.frame.saving import save_by
from governance.periods import today
from governance.rooms import named
from villages.models import Forgetting, Household, Post, Resident, Retention, Unit
from villages.retention.models import NAMELESS

GONE = (Resident.Status.MOVED, Resident.Status.DIED)
AT_ONCE = 500
# What a person's row and its history become.
EMPTY: dict[str, Any] = {
    "name": NAMELESS, "name_pinyin": "", "id_cipher": b"", "id_hash": "", "id_tail_hash": "", "phone": "", "birth_date": None, "note": "",
}  # fmt: skip
HEADLESS = {"head_name": NAMELESS, "head_pinyin": ""}


class RetentionError(DomainError):
    """A rule or a forgetting that is refused: `scope`, `need`, `state`."""


def towns_forgetting(user: User) -> QuerySet[Unit]:
    """The townships whose rule `user` sets."""
    units = Unit.objects.visible_to(user, Action.RESIDENT_FORGET)
    return units.on(today()).filter(level=Unit.Level.TOWNSHIP).order_by("path")


def rule_of(township: Unit) -> Retention:
    """The township's rule, or the one that counts until it sets its own."""
    return Retention.objects.filter(township=township).first() or Retention(township=township)


def residents_due(township: Unit, on: date) -> QuerySet[Resident]:
    """Who is forgotten next: gone for as long as the rule says, and nothing of theirs is open anywhere."""
    limit = rule_of(township).limit(on)
    rows = Resident.objects.filter(household__village__parent=township, status__in=GONE, forgotten_on=None)
    if limit is None:
        return rows.none()
    for held in named("holds"):
        rows = rows.exclude(pk__in=held(on))
    return rows.filter(status_on__lte=limit)


def posts_hold(on: date) -> QuerySet[Any]:
    """Residents who hold a post."""
    return Post.objects.current(on).filter(resident__isnull=False).order_by().values("resident")


def retention_set(*, township: Unit, years: int | None, nightly: bool, by: User) -> Retention:
    """The township's own rule; None keeps everybody for ever."""
    _check(township, by)
    if nightly and years is None:
        raise RetentionError("要自动注销，请先写保留年数。", "need", field="years")
    with transaction.atomic():
        Unit.objects.select_for_update().get(pk=township.pk)
        rule = rule_of(township)
        rule.years, rule.nightly = years, nightly
        save_by(rule, by, RetentionError)
    return rule


def residents_forget(*, township: Unit, by: User | None, on: date | None = None) -> int:
    """Forget all who are due; `by` None is the night. Returns how many."""
    if by is not None:
        _check(township, by)
    day, total = on or today(), 0
    with transaction.atomic():
        Unit.objects.select_for_update().get(pk=township.pk)
        keys = list(residents_due(township, day).order_by("pk").values_list("pk", flat=True))
        for start in range(0, len(keys), AT_ONCE):
            total += _forget(keys[start : start + AT_ONCE], by, day)
        years = rule_of(township).years
        if total and years:
            Forgetting.objects.create(township=township, by=by, years=years, residents=total)
    return total


def residents_forget_all() -> int:
    """Of each township that has switched the night on."""
    rules = Retention.objects.filter(nightly=True).select_related("township").order_by("township__path")
    return sum(residents_forget(township=rule.township, by=None) for rule in rules)


def _forget(keys: Sequence[int], by: User | None, day: date) -> int:
    people = list(Resident.objects.select_for_update(of=("self",)).filter(pk__in=keys, status__in=GONE, forgotten_on=None))
    for person in people:
        for name, value in EMPTY.items():
            setattr(person, name, value)
        person.forgotten_on = day
    bulk_update_with_history(people, Resident, [*EMPTY, "forgotten_on"], AT_ONCE, default_user=by, default_change_reason="到期注销资料")
    forgotten = [person.pk for person in people]
    Resident.history.filter(id__in=forgotten).update(**EMPTY)
    homes = [person.household_id for person in people]
    _forget_heads(homes)
    for forget in named("forget"):
        forget(forgotten)
    return len(people)


def _forget_heads(homes: Sequence[int]) -> None:
    """A household of which nobody is known any more bears no name either; its number and its points stay."""
    known = Resident.objects.filter(household=OuterRef("pk"), forgotten_on=None)
    nameless = list(Household.objects.filter(~Exists(known), pk__in=homes).values_list("pk", flat=True))
    Household.objects.filter(pk__in=nameless).update(**HEADLESS)
    Household.history.filter(id__in=nameless).update(**HEADLESS)


def _check(township: Unit, by: User) -> None:
    if township.level != Unit.Level.TOWNSHIP or not by.may(Action.RESIDENT_FORGET, township.path):
        raise RetentionError("您不能办理这个乡镇的资料注销。", "scope")
