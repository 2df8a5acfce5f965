"""Ledgers of past points: deeds by code and words, figures with signs, heads of one name, days without a year."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator
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
    wide,
    xls,
    xlsx,
)
from tests.sheets.ugly.people import Family, is_twin, townsfolk

Cells = dict[str, Cell]
HEADINGS = {
    "seq": "序号", "village": "村（社区）", "head": "户主姓名", "id": "户主身份证号", "no": "户号", "deed": "积分事由", "day": "发生日期",
    "plus": "加分",
    "minus": "扣分", "score": "分值", "count": "数量", "applicant": "申报人", "opinion": "评议意见", "note": "备注", "total": "累计积分",
}  # fmt: skip
# code → name, what it gives (None: judged from 1 to 10), whether by quantity
DEEDS: dict[str, tuple[str, int | None, bool]] = {
    "S1": ("参加志愿服务", 5, False), "S2": ("义务投工投劳", 2, True), "L1": ("参与赌博", -10, False), "J1": ("庭院整洁", None, False),
    "C1": ("孝老爱亲受表彰", 8, False), "W1": ("乱堆乱放", -3, False),
}  # fmt: skip
FIRST = dt.date(2026, 1, 3)
Spoil = Callable[[random.Random, Cells, dict[str, Any], Family], tuple[str, str]]


def known(count: int) -> list[Family]:
    return townsfolk(max(60, count // 3))


def make(rng: random.Random, count: int) -> list[Ledger]:
    makers = (_plain_book, _two_levels, _text, _unicode_text, _web_table, _halves)
    share = -(-count // len(makers))
    facts = _facts(rng, known(count))
    return [maker(rng, [next(facts) for _ in range(share)]) for maker in makers]


Fact = tuple[int, Family, str, dt.date]


def _facts(rng: random.Random, homes: list[Family]) -> Iterator[Fact]:
    """Number, household, deed and day, never two of one household, deed and day."""
    seen: set[tuple[str, str, dt.date]] = set()
    number = 0
    while True:
        home, code, day = rng.choice(homes), rng.choice(list(DEEDS)), FIRST + dt.timedelta(days=rng.randrange(80))
        if (home.number, code, day) not in seen:
            seen.add((home.number, code, day))
            number += 1
            yield number, home, code, day


# --- one row --------------------------------------------------------------------------------------------------------------


def _row(rng: random.Random, fact: Fact, year_above: bool, skip: tuple[str, ...] = ()) -> tuple[Cells, Right]:
    number, home, code, day = fact
    name, gives, counted = DEEDS[code]
    quantity = rng.randrange(1, 6) if counted else 1
    score = rng.randrange(1, 11) if gives is None else gives * quantity
    words = rng.choice([name, f"{name}。", f" {name}", f"{name[:2]} {name[2:]}", code, code.lower(), wide(code)])
    member = home.people[-1]
    applicant = rng.choice([None, home.head.name, member.name, "龚外人"])
    opinion = rng.choice([None, "属实", "同意加分"])
    cells: Cells = {
        "seq": float(number), "village": village_words(home.village, rng), "head": name_words(home.head.name, rng), "deed": words,
        "day": day_words(day, rng, year_above), "applicant": applicant, "opinion": opinion, "note": f"第{number}条",
        "total": float(number + 20),
    }  # fmt: skip
    _name_household(rng, cells, home)
    _write_figures(rng, cells, score, quantity, counted, gives is None)
    values = {
        "home": (home.village, home.number), "deed": code, "day": day, "score": score, "quantity": quantity,
        "applicant": applicant or "", "opinion": opinion or "",
    }  # fmt: skip
    fate, how = GOOD, ""
    if rng.random() < 0.12:
        fate, how = rng.choice([one for one in SPOILS if one.__name__ not in skip])(rng, cells, values, home)
    return cells, Right(fate, (f"第{number}条",), values, how)


def _name_household(rng: random.Random, cells: Cells, home: Family) -> None:
    """By the head's name alone where nobody else bears it, else by the number of the household or the head."""
    way = rng.randrange(1, 4) if is_twin(home) else rng.randrange(5)
    if way == 1:
        cells["id"] = id_words(home.head.number, rng)
    elif way == 2:
        cells["no"] = pick(rng, home.number, float(home.number), f"00{home.number}", f" {home.number} ")
    elif way == 3:
        cells["id"] = old_number(home.head.number) if home.head.born.year < 2000 else home.head.number
    elif way == 4:
        cells["no"], cells["head"] = home.number, home.people[-1].name


def _write_figures(rng: random.Random, cells: Cells, score: int, quantity: int, counted: bool, judged: bool) -> None:
    plain = pick(rng, str(score), float(score), f"{score}分", wide(str(score)), f"{score:+d}", f"{score:+d}分", f"{score}.0")
    cells["score"] = plain if judged or rng.random() < 0.8 else None
    if score > 0:
        cells["plus"] = pick(rng, str(score), float(score), f"加{score}分", f"+{score}", f"＋{score}", f"{score} 分")
    else:
        cells["minus"] = pick(rng, str(-score), float(-score), f"扣{-score}分", str(score), f"－{-score}", f"减{-score}")
    if counted:
        cells["count"] = pick(rng, str(quantity), float(quantity), f"{quantity}次", f"{quantity}个小时"[:1] + "小时")


# --- ways to spoil a row --------------------------------------------------------------------------------------------------


def _other_score(rng: random.Random, cells: Cells, values: dict[str, Any], home: Family) -> tuple[str, str]:
    wrong = 77 if values["score"] > 0 else -77
    cells["score"], cells["plus" if wrong > 0 else "minus"] = float(wrong), float(abs(wrong))
    return REFUSE, "分值与细则不符"


def _half_score(rng: random.Random, cells: Cells, values: dict[str, Any], home: Family) -> tuple[str, str]:
    cells["score"] = cells["plus" if values["score"] > 0 else "minus"] = pick(rng, "2.5", "好", "5-8", "3/5")
    return REFUSE, f"分值“{cells['score']}”"


def _strange_deed(rng: random.Random, cells: Cells, values: dict[str, Any], home: Family) -> tuple[str, str]:
    cells["deed"] = pick(rng, "做饭很香", "#REF!", None, "打牌")
    return REFUSE, f"事由“{cells['deed']}”"


def _near_deed(rng: random.Random, cells: Cells, values: dict[str, Any], home: Family) -> tuple[str, str]:
    name = DEEDS[values["deed"]][0]
    cells["deed"] = rng.choice([f"{name}（三月）", f"{name[:-1]}了", f"组织{name}"])
    return LOOK, f"事由“{cells['deed']}”"


def _strange_head(rng: random.Random, cells: Cells, values: dict[str, Any], home: Family) -> tuple[str, str]:
    cells["head"] = pick(rng, "查无此人", None, "#N/A", "王某某")
    return REFUSE, f"户主“{cells['head']}”"


def _two_heads(rng: random.Random, cells: Cells, values: dict[str, Any], home: Family) -> tuple[str, str]:
    cells["head"] = f"{home.head.name}、{home.head.name}甲"
    return LOOK, f"户主“{cells['head']}”"


def _other_household(rng: random.Random, cells: Cells, values: dict[str, Any], home: Family) -> tuple[str, str]:
    cells["no"], cells["id"] = "9999", None
    if is_twin(home):
        return REFUSE, "户号不存在而同名"
    cells["head"] = home.head.name
    return LOOK, "户号不存在"


def _bad_id(rng: random.Random, cells: Cells, values: dict[str, Any], home: Family) -> tuple[str, str]:
    cells["id"], cells["no"], cells["head"] = spoilt(home.head.number), home.number, home.head.name
    return LOOK, "身份证号校验码不对"


def _bad_day(rng: random.Random, cells: Cells, values: dict[str, Any], home: Family) -> tuple[str, str]:
    cells["day"] = pick(rng, "2026-02-30", "2027-03-01", "农历正月十五", "过年", None, "#VALUE!", "二月", "2026.2.31", "2月30日",
        "2019-03-01", "10.5-12", "3月5日—7日")
    return REFUSE, f"日期“{cells['day']}”"


def _month_only(rng: random.Random, cells: Cells, values: dict[str, Any], home: Family) -> tuple[str, str]:
    cells["day"] = pick(rng, "2026年3月", "3.1", "202603")
    return LOOK, f"日期“{cells['day']}”"


def _gone(rng: random.Random, cells: Cells, values: dict[str, Any], home: Family) -> tuple[str, str]:
    cells["note"] = rng.choice(["户主已去世", "该户已迁出", "2025年嫁到达州"])
    return LOOK, f"备注“{cells['note']}”"


def _elsewhere(rng: random.Random, cells: Cells, values: dict[str, Any], home: Family) -> tuple[str, str]:
    cells["village"] = rng.choice(["得胜镇八一村", "皇家山村"])
    return REFUSE, f"村“{cells['village']}”"


def _failed(rng: random.Random, cells: Cells, values: dict[str, Any], home: Family) -> tuple[str, str]:
    """A figure that the rules do not know is not known at all."""
    cells["score"] = cells["plus" if values["score"] > 0 else "minus"] = "#DIV/0!"
    return LOOK, "错误值在分值"


SPOILS: list[Spoil] = [
    _other_score, _half_score, _strange_deed, _near_deed, _strange_head, _two_heads, _other_household, _bad_id, _bad_day, _month_only,
    _gone,
    _elsewhere, _failed,
]  # fmt: skip


# --- files ----------------------------------------------------------------------------------------------------------------


def _without(right: Right, keys: list[str]) -> Right:
    values = dict(right.values) | {key: "" for key in ("applicant", "opinion") if key not in keys}
    return Right(right.fate, right.ident, values, right.how)


def _plain_book(rng: random.Random, facts: list[Fact]) -> Ledger:
    """The year in the title, ditto marks for the village, subtotals, the heading again, and a filter."""
    keys = ["seq", "village", "head", "id", "no", "deed", "day", "plus", "minus", "count", "applicant", "opinion", "note", "total"]
    page = Page("Sheet1")
    page.title("西兴镇道德银行积分台账（2026年1—3月）", len(keys))
    page.put([HEADINGS[key] for key in keys])
    last = ""
    for place, fact in enumerate(sorted(facts, key=lambda one: one[1].village)):
        cells, right = _row(rng, fact, True)
        village = fact[1].village if "村“" not in right.how else ""
        if village == last and village:
            cells["village"] = rng.choice(["〃", "同上", None, "″"])
        last = village
        page.put([cells.get(key) for key in keys], right)
        if place % 20 == 19:
            page.noise("本页小计", None, None, None, None, "20条", None, 100.0)
            page.noise(*[HEADINGS[key] for key in keys], how="重复的表头")
            page.noise("第2页 共9页")
            last = ""
    page.noise("合计：", None, None, None, None, f"{len(facts)}条")
    page.noise("制表人：", None, "审核：", None, None, "2026年4月1日")
    page.hidden_lines = [5, 6, 7]
    return Ledger("积分台账.xlsx", xlsx([page]), [page])


def _two_levels(rng: random.Random, facts: list[Fact]) -> Ledger:
    """.xls: a sheet per village, heading in two rows, one column of signed figures."""
    upper = {"deed": "积分情况", "day": "积分情况", "score": "积分情况", "count": "积分情况"}
    keys = ["seq", "no", "head", "id", "deed", "day", "score", "count", "applicant", "note"]
    pages = []
    for code, name in SPOKEN.items():
        page = Page(name)
        page.put([f"{name}2026年积分明细"])
        top = page.put([upper.get(key, HEADINGS[key]) for key in keys])
        page.put([HEADINGS[key] if key in upper else None for key in keys])
        page.merged += [(top, column, top + 1, column) for column, key in enumerate(keys) if key not in upper]
        page.merged.append((top, keys.index("deed"), top, keys.index("count")))
        for fact in facts:
            if fact[1].village == code:
                cells, right = _row(rng, fact, True, ("_elsewhere",))
                page.put([cells.get(key) for key in keys], _without(right, keys))
        pages.append(page)
    return Ledger("积分明细.xls", xls(pages), pages)


def _text(rng: random.Random, facts: list[Fact]) -> Ledger:
    """.csv in GB18030; no year anywhere but in the cells."""
    keys = ["village", "no", "head", "id", "deed", "day", "score", "count", "note"]
    page = Page("积分台账")
    page.put([HEADINGS[key] for key in keys])
    for fact in facts:
        cells, right = _row(rng, fact, False)
        if cells["day"] == "3.1":
            right = Right(REFUSE, right.ident, right.values, right.how)
        page.put([cells.get(key) for key in keys], _without(right, keys))
    return Ledger("积分台账.csv", text(page, "gb18030"), [page])


def _unicode_text(rng: random.Random, facts: list[Fact]) -> Ledger:
    keys = ["village", "head", "no", "id", "deed", "day", "plus", "minus", "count", "applicant", "note"]
    page = Page("2026年1-3月积分")
    page.put([HEADINGS[key] for key in keys])
    for fact in facts:
        cells, right = _row(rng, fact, True)
        page.put([cells.get(key) for key in keys], _without(right, keys))
    return Ledger("2026年1-3月积分.txt", text(page, "utf-16", "\t"), [page])


def _web_table(rng: random.Random, facts: list[Fact]) -> Ledger:
    keys = ["seq", "village", "no", "id", "head", "deed", "day", "score", "count", "applicant", "opinion", "note", "total"]
    page = Page("Sheet1")
    page.title("积分明细（二〇二六年）", len(keys))
    page.put([HEADINGS[key] for key in keys])
    for fact in facts:
        cells, right = _row(rng, fact, True)
        page.put([cells.get(key) for key in keys], _without(right, keys))
    page.noise("总计", None, None, None, None, f"{len(facts)}条")
    return Ledger("积分导出.xls", html(page, "gb18030"), [page])


def _halves(rng: random.Random, facts: list[Fact]) -> Ledger:
    """The printed left and right half."""
    keys = ["seq", "village", "head", "no", "id", "deed", "day", "score", "count", "note"]
    page = Page("Sheet1")
    page.title("2026年积分台账（打印）", 2 * len(keys))
    page.put([HEADINGS[key] for key in [*keys, *keys]])
    said = [_row(rng, fact, True) for fact in facts]
    for left, right in zip(said[::2], said[1::2], strict=False):
        page.put([cells.get(key) for cells, _ in (left, right) for key in keys], *[_without(one, keys) for _, one in (left, right)])
    return Ledger("打印.xlsx", xlsx([page]), [page])
