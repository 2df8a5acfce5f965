"""监盘人: who may witness a stock-take is an account of the village or the township, or a person of the village's roster."""

from __future__ import annotations

import re
from datetime import date

from django.db.models import Q, QuerySet

from governance.accounts.models import User
from moral_bank.market.services import MarketError
from villages.models import Post, Resident, Unit

_NAMED = re.compile(r"(?P<name>.+?)(?:[（(](?P<number>.+)[）)])?")
Witness = User | Resident


def witness_named(village: Unit, text: str, day: date) -> Witness:
    """The one person who is called so; of namesakes the one whose household's number follows in brackets."""
    found = _NAMED.fullmatch(text.strip())
    if found is None:
        raise MarketError("请填监盘人的姓名。", "another")
    name, number = found["name"].strip(), found["number"]
    residents = Resident.objects.present().filter(name=name, household__village=village).select_related("household")
    if number:
        people: list[Witness] = list(residents.filter(household__number=number.strip()))
    else:
        accounts = list(User.objects.filter(name=name, is_active=True, posts__in=_posts(village, day)).distinct())
        people = [*accounts, *residents.exclude(posts__user__in=accounts)]
    if not people:
        raise MarketError(f"本村名册和账号里没有“{text.strip()}”，请填全名。", "another")
    if len(people) > 1:
        raise MarketError(f"叫“{name}”的有 {len(people)} 人，请写明户号，如：{name}（12）。", "another")
    return people[0]


def witnesses_likely(village: Unit, by: User, day: date) -> list[str]:
    """Names of those in office in the village, to choose from while typing."""
    posts = _posts(village, day).filter(unit__path__startswith=village.path).exclude(user=by)
    people = [post.user or post.resident for post in posts.select_related("user", "resident")]
    return sorted({person.name for person in people if person is not None})


def is_same(witness: Witness, by: User) -> bool:
    """Whether the witness is the one who counts, as an account or as the person behind it."""
    if isinstance(witness, User):
        return witness == by
    return Post.objects.filter(user=by, resident=witness).exists()


def _posts(village: Unit, day: date) -> QuerySet[Post]:
    return Post.objects.current(day).filter(Q(unit__path__startswith=village.path) | Q(unit=village.parent_id))
