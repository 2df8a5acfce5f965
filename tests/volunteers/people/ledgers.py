"""A ledger of hours as a village kept it for years: written by many hands, with titles, merged cells, totals, and rows that say nothing."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import xlsxwriter

from tests.builders import make_household
from villages.models import Resident, Unit

HEAD = ["序号", "志愿者姓名", "所属队伍", "服务时间", "服务时长（小时）", "活动内容", "备注"]
TEAMS = ("邻里守望队", "十分钟应急队", "党员服务队", "")
LENGTHS: tuple[tuple[str | int, int], ...] = (
    (2, 120), ("1.5", 90), ("2小时", 120), ("两个半小时", 150), ("2h30", 150), ("半天", 240), ("９０分钟", 90), ("一小时", 60),
    ("3个小时左右", 180), ("8:30-11:00", 150), ("十二小时", 720), ("半小时", 30),
)  # fmt: skip
DAYS = (
    "{0:%Y-%m-%d}", "{0.year}年{0.month}月{0.day}日", "{0.year}.{0.month}.{0.day}", "{0:%Y%m%d}", "{0.month}月{0.day}日", "{0:%Y/%m/%d} ",
)  # fmt: skip
WORDS = ("看望老人", "打扫院坝", "代买药品", "", "巡山防火")
BLOCK = 50


@dataclass
class Expected:
    rows: int = 0
    new: int = 0
    same: int = 0
    refused: int = 0
    minutes: int = 0


def ugly_ledger(village: Unit, people: int) -> tuple[bytes, int, Expected]:
    """The file, how many people of the register serve in it, and what becomes of its rows. Each serves twice; every twentieth row of
    a block stands there again, and each block ends with a total and with rows that nobody can read."""
    home, expected, stream = make_household(village, "众人"), Expected(), io.BytesIO()
    names = [f"{'赵钱孙李周吴郑王冯陈'[n % 10]}{'春夏秋冬'[n // 10 % 4]}{'甲乙丙丁戊己庚辛壬癸子丑寅卯辰'[n // 40]}" for n in range(people)]
    Resident.objects.bulk_create([Resident(household=home, name=name, name_pinyin="x", birth_date=date(1970, 1, 1)) for name in names])
    with xlsxwriter.Workbook(stream) as file:
        for block, start in enumerate(range(0, people, BLOCK)):
            page = file.add_worksheet(f"第{block + 1}页")
            page.merge_range(0, 0, 0, len(HEAD) - 1, f"{village}2025年志愿服务台账")
            page.write_row(1, 0, HEAD)
            lines = [line for n, name in enumerate(names[start : start + BLOCK], start) for line in _lines(n, name, expected)]
            repeated = lines[::20]
            expected.same += len(repeated)
            lines += repeated
            for number, line in enumerate(lines, 2):
                page.write_row(number, 0, [number - 1, *line])
            for row in range(2, 2 + 2 * len(names[start : start + BLOCK]), 2):
                page.merge_range(row, 1, row + 1, 1, lines[row - 2][0])
            first = names[start]
            broken: list[list[Any]] = [
                ["某某", "", "2025-05-05", 2, ""], [first, "", "不记得了", 2, ""], [first, "", "2025-05-05", "若干", ""],
            ]  # fmt: skip
            page.write_row(len(lines) + 2, 0, ["合计", "", "", "", 999, ""])
            for number, cells in enumerate(broken, len(lines) + 3):
                page.write_row(number, 0, ["", *cells])
            expected.refused += len(broken)
            expected.rows += len(lines) + len(broken)
    return stream.getvalue(), people, expected


def _lines(n: int, name: str, expected: Expected) -> list[list[Any]]:
    """The two rows of one person, each in another hand; the name of the second is merged into the first."""
    lines = []
    for turn in range(2):
        written, minutes = LENGTHS[(n + 5 * turn) % len(LENGTHS)]
        day = date(2025, 1, 1) + timedelta(days=(n * 7 + turn * 31) % 300)
        lines.append([name, TEAMS[n % 4], DAYS[(n + turn) % len(DAYS)].format(day), written, WORDS[n % 5], ""])
        expected.new += 1
        expected.minutes += minutes
    return lines
