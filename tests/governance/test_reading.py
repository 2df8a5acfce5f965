"""What an address or a button says is a text, a key or a month of ours, or nothing."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from governance.periods import Kind, Period, today
from governance.reading import (
    LONGEST,
    key_asked,
    key_sent,
    keys_asked,
    keys_sent,
    month_asked,
    text_asked,
    text_sent,
    whole,
)


@pytest.mark.parametrize("typed", ["", "abc", "-1", "1.5", "²", "9" * 19, "1e3", " 1", "\0", "长"])
def test_a_key_is_a_figure_that_a_row_can_have(typed: str) -> None:
    asked, sent = RequestFactory().get("/", {"key": ["7", typed]}), RequestFactory().post("/", {"key": ["7", typed]})
    assert (key_asked(asked, "key"), key_sent(sent, "key")) == (0, 0)
    assert keys_asked(asked, "key") == keys_sent(sent, "key") == [7]


@pytest.mark.parametrize("typed", ["", "9999-12", "0000-01", "2201-01", "1899-12", "2026-Q1", "2026-13", "gestern", "\0"])
def test_a_month_that_is_none_is_this_one(typed: str) -> None:
    assert month_asked(RequestFactory().get("/", {"month": typed})) == Period.of(Kind.MONTH, today())


def test_a_month_of_the_past_is_that_one() -> None:
    assert str(month_asked(RequestFactory().get("/", {"month": "2025-03"}))) == "2025-03"


def test_a_text_has_no_nul_and_an_end() -> None:
    typed = {"text": "王\0" + "长" * 3000}
    for text in (text_asked(RequestFactory().get("/", typed), "text"), text_sent(RequestFactory().post("/", typed), "text")):
        assert text.startswith("王长") and len(text) == LONGEST
    assert text_asked(RequestFactory().get("/"), "text", "usual") == "usual"


HALVES = [("好\ud83d", "好\ufffd"), ("\udc00好", "\ufffd好"), ("好😀", "好😀"), ("\ud83d\ude00", "😀"), ("a\0", "a")]


@pytest.mark.parametrize(("typed", "kept"), HALVES)
def test_half_a_character_is_shown_as_none(typed: str, kept: str) -> None:
    assert whole(typed) == kept
