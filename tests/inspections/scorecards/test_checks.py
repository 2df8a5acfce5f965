"""A card that does not add up is refused with the figures (plan §四(三))."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from inspections.scorecards.checks import card_faults, figure
from inspections.scorecards.scoring import Card, Kind, Section, Sort
from tests.inspections.cards.house import D, card, cards, item, section

GOOD = section(100, 10, item(1, points=6, per_case=1), item(2, points=4, per_case=1))


@pytest.mark.parametrize(
    ("of", "full", "told"),
    [
        (card(GOOD), 10, []),
        (card(GOOD), 100, ["各项目分值之和须为 100，现为 10。"]),
        (
            card(GOOD, section(200, 20, item(3, points=20, per_case=1))),
            100,
            ["各项目分值之和须为 100，现为 10 + 20 = 30。"],
        ),
        (
            card(section(100, 10, item(1, points=6, per_case=1), item(2, points="3.5", per_case=1))),
            10,
            ["“项目100”标准分 10，各条之和 6 + 3.5 = 9.5，两者须相等。"],
        ),
        (card(section(100, 10, item(1, Kind.NOTE), item(2, points=10, per_case=1))), 10, []),
        (card(section(100, 10, item(1, per_case=1), item(2, per_case=2))), 10, []),
        (
            card(section(100, 10, item(1, per_case=1), item(2, points=4, per_case=2))),
            10,
            ["“项目100”标准分 10，各条之和 10 + 4 = 14，两者须相等。"],
        ),
        (card(section(100, 10, item(1, Kind.NOTE))), 10, ["“项目100”标准分 10，各条之和 0，两者须相等。"]),
        (card(section(100, 10)), 10, ["“项目100”下面没有内容。"]),
        (card(), 100, ["检查表里还没有计分的项目。"]),
        (card(section(100, 0, item(1, per_case=1)), GOOD), 10, ["“项目100”标准分须大于 0。"]),
        (card(section(100, 10, item(1, points=10))), 10, ["“项目100”“第1条”：请写明每处（次、户）扣或加多少分。"]),
        (card(section(100, 10, item(1, Kind.BAND, 10))), 10, ["“项目100”“第1条”：请写明分档（如 95%得10分，90%得8分）。"]),
        (
            card(section(100, 10, item(1, Kind.BAND, 10, bands=[(95, 8), (90, 6)]))),
            10,
            ["“项目100”“第1条”：最高一档须得满 10 分，最低一档不少于 0 分。"],
        ),
        (
            card(section(100, 10, item(1, Kind.BAND, 10, bands=[(90, 10), (95, 8)]))),
            10,
            ["“项目100”“第1条”：分档须从高到低，比例和得分都依次降低。"],
        ),
        (
            card(section(100, 10, item(1, Kind.BAND, 10, bands=[(120, 10), (95, 8)]))),
            10,
            ["“项目100”“第1条”：分档的比例须在 0 到 100% 之间。"],
        ),
        (
            card(section(100, 10, item(1, Kind.NOTE, 3), item(2, points=10, per_case=1))),
            10,
            ["“项目100”“第1条”：只记录的内容不占分值。"],
        ),
        (
            card(section(100, 10, item(1, Kind.BONUS, 10, 1), item(2, points=10, per_case=1))),
            10,
            [
                "“项目100”“第1条”：计分办法与所在项目的类别不符。",
                "“项目100”标准分 10，各条之和 10 + 10 = 20，两者须相等。",
            ],
        ),
        (card(GOOD, section(200, 0, item(3, Kind.BONUS, 1, 1), sort=Sort.BONUS)), 10, ["“项目200”须写明加分上限。"]),
        (
            card(GOOD, section(200, 5, item(3, Kind.VETO), sort=Sort.VETO)),
            10,
            ["“项目200”是一票否决，标准分须为 0，现为 5。"],
        ),
        (
            card(section(100, 10, item(1, points=6, per_case=1), item(2, points=4, per_case=1, exclusive=True))),
            10,
            ["“项目100”“第2条”：“与上一条只扣重的一条”只用于和上一条共用分值的扣分内容。"],
        ),
        (
            card(GOOD, section(200, 0, item(3, Kind.VETO, indicator="x"), sort=Sort.VETO)),
            10,
            ["“项目200”“第3条”：实测指标只用于扣分的内容，不能用来加分、否决或只作记录。"],
        ),
        (Card((GOOD,), D(80), D(80), D(60)), 10, ["等次分数线须从好到一般依次降低，且大于 0。"]),
    ],
)
def test_it_names_what_is_wrong(of: Card, full: int, told: list[str]) -> None:
    assert card_faults(of, D(full)) == told


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_it_names_the_figures_of_any_section_that_does_not_add_up(data: st.DataObject) -> None:
    of = data.draw(cards())
    place = data.draw(st.sampled_from([n for n, part in enumerate(of.sections) if part.sort == Sort.NORMAL]))
    moved = Decimal(data.draw(st.integers(1, 500))) / 100
    part = of.sections[place]
    broken = _with(of, place, replace(part, points=part.points + moved))
    own = [fault for fault in card_faults(broken, broken.full) if "标准分" in fault]
    assert len(own) == 1
    assert f"标准分 {figure(part.points + moved)}，" in own[0] and f" {figure(part.points)}，两者" in own[0]


@settings(max_examples=100, deadline=None)
@given(cards(), st.integers(1, 30_000).map(lambda cents: D(cents) / 100))
def test_it_names_the_figures_of_any_card_that_is_not_full(of: Card, full: Decimal) -> None:
    assume(full != of.full)
    (fault,) = card_faults(of, full)
    assert f"须为 {figure(full)}，" in fault and fault.endswith(f" {figure(of.full)}。")


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_it_finds_every_line_that_a_random_change_broke(data: st.DataObject) -> None:
    of = data.draw(cards())
    lines = [(n, m) for n, part in enumerate(of.sections) for m in range(len(part.items))]
    place, at = data.draw(st.sampled_from(lines))
    part = of.sections[place]
    line = part.items[at]
    wrong = {
        Kind.EACH: replace(line, per_case=D(0)),
        Kind.BONUS: replace(line, per_case=D(0)),
        Kind.BAND: replace(line, bands=line.bands[::-1] if len(line.bands) > 1 else ()),
        Kind.WHOLE: replace(line, kind=Kind.BONUS),
        Kind.NOTE: replace(line, points=D(1)),
        Kind.VETO: replace(line, indicator="x"),
    }[line.kind]
    items = (*part.items[:at], wrong, *part.items[at + 1 :])
    told = card_faults(_with(of, place, replace(part, items=items)), of.full)
    assert any(f"“{line.name}”" in fault for fault in told)


def _with(of: Card, place: int, part: Section) -> Card:
    return replace(of, sections=(*of.sections[:place], part, *of.sections[place + 1 :]))
