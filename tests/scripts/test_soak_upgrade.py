"""What the upgrade drill calls a difference: nothing is lost or changed but what is named, with its reason."""

from __future__ import annotations

import pytest

from soak_upgrade import CHANGED, MOVED, REWRITTEN, Content, _compared

ENTRIES = {"1": {"points": "a", "memo": "b"}, "2": {"points": "c", "memo": "d"}}
BEFORE: Content = {
    "moral_bank_entry": ENTRIES,
    "cases_carenote": {"1": {"text": "a"}},
    "cases_numberseries": {"1": {"kind": "a", "last": "7"}, "2": {"kind": "b", "last": "7"}},
    "villages_household": {"1": {"head_pinyin": "a", "head_name": "b"}},
}
AFTER: Content = {
    "moral_bank_entry": {**ENTRIES, "3": {"points": "e", "memo": "f"}},
    "volunteers_carenote": {"1": {"text": "a", "level": "new"}},
    "villages_numberseries": {"5": {"prefix": "a", "last": "7"}, "6": {"prefix": "b", "last": "7"}},
    "villages_household": {"1": {"head_pinyin": "other", "head_name": "b", "town": "new"}},
}


def found(after: Content) -> list[str]:
    return list(_compared("v0", BEFORE, after))


def test_what_came_with_it_and_what_is_named_is_no_difference() -> None:
    assert found(AFTER) == []


@pytest.mark.parametrize(
    ("table", "rows", "words"),
    [
        ("moral_bank_entry", {"1": ENTRIES["1"]}, "moral_bank_entry: 1 rows lost"),
        ("moral_bank_entry", {**ENTRIES, "2": {"points": "x", "memo": "d"}}, "moral_bank_entry.points: 1 values changed"),
        ("moral_bank_entry", {"1": {"points": "a"}, "2": {"points": "c"}}, "moral_bank_entry.memo: is gone"),
        ("volunteers_carenote", {"1": {"text": "x"}}, "cases_carenote.text: 1 values changed"),
        ("villages_numberseries", {"5": {"prefix": "a", "last": "7"}}, "cases_numberseries: 1 rows are not in villages_numberseries"),
    ],
)
def test_all_else_is_one(table: str, rows: dict[str, dict[str, str]], words: str) -> None:
    assert found({**AFTER, table: rows}) == [words]


def test_a_table_that_is_gone_is_one() -> None:
    assert found({table: rows for table, rows in AFTER.items() if table != "volunteers_carenote"}) == ["cases_carenote is gone"]


def test_each_difference_that_is_named_has_a_reason() -> None:
    assert all(len(why) > 20 for why in CHANGED.values()) and not set(MOVED) & set(REWRITTEN)
