"""A ledger as ugly as villages keep it: every row is what its key says, or is looked at or refused; twice is once."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
import xlsxwriter

from governance.cases.disputes.sheet_import import DISPUTE_IMPORT
from governance.cases.engine.due import CASE, KINDS
from governance.cases.models import Case, DisputeImport
from governance.frame.due import lines_of
from governance.periods import SHANGHAI
from tests.cases.house import CaseHouse, moment

pytestmark = pytest.mark.django_db
HEAD = [
    "序号", "编号", "村（社区）", "排查时间", "受理时间", "当事人", "联系电话", "主要情况", "类型", "等级", "化解时间", "化解情况", "归档",
    "备注",
]  # fmt: skip
DAYS = ("{0:%Y-%m-%d}", "{0.year}年{0.month}月{0.day}日", "{0:%y}.{0.month}.{0.day}", "{0.month}月{0.day}日", "{0:%Y%m%d}", "{0:%Y/%m/%d}")
VILLAGES = ("八一村", "西兴镇八一村", "〃", "", "八一村委会", "同上")
PARTIES: tuple[tuple[str, str], ...] = (
    ("{0}、{1}", "{2}、{3}"), ("甲方：{0}（{2}）；乙方：{1}（{3}）", ""), ("{0}与{1}", "{0}：{2} {1}：{3}"), ("{0}({2}),{1}({3})", ""),
    ("申请人：{0}\n被申请人：{1}", "{2}\n{3}"), ("{0}  {1}", "{2}/{3}"),
)  # fmt: skip
# word → outcome and whether it is looked at; None: still open
STATUS: tuple[tuple[str, str, bool], ...] = (
    ("化解中", "", False), ("√", "agreed", False), ("调处成功", "agreed", False), ("正在办理", "", False), ("已起诉", "failed", False),
    ("移交司法所", "failed", False), ("经调解，双方达成协议", "agreed", False), ("未化解", "", True), ("×", "", True),
    ("调解不成，引导诉讼", "failed", False), ("已调解", "agreed", False), ("", "", False), ("待研究", "", True), ("办结", "agreed", False),
    ("调解失败", "failed", False), ("达成协议，已履行", "agreed", False), ("调解中", "", False), ("已办结", "agreed", False),
    ("基本化解", "", True),
)  # fmt: skip
RISKS = (("高", "red"), ("一般", "green"), ("黄色", "yellow"), ("", "green"))
SURNAMES, GIVEN = "赵钱孙李周吴郑王冯陈", "春夏秋冬东南西北"


@dataclass(frozen=True)
class Right:
    """What is right about one row."""

    number: str
    accepted: date
    ended: date | None
    names: tuple[str, str]
    phones: tuple[str, str]
    outcome: str
    risk: str
    verdicts: tuple[str, ...]


def ugly(count: int) -> tuple[bytes, list[Right]]:
    stream, key = io.BytesIO(), []
    with xlsxwriter.Workbook(stream) as file:
        page = file.add_worksheet("台账")
        page.merge_range(0, 0, 0, len(HEAD) - 1, "西兴镇矛盾纠纷排查化解台账（2026年1—3月）")
        page.write_row(1, 0, HEAD)
        for n in range(count):
            cells, right = _row(n)
            page.write_row(n + 2, 0, [n + 1, *cells])
            key.append(right)
        page.write_row(count + 2, 0, ["合计", "", "", "", "", "", "", f"共{count}件"])
    return stream.getvalue(), key


def _row(n: int) -> tuple[list[Any], Right]:
    found = date(2026, 1, 5) + timedelta(days=n % 70)
    accepted = found + timedelta(days=n % 3)
    names = (f"{SURNAMES[n % 10]}{GIVEN[n % 8]}{GIVEN[n // 8 % 8]}", f"{SURNAMES[(n + 3) % 10]}{GIVEN[(n + 1) % 8]}")
    phones = (f"154{n:08}", f"154{n + 5000:08}")
    word, outcome, looked = STATUS[n % len(STATUS)]
    ended = accepted + timedelta(days=n % 5) if outcome else None
    wrong_order = ended is not None and n % 17 == 4
    if wrong_order:
        ended = accepted - timedelta(days=1)
    risk, colour = RISKS[n % 4]
    parties, numbers = PARTIES[n % len(PARTIES)]
    said = [DAYS[(n + shift) % len(DAYS)] for shift in range(3)]
    cells = [
        f"八纠〔2026〕{n}号", VILLAGES[n % len(VILLAGES)], said[0].format(found), said[1].format(accepted),
        parties.format(*names, *phones), numbers.format(*names, *phones), f"第{n}起，为过路争吵", "邻里", risk,
        said[2].format(ended) if ended else "", word, "未归档" if n % 2 else "", f"第{n}行",
    ]  # fmt: skip
    verdicts = ("look",) if looked or wrong_order else ("take", "clean")
    return cells, Right(cells[0], accepted, ended, names, phones, outcome, colour, verdicts)


def test_every_row_of_an_ugly_ledger_is_as_its_key_says() -> None:
    house = CaseHouse()
    staff, later = house.user("staff"), moment("2026-12-01 09:00")
    before = [lines_of(KINDS, house.user(role), later) for role in ("staff", "cadre", "secretary")]
    file, key = ugly(95)

    def read() -> DisputeImport:
        return DISPUTE_IMPORT.read(file=file, filename="台账.xlsx", township=house.township, by=staff, on=date(2026, 6, 1))

    ledger = read()
    rows = [item.row for item in ledger.judged().rows]
    wrong = [(row.reason, right) for row, right in zip(rows, key, strict=True) if row.verdict not in right.verdicts]
    assert not wrong, wrong[:3]
    done = DISPUTE_IMPORT.commit(ledger, include_look=True, by=staff)
    assert (done.new, done.same, done.left_out) == (len(key), 0, 0)
    cases = Case.objects.order_by("pk").select_related("dispute").prefetch_related("dispute__parties")
    assert [_right(case) for case in cases] == [_expected(right) for right in key]
    assert [lines_of(KINDS, house.user(role), later) for role in ("staff", "cadre", "secretary")] == before
    assert not CASE.late_rows(later).exists() and not Case.objects.exclude(case_due_at=None).exists()
    again = DISPUTE_IMPORT.commit(read(), include_look=True, by=staff)
    assert (again.new, again.same) == (0, len(key)) and Case.objects.count() == len(key)


def _right(case: Case) -> tuple[Any, ...]:
    parties = list(case.dispute.parties.all())
    ended = case.finished_at.astimezone(SHANGHAI).date() if case.finished_at else None
    return (
        case.old_number, case.logged_at.astimezone(SHANGHAI).date(), ended, tuple(party.name for party in parties),
        tuple(party.phone for party in parties), case.dispute.outcome, case.dispute.risk, case.is_open,
    )  # fmt: skip


def _expected(right: Right) -> tuple[Any, ...]:
    return (
        right.number, right.accepted, right.ended, right.names, right.phones, right.outcome, right.risk, not right.outcome,
    )  # fmt: skip
