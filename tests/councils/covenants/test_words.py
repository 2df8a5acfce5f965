"""What a clause may touch, how a pasted text becomes clauses, how two versions are compared: pure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.councils.covenants.comparing import pairs_of
from governance.councils.covenants.marking import MOST_CLAUSES, clauses_of, mark_words, marks_of


@pytest.mark.parametrize(
    ("clause", "touched"),
    [
        ("不参加义务劳动的，取消低保和各项补贴。", "待遇补贴"),
        ("乱倒垃圾的，不得享受集体分红。", "待遇补贴"),
        ("违反一次罚款五十元。", "罚款处罚"),
        ("不交卫生费的，停水停电。", "人身自由和基本生活"),
        ("没有缴清的，村里不予开具证明。", "证明和办事"),
        ("拒不改正的，罚五十元并停电。", "罚款处罚、人身自由和基本生活"),
        ("不参加义务劳动的扣惠民补贴。", "待遇补贴"),
        ("超生的停低保。", "待遇补贴"),
        ("办酒超二十桌的不给低保。", "待遇补贴"),
        ("不参加会议的每次交200元。", "罚款处罚"),
        ("会议迟到的扣五十元。", "罚款处罚"),
        ("不交卫生费的不办手续。", "证明和办事"),
        ("不许进村摆摊。", "人身自由和基本生活"),
        ("卫生费每户每月交 5 元，由村民会议议定。", ""),
        ("办理低保由本人申请，村里不收费。", ""),
        ("爱护公共设施，损坏的照价赔偿。", ""),
        ("红白事不大操大办，席数不超过二十桌。", ""),
        ("取得低保资格的家庭，邻里多帮一把。", ""),
        ("孝敬老人，不打骂不遗弃。", ""),
    ],
)
def test_it_marks_what_a_covenant_cannot_take(clause: str, touched: str) -> None:
    assert mark_words(" ".join(marks_of(clause))) == touched


def test_it_takes_a_pasted_text_line_by_line() -> None:
    pasted = "第一条 爱国守法。\n\n二、讲究卫生\n（三）邻里和睦。\n4. 移风易俗\n三月植树，人人动手。\n"
    assert clauses_of(pasted) == ["爱国守法。", "讲究卫生", "邻里和睦。", "移风易俗", "三月植树，人人动手。"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("  \n ", "请写条款，一行一条。"),
        ("\n".join(f"条款{number}" for number in range(MOST_CLAUSES + 1)), "条款最多 60 条，现在有 61 条。"),
        ("好\n" + "长" * 501, "第 2 条有 501 字，最多 500 字，请分成几条。"),
        ("守法\n卫生\n守法", "第 3 条与第 1 条相同。"),
    ],
)
def test_it_says_what_is_wrong_with_a_text(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        clauses_of(text)


def test_three_versions_say_what_changed() -> None:
    first = ["爱国守法。", "门前三包，每天打扫。", "红白事不超过三十桌。"]
    second = ["爱国守法。", "门前三包，每周打扫两次。", "红白事不超过三十桌。", "不随地吐痰。"]
    third = ["爱国守法。", "门前三包，每周打扫两次。", "不随地吐痰。"]
    told = [(pair.old, pair.new, pair.kind) for pair in pairs_of(first, second)]
    assert told == [(1, 1, ""), (2, 2, "changed"), (3, 3, ""), (None, 4, "new")]
    changed = pairs_of(first, second)[1].pieces
    assert "".join(piece.words for piece in changed if piece.kind != "new") == first[1]
    assert "".join(piece.words for piece in changed if piece.kind != "gone") == second[1]
    assert [(pair.old, pair.new, pair.kind) for pair in pairs_of(second, third)] == [(1, 1, ""), (2, 2, ""), (3, None, "gone"), (4, 3, "")]


LINES = st.lists(st.text("守法卫生和睦禁赌孝", min_size=1, max_size=8), unique=True, max_size=8)


@given(LINES, LINES)
def test_every_clause_of_both_sides_stands_once(old: list[str], new: list[str]) -> None:
    pairs = pairs_of(old, new)
    assert sorted(pair.old for pair in pairs if pair.old) == list(range(1, len(old) + 1))
    assert [pair.new for pair in pairs if pair.new] == list(range(1, len(new) + 1))
    for pair in pairs:
        before = "".join(piece.words for piece in pair.pieces if piece.kind != "new")
        after = "".join(piece.words for piece in pair.pieces if piece.kind != "gone")
        assert before == (old[pair.old - 1] if pair.old else "") and after == (new[pair.new - 1] if pair.new else "")
