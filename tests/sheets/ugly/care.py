"""Ledgers of people in need: categories as villages call them, guardians in a heading of two rows, namesakes."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.sheets.ugly.kit import (
    GOOD,
    LOOK,
    REFUSE,
    SPOKEN,
    Cell,
    Ledger,
    Page,
    Right,
    day_words,
    html,
    id_words,
    name_words,
    old_number,
    pick,
    spoilt,
    text,
    village_words,
    xls,
    xlsx,
)
from tests.sheets.ugly.people import Family, Human, townsfolk

Cells = dict[str, Cell]
HELPERS = {"511923102201": "罗帮扶", "511923102202": "梁助民", "511923102001": "何连心"}
HEADINGS = {
    "seq": "序号", "village": "所属村（社区）", "name": "对象姓名", "id": "身份证号码", "born": "出生年月", "category": "人员类别",
    "tier": "关注等级",
    "often": "探访频次", "guardian": "监护人", "kin": "与被监护人关系", "phone": "监护人联系电话", "helper": "结对帮扶人",
    "needs": "主要需求",
    "last": "最近探访时间", "found": "发现问题", "done": "处理结果", "health": "健康状况", "note": "备注", "state": "状态",
    "people": "家庭人口",
}  # fmt: skip
# the register's category → how it is written, and the tier that it has where none is written
GROWN: dict[str, tuple[tuple[str, ...], str]] = {
    "孤寡老人": (("孤寡老人", "孤寡", "孤老"), "high"), "独居老人": (("独居老人", "独居", "独居老年人", "独居 老人"), "key"),
    "空巢老人": (("空巢老人", "空巢"), "normal"), "失能老人": (("失能老人", "失能", "半失能", "失能半失能", "失能（半失能）老人"), "high"),
    "残疾人": (("残疾人", "残疾", "重度残疾", "重残"), "key"), "大病患者": (("大病患者", "大病", "重病患者", "重病"), "key"),
    "低保边缘": (("低保边缘", "低保边缘户", "低边"), "normal"),
}  # fmt: skip
YOUNG: dict[str, tuple[tuple[str, ...], str]] = {
    "留守儿童": (("留守儿童", "农村留守儿童"), "key"), "困境儿童": (("困境儿童", "孤儿", "事实无人抚养儿童"), "high"),
}  # fmt: skip
TIERS = {"high": ("高", "高风险", "高级"), "key": ("重点", "重点关注", "重点对象"), "normal": ("一般", "一般关注", "普通")}
ON = dt.date(2026, 4, 20)
Spoil = Callable[[random.Random, Cells, Human, dict[str, Any]], tuple[str, str]]
Known = tuple[Family, Human]


def known(count: int) -> list[Family]:
    return townsfolk(count)


def is_child(human: Human) -> bool:
    """Under 18 on the day of the import."""
    return human.born > ON.replace(year=ON.year - 18)


def make(rng: random.Random, count: int) -> list[Ledger]:
    people = [(family, human) for family in known(count) for human in family.people]
    namesakes = Counter((family.village, human.name) for family, human in people)
    rng.shuffle(people)
    children = [one for one in people if is_child(one[1])]
    grown = [one for one in people if not is_child(one[1])]
    titled, rest = children[::2], grown + children[1::2]
    rng.shuffle(rest)
    makers = (_plain_book, _two_levels, _text, _unicode_text, _web_table)
    share = -(-len(rest) // len(makers))
    maker = _Maker(rng, namesakes)
    files = [one(maker, rest[number * share : (number + 1) * share]) for number, one in enumerate(makers)]
    return [*files, _children(maker, titled)]


# --- one row --------------------------------------------------------------------------------------------------------------


class _Maker:
    def __init__(self, rng: random.Random, namesakes: Counter[tuple[str, str]]) -> None:
        self.rng, self.namesakes = rng, namesakes

    def row(self, one: Known, skip: tuple[str, ...] = ()) -> tuple[Cells, Right]:
        rng, (family, human) = self.rng, one
        words = YOUNG if is_child(human) else GROWN
        category = rng.choice(list(words))
        tier = rng.choice(list(TIERS))
        says_tier = rng.random() < 0.7
        last = ON - dt.timedelta(days=rng.randrange(1, 90)) if rng.random() < 0.7 else None
        helper = rng.choice([HELPERS[family.village], None, "查无此人"])
        guardian = rng.choice([None, ("王建", "父亲", "15400001234"), ("李秀", "女儿", None)])
        health, note = rng.choice([None, "高血压", "无"]), rng.choice([None, "听力不好", "无", "未退出"])
        needs = rng.choice([None, "修缮房屋", "陪医"])
        found, done = rng.choice([(None, None), ("屋顶漏雨", "已修"), ("正常", None), ("无", None), ("一切正常。", None)])
        cells: Cells = {
            "village": village_words(family.village, rng), "name": name_words(human.name, rng), "category": rng.choice(words[category][0]),
            "tier": rng.choice(TIERS[tier]) if says_tier else None, "often": rng.choice(["每周一次", "7天/次", None]), "helper": helper,
            "needs": needs, "last": day_words(last, rng, True) if last else None, "found": found, "done": done, "health": health,
            "note": note,
            "state": rng.choice(["在册", "正常", None]), "people": 3.0, "seq": float(rng.randrange(900)),
        }  # fmt: skip
        if guardian:
            cells |= dict(zip(("guardian", "kin", "phone"), guardian, strict=True))
        self._name_person(cells, family, human)
        contact = f"发现问题：{found}；处理结果：{done}" if found == "屋顶漏雨" and not last else ""
        remark = f"备注：{note}" if note and note != "无" else ""
        values: dict[str, Any] = {
            "category": category, "tier": tier if says_tier else words[category][1], "helper": helper if helper in HELPERS.values() else "",
            "last": last, "needs": needs or "", "guardian": "，".join(filter(None, guardian or ())),
            "words": "；".join(filter(None, ("" if health == "无" else health, remark, contact))),
            "found": found == "屋顶漏雨" and last is not None,
        }  # fmt: skip
        fate, how = GOOD, ""
        if rng.random() < 0.12:
            fate, how = rng.choice([spoil for spoil in SPOILS if spoil.__name__ not in skip])(rng, cells, human, values)
        return cells, Right(fate, (human.number,), values, how)

    def _name_person(self, cells: Cells, family: Family, human: Human) -> None:
        """By the number, the birth date or, where nobody else of the village bears it, by the name alone."""
        rng, alone = self.rng, self.namesakes[family.village, human.name] == 1
        way = rng.randrange(3 if alone else 2)
        if way != 1:
            cells["id"] = id_words(human.number, rng) if way == 0 else None
        if way == 1 or rng.random() < 0.3:
            born = human.born
            cells["born"] = pick(rng, born, born.isoformat(), f"{born.year}年{born.month}月{born.day}日",
                f"{born.year}.{born.month}.{born.day}")


# --- ways to spoil a row --------------------------------------------------------------------------------------------------


def _bad_id(rng: random.Random, cells: Cells, human: Human, values: dict[str, Any]) -> tuple[str, str]:
    cells["id"] = pick(rng, spoilt(human.number), human.number[:17], float(human.number[:15] + "000"))
    return REFUSE, "身份证号不对"


def _old_id(rng: random.Random, cells: Cells, human: Human, values: dict[str, Any]) -> tuple[str, str]:
    if human.born.year > 1999:
        return _bad_id(rng, cells, human, values)
    cells["id"] = old_number(human.number)
    return LOOK, "15位身份证号"


def _unknown(rng: random.Random, cells: Cells, human: Human, values: dict[str, Any]) -> tuple[str, str]:
    cells["name"], cells["id"], cells["born"] = rng.choice(["查无此人", "秦五/尤六", "王某某"]), None, None
    return LOOK, f"姓名“{cells['name']}”"


def _other_name(rng: random.Random, cells: Cells, human: Human, values: dict[str, Any]) -> tuple[str, str]:
    cells["name"], cells["id"] = "龚别名", human.number
    return LOOK, "身份证号是另一个姓名的"


def _nameless(rng: random.Random, cells: Cells, human: Human, values: dict[str, Any]) -> tuple[str, str]:
    cells["name"], cells["id"] = pick(rng, None, "#REF!", "/"), human.number
    return REFUSE, f"姓名“{cells['name']}”"


def _other_birth(rng: random.Random, cells: Cells, human: Human, values: dict[str, Any]) -> tuple[str, str]:
    cells["born"] = (human.born + dt.timedelta(days=500)).isoformat()
    return LOOK, "出生日期与名册不一致"


def _strange_category(rng: random.Random, cells: Cells, human: Human, values: dict[str, Any]) -> tuple[str, str]:
    cells["category"] = pick(rng, "困难", "独居、残疾", "低保", "五保户", "上访户", None, "#VALUE!", "空巢/残疾", "低保+残疾", "疑似残疾",
        "非独居")
    return LOOK, f"类别“{cells['category']}”"


def _grown_child(rng: random.Random, cells: Cells, human: Human, values: dict[str, Any]) -> tuple[str, str]:
    if is_child(human):
        return _strange_category(rng, cells, human, values)
    cells["category"] = "留守儿童"
    return LOOK, "大人写成留守儿童"


def _strange_tier(rng: random.Random, cells: Cells, human: Human, values: dict[str, Any]) -> tuple[str, str]:
    cells["tier"] = rng.choice(["中", "A类", "特别", "不重点", "红"])
    return LOOK, f"等级“{cells['tier']}”"


def _strange_day(rng: random.Random, cells: Cells, human: Human, values: dict[str, Any]) -> tuple[str, str]:
    cells["last"] = pick(rng, "2027-01-01", "农历三月初五", "2026年3月", "上周", "2026-02-30", "#N/A", "每月一次", "3月", "10.5-12")
    return LOOK, f"最近探访“{cells['last']}”"


def _gone(rng: random.Random, cells: Cells, human: Human, values: dict[str, Any]) -> tuple[str, str]:
    cells["note"] = rng.choice(["2025年12月死亡，未注销", "已迁出", "3月退出", "已停保", "已脱困", "病故", "随子女迁往成都", "不再享受"])
    return LOOK, f"备注“{cells['note']}”"


def _left(rng: random.Random, cells: Cells, human: Human, values: dict[str, Any]) -> tuple[str, str]:
    cells["state"] = rng.choice(["已退出", "注销", "死亡", "停发", "退出", "2026-01-05"])
    return LOOK, f"状态“{cells['state']}”"


def _elsewhere(rng: random.Random, cells: Cells, human: Human, values: dict[str, Any]) -> tuple[str, str]:
    cells["village"] = rng.choice(["得胜镇八一村", "皇家山村", "南江县西兴镇八一村"])
    return REFUSE, f"村“{cells['village']}”"


SPOILS: list[Spoil] = [
    _bad_id, _old_id, _unknown, _other_name, _nameless, _other_birth, _strange_category, _grown_child, _strange_tier, _strange_day, _gone,
    _left,
    _elsewhere,
]  # fmt: skip


# --- files ----------------------------------------------------------------------------------------------------------------


def _without(right: Right, keys: list[str]) -> Right:
    values = dict(right.values)
    if "guardian" not in keys:
        values["guardian"] = ""
    if "needs" not in keys:
        values["needs"] = ""
    return Right(right.fate, right.ident, values, right.how)


def _plain_book(maker: _Maker, people: list[Known]) -> Ledger:
    """Villages by ditto marks, subtotals, the heading again, somebody twice."""
    keys = [
        "seq", "village", "name", "id", "born", "category", "tier", "often", "helper", "needs", "last", "found", "done", "health",
        "guardian", "kin",
        "phone", "note",
    ]  # fmt: skip
    page = Page("台账")
    page.title("西兴镇特殊困难群体台账（2026年）", len(keys))
    page.put(["单位：西兴镇", *[None] * 6, "2026年4月"])
    page.put([HEADINGS[key] for key in keys])
    last = ""
    for place, one in enumerate(sorted(people, key=lambda one: one[0].village)):
        cells, right = maker.row(one, ("_left",))
        village = one[0].village if "村“" not in right.how else ""
        if village and village == last:
            cells["village"] = maker.rng.choice(["〃", "同上", None, "同前"])
        last = village
        page.put([cells.get(key) for key in keys], right)
        if place % 15 == 14:
            page.noise("小计", None, "15人")
            page.noise(*[HEADINGS[key] for key in keys], how="重复的表头")
            last = ""
    page.noise("合计", None, f"{len(people)}人")
    page.noise("说明：类别按民政口径填写")
    return Ledger("特殊困难群体台账.xlsx", xlsx([page]), [page])


def _two_levels(maker: _Maker, people: list[Known]) -> Ledger:
    upper = {"guardian": "监护人情况", "kin": "监护人情况", "phone": "监护人情况"}
    keys = ["seq", "name", "id", "born", "category", "tier", "guardian", "kin", "phone", "helper", "last", "found", "done", "health",
        "state", "note"]
    lower = {"guardian": "监护人姓名", "kin": "与被监护人关系", "phone": "监护人电话"}
    pages = []
    for code, name in SPOKEN.items():
        page = Page(name)
        page.put([f"{name}2026年特殊群体台账"])
        top = page.put([upper.get(key, HEADINGS[key]) for key in keys])
        page.put([lower.get(key) for key in keys])
        page.merged += [(top, column, top + 1, column) for column, key in enumerate(keys) if key not in upper]
        page.merged.append((top, keys.index("guardian"), top, keys.index("phone")))
        for one in people:
            if one[0].village == code:
                cells, right = maker.row(one, ("_elsewhere",))
                page.put([cells.get(key) for key in keys], _without(right, keys))
        pages.append(page)
    return Ledger("特殊群体台账.xls", xls(pages), pages)


def _text(maker: _Maker, people: list[Known]) -> Ledger:
    keys = ["village", "name", "id", "born", "category", "tier", "helper", "needs", "last", "found", "done", "health", "note"]
    page = Page("2026年特殊群体")
    page.put([HEADINGS[key] for key in keys])
    for one in people:
        cells, right = maker.row(one, ("_left",))
        page.put([cells.get(key) for key in keys], _without(right, keys))
    return Ledger("2026年特殊群体.csv", text(page, "gb18030", guarded=(2,)), [page])


def _unicode_text(maker: _Maker, people: list[Known]) -> Ledger:
    keys = ["seq", "category", "name", "born", "id", "village", "tier", "last", "found", "done", "health", "note", "state", "helper"]
    page = Page("关爱对象2026")
    page.put([HEADINGS[key] for key in keys])
    for one in people:
        cells, right = maker.row(one)
        page.put([cells.get(key) for key in keys], _without(right, keys))
    return Ledger("关爱对象2026.txt", text(page, "utf-16", "\t"), [page])


def _web_table(maker: _Maker, people: list[Known]) -> Ledger:
    keys = ["seq", "name", "village", "id", "born", "category", "tier", "guardian", "kin", "phone", "last", "found", "done", "health",
        "note", "helper", "needs"]
    page = Page("Sheet1")
    page.title("二〇二六年关爱对象", len(keys))
    page.put([HEADINGS[key] for key in keys])
    for one in people:
        cells, right = maker.row(one, ("_left",))
        page.put([cells.get(key) for key in keys], _without(right, keys))
    return Ledger("关爱对象.xls", html(page), [page])


def _children(maker: _Maker, people: list[Known]) -> Ledger:
    """The title alone says the category."""
    keys = ["seq", "village", "name", "id", "born", "guardian", "kin", "phone", "last", "found", "done", "health", "note", "helper",
        "needs"]
    page = Page("Sheet1")
    page.title("西兴镇农村留守儿童登记表（2026年）", len(keys))
    page.put([HEADINGS[key] for key in keys])
    for one in people:
        cells, right = maker.row(one, ("_strange_category", "_grown_child", "_strange_tier", "_left"))
        values = {**right.values, "category": "留守儿童", "tier": "key"}
        page.put([cells.get(key) for key in keys], Right(right.fate, right.ident, values, right.how))
    return Ledger("留守儿童登记表.xlsx", xlsx([page]), [page])
