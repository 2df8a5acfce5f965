"""村集体经济年度收支 as a village's list begins: what the township has confirmed of the year (plan §三.3; mission M07)."""

from __future__ import annotations

from governance.disclosure.affairs.filling import Filled
from governance.periods import Period
from governance.sheets.money import yuan
from villages.economy.figures import Line, formula_of
from villages.models import EconomyStatement, Unit

COLUMNS = ["序号", "项目", "收入（元）", "支出（元）", "备注"]
COUNTED = {1: "计入经营收益", -1: "从经营收益中减去", 0: ""}
NOT_YET = "本年的村集体经济收支镇里核定后公开。"


def economy_disclosed(village: Unit, period: Period) -> Filled:
    """A line a head with what was taken in or spent; 经营收益 and how it is reckoned stand in the note."""
    rows = EconomyStatement.objects.standing().filter(village=village, year=period.start.year)
    statement = rows.prefetch_related("amounts").first()
    if statement is None:
        return Filled(COLUMNS, [], NOT_YET, "")
    lines = [[str(number), *_row(line)] for number, line in enumerate(statement.lines, 1)]
    note = f"经营收益 {statement.gain_yuan} 元（{formula_of(statement.year)}）。"
    return Filled(COLUMNS, lines, note, f"村集体经济年度收支，{period.label}，第 {statement.version} 版")


def _row(line: Line) -> list[str]:
    amount = yuan(line.fen)
    return [line.head.name, amount if line.head.is_income else "", "" if line.head.is_income else amount, COUNTED[line.head.sign]]
