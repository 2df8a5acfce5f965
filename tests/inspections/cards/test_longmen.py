"""龙门镇's published card, entered from the CSV, gives by hand-worked examples the totals that its rules say.

四川雅安市芦山县龙门镇《新村管理季度交叉评比考核评分细则》(2018), 20 lines, 10+25+35+10+10+10; see `data/inspections/README.md`.
"""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from governance.sheets.cards import good_sections, read_card, sheet_of_text
from inspections.cards.setting_up import FOLDER
from inspections.cards.sheet_import import card_draft, draft_engine, draft_faults
from inspections.scorecards.scoring import Answer, Card, Kind, Result, score

CSV = Path(__file__).with_name("longmen.csv")
SHORT = {
    "乱堆": "房前屋后杂物脏乱差或乱堆乱放",
    "杂草": "聚居点内杂草未清理",
    "乱停": "车辆乱停乱放",
    "白色": "白色垃圾",
    "卫生费": "卫生费上缴自管委账户达到100%",
    "私搭": "存在私搭乱建行为",
    "未划分": "菜园未划分到户、未收取租赁资金",
    "高秆": "种植高秆及藤蔓植物",
    "荒废": "微菜园荒废、杂草清理不彻底",
    "议事": "每季度召开住户(代表)议事会议",
    "档案": "六卷一本档案建立和完整",
    "标牌": "标识标牌损坏未及时更换",
    "矛盾": "未开展矛盾化解工作",
    "安全": "未开展安全工作",
    "事故": "发生安全责任事故",
    "活动": "每季度至少1次星级文明户、十佳居民、最美微菜园等活动",
    "低于90": "抽查满意度90分以下",
    "低于80": "抽查满意度80分以下",
}


def longmen() -> Card:
    return draft_engine(good_sections(read_card(sheet_of_text(CSV.read_text(encoding="utf-8")))))


def inspected(**cases: float) -> Result:
    """The card with so many cases on the named lines and none on the others."""
    of = longmen()
    keys = {line.name: line.key for line in of.items}
    found = {keys[SHORT[name]]: Answer(Decimal(str(count))) for name, count in cases.items()}
    return score(of, {**{key: Answer(Decimal(0)) for key in keys.values()}, **found})


def by_section(result: Result) -> list[Decimal]:
    return list(result.sections.values())


def test_it_reads_every_published_line() -> None:
    draft = read_card(sheet_of_text(CSV.read_text(encoding="utf-8")))
    with CSV.open(encoding="utf-8") as file:
        published = list(csv.DictReader(file))
    assert len(published) == 20 and draft.refused == []
    lines = [(section.name, line) for section in good_sections(draft) for line in section.items]
    assert [(name, line.name, line.rule) for name, line in lines] == [
        (row["section"], row["indicator"], row["rule"]) for row in published
    ]
    for row, (_, line) in zip(published, lines, strict=True):
        assert line.points == (Decimal(row["item_points"]) if row["item_points"] else None)
        if line.kind == Kind.EACH:
            assert (line.per_case, line.unit) == (-Decimal(row["per_case"]), row["case_unit"])
    assert [line.kind for _, line in lines if line.kind != Kind.EACH] == ["note", "whole"]
    assert [line.name for _, line in lines if line.exclusive] == ["抽查满意度80分以下"]
    assert draft_faults(good_sections(draft), Decimal(100)) == []


def test_it_is_shipped_as_it_was_published() -> None:
    shipped = card_draft((FOLDER / "settlement_longmen.csv").read_text(encoding="utf-8"))
    assert draft_engine(good_sections(shipped)) == longmen()
    assert "http" in (FOLDER / "settlement_longmen.csv").read_text(encoding="utf-8"), "its source is kept"


@pytest.mark.parametrize(
    ("cases", "sections", "total"),
    [
        # nothing found: 10 + 25 + 35 + 10 + 10 + 10
        ({}, [10, 25, 35, 10, 10, 10], 100),
        # 每处扣1, five lines share 10: 10 − 3 − 2 − 1 − 2
        ({"乱堆": 3, "杂草": 2, "乱停": 1, "白色": 2}, [2, 25, 35, 10, 10, 10], 92),
        # twelve places in a section of 10: emptied, not below
        ({"乱堆": 7, "白色": 5}, [0, 25, 35, 10, 10, 10], 90),
        # 每处扣5,扣完为止: 25 − 3 × 5
        ({"私搭": 3}, [10, 10, 35, 10, 10, 10], 85),
        # six times 5 of 25
        ({"私搭": 6}, [10, 0, 35, 10, 10, 10], 75),
        # 35 − 4 户 × 5 − 3 处 − 5 户 × 1
        ({"未划分": 4, "高秆": 3, "荒废": 5}, [10, 25, 7, 10, 10, 10], 72),
        # 6 户 × 5 = 30, then 5 of the 9 places until the 35 are gone
        ({"未划分": 6, "高秆": 9}, [10, 25, 0, 10, 10, 10], 65),
        # 每少一次扣5, 按卷扣2 twice, one sign: 10 − 5 − 4 − 1
        ({"议事": 1, "档案": 2, "标牌": 1}, [10, 25, 35, 0, 10, 10], 90),
        # 每次扣0.5: 10 − 3 × 0.5 − 1 × 0.5
        ({"矛盾": 3, "安全": 1}, [10, 25, 35, 10, 8, 10], 98),
        # 发生安全责任事故: 全部扣完
        ({"事故": 1}, [10, 25, 35, 10, 0, 10], 90),
        # the accident empties what the others left, and no more
        ({"矛盾": 3, "事故": 1}, [10, 25, 35, 10, 0, 10], 90),
        # satisfaction of 85: 扣1; no activity 扣2
        ({"活动": 1, "低于90": 1}, [10, 25, 35, 10, 10, 7], 97),
        # satisfaction of 75 is below 90 as well: 扣5, not 扣6
        ({"低于90": 1, "低于80": 1}, [10, 25, 35, 10, 10, 5], 95),
        # 10 − 3 × 2 − 5 is below nothing
        ({"活动": 3, "低于90": 1, "低于80": 1}, [10, 25, 35, 10, 10, 0], 90),
        # fees not paid up take the keepers' allowance, no points
        ({"卫生费": 40}, [10, 25, 35, 10, 10, 10], 100),
        # a quarter with a bit of everything: 10−4, 25−5, 35−5−2, 10−5, 0, 10−2−1
        (
            {"乱堆": 4, "卫生费": 40, "私搭": 1, "未划分": 1, "高秆": 2, "议事": 1, "事故": 1, "活动": 1, "低于90": 1},
            [6, 20, 28, 5, 0, 7],
            66,
        ),
    ],
)
def test_it_gives_what_the_published_rules_say(cases: dict[str, float], sections: list[int], total: int) -> None:
    result = inspected(**cases)
    assert by_section(result) == sections
    assert result.total == total and result.missing == ()


def test_it_shows_the_emptying_line_by_line() -> None:
    lines = [(line.amount, line.asked) for line in inspected(未划分=6, 高秆=9).trail if line.asked and line.item]
    assert lines == [(Decimal(-30), Decimal(-30)), (Decimal(-5), Decimal(-9))]


def test_it_moves_nothing_by_the_allowance_line() -> None:
    of = longmen()
    key = next(line.key for line in of.items if line.kind == Kind.NOTE)
    assert key not in [line.item for line in inspected(卫生费=40).trail]
