"""Invented groups and settlements below the real villages; pure and seeded."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from governance.demo.sources import Division

FIRST_YARD = "柏树院"
# fmt: off
YARDS = (
    "老屋湾", "大院子", "瓦房沟", "石板坡", "黄桷湾", "青杠坪", "竹林湾", "堰塘边", "水井湾", "龙洞沟", "庙坝",
    "桥沟", "高石坎", "梨树坪", "桑树湾", "杨家院", "李家湾", "张家坝", "陈家沟", "何家坪", "王家院", "碾子坝",
    "油坊沟", "晒坝头", "河坝", "垭口上", "大田坝", "老院子", "核桃坪", "茶园坡", "花椒湾", "柏林湾", "月亮坪",
    "观音桥", "双河口", "马家嘴", "松林坡", "榨房", "学堂梁", "炮台湾", "朝阳院", "团结院", "滨河聚居点",
    "东山聚居点", "场口聚居点", "和谐聚居点",
)
# fmt: on
RESETTLED_YARD = "新农村聚居点"
NUMERALS = "一二三四五六"


@dataclass(frozen=True)
class Place:
    """A group or settlement."""

    code: str
    name: str
    key_area: str = ""


def places_below(rng: Random, village: Division) -> list[Place]:
    """3–6 groups with 1–3 settlements each; each village's first is 柏树院, its last a resettlement."""
    names = rng.sample(YARDS, k=18)
    settlements = [rng.randint(1, 3) for _ in range(rng.randint(3, 6))]
    found, left = [], sum(settlements)
    for index, count in enumerate(settlements, 1):
        group = f"{village.code}{index:03d}"
        kind = "居民" if village.is_community else "村民"
        found.append(Place(group, f"第{NUMERALS[index - 1]}{kind}小组"))
        for number in range(1, count + 1):
            left -= 1
            name, key_area = names.pop(), ""
            if index == number == 1:
                name = FIRST_YARD
            elif not left:
                name, key_area = RESETTLED_YARD, "resettled" if village.code.endswith("201") else ""
            found.append(Place(f"{group}{number:03d}", name, key_area))
    return found


def spread(rng: Random, total: int, buckets: int) -> list[int]:
    """`total` things over `buckets` unevenly, at least one each; raises ValueError if there are too few."""
    if total < buckets:
        raise ValueError("fewer things than buckets")
    weights = [rng.uniform(0.7, 1.4) for _ in range(buckets)]
    free = total - buckets
    shares = [int(free * weight / sum(weights)) for weight in weights]
    for index in range(free - sum(shares)):
        shares[index % buckets] += 1
    return [share + 1 for share in shares]
