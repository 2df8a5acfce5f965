"""Who sees what of somebody in care, in one place (design §12; mission M28).

L1: name, category, tier, village and group, days of contacts, what is needed. L2: phone, address, helper. L3: guardian, illness or
disability, ID number. Whoever helps somebody has L2 of them. A child is open to nobody below L3 but for the helper.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Any

from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.http import HttpRequest

from governance.accounts.duties import Action
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog, User
from governance.frame.columns import Path, read
from governance.periods import today
from volunteers.care.errors import CareError
from volunteers.care.models import CareQuerySet, CareRecord

NO_HELPER = "没有帮扶人"


class Level(IntEnum):
    NONE = 0
    NAME = 1
    CONTACT = 2
    PRIVATE = 3


def level_of(user: User, record: CareRecord) -> Level:
    path, child = record.unit.path, record.is_child
    if may_see_children(user, path) if child else user.may(Action.CARE_L3, path):
        return Level.PRIVATE
    if helps(user, record) or (not child and user.may(Action.CARE_EDIT, path)):
        return Level.CONTACT
    return Level.NAME if not child and user.may(Action.CARE_VIEW, path) else Level.NONE


def with_levels(rows: CareQuerySet, user: User, most: Level = Level.PRIVATE) -> QuerySet[Any]:
    """`level_seen` of each row that `user` sees, by the same rule, worked out by the database; `most` of it is used. Besides, who
    helps."""
    child = Q(is_child=True)
    private = rows.place_of(user, Action.CARE_L3) | child & rows.place_of(user, Action.CARE_CHILD)
    contact = CareQuerySet.helped_by(user) | ~child & rows.place_of(user, Action.CARE_EDIT)
    found = Case(
        When(private, then=Value(most.value)),
        When(contact, then=Value(Level.CONTACT.value)),
        default=Value(Level.NAME.value),
        output_field=IntegerField(),
    )
    return rows.with_helpers(today()).annotate(level_seen=found)


def for_level(level: Level, value: Path) -> Callable[[Any], Any]:
    """What `value` says of a row of `with_levels`, for those who have `level` of it; else None."""
    return lambda row: read(row, value) if row.level_seen >= level else None


def may_see_children(user: User, path: str) -> bool:
    return user.may(Action.CARE_L3, path) or user.may(Action.CARE_CHILD, path)


def helps(user: User, record: CareRecord) -> bool:
    if record.left_on is not None or user.pk not in (record.helper_id, record.substitute_id):
        return False
    held, path = [grant.path for grant in user.grants if Action.SERVICE_RUN in grant.actions], record.village.path
    return any(path.startswith(one) or one.startswith(path) for one in held)


def helpers_of(record: Any) -> list[User]:
    """Of a row of `with_helpers`, the helper and the substitute who still hold their post."""
    named = ((record.helper, record.helper_stands), (record.substitute, record.substitute_stands))
    return [user for user, stands in named if user is not None and stands]


def helper_name(record: Any) -> str:
    found = helpers_of(record)
    return found[0].name if found else NO_HELPER


def care_reveal(*, record: CareRecord, by: User, request: HttpRequest | None = None) -> tuple[str, str, str]:
    """Guardian, illness or disability, ID number; who looked is logged and counted. Raises CareError."""
    if level_of(by, record) < Level.PRIVATE:
        raise CareError("您不能查看这个人的敏感项。", "scope")
    access_log(AccessLog.Kind.REVEAL, request=request, user=by, detail=f"特殊困难群体敏感项：{record.pk}")
    revealed(CareRecord.objects.filter(pk=record.pk))
    guardian, words = record.private_words
    return guardian, words, record.resident.id_number


def revealed(records: Any) -> None:
    """Count a look at the private words of `records`."""
    records.update(reveals=F("reveals") + 1)
