"""Lists of 一长四员: a line for each settlement with five names, or a line for each person; settlements of one name in two groups."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.sheets.ugly.kit import (
    GOOD,
    LOOK,
    REFUSE,
    SPOKEN,
    VILLAGES,
    Cell,
    Ledger,
    Page,
    Right,
    chinese,
    html,
    name_words,
    pick,
    text,
    village_words,
    xls,
    xlsx,
)
from tests.sheets.ugly.people import named

DUTIES = {
    "yard_head": ("院户长",), "publicist": ("政策宣传员", "宣传员"), "mediator": ("矛盾纠纷调解员", "调解员", "纠纷调解员"),
    "sanitation": ("环境卫生监督员", "卫生监督员"), "informant": ("社情民意信息员", "信息员"),
}  # fmt: skip
GROUPS = 7
NOBODY = (None, "空缺", "无", "/", "—", "暂缺", "待定")


@dataclass
class Yard:
    """A settlement; `people` by duty: name and the number of the household."""

    village: str
    group: int
    name: str
    code: str
    people: dict[str, tuple[str, str]] = field(default_factory=dict)


def known(count: int) -> list[Yard]:
    """Settlements with five people each; every ninth bears the name of one in another group of its village."""
    rng = random.Random(99)
    size = -(-count // (5 * len(VILLAGES)))
    yards = []
    for village in VILLAGES:
        names = named(rng, 5 * size)
        for place in range(size):
            group = 1 + place % GROUPS
            word = place - 1 if place % 9 == 8 else place
            name = f"{'大小上下前后高'[word % 7]}{'湾坪梁沟坝'[word // 7 % 5]}{'' if word < 35 else chinese(word // 35)}院"
            yard = Yard(village, group, name, f"{village}{group:03}{place + 1:03}")
            for index, duty in enumerate(DUTIES):
                yard.people[duty] = names[5 * place + index], f"{place * 5 + index + 1}"
            yards.append(yard)
    return yards


def make(rng: random.Random, count: int) -> list[Ledger]:
    yards = known(count)
    makers = (_wide_book, _two_levels, _persons, _wide_text, _persons_web)
    files = [sorted(yards[number :: len(makers)], key=lambda one: one.village) for number in range(len(makers))]
    twins = {(one.village, one.name) for one in yards if sum(one.name == other.name for other in yards if other.village == one.village) > 1}
    return [maker(rng, part, twins) for maker, part in zip(makers, files, strict=True)]


Twins = set[tuple[str, str]]


def _group_words(rng: random.Random, yard: Yard) -> Cell:
    said = chinese(yard.group)
    return pick(rng, f"{yard.group}组", f"第{said}村民小组", f"{said}组", f"{yard.group}社", f"第{yard.group}小组")


def _yard_words(rng: random.Random, yard: Yard, with_group: bool) -> str:
    """With its group where no column says it and another settlement bears the name."""
    said = chinese(yard.group)
    if with_group:
        return rng.choice([f"第{said}村民小组/{yard.name}", f"{said}组 {yard.name}", f"{yard.group}组{yard.name}"])
    return rng.choice([yard.name, yard.name.removesuffix("院"), f" {yard.name}", f"{yard.name[0]} {yard.name[1:]}"])


def _right(yard: Yard, duty: str, **values: Any) -> Right:
    name, number = yard.people[duty]
    return Right(GOOD, (yard.code, duty), {"name": name, "number": number, **values})


def _person(rng: random.Random, yard: Yard, duty: str) -> tuple[Cell, Right | None]:
    """The cell of a duty; no record where nobody holds it."""
    if rng.random() < 0.06:
        return rng.choice(NOBODY), None
    name = yard.people[duty][0]
    if rng.random() < 0.08:
        word = pick(rng, "查无此人", f"{name}、{name}甲", f"{name}/罗二", f"{name}15400000001", "#REF!", "王某某", f"{name} {name}乙")
        return word, Right(REFUSE, how=f"姓名“{word}”")
    return rng.choice([name_words(name, rng), f"{name}（兼）", f"{name}(党员)"]), _right(yard, duty)


def _line(rng: random.Random, page: Page, yard: Yard, before: list[Cell], spoilt: str = "") -> None:
    """The five names of a settlement, all refused where its place is not known."""
    said = [_person(rng, yard, duty) for duty in DUTIES]
    rights = [right for _, right in said if right]
    if spoilt:
        rights = [Right(REFUSE, how=spoilt) for _ in rights]
    page.put([*before, *[cell for cell, _ in said]], *(rights or [Right("skipped", how="没有写任何人")]))


# --- files ----------------------------------------------------------------------------------------------------------------


def _wide_book(rng: random.Random, yards: list[Yard], twins: Twins) -> Ledger:
    """Villages merged over their lines, groups beside."""
    page = Page("Sheet1")
    page.title("西兴镇一长四员名单（2026年）", 9)
    page.put(["序号", "村（社区）", "村民小组", "聚居点（院落）", *[words[0] for words in DUTIES.values()]])
    first = len(page.lines)
    for place, yard in enumerate(yards):
        new = not place or yards[place - 1].village != yard.village
        if new and place:
            page.join(first, 1)
            first = len(page.lines)
        code = village_words(yard.village, rng) if new else None
        spoilt = "没有这个院落" if rng.random() < 0.04 else ""
        name = "月亮院" if spoilt else _yard_words(rng, yard, False)
        _line(rng, page, yard, [float(place + 1), code, _group_words(rng, yard), name], spoilt)
    page.join(first, 1)
    page.noise("合计", None, None, f"{len(yards)}个")
    page.noise("填表人：", None, "审核人：")
    return Ledger("一长四员名单.xlsx", xlsx([page]), [page])


def _two_levels(rng: random.Random, yards: list[Yard], twins: Twins) -> Ledger:
    """.xls: a sheet per village, the duties below a common heading."""
    pages = []
    for code, name in SPOKEN.items():
        page = Page(name)
        page.put([f"{name}院户长及“四员”花名册"])
        top = page.put(["序号", "组别", "院落名称", "院户长", "四员", None, None, None])
        page.put([None, None, None, None, *[words[0] for words in list(DUTIES.values())[1:]]])
        page.merged += [(top, column, top + 1, column) for column in range(4)]
        page.merged.append((top, 4, top, 7))
        for yard in yards:
            if yard.village == code:
                _line(rng, page, yard, [1.0, _group_words(rng, yard), _yard_words(rng, yard, False)])
        pages.append(page)
    return Ledger("花名册.xls", xls(pages), pages)


def _wide_text(rng: random.Random, yards: list[Yard], twins: Twins) -> Ledger:
    """Tabs in UTF-16; village and settlement in one cell or with ditto marks; no groups."""
    page = Page("名单")
    page.put(["村名", "聚居点", *[rng.choice(words) for words in DUTIES.values()]])
    last = ""
    for yard in yards:
        village = rng.choice(["〃", "同上", None]) if yard.village == last else village_words(yard.village, rng)
        last = yard.village
        name = _yard_words(rng, yard, (yard.village, yard.name) in twins)
        spoilt = ""
        if rng.random() < 0.04:
            village, spoilt, last = "得胜镇八一村", "别镇的村", ""
        _line(rng, page, yard, [village, name], spoilt)
    return Ledger("名单.txt", text(page, "utf-16", "\t"), [page])


KEYS = ("seq", "village", "group", "yard", "name", "duty", "number", "since", "until")
HEADINGS = ("序号", "所属村", "组", "聚居点", "姓名", "职务", "户号", "聘任日期", "任期至")
Spoil = Callable[[random.Random, dict[str, Cell], Yard], tuple[str, str]]


def _strange_duty(rng: random.Random, cells: dict[str, Cell], yard: Yard) -> tuple[str, str]:
    cells["duty"] = pick(rng, "组长", "院户长兼调解员", "保管员", None, "#N/A", "院户长、信息员")
    return REFUSE, f"职务“{cells['duty']}”"


def _strange_name(rng: random.Random, cells: dict[str, Cell], yard: Yard) -> tuple[str, str]:
    cells["name"] = pick(rng, "查无此人", "秦五/尤六", "#REF!", "王某某")
    return REFUSE, f"姓名“{cells['name']}”"


def _strange_day(rng: random.Random, cells: dict[str, Cell], yard: Yard) -> tuple[str, str]:
    cells["since"] = pick(rng, "2026-02-30", "去年", "农历正月", "#VALUE!", "2026年1月")
    return LOOK, f"聘任日期“{cells['since']}”"


def _ends_before(rng: random.Random, cells: dict[str, Cell], yard: Yard) -> tuple[str, str]:
    cells["until"] = "2021-01-01"
    return LOOK, "任期至早于聘任"


def _strange_yard(rng: random.Random, cells: dict[str, Cell], yard: Yard) -> tuple[str, str]:
    cells["yard"] = pick(rng, "月亮院", "全村")
    return REFUSE, f"聚居点“{cells['yard']}”"


SPOILS: list[Spoil] = [_strange_duty, _strange_name, _strange_day, _ends_before, _strange_yard]


def _one(rng: random.Random, yard: Yard, duty: str, year_above: bool) -> tuple[dict[str, Cell], Right]:
    name, number = yard.people[duty]
    since, until = dt.date(2026, 1, 1) + dt.timedelta(days=rng.randrange(60)), dt.date(2028, 12, 31)
    cells: dict[str, Cell] = {
        "seq": 1.0, "village": village_words(yard.village, rng), "group": _group_words(rng, yard), "yard": _yard_words(rng, yard, False),
        "name": name_words(name, rng), "duty": rng.choice(DUTIES[duty]), "number": pick(rng, number, float(number), None),
        "since": pick(rng, since, since.isoformat(), f"{since.year}.{since.month}.{since.day}",
            f"{since.year}年{since.month}月{since.day}日"),
        "until": pick(rng, until, "2028年12月31日", "28.12.31", "20281231"),
    }  # fmt: skip
    right = _right(yard, duty, since=since, until=until)
    if rng.random() < 0.1:
        fate, how = rng.choice(SPOILS)(rng, cells, yard)
        right = Right(fate, right.ident, right.values, how)
    return cells, right


def _persons(rng: random.Random, yards: list[Yard], twins: Twins) -> Ledger:
    """.csv: a line for each person; village, group and settlement stand once."""
    page = Page("一长四员")
    page.put(["西兴镇一长四员聘任名单"])
    page.put(list(HEADINGS))
    for yard in yards:
        for index, duty in enumerate(DUTIES):
            cells, right = _one(rng, yard, duty, False)
            if index and "聚居点" not in right.how:
                cells |= {"village": None, "group": None, "yard": rng.choice([None, "〃", "同上"])}
            elif index:
                right = Right(GOOD, right.ident, right.values)
                cells |= {"village": None, "group": None, "yard": None}
            elif "聚居点" in right.how:
                cells["yard"], right = yard.name, Right(GOOD, right.ident, right.values)
            page.put([cells[key] for key in KEYS], right)
    return Ledger("一长四员.csv", text(page, "gb18030"), [page])


def _persons_web(rng: random.Random, yards: list[Yard], twins: Twins) -> Ledger:
    page = Page("Sheet1")
    page.title("聘任名单", len(KEYS))
    page.put(list(HEADINGS))
    for yard in yards:
        for duty in DUTIES:
            cells, right = _one(rng, yard, duty, False)
            page.put([cells[key] for key in KEYS], right)
    return Ledger("聘任名单.xls", html(page), [page])
