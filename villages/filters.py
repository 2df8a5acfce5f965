"""What lists and forms ask about places: search text, village, settlement; choices hold only what the user may see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import django_filters
from django.db.models import Q, QuerySet

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.characters import Holds, Joined
from governance.frame.filters import PageFilter, WordsFilter
from governance.frame.pinyin import name_q
from governance.periods import today
from villages.models import Unit

PLACE_LEVELS = (Unit.Level.SETTLEMENT, Unit.Level.GROUP, Unit.Level.VILLAGE)


def of_household(home: str) -> tuple[Callable[[str], Q], str]:
    """Look-ups for words: the head's name, in characters or pinyin, and the number of the household that `home` leads to."""
    return (lambda words: name_q(words, name=f"{home}head_name", key=f"{home}head_pinyin")), f"{home}number__contains"


def with_characters(words: str) -> Holds:
    """Households that have the words in name, pinyin or number, or from one to the next: those to look at more closely. By an index."""
    return Holds(Joined("head_name", "head_pinyin", "number"), words)


def villages_seen(user: User) -> QuerySet[Unit]:
    """The villages standing today that `user` sees; none for duties below village level."""
    return Unit.objects.visible_to(user).villages().on(today())


class InVillages(PageFilter):
    """A filter by village, asked only of those who see several; `place` is the look-up of a row's village."""

    place = "village"
    village = django_filters.ChoiceFilter(label="村（社区）", empty_label="全部村（社区）")

    def __init__(self, data: Any, rows: QuerySet[Any], *, request: UserRequest) -> None:
        super().__init__(data, rows, request=request)
        villages = list(villages_seen(request.user))
        if len(villages) > 1:
            self.filters["village"].field_name = self.place
            self.filters["village"].extra["choices"] = [(str(village.pk), str(village)) for village in villages]
        else:
            del self.filters["village"]


class HouseholdFilter(PageFilter):
    """A household of the roster, looked up."""

    q = WordsFilter("户主姓名、拼音或户号", *of_household(""))


def places_of(user: User, action: Action) -> QuerySet[Unit]:
    """Where `user` may log: settlements, groups and villages standing today."""
    return Unit.objects.visible_to(user, action).on(today()).filter(level__in=PLACE_LEVELS)


def place_groups(units: QuerySet[Unit]) -> list[tuple[str, list[Unit]]]:
    """Places under their village, its settlements first, then its groups, then the village as a whole."""
    villages: dict[str, tuple[str, list[Unit]]] = {}
    for unit in units.order_by("path"):
        code = unit.code[:12]
        name = str(unit) if unit.level == Unit.Level.VILLAGE else villages.get(code, ("", []))[0]
        villages.setdefault(code, (name, []))[1].append(unit)
    order = {level: place for place, level in enumerate(PLACE_LEVELS)}
    return [(name, sorted(found, key=lambda unit: order[Unit.Level(unit.level)])) for name, found in villages.values()]


def place_choices(units: QuerySet[Unit]) -> list[tuple[Any, Any]]:
    """Places to choose from, each under its village."""
    groups = place_groups(units)
    return [("", "请选择"), *((name, [(unit.pk, _choice_name(unit)) for unit in found]) for name, found in groups)]


def _choice_name(unit: Unit) -> str:
    whole = "全社区" if unit.is_community else "全村"
    return f"{unit}（{whole}）" if unit.level == Unit.Level.VILLAGE else str(unit)


BUTTONS_UP_TO = 24
