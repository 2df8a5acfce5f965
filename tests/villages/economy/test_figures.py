"""经营收益 as worked by hand from five yearly tables in the usual form, and money that never loses a fen."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.sheets.cells import REFUSE
from governance.sheets.money import MOST, clean_money, fen_of, yuan
from villages.economy.figures import Band, band_of, formula_of, gain_of, lines_of
from villages.economy.heads import all_heads, scheme_of

# A village's 收益表 as it is kept by hand, in 元: (year, head → amount, 经营收益 worked out on paper, band).
OLD = ("operating", "contracting", "investment", "subsidy", "other_income", "operating_cost", "management", "other_cost")
NEW = ("operating", "investment", "subsidy", "other_income", "operating_cost", "tax", "management", "public_good", "other_cost")
TABLES = [
    # 12000.00 + 8600.50 + 0 − 3000.25 − 17600.25 = 0.00
    (2021, OLD, "12000.00 8600.50 0 150000.00 88.00 3000.25 17600.25 20.00", "0.00", Band.NONE),
    # 56000.10 + 21000.00 + 3000.00 − 12000.05 − 18000.06 = 49999.99
    (2022, OLD, "56000.10 21000.00 3000.00 90000.00 0 12000.05 18000.06 500.00", "49999.99", Band.BELOW_FIVE),
    # 70000.00 + 40000.00 − 5000.00 − 30000.00 − 25000.00 = 50000.00: an investment lost
    (2023, OLD, "70000.00 40000.00 -5000.00 120000.00 1200.00 30000.00 25000.00 0", "50000.00", Band.FIVE_TO_TEN),
    # 180000.00 + 12000.00 − 61000.50 − 999.50 − 30000.00 = 100000.00
    (2024, NEW, "180000.00 12000.00 80000.00 300.00 61000.50 999.50 30000.00 15000.00 0", "100000.00", Band.FIVE_TO_TEN),
    # 180000.01 + 12000.00 − 61000.50 − 999.50 − 30000.00 = 100000.01
    (2025, NEW, "180000.01 12000.00 80000.00 300.00 61000.50 999.50 30000.00 15000.00 40.00", "100000.01", Band.ABOVE_TEN),
]


@pytest.mark.parametrize(("year", "keys", "written", "gain", "band"), TABLES, ids=[str(table[0]) for table in TABLES])
def test_a_table_gives_what_was_worked_out_by_hand(year: int, keys: tuple[str, ...], written: str, gain: str, band: Band) -> None:
    amounts = {key: fen_of(amount) for key, amount in zip(keys, written.split(), strict=True)}
    assert tuple(head.key for head in scheme_of(year).heads) == keys
    assert (yuan(gain_of(year, amounts)), band_of(gain_of(year, amounts))) == (gain, band)
    assert sum(line.counted for line in lines_of(year, amounts)) == fen_of(gain)


def test_a_loss_is_no_gain_and_the_edges_stand_to_the_fen() -> None:
    edges = {-1: Band.NONE, 0: Band.NONE, 1: Band.BELOW_FIVE, 4_999_999: Band.BELOW_FIVE, 5_000_000: Band.FIVE_TO_TEN}
    edges |= {10_000_000: Band.FIVE_TO_TEN, 10_000_001: Band.ABOVE_TEN}
    assert {fen: band_of(fen) for fen in edges} == edges


def test_the_formula_is_said_as_the_year_has_it() -> None:
    assert formula_of(2023) == "经营收入 + 发包及上交收入 + 投资收益 − 经营支出 − 管理费用"
    assert formula_of(2024) == "经营收入 + 投资收益 − 经营支出 − 税金及附加 − 管理费用"
    with pytest.raises(ValueError, match="2004"):
        scheme_of(2004)
    assert [head.name for head in all_heads()][:3] == ["经营收入", "发包及上交收入", "投资收益"] and len(all_heads()) == 10


@given(st.integers(-MOST + 1, MOST - 1))
def test_text_and_fen_are_the_same_money(fen: int) -> None:
    assert fen_of(yuan(fen)) == fen == fen_of(f"{Decimal(fen) / 100:,}元")
    assert clean_money(float(yuan(fen))).value == yuan(fen) or abs(fen) > 2**43


@given(st.integers(-MOST // 10_000, MOST // 10_000 - 1))
def test_ten_thousands_lose_no_fen(fen: int) -> None:
    assert fen_of(str(Decimal(fen).scaleb(-6)), 10_000) == fen


@given(st.lists(st.integers(0, MOST // 10), min_size=9, max_size=9), st.integers(2005, 2030))
def test_a_gain_is_made_of_its_lines(fens: list[int], year: int) -> None:
    heads = scheme_of(year).heads
    amounts = {head.key: fen for head, fen in zip(heads, fens, strict=False)}
    by_text = sum(head.sign * fen_of(yuan(amounts[head.key])) for head in heads)
    assert gain_of(year, amounts) == by_text


@pytest.mark.parametrize("text", ["", "12.345", "一千", "1,23.00", "1e5", "--3", "12元5角", "1234567890123456"])
def test_what_is_no_money_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match="”(不是金额|不到一分|太大了)"):
        fen_of(text)


def test_cells_are_read_as_excel_writes_them() -> None:
    assert [clean_money(cell).value for cell in (0.1 + 0.2, "￥1,234.5", "无", None, 12.0)] == ["0.30", "1234.50", "0.00", None, "12.00"]
    assert clean_money("约三万").level == REFUSE and clean_money(1.005).level == REFUSE
