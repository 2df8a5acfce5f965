"""Closed lists of the care ledger: categories and tiers as villages write them. An unknown word is looked at, never guessed."""

from __future__ import annotations

import re

from governance.sheets.cells import CLEAN, EMPTY, LOOK, Cleaned, clean_choice, raw_text, tidy
from governance.sheets.reader import Cell
from governance.sheets.tables import Table
from governance.sheets.words import spellings

OTHER = "其他困难群众"
CHILDREN = ("留守儿童", "困境儿童")
CATEGORIES = spellings(
    {
        "孤寡老人": "孤寡 孤老 孤寡老年人",
        "独居老人": "独居 独居户 独居老年人 老人独居",
        "空巢老人": "空巢 空巢户 空巢老年人",
        "失能老人": "失能 失能人员 失能半失能 失能半失能老人 失能、半失能老人 失能（半失能） 失能（半失能）老人 失能（含半失能）老人 "
        "半失能 半失能老人",
        "残疾人": "残疾 残疾人员 残疾户 重度残疾 重度残疾人 重残",
        "留守儿童": "农村留守儿童 留守学生",
        "困境儿童": "事实无人抚养儿童 孤儿",
        "大病患者": "大病 重病 重病患者 大病人员 大病户 重大疾病 重大疾病患者",
        "低保": "低保户 低保对象 低保人员 农村低保 城市低保 城镇低保",
        "低保边缘": "低保边缘户 低保边缘家庭 低保边缘人员 低边 低边户",
        "特困人员": "特困 特困供养 特困供养人员 分散供养 五保 五保户 五保老人",
        "留守老人": "",
        "留守妇女": "",
        OTHER: "其他 其它 其他困难 困难群众 其他人员",
    }
)
TIERS = spellings(
    {
        "高": "高级 高等级 高风险 高关注",
        "重点": "重点关注 重点对象 重点人员",
        "一般": "一般关注 一般对象 一般人员 普通 普通关注",
    }
)
_BETWEEN = re.compile(r"[、，,；;/\n+＋]|以及|(?<=.{2})[和及与](?=.{2})")
_TIER_AT_END = re.compile(r"[（(](高|重点|一般)[）)]$")
_BY_LENGTH = sorted(CATEGORIES, key=len, reverse=True)


def clean_category(cell: Cell) -> Cleaned:
    """The word of the house; of two categories in one cell the first, for a second look, and `aside` the others as they
    are written. An unknown word stays as it is, for a second look."""
    raw = raw_text(cell)
    text = "".join(tidy(raw).split())
    if not text or text in CATEGORIES:
        return clean_choice(cell, CATEGORIES, "类别")
    parts = [part for part in _BETWEEN.split(text) if part]
    if len(parts) > 1 and parts[0] in CATEGORIES:
        first = CATEGORIES[parts[0]]
        return Cleaned(first, LOOK, f"一格里有几个类别，采用“{first}”，其余写进定级理由", "、".join(parts[1:]))
    return Cleaned(text, LOOK, f"不认识的类别“{text}”")


def clean_tier(cell: Cell) -> Cleaned:
    """高, 重点 or 一般; an unknown word is left out."""
    cleaned = clean_choice(cell, TIERS, "等级")
    return Cleaned(None, LOOK, f"{cleaned.reason}，按类别的等级") if cleaned.level == LOOK else cleaned


def clean_frequency(cell: Cell) -> Cleaned:
    """The tier that stands behind an interval of the house's own ledger (每 7 天（高）); the interval itself is the township's."""
    text = "".join(tidy(raw_text(cell)).split())
    if not text:
        return EMPTY
    if found := _TIER_AT_END.search(text):
        return Cleaned(found[1])
    return Cleaned(None, CLEAN, f"“{text}”未采用，探访频次按镇里规定的等级")


def category_of(table: Table) -> str | None:
    """The one category that the sheet's name says, else its titles (农村留守儿童登记表); None where they say none or several."""
    for text in (table.sheet, " ".join(table.titles)):
        rest, found = "".join(tidy(text).split()), set()
        for word in _BY_LENGTH:
            if len(word) > 2 and word in rest:
                found.add(CATEGORIES[word])
                rest = rest.replace(word, "|")
        if len(found) == 1:
            return found.pop()
    return None
