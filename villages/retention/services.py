"""Who has moved or died long ago is forgotten: the register, its history and what other rooms copied of it lose name, numbers and
birthday. The ledger, its chain and case files stay as they are (docs/decisions/0033-personal-data.md)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from simple_history.utils import bulk_update_with_history

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.errors import DomainError
from governance.frame.saving import save_by
from governance.periods import today
from governance.rooms import named
from villages.models import Forgetting, Household, Post, Resident, Retention, Unit
from villages.retention.gone import Gone, gone_of
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


def list_mark(township: Unit, on: date) -> str:
    """How many are due, and a mark of who they are: what somebody has looked at before the button is pressed."""
    return _mark(_keys_due(township, on))


def residents_forget(*, township: Unit, by: User | None, on: date | None = None, looked_at: str | None = None) -> int:
    """Forget all who are due; `by` None is the night. `looked_at`: the mark of the list that was looked at, to be refused where it
    is another one now. Returns how many."""
    if by is not None:
        _check(township, by)
    day, total = on or today(), 0
    with transaction.atomic():
        Unit.objects.select_for_update().get(pk=township.pk)
        keys = _keys_due(township, day)
        if looked_at is not None and looked_at != _mark(keys):
            raise RetentionError(_changed(looked_at, len(keys)), "state")
        for start in range(0, len(keys), AT_ONCE):
            total += people_forget(keys[start : start + AT_ONCE], by, day)
        years = rule_of(township).years
        if total and years:
            Forgetting.objects.create(township=township, by=by, years=years, residents=total)
    return total


def residents_forget_all() -> int:
    """Of each township that has switched the night on."""
    rules = Retention.objects.filter(nightly=True).select_related("township").order_by("township__path")
    return sum(residents_forget(township=rule.township, by=None) for rule in rules)


def people_forget(keys: Sequence[int], by: User | None, day: date) -> int:
    """Take out what the house holds of these, if they are gone; in the caller's transaction."""
    people = list(Resident.objects.select_for_update(of=("self",)).filter(pk__in=keys, status__in=GONE, forgotten_on=None))
    gone = gone_of(people)
    for person in people:
        for name, value in EMPTY.items():
            setattr(person, name, value)
        person.forgotten_on = day
    bulk_update_with_history(people, Resident, [*EMPTY, "forgotten_on"], AT_ONCE, default_user=by, default_change_reason="到期注销资料")
    Resident.history.filter(id__in=gone.residents).update(**EMPTY)
    for forget in named("forget"):
        forget(gone)
    return len(people)


def heads_forget(gone: Gone) -> None:
    """No household bears the name of one who is forgotten, one of which nobody is known bears none; its number and points stay."""
    stored: tuple[Any, ...] = (Household.objects, Household.history)
    for rows in stored:
        rows.filter(id__in=gone.empty).update(**HEADLESS)
        for heads in gone.bearing("id", "head_name"):
            rows.filter(heads).update(**HEADLESS)


def _keys_due(township: Unit, on: date) -> list[int]:
    return list(residents_due(township, on).order_by("pk").values_list("pk", flat=True))


def _mark(keys: Sequence[int]) -> str:
    return f"{len(keys)}-{hashlib.sha256(repr(keys).encode()).hexdigest()[:32]}"


def _changed(looked_at: str, count: int) -> str:
    before = looked_at.partition("-")[0]
    was = f"您看到的名单有 {before} 人，" if before.isdecimal() and len(before) < 8 else ""
    return f"没有注销：到期的名单有变动，{was}现在是 {count} 人。请看过现在的名单再注销。"


def _check(township: Unit, by: User) -> None:
    if township.level != Unit.Level.TOWNSHIP or not by.may(Action.RESIDENT_FORGET, township.path):
        raise RetentionError("您不能办理这个乡镇的资料注销。", "scope")
