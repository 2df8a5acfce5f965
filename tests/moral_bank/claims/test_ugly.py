"""Past points as ugly as villages keep them: every row is what its key says, or is looked at or refused; twice is once."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
import xlsxwriter

from moral_bank.claims.sheet_import import CLAIM_IMPORT
from moral_bank.models import BankImport, Claim
from tests.builders import make_cast, make_household, make_resident, make_rule_set, make_township, make_village
from tests.sheets.messy import make_id
from villages.models import Household

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 4, 2, 4, tzinfo=UTC)
HEAD = ["序号", "村（社区）", "户主姓名", "户主身份证号", "户号", "积分事由", "时间", "加分", "扣分", "申报人", "备注"]
DAYS = (
    "{0.month}月{0.day}日", "{0:%Y-%m-%d}", "{0.month}.{0.day}号", "{0:%y}.{0.month}.{0.day}", "{0.year}年{0.month}月{0.day}日",
    "{0:%Y%m%d}",
)  # fmt: skip
VILLAGES = ("西兴镇八一村", "〃", "", "八一村", "同上", "八一村村民委员会")
# words, deed, columns 加分 and 扣分, score, verdicts
DEEDS: tuple[tuple[str, str, str, str, int, tuple[str, ...]], ...] = (
    ("参加志愿服务", "S1", "5", "", 5, ("take", "clean")),
    ("S1", "S1", "+5分", "", 5, ("take", "clean")),
    ("参与赌博。", "L1", "", "10", -10, ("clean",)),
    ("庭院整洁", "J1", "7分", "", 7, ("clean",)),
    ("参加志愿服务（清理河道）", "S1", "加5", "", 5, ("look",)),
    ("参加志愿活动", "S1", "5", "", 5, ("look",)),
    ("参与赌博", "L1", "", "-10", -10, ("clean",)),
    ("参加志愿服务", "", "3", "", 0, ("refuse",)),
    ("做饭很香", "", "5", "", 0, ("refuse",)),
    ("庭院整洁", "", "好", "", 0, ("refuse",)),
)


@dataclass(frozen=True)
class Right:
    """What is right about one row."""

    household: str
    deed: str
    day: date
    score: int
    verdicts: tuple[str, ...]


def homes_of(village: Any) -> list[tuple[Household, str]]:
    """Twelve heads, the last four two of one name, each with an ID number."""
    names = ["赵春", "钱夏", "孙秋", "李冬", "周东", "吴南", "郑西", "王北", "张国强", "张国强", "李桂兰", "李桂兰"]
    found = []
    for n, name in enumerate(names, 1):
        home, number = make_household(village, name, number=f"{n}"), make_id(date(1960, 1, n), 2 * n + 1)
        head = make_resident(home, name)
        head.set_id_number(number)
        head.save()
        found.append((home, number))
    return found


def ugly(homes: list[tuple[Household, str]], count: int) -> tuple[bytes, list[Right]]:
    stream, key = io.BytesIO(), []
    with xlsxwriter.Workbook(stream) as file:
        page = file.add_worksheet("Sheet1")
        page.merge_range(0, 0, 0, len(HEAD) - 1, "八一村道德银行积分台账（2026年1—3月）")
        page.write_row(1, 0, HEAD)
        for n in range(count):
            cells, right = _row(n, *homes[n % len(homes)])
            page.write_row(n + 2, 0, [n + 1, *cells])
            key.append(right)
    return stream.getvalue(), key


def _row(n: int, home: Household, number: str) -> tuple[list[Any], Right]:
    """Of heads with a name of their own, half are named alone; twins by their ID number, by its old form, or by 户号."""
    day = date(2026, 1, 5) + timedelta(days=n % 80)
    words, deed, plus, minus, score, verdicts = DEEDS[n % len(DEEDS)]
    twin = home.head_name in ("张国强", "李桂兰")
    by = (n // 12) % 3 if twin else n % 4
    id_cell = {0: number, 1: number[:6] + number[8:17]}.get(by, "")
    household = f"00{home.number}" if by == 2 else ""
    if by == 1 and "take" in verdicts:
        verdicts = ("clean",)
    name = f"{home.head_name[0]} {home.head_name[1:]}" if n % 7 == 0 else home.head_name
    cells = [VILLAGES[n % len(VILLAGES)], name, id_cell, household, words, DAYS[n % len(DAYS)].format(day), plus, minus, "", f"第{n}行"]
    return cells, Right(home.number, deed, day, score, verdicts)


def test_every_row_of_an_ugly_ledger_is_as_its_key_says() -> None:
    with time_machine.travel(NOW, tick=False):
        township = make_township()
        village = make_village(township)
        cadre = make_cast(township, village)["cadre"]
        make_rule_set(township)
        file, key = ugly(homes_of(village), 240)

        def read() -> BankImport:
            return CLAIM_IMPORT.read(file=file, filename="台账.xlsx", by=cadre)

        ledger = read()
        rows = [item.row for item in ledger.judged().rows]
        wrong = [(row.verdict, row.reason, right) for row, right in zip(rows, key, strict=True) if row.verdict not in right.verdicts]
        assert not wrong, wrong[:3]
        good = [right for right in key if right.deed]
        done = CLAIM_IMPORT.commit(ledger, include_look=True, by=cadre)
        assert (done.new, done.same, done.left_out) == (len(good), 0, len(key) - len(good))
        claims = Claim.objects.order_by("pk").values_list("account__household__number", "deed__code", "occurred_on", "score")
        assert list(claims) == [(right.household, right.deed, right.day, right.score) for right in good]
        again = CLAIM_IMPORT.commit(read(), include_look=True, by=cadre)
        assert (again.new, again.same) == (0, len(good)) and Claim.objects.count() == len(good)
