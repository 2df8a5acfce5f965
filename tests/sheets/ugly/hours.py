"""Ledgers of volunteers' hours: lengths in words, spans of the clock, minutes by the heading, people of one name."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Callable, Iterator
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
    day_words,
    html,
    id_words,
    name_words,
    old_number,
    phone_words,
    pick,
    spoilt,
    text,
    village_words,
    wide,
    xls,
    xlsx,
)
from tests.sheets.ugly.people import Family, Human, townsfolk

Cells = dict[str, Cell]
HEADINGS = {"seq": "序号", "village": "村（社区）", "name": "志愿者姓名", "id": "身份证号", "phone": "联系电话", "team": "服务队",
    "day": "服务日期",
            "length": "服务时长", "minutes": "时长（分钟）", "text": "服务内容", "place": "服务地点"}  # fmt: skip
TEAMS = ("邻里守望队", "清洁家园队", None)
ON = dt.date(2026, 4, 20)
Spoil = Callable[[random.Random, Cells, dict[str, Any], Human], tuple[str, str]]
Known = tuple[Family, Human]


def known(count: int) -> list[Family]:
    return townsfolk(max(80, count // 4))


def is_grown(human: Human) -> bool:
    return human.born < dt.date(2008, 1, 1)


def volunteers(count: int) -> list[Known]:
    """Who has signed up: all grown people but each fifth."""
    grown = [(family, human) for family in known(count) for human in family.people if is_grown(human)]
    return [one for number, one in enumerate(grown) if number % 5]


def make(rng: random.Random, count: int) -> list[Ledger]:
    homes = known(count)
    everybody = [(family, human) for family in homes for human in family.people]
    namesakes = Counter((family.village, human.name) for family, human in everybody)
    signed = volunteers(count)
    own = {human.number for _, human in signed}
    strangers = [one for one in everybody if is_grown(one[1]) and one[1].number not in own and namesakes[one[0].village, one[1].name] == 1]
    maker = _Maker(rng, namesakes, signed, strangers)
    files = (_plain_book, _two_levels, _text, _unicode_text, _web_table)
    share = -(-count // len(files))
    return [file(maker, share) for file in files]


# --- one row --------------------------------------------------------------------------------------------------------------


def _length(rng: random.Random) -> tuple[Cell, int]:
    """A length as somebody writes it, and its minutes."""
    ways: list[tuple[Cell, int]] = [
        (2.0, 120), ("2", 120), ("2小时", 120), ("两小时", 120), ("2.5", 150), (1.5, 90), ("2个半小时", 150), ("90分钟", 90),
        ("1小时30分", 90),
        ("1小时30分钟", 90), ("8:30-11:00", 150), ("8：30—11：00", 150), ("半小时", 30), ("半个小时", 30), ("３小时", 180),
        ("约2小时", 120),
        ("1.5h", 90), ("3个小时", 180), ("三个半小时", 210), ("14:00至16:30", 150), ("2 小时", 120), ("45分", 45), ("两个小时", 120),
        ("9点到11点半", 150),
        ("上午9:00-11:00", 120), ("2小时左右", 120), ("2小时。", 120), ("2.0小时", 120), ("一小时", 60), ("1个半小时", 90), ("1小时半", 90),
    ]  # fmt: skip
    return rng.choice(ways)


class _Maker:
    def __init__(self, rng: random.Random, namesakes: Counter[tuple[str, str]], signed: list[Known], strangers: list[Known]) -> None:
        self.rng, self.namesakes, self.signed, self.strangers = rng, namesakes, signed, strangers
        self.number = 0

    def rows(self, count: int, year_above: bool, village: str = "", skip: tuple[str, ...] = ()) -> Iterator[tuple[Known, Cells, Right]]:
        people = [one for one in self.signed if not village or one[0].village == village]
        for one in sorted(self.rng.choices(people, k=count), key=lambda one: one[0].village):
            yield one, *self._row(one, year_above, skip)

    def _row(self, one: Known, year_above: bool, skip: tuple[str, ...]) -> tuple[Cells, Right]:
        rng, (family, human) = self.rng, one
        self.number += 1
        day = ON - dt.timedelta(days=1 + self.number % 100)
        length, minutes = _length(rng)
        said = f"清理河道{self.number}"
        cells: Cells = {
            "seq": float(self.number), "village": village_words(family.village, rng), "name": name_words(human.name, rng),
            "team": rng.choice(TEAMS),
            "day": day_words(day, rng, year_above), "length": length, "minutes": pick(rng, float(minutes), str(minutes), f"{minutes}分钟",
                wide(str(minutes))),
            "text": said, "place": "村口",
        }  # fmt: skip
        if self.namesakes[family.village, human.name] > 1 or rng.random() < 0.3:
            cells["id"] = pick(rng, id_words(human.number, rng), old_number(human.number) if human.born.year < 2000 else human.number)
        if rng.random() < 0.3:
            cells["phone"] = phone_words(human.phone, rng)
        values = {"who": human.number, "day": day, "minutes": minutes, "village": family.village}
        fate, how = GOOD, ""
        if rng.random() < 0.12:
            fate, how = rng.choice([spoil for spoil in SPOILS if spoil.__name__ not in skip])(rng, cells, values, human)
        elif self.strangers and rng.random() < 0.02:
            family, human = self.strangers.pop()
            cells |= {"name": human.name, "village": SPOKEN[family.village], "id": None, "phone": None}
            fate, how = LOOK, "还不是志愿者"
        return cells, Right(fate, (said,), values, how)


# --- ways to spoil a row --------------------------------------------------------------------------------------------------


def _strange_length(rng: random.Random, cells: Cells, values: dict[str, Any], human: Human) -> tuple[str, str]:
    cells["length"] = cells["minutes"] = pick(rng, "不清楚", None, "30小时", "0", "#REF!", "上午", "2-3小时", "-2", "25:00", "11:00-9:00",
        "若干")
    return REFUSE, f"时长“{cells['length']}”"


def _half_day(rng: random.Random, cells: Cells, values: dict[str, Any], human: Human) -> tuple[str, str]:
    cells["length"] = cells["minutes"] = pick(rng, "半天", "1天", "一天", "全天", "一上午")
    return LOOK, f"时长“{cells['length']}”"


def _strange_day(rng: random.Random, cells: Cells, values: dict[str, Any], human: Human) -> tuple[str, str]:
    cells["day"] = pick(rng, "2027-01-01", "2026-02-30", "农历三月初五", "每周", None, "#N/A", "春节", "2月30日", "10.5-12", "2026.3.5-8")
    return REFUSE, f"日期“{cells['day']}”"


def _month_only(rng: random.Random, cells: Cells, values: dict[str, Any], human: Human) -> tuple[str, str]:
    cells["day"] = "2026年3月"
    return LOOK, "日期只有年月"


def _several(rng: random.Random, cells: Cells, values: dict[str, Any], human: Human) -> tuple[str, str]:
    cells["name"] = rng.choice([f"{human.name}、{human.name}甲", f"{human.name}/罗二", f"{human.name}等5人",
        f"{human.name} {human.name}乙"])
    return REFUSE, f"姓名“{cells['name']}”"


def _nobody(rng: random.Random, cells: Cells, values: dict[str, Any], human: Human) -> tuple[str, str]:
    cells["name"], cells["id"], cells["phone"] = pick(rng, None, "查无此人", "#REF!", "王某某", "全体村民"), None, None
    return REFUSE, f"姓名“{cells['name']}”"


def _bad_id(rng: random.Random, cells: Cells, values: dict[str, Any], human: Human) -> tuple[str, str]:
    cells["id"] = spoilt(human.number)
    return LOOK, "身份证号校验码不对"


def _others_id(rng: random.Random, cells: Cells, values: dict[str, Any], human: Human) -> tuple[str, str]:
    cells["name"], cells["id"], cells["phone"] = "龚别名", human.number, None
    return REFUSE, "身份证号是另一人的"


def _elsewhere(rng: random.Random, cells: Cells, values: dict[str, Any], human: Human) -> tuple[str, str]:
    cells["village"] = rng.choice(["得胜镇八一村", "皇家山村", "南江县西兴镇八一村"])
    return REFUSE, f"村“{cells['village']}”"


SPOILS: list[Spoil] = [_strange_length, _half_day, _strange_day, _month_only, _several, _nobody, _bad_id, _others_id, _elsewhere]


# --- files ----------------------------------------------------------------------------------------------------------------


def _plain_book(maker: _Maker, count: int) -> Ledger:
    """The year in the title, ditto marks, sums, the heading again, a filter."""
    keys = ["seq", "village", "name", "id", "phone", "team", "day", "length", "text", "place"]
    page = Page("Sheet1")
    page.title("西兴镇志愿服务时长台账（2026年）", len(keys))
    page.put([HEADINGS[key] for key in keys])
    last = ""
    for place, (one, cells, right) in enumerate(maker.rows(count, False)):
        village = one[0].village if right.fate == GOOD else ""
        if village and village == last:
            cells["village"] = maker.rng.choice(["〃", "同上", None])
        last = village
        page.put([cells.get(key) for key in keys], right)
        if place % 25 == 24:
            page.noise("小计", None, "25人次", None, None, None, None, 50.0)
            page.noise(*[HEADINGS[key] for key in keys], how="重复的表头")
            last = ""
    page.noise("合计", None, None, None, None, None, None, "400小时")
    page.noise("统计人：", None, "负责人：")
    page.hidden_lines = [4, 5]
    return Ledger("志愿服务台账.xlsx", xlsx([page]), [page])


def _two_levels(maker: _Maker, count: int) -> Ledger:
    """.xls: a sheet per village, heading in two rows."""
    upper = {"name": "志愿者信息", "id": "志愿者信息", "phone": "志愿者信息", "day": "服务情况", "length": "服务情况", "text": "服务情况"}
    keys = ["seq", "name", "id", "phone", "team", "day", "length", "text"]
    pages = []
    for code, name in SPOKEN.items():
        page = Page(name)
        page.put([f"{name}志愿服务登记"])
        top = page.put([upper.get(key, HEADINGS[key]) for key in keys])
        page.put([HEADINGS[key] if key in upper else None for key in keys])
        page.merged += [(top, column, top + 1, column) for column, key in enumerate(keys) if key not in upper]
        page.merged += [(top, 1, top, 3), (top, 5, top, 7)]
        for _, cells, right in maker.rows(-(-count // len(VILLAGES)), False, code, ("_elsewhere",)):
            page.put([cells.get(key) for key in keys], right)
        pages.append(page)
    return Ledger("志愿服务登记.xls", xls(pages), pages)


def _text(maker: _Maker, count: int) -> Ledger:
    """Minutes by the heading."""
    keys = ["village", "name", "id", "team", "day", "minutes", "text"]
    page = Page("时长")
    page.put([HEADINGS[key] for key in keys])
    for _, cells, right in maker.rows(count, False):
        page.put([cells.get(key) for key in keys], right)
    return Ledger("时长.csv", text(page, "gb18030"), [page])


def _unicode_text(maker: _Maker, count: int) -> Ledger:
    keys = ["name", "phone", "id", "village", "day", "length", "text", "team"]
    page = Page("时长")
    page.put([HEADINGS[key] for key in keys])
    for _, cells, right in maker.rows(count, False):
        page.put([cells.get(key) for key in keys], right)
    return Ledger("时长.txt", text(page, "utf-16", "\t"), [page])


def _web_table(maker: _Maker, count: int) -> Ledger:
    keys = ["seq", "text", "day", "length", "name", "village", "id", "phone", "team", "place"]
    page = Page("Sheet1")
    page.title("志愿服务记录", len(keys))
    page.put([HEADINGS[key] for key in keys])
    for _, cells, right in maker.rows(count, False):
        page.put([cells.get(key) for key in keys], right)
    return Ledger("志愿服务记录.xls", html(page), [page])
