"""Monthly checks of households: matrices of deductions, of points, of ticks with a legend, of days; lists of plates and totals."""

from __future__ import annotations

import datetime as dt
import random
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
    chinese,
    html,
    id_words,
    name_words,
    pick,
    text,
    village_words,
    wide,
    xls,
    xlsx,
)
from tests.sheets.ugly.people import Family, is_twin, townsfolk

Cells = dict[str, Cell]
HEADINGS = {"seq": "序号", "village": "村（社区）", "no": "户号", "head": "户主姓名", "id": "户主身份证号", "month": "评比月份",
    "total": "得分",
            "plate": "清洁牌", "note": "备注", "people": "家庭人口"}  # fmt: skip
# lines of the township's card: what a case takes, and its section
LINES = {"衣物乱晾": (5, "晾晒"), "圈舍不净": (5, "圈养"), "柴草乱堆": (5, "堆码"), "杂物占道": (10, "堆码"), "院坝有垃圾": (5, "院坝"),
    "杂草未清": (5, "院坝"),
         "灶台脏乱": (5, "厨房"), "餐具未收": (3, "厨房"), "厕所不净": (5, "厕所")}  # fmt: skip
SECTIONS = {"晾晒": 15, "圈养": 20, "堆码": 20, "院坝": 20, "厨房": 10, "厕所": 15}
PLATES = {"clean": ("清洁", "清洁户"), "fair": ("比较清洁", "较清洁", "较清洁户"), "poor": ("不清洁", "不清洁户")}
Spoil = Callable[[random.Random, Cells, Family, dict[str, Any]], tuple[str, str]]


def known(count: int) -> list[Family]:
    """A household for each line of the longest file."""
    return townsfolk(max(60, count // 2))


def plate_of(score: int) -> str:
    return "clean" if score >= 90 else "fair" if score >= 60 else "poor"


def make(rng: random.Random, count: int) -> list[Ledger]:
    homes = known(count)
    makers = (_deductions, _points, _ticks, _days, _totals, _months, _plates)
    share = min(-(-count // len(makers)), len(homes))
    files = []
    for number, maker in enumerate(makers):
        month = dt.date(2025, 6 + number, 1)
        files.append(maker(rng, sorted(rng.sample(homes, share), key=lambda one: one.village), month))
    return files


# --- one household --------------------------------------------------------------------------------------------------------


def _named(rng: random.Random, home: Family) -> Cells:
    """By the head's name, where another bears it by number too."""
    cells: Cells = {"village": village_words(home.village, rng), "head": name_words(home.head.name, rng), "people": float(len(home.people)),
        "seq": 1.0}
    way = rng.randrange(2) if is_twin(home) else rng.randrange(3)
    if way == 0:
        cells["no"] = pick(rng, home.number, float(home.number), f"00{home.number}", f" {home.number}", wide(home.number))
    elif way == 1:
        cells["id"], cells["no"] = id_words(home.head.number, rng), home.number
    return cells


def _judged(rng: random.Random, home: Family, month: dt.date, score: int | None, plate: str, cells: Cells, skip: tuple[str, ...]) -> Right:
    """The key of a household's month; spoils its cells where the dice say so."""
    values: dict[str, Any] = {"score": score, "plate": plate}
    fate, how = GOOD, ""
    if rng.random() < 0.11:
        fate, how = rng.choice([one for one in SPOILS if one.__name__ not in skip])(rng, cells, home, values)
    return Right(fate, (home.number, month), values, how)


def _figure(rng: random.Random, figure: int) -> Cell:
    return pick(rng, str(figure), float(figure), f"{figure}分", wide(str(figure)), f"{figure}.0", f" {figure}")


# --- ways to spoil a row --------------------------------------------------------------------------------------------------


def _too_many(rng: random.Random, cells: Cells, home: Family, values: dict[str, Any]) -> tuple[str, str]:
    cells["total"] = "120"
    return REFUSE, "超过满分"


def _no_sum(rng: random.Random, cells: Cells, home: Family, values: dict[str, Any]) -> tuple[str, str]:
    cells["total"] = float(values["score"] - 1)
    return LOOK, "得分与各项不符"


def _no_total(rng: random.Random, cells: Cells, home: Family, values: dict[str, Any]) -> tuple[str, str]:
    cells["total"] = pick(rng, "#REF!", "优", "九十", "-5")
    return LOOK, f"得分“{cells['total']}”"


def _nobody(rng: random.Random, cells: Cells, home: Family, values: dict[str, Any]) -> tuple[str, str]:
    cells["head"], cells["no"], cells["id"] = rng.choice(["查无此人", "王某某"]), None, None
    return LOOK, "不认识的户主"


def _unnamed(rng: random.Random, cells: Cells, home: Family, values: dict[str, Any]) -> tuple[str, str]:
    cells["head"], cells["no"], cells["id"] = pick(rng, None, "#VALUE!", "/"), None, None
    return REFUSE, "没有户主"


def _other_number(rng: random.Random, cells: Cells, home: Family, values: dict[str, Any]) -> tuple[str, str]:
    cells["head"], cells["no"], cells["id"] = "龚别人", home.number, None
    return LOOK, "户号是另一户主的"


def _strange_number(rng: random.Random, cells: Cells, home: Family, values: dict[str, Any]) -> tuple[str, str]:
    cells["no"], cells["id"] = "9999", None
    return LOOK, "户号不存在"


def _strange_plate(rng: random.Random, cells: Cells, home: Family, values: dict[str, Any]) -> tuple[str, str]:
    cells["plate"] = rng.choice(["优秀", "脏", "红旗", "√"])
    return LOOK, f"清洁牌“{cells['plate']}”"


def _other_plate(rng: random.Random, cells: Cells, home: Family, values: dict[str, Any]) -> tuple[str, str]:
    cells["plate"] = "不清洁" if values["plate"] == "clean" else "清洁"
    return LOOK, "清洁牌与得分不符"


def _elsewhere(rng: random.Random, cells: Cells, home: Family, values: dict[str, Any]) -> tuple[str, str]:
    cells["village"] = rng.choice(["得胜镇八一村", "皇家山村", "南江县西兴镇八一村"])
    return REFUSE, f"村“{cells['village']}”"


def _strange_month(rng: random.Random, cells: Cells, home: Family, values: dict[str, Any]) -> tuple[str, str]:
    cells["month"] = rng.choice(["13月", "2027年1月", "上月", "春季", "2025年1-3月", "#N/A"])
    return REFUSE, f"月份“{cells['month']}”"


SPOILS: list[Spoil] = [
    _too_many, _no_sum, _no_total, _nobody, _unnamed, _other_number, _strange_number, _strange_plate, _other_plate, _elsewhere,
    _strange_month,
]  # fmt: skip


# --- files ----------------------------------------------------------------------------------------------------------------


def _lost(rng: random.Random) -> dict[str, int]:
    """What some lines take, each section within its points."""
    return {line: LINES[line][0] for line in rng.sample(list(LINES), rng.choice((0, 0, 1, 2, 3)))}


def _deductions(rng: random.Random, homes: list[Family], month: dt.date) -> Ledger:
    """A sheet per village, sections above their lines, nothing where nothing was found, totals that add up, a sum at the end."""
    keys = ["seq", "no", "head", "people"]
    pages = []
    for code, name in SPOKEN.items():
        page = Page(name)
        page.title(f"{name}{month.year}年{month.month}月户月评扣分表", len(keys) + len(LINES) + 2)
        top = page.put([*[HEADINGS[key] for key in keys], *["检查扣分"] * len(LINES), "得分", "备注"])
        page.put([*[None] * len(keys), *LINES])
        first = len(keys)
        page.merged.append((top, first, top, first + len(LINES) - 1))
        page.merged += [(top, column, top + 1, column) for column in (*range(first), first + len(LINES), first + len(LINES) + 1)]
        for home in homes:
            if home.village != code:
                continue
            lost = _lost(rng)
            score = 100 - sum(lost.values())
            cells = {**_named(rng, home), "total": _figure(rng, score)}
            right = _judged(rng, home, month, score, plate_of(score), cells,
                ("_strange_plate", "_other_plate", "_elsewhere", "_strange_month"))
            marks = [pick(rng, float(lost[line]), f"-{lost[line]}", f"扣{lost[line]}分",
                str(lost[line])) if line in lost else None for line in LINES]
            page.put([*[cells.get(key) for key in keys], *marks, cells["total"], rng.choice([None, "已整改"])], right)
        page.noise("合计", None, f"{len(homes)}户")
        page.noise("检查人：", None, "审核人：")
        pages.append(page)
    return Ledger("扣分表.xlsx", xlsx(pages), pages)


def _points(rng: random.Random, homes: list[Family], month: dt.date) -> Ledger:
    """Points of each section, and their sum."""
    keys = ["seq", "village", "no", "id", "head"]
    page = Page("Sheet1")
    page.put([f"西兴镇{month.year}年{month.month}月农户环境卫生评分表"])
    page.put([*[HEADINGS[key] for key in keys], *SECTIONS, "总分", "清洁牌"])
    for home in homes:
        got = {section: most - rng.choice((0, 0, 0, 5, 10)) if most > 10 else most - rng.choice((0, 5)) for section,
            most in SECTIONS.items()}
        score = sum(got.values())
        plate = plate_of(score)
        cells = {**_named(rng, home), "total": _figure(rng, score), "plate": rng.choice([*PLATES[plate], None])}
        right = _judged(rng, home, month, score, plate, cells, ("_strange_month",))
        page.put([*[cells.get(key) for key in keys], *[_figure(rng, figure) for figure in got.values()], cells["total"], cells["plate"]],
            right)
    return Ledger("评分表.xls", xls([page]), [page])


def _ticks(rng: random.Random, homes: list[Family], month: dt.date) -> Ledger:
    """Ticks that the note below explains."""
    keys = ["village", "no", "head"]
    page = Page("Sheet1")
    page.title(f"{month.year}年{chinese(month.month)}月清洁户检查表", len(keys) + len(LINES) + 1)
    page.put([*[HEADINGS[key] for key in keys], *LINES, "清洁牌"])
    for home in homes:
        lost = _lost(rng)
        score = 100 - sum(lost.values())
        cells = {**_named(rng, home), "plate": rng.choice(PLATES[plate_of(score)])}
        if is_twin(home):
            cells["no"] = home.number
        skip = ("_too_many", "_no_sum", "_no_total", "_strange_month")
        right = _judged(rng, home, month, score, plate_of(score), cells, skip)
        marks = [rng.choice("××✗") if line in lost else rng.choice("√√✔") for line in LINES]
        page.put([*[cells.get(key) for key in keys], *marks, cells["plate"]], right)
    page.noise("说明：合格打√，不合格打×")
    return Ledger("检查表.xlsx", xlsx([page]), [page])


def _days(rng: random.Random, homes: list[Family], month: dt.date) -> Ledger:
    """A column for each of four days, all of which say the same or are looked at."""
    keys = ["seq", "village", "no", "head"]
    page = Page(f"{month.year}年{month.month}月")
    page.put([*[HEADINGS[key] for key in keys], *[f"{month.month}月{day}日" for day in (5, 12, 19, 26)], "备注"])
    for home in homes:
        plate = rng.choice(list(PLATES))
        cells = _named(rng, home)
        if is_twin(home):
            cells["no"] = home.number
        skip = ("_too_many", "_no_sum", "_no_total", "_strange_plate", "_other_plate", "_strange_month")
        right = _judged(rng, home, month, None, plate, cells, skip)
        words: list[Cell] = [rng.choice(PLATES[plate]) for _ in range(4)]
        if right.fate == GOOD and rng.random() < 0.06:
            words[1], right = pick(rng, "脏乱", "不清洁" if plate == "clean" else "清洁", "？"), Right(LOOK, right.ident, right.values,
                "各次不一样")
        page.put([*[cells.get(key) for key in keys], *words, None], right)
    return Ledger(f"{month.year}年{month.month}月.txt", text(page, "utf-16", "\t"), [page])


def _totals(rng: random.Random, homes: list[Family], month: dt.date) -> Ledger:
    keys = ["village", "no", "head", "id", "total", "plate", "note"]
    page = Page(f"户月评{month.year}年{month.month}月")
    page.put([HEADINGS[key] for key in keys])
    for home in homes:
        score = rng.randrange(40, 101)
        cells = {**_named(rng, home), "total": _figure(rng, score), "plate": None, "note": rng.choice([None, "已整改"])}
        right = _judged(rng, home, month, score, plate_of(score), cells, ("_no_sum", "_strange_month"))
        page.put([cells.get(key) for key in keys], right)
    return Ledger(f"户月评{month.year}年{month.month}月.csv", text(page, "gb18030"), [page])


def _months(rng: random.Random, homes: list[Family], month: dt.date) -> Ledger:
    """Each line says its month; villages by ditto marks."""
    keys = ["seq", "village", "no", "head", "id", "month", "total", "plate"]
    page = Page("Sheet1")
    page.title(f"西兴镇{month.year}年户月评台账", len(keys))
    page.put([HEADINGS[key] for key in keys])
    last = ""
    for home in homes:
        own = rng.choice((month, dt.date(2025, 3, 1), dt.date(2025, 4, 1)))
        score = rng.randrange(40, 101)
        year, number = own.year, own.month
        cells = {**_named(rng, home), "total": _figure(rng, score), "plate": rng.choice([*PLATES[plate_of(score)], None])}
        cells["month"] = pick(rng, f"{year}年{number}月", f"{year}-{number:02}", f"{number}月", f"{chinese(number)}月",
            f"{year}.{number:02}", own)
        right = _judged(rng, home, own, score, plate_of(score), cells, ("_no_sum",))
        village = home.village if "村“" not in right.how else ""
        if village and village == last:
            cells["village"] = rng.choice(["〃", "同上", None])
        last = village
        page.put([cells.get(key) for key in keys], right)
    return Ledger("户月评台账.xls", html(page), [page])


def _plates(rng: random.Random, homes: list[Family], month: dt.date) -> Ledger:
    """Plates alone, in printed halves."""
    keys = ["seq", "village", "head", "no", "plate"]
    page = Page("Sheet1")
    page.title(f"{month.year}年{month.month}月清洁牌公示", 2 * len(keys))
    page.put([HEADINGS[key] for key in [*keys, *keys]])
    said = []
    for home in homes:
        plate = rng.choice(list(PLATES))
        cells = {**_named(rng, home), "plate": rng.choice(PLATES[plate])}
        if is_twin(home):
            cells["no"] = home.number
        skip = ("_too_many", "_no_sum", "_no_total", "_other_plate", "_strange_month")
        said.append((cells, _judged(rng, home, month, None, plate, cells, skip)))
    for left, right in zip(said[::2], said[1::2], strict=False):
        page.put([cells.get(key) for cells, _ in (left, right) for key in keys], left[1], right[1])
    return Ledger("清洁牌.xlsx", xlsx([page]), [page])
