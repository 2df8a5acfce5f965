from datetime import UTC, date, datetime

import pytest

from governance.errors import DomainError
from governance.periods import Kind, Period, month_or_this, today


@pytest.mark.parametrize(
    ("text", "kind", "start", "end", "label"),
    [
        ("2026-03", Kind.MONTH, date(2026, 3, 1), date(2026, 4, 1), "2026年3月"),
        ("2025-12", Kind.MONTH, date(2025, 12, 1), date(2026, 1, 1), "2025年12月"),
        ("2026-Q1", Kind.QUARTER, date(2026, 1, 1), date(2026, 4, 1), "2026年第1季度"),
        ("2026-Q4", Kind.QUARTER, date(2026, 10, 1), date(2027, 1, 1), "2026年第4季度"),
        ("2026-H2", Kind.HALF, date(2026, 7, 1), date(2027, 1, 1), "2026年下半年"),
        ("2026", Kind.YEAR, date(2026, 1, 1), date(2027, 1, 1), "2026年"),
    ],
)
def test_it_reads_writes_and_names_a_period(text: str, kind: Kind, start: date, end: date, label: str) -> None:
    period = Period.parse(text)
    assert (period.kind, period.start, period.end, str(period), period.label) == (kind, start, end, text, label)
    assert Period.of(kind, start) == period
    assert period.previous().next() == period
    assert period.previous().end == start
    assert period.back(3) == [period, period.previous(), period.previous().previous()]


@pytest.mark.parametrize("text", ["", "2026-13", "2026-Q5", "2026-H0", "26-03", "2026-3", "0000"])
def test_it_refuses_what_is_no_period(text: str) -> None:
    with pytest.raises(DomainError):
        Period.parse(text)


def test_it_refuses_a_start_inside_a_period() -> None:
    with pytest.raises(DomainError):
        Period(Kind.QUARTER, date(2026, 2, 1))


def test_it_is_half_open() -> None:
    march = Period.parse("2026-03")
    assert date(2026, 3, 1) in march
    assert date(2026, 3, 31) in march
    assert date(2026, 4, 1) not in march
    assert [str(month) for month in Period.parse("2026-Q1").split(Kind.MONTH)] == ["2026-01", "2026-02", "2026-03"]


def test_it_counts_days_in_shanghai() -> None:
    assert today(datetime(2026, 3, 31, 15, 59, tzinfo=UTC)) == date(2026, 3, 31)
    assert today(datetime(2026, 3, 31, 16, 0, tzinfo=UTC)) == date(2026, 4, 1)
    begins, ends = Period.parse("2026-04").bounds()
    assert begins == datetime(2026, 3, 31, 16, 0, tzinfo=UTC)
    assert ends == datetime(2026, 4, 30, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "month"),
    [("2026-02", "2026-02"), ("2026-03", "2026-03"), ("2026-04", "2026-03"), ("2026-Q1", "2026-03"), ("x", "2026-03"), (None, "2026-03")],
)
def test_it_takes_this_month_for_what_names_none_or_one_to_come(text: str | None, month: str) -> None:
    assert str(month_or_this(text, datetime(2026, 3, 31, 15, 59, tzinfo=UTC))) == month
