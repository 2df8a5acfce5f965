"""Invented households whose members stand in every ledger."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field

from tests.sheets.ugly.kit import VILLAGES, number_of

SURNAMES = "王李张刘陈杨赵黄周吴林金何邓梁罗孙胡朱高"
GIVEN = "国建华秀英明芳军丽强桂兰玉平志勇春梅文海云霞德贵富珍琼"
RARE = ("阿依古丽·买买提", "阿卜杜热西提·买买提", "吉克伍果", "扎西次仁", "欧阳志远", "尉迟敏", "单于文", "令狐秀英", "龚䶮", "李㛃")
FAMILY = (("配偶", None), ("子", "男"), ("女", "女"), ("父亲", "男"), ("母亲", "女"), ("孙子", "男"), ("孙女", "女"), ("儿媳", "女"))
TWINS_LIVE_IN = "511923102201"


@dataclass
class Human:
    """Somebody of a household."""

    name: str
    sex: str
    born: dt.date
    number: str
    phone: str
    relation: str


@dataclass
class Family:
    """A household; `group` and `yard` as the register writes them."""

    village: str
    number: str
    group: str
    yard: str
    address: str
    people: list[Human] = field(default_factory=list)

    @property
    def head(self) -> Human:
        return self.people[0]


def families(rng: random.Random, people: int, villages: list[str], first: int = 1) -> list[Family]:
    """Households of 1–6 with `people` members in all; heads of one village have different names, members of one household, too."""
    made: list[Family] = []
    heads: set[tuple[str, str]] = set()
    serial = first
    while sum(len(one.people) for one in made) < people:
        village = villages[len(made) * len(villages) // max(people // 3, 1) % len(villages)]
        group = f"{1 + len(made) % 7}组"
        family = Family(village, str(serial), group, f"{rng.choice('柏松桂杨')}树{rng.choice('院湾')}", f"{group}{serial}号")
        serial += 1
        names: set[str] = set()
        for index in range(rng.choice((1, 2, 3, 3, 4, 5, 6))):
            human = _human(rng, index, serial)
            while human.name in names or (not index and (village, human.name) in heads):
                human.name = _name(rng)
            names.add(human.name)
            family.people.append(human)
        heads.add((village, family.head.name))
        made.append(family)
    return made


def townsfolk(people: int) -> list[Family]:
    """The households that the register knows before a ledger of their doings comes in. The last four of 八一村 are two pairs of
    one head's name."""
    known = families(random.Random(2026), people, list(VILLAGES))
    for place, name in ((-1, "张国强"), (-2, "张国强"), (-3, "李桂兰"), (-4, "李桂兰")):
        [family for family in known if family.village == TWINS_LIVE_IN][place].head.name = name
    return known


def is_twin(family: Family) -> bool:
    """Whether another household of the village has a head of that name."""
    return family.village == TWINS_LIVE_IN and family.head.name in ("张国强", "李桂兰")


def _human(rng: random.Random, index: int, serial: int) -> Human:
    relation, sex = ("户主", None) if not index else FAMILY[(index - 1) % len(FAMILY)]
    sex = sex or rng.choice("男女")
    born = dt.date(1938, 1, 1) + dt.timedelta(days=rng.randrange(29_000))
    number = number_of(born, 1 + (serial * 8 + index) * 2 % 98 + (sex == "女"))
    return Human(_name(rng), sex, born, number, f"154{rng.randrange(10**8):08}", relation)


def _name(rng: random.Random) -> str:
    if rng.random() < 0.04:
        return rng.choice(RARE)
    return rng.choice(SURNAMES) + "".join(rng.choices(GIVEN, k=rng.choice((1, 2, 2))))


def named(rng: random.Random, count: int) -> list[str]:
    """So many different names."""
    names: list[str] = []
    while len(names) < count:
        names += [name] if (name := _name(rng)) not in names else []
    return names
