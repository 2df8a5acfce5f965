"""Published cards read from a paste or a workbook: what is unambiguous is understood, what is not comes back with its cell."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
import xlsxwriter

from governance.sheets.card_wording import KIND_WORDS, Rule, Unreadable, read_kind, read_rule
from governance.sheets.cards import CardDraft, card_sheet, good_sections, read_card, sheet_of_text, text_of_sheet
from governance.sheets.limits import SheetError
from governance.sheets.reader import read_workbook
from inspections.cards.services import checklist_adopt
from inspections.cards.sheet_import import CardHead, card_import, card_text, draft_faults, measured_names
from inspections.errors import InspectionError
from inspections.models import Checklist, ChecklistItem, ChecklistSection
from inspections.scorecards.scoring import KIND_LABELS, Kind
from tests.builders import make_township, make_user
from villages.models import Unit

D = Decimal
PLAIN = "考核项目\t考核内容\t分值\t评分办法"
PER_CASE = f"{PLAIN}\t每处扣分"
HEAD = "考核项目\t标准分\t考核内容\t分值\t评分办法"


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("每处扣1", Rule("each", D(1), "处")),
        ("每处扣１分。", Rule("each", D(1), "处")),
        ("每处扣5,扣完为止", Rule("each", D(5), "处")),
        ("每户扣5", Rule("each", D(5), "户")),
        ("每少一次扣5", Rule("each", D(5), "次")),
        ("每少1种扣1", Rule("each", D(1), "种")),
        ("每季度少一次扣5分", Rule("each", D(5), "次")),
        ("按卷扣2", Rule("each", D(2), "卷")),
        ("每次扣0.5", Rule("each", D("0.5"), "次")),
        ("每村环绕一圈，每处不合格扣0.5", Rule("each", D("0.5"), "处")),
        ("未开展或效果差每次扣2", Rule("each", D(2), "次")),
        ("一项不达标扣3", Rule("each", D(3), "项")),
        ("发现一起扣10", Rule("each", D(10), "起")),
        ("各扣6", Rule("each", D(6), "项")),
        ("扣1/次", Rule("each", D(1), "次")),
        ("每人次减2.5,最高减5", Rule("each", D("2.5"), "人次", limit=D(5))),
        ("每处扣1，扣完10分为止", Rule("each", D(1), "处", limit=D(10))),
        ("扣2", Rule("each", D(2), once=True)),
        ("无典型户扣20", Rule("each", D(20), once=True)),
        ("未开展不得分", Rule("whole")),
        ("此项不得分", Rule("whole")),
        ("全部扣完", Rule("whole")),
        ("否则不记分", Rule("whole")),
        ("95%得10分，90%得8分", Rule("band", bands=((D(95), D(10)), (D(90), D(8))))),
        ("95%以上得5分；85%以上得3分；其余不得分", Rule("band", bands=((D(95), D(5)), (D(85), D(3))))),
        ("95%得5分，60%得1分，60%以下不得分", Rule("band", bands=((D(95), D(5)), (D(60), D(1))))),
        ("每项加1，最多5", Rule("bonus", D(1), "项", limit=D(5))),
        ("加分", Rule("bonus")),
        ("每次加2分", Rule("bonus", D(2), "次")),
        ("一票否决", Rule("veto")),
        ("未完成按比例扣工作补贴", Rule("note")),
        ("只记录，不计分", Rule("note")),
    ],
)
def test_it_understands_published_wordings(words: str, rule: Rule) -> None:
    assert read_rule(words) == rule


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("每处扣(残缺)", "看不懂"),
        ("有矛盾酌情扣", "酌情"),
        ("扣0.5-1", "范围"),
        ("扣10至20分", "范围"),
        ("每缺一项不计分", "看不懂"),
        ("不计分", "只作记录还是不得分"),
        ("不廉洁扣2;未落实各扣2", "几种办法"),
        ("未开展不得分，每少一次扣5", "几种办法"),
        ("每5处扣1", "看不懂"),
        ("每10%扣1", "看不懂"),
        ("分项 5+5+10", "看不懂"),
        ("扣完为止", "每处扣多少"),
        ("95%得5分，其余得2分", "分档"),
        ("90%得5分，95%得4分", "从高到低"),
        ("95%得5分，60%得1分，70%以下不得分", "分档"),
    ],
)
def test_it_hands_back_what_is_in_doubt(words: str, told: str) -> None:
    with pytest.raises(Unreadable, match=told):
        read_rule(words)


def test_it_reads_back_the_kinds_as_this_portal_prints_them() -> None:
    assert {read_kind(label) for label in KIND_LABELS.values()} == {kind.value for kind in Kind} == set(KIND_WORDS)


def read(*lines: str, head: str = HEAD) -> CardDraft:
    return read_card(sheet_of_text("\n".join([head, *lines])), measured_names())


def reasons(draft: CardDraft) -> list[tuple[int, str]]:
    return [(row.result.row_number, row.result.reason) for row in draft.refused]


def shape(draft: CardDraft) -> list[tuple[str, Any, str, list[tuple[str, str, Any]]]]:
    return [
        (section.name, section.points, section.sort, [(line.name, line.kind, line.points) for line in section.items])
        for section in good_sections(draft)
    ]


def test_it_lets_lines_share_the_cell_above() -> None:
    draft = read("环境\t10\t乱堆\t10\t每处扣1", "\t\t垃圾\t\t每处扣2", "平安\t5\t矛盾\t5\t未开展不得分")
    assert shape(draft) == [
        ("环境", 10, "normal", [("乱堆", "each", 10), ("垃圾", "each", None)]),
        ("平安", 5, "normal", [("矛盾", "whole", 5)]),
    ]
    assert draft.refused == [] and draft_faults(good_sections(draft), D(15)) == []


def test_it_says_row_cell_and_reason() -> None:
    draft = read(
        "环境\t10\t乱堆\t6分\t每处扣1",
        "\t\t垃圾\t4\t酌情扣分",
        "\t\t\t\t每处扣1",
        "\t\t污水\t半分\t每处扣1",
        "\t\t淤泥\t\t每处扣1",
        "\t\t杂草\t1\t",
        "\t12\t车辆\t\t每处扣1",
    )
    assert reasons(draft) == [
        (3, "E3 “酌情”没有写定扣多少分"),
        (4, "C4 没有写考核内容"),
        (5, "D5 “半分”不是分数（最多两位小数）"),
        (6, "D6 与上面一条共用分值，而那里的分值看不懂"),
        (7, "E7 没有写评分办法（与上一行合并的，请在这一行也写上）"),
        (8, "B8 同一项目的标准分前后不一致（前面是 10 分）"),
    ]


def test_it_leaves_the_points_of_a_refused_first_line_to_those_that_share_them() -> None:
    draft = read("环境\t10\t乱堆\t6\t每处扣1", "\t\t垃圾\t4\t酌情扣", "\t\t杂草\t\t每处扣1", "\t\t污水\t\t每处扣1")
    assert [(line.name, line.points) for line in good_sections(draft)[0].items] == [("乱堆", 6), ("杂草", 4), ("污水", None)]


@pytest.mark.parametrize(
    ("head", "line", "told"),
    [
        (PER_CASE, "环境\t乱堆\t10\t每处扣1\t2", "E2 评分办法写 1 分，每处扣分写 2 分，不一致"),
        (PER_CASE, "环境\t乱堆\t10\t不得分\t-5", "E2 评分办法是不得分，但每处扣分写 5，分值是 10，不一致"),
        (PLAIN, "环境\t乱堆\t10\t每处扣1，最高扣5", "D2 最多扣 5 分须等于分值（分值是 10），请给这一条单独的分值"),
        ("考核项目\t考核内容\t分值\t评分办法\t计分类型", "环境\t乱堆\t10\t每处扣1\t一票否决", "E2 计分类型与评分办法的意思不一致"),
        ("考核项目\t考核内容\t分值\t计分类型", "环境\t乱堆\t10\t随便扣", "D2 不认识的计分类型“随便扣”"),
        ("考核项目\t考核内容\t分值\t计分类型", "环境\t乱堆\t10\t逐处扣分", "没有写每处（次、户）扣或加多少分"),
        ("考核项目\t考核内容\t分值\t计分类型", "环境\t乱堆\t10\t按比例分档", "没有写分档（如 95%得10分，90%得8分）"),
        ("考核项目\t考核内容\t分值\t评分办法\t实测指标", "平安\t纠纷\t10\t每件扣1\t登录次数", "E2 没有“登录次数”这个实测指标"),
        ("考核项目\t考核内容\t分值\t评分办法\t只扣重的", "平安\t纠纷\t10\t每件扣1\t也许", "E2 请写“是”或留空"),
        (PLAIN, "环境\t乱堆\t\t每处扣1", "C2 没有写分值，也没有写项目的标准分"),
        (PLAIN, "\t乱堆\t10\t每处扣1", "A2 没有写考核项目"),
        (PLAIN, "加分\t推广\t\t每次加2", "C2 没有写加分上限（写在项目标准分里，或每条写“最多几分”）"),
        (PLAIN, "环境\t乱堆\t-3\t每处扣1", "C2 分数不能小于 0"),
        (PLAIN, f"环境\t{'长' * 201}\t3\t每处扣1", "B2 太长，最多 200 字"),
    ],
)
def test_it_never_guesses_between_cells_that_disagree(head: str, line: str, told: str) -> None:
    assert reasons(read(line, head=head)) == [(2, told)]


def test_it_takes_explicit_columns_instead_of_words() -> None:
    head = "考核项目\t项目标准分\t考核内容\t分值\t计分类型\t每处扣分\t单位\t分档\t只扣重的\t实测指标"
    draft = read(
        "平安\t20\t纠纷\t10\tband\t\t\t95%得10分，80%得5分\t\t矛盾纠纷按时办结",
        "\t\t隐患\t10\t逐处扣分\t-2\t处\t\t\t",
        "\t\t大隐患\t\teach\t5\t处\t\t是\t",
        "加分\t5\t推广\t\t加分\t2\t次\t\t\t",
        "一票否决\t\t命案\t\t\t\t\t\t\t",
        head=head,
    )
    assert reasons(draft) == []
    (first, second, third), (bonus,), (veto,) = (section.items for section in good_sections(draft))
    assert (first.bands, first.measured) == (((D(95), D(10)), (D(80), D(5))), "disputes_in_time")
    assert (second.per_case, second.unit, second.exclusive) == (D(2), "处", False)
    assert (third.per_case, third.points, third.exclusive) == (D(5), None, True)
    assert (bonus.kind, bonus.per_case, bonus.points) == ("bonus", D(2), None)
    assert veto.kind == "veto"
    sections = [(section.sort, section.points) for section in good_sections(draft)]
    assert sections == [("normal", D(20)), ("bonus", D(5)), ("veto", D(0))]


def test_it_keeps_bonus_and_veto_out_of_scored_sections() -> None:
    draft = read("环境\t10\t乱堆\t10\t每处扣1", "\t\t推广\t\t每次加2")
    assert reasons(draft) == [(3, "E3 计分、加分和一票否决不能放在同一个考核项目里")]


def test_it_reads_steps_of_one_figure_as_exclusive_and_says_so() -> None:
    draft = read("群众\t10\t满意度90分以下\t10\t扣1", "\t\t满意度80分以下\t\t扣5", "\t\t知晓率80%以下\t\t扣2")
    assert [line.exclusive for line in good_sections(draft)[0].items] == [False, True, False]
    assert draft.rows[1].result.reason == "C3 与上一条是同一指标的两档，按“只扣重的一条”读入"


def test_it_takes_points_from_the_name_of_a_section_and_from_a_line_of_its_own() -> None:
    head = "考核项目\t考核内容\t分值\t评分办法"
    draft = read("环境（10分）\t乱堆\t10\t每处扣1", "平安（上限20分）\t\t\t", "\t隐患\t\t每处扣1", head=head)
    assert shape(draft) == [
        ("环境", 10, "normal", [("乱堆", "each", 10)]),
        ("平安", 20, "normal", [("隐患", "each", None)]),
    ]


def test_it_tells_what_it_did_not_read() -> None:
    draft = read("环境\t10\t乱堆\t10\t每处扣1\t好", "小计\t10", "备注：本表由镇党委解释。", head=HEAD + "\t考核线")
    assert draft.skipped == {3: "小计合计", 4: "说明"} and draft.unknown == ["考核线"]
    assert draft.notes == ["“标准分”一列按考核项目的标准分读入", "“分值”一列按考核内容的分值读入"]


def test_it_does_not_lose_a_line_that_has_only_its_content() -> None:
    draft = read("环境\t10\t乱堆\t10\t每处扣1", "\t\t房前屋后和公路沿线的白色垃圾没有清理\t\t")
    assert reasons(draft) == [(3, "E3 没有写评分办法（与上一行合并的，请在这一行也写上）")]


def test_it_reads_the_words_in_the_content_where_there_is_no_column_for_them() -> None:
    draft = read("环境\t无乱堆，每处扣1分\t10", "\t无白色垃圾\t5", head="项目\t考核内容及评分标准\t分值")
    assert [(line.kind, line.per_case) for line in good_sections(draft)[0].items] == [("each", D(1))]
    assert [number for number, _ in reasons(draft)] == [3]


@pytest.mark.parametrize("text", ["", "随便写的一句话", "姓名\t年龄\n王小明\t40"])
def test_it_refuses_what_is_no_card(text: str) -> None:
    with pytest.raises(SheetError, match="没有找到表头"):
        read_card(sheet_of_text(text))


def test_it_refuses_a_pasted_cell_beyond_measure() -> None:
    with pytest.raises(SheetError, match="有一格超过 5000 字"):
        read("环境\t10\t乱堆\t10\t" + "扣" * 5001)


def test_it_refuses_a_second_card_in_the_same_table() -> None:
    draft = read("甲表\t环境\t乱堆\t10\t每处扣1", "乙表\t平安\t隐患\t10\t每处扣1", head="检查表\t考核项目\t考核内容\t分值\t评分办法")
    assert reasons(draft) == [(3, "A3 一次只能导入一张检查表，这一行是另一张的")]


# --- workbooks --------------------------------------------------------------------------------------------------------


def workbook(second: bool = False) -> bytes:
    """A card as a town keeps it: title, merged section, merged points, merged words, notes below."""
    stream = BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        page = book.add_worksheet("考核表")
        page.merge_range(0, 0, 0, 4, "某镇村级考核评分细则")
        page.write_row(1, 0, ["考核项目", "标准分", "考核内容", "分值", "评分办法"])
        page.merge_range(2, 0, 4, 0, "环境整治")
        page.merge_range(2, 1, 4, 1, 15)
        page.write_column(2, 2, ["房前屋后乱堆乱放的杂物没有及时清理干净", "聚居点内白色垃圾没有及时清理干净", "污水直排"])
        page.merge_range(2, 3, 3, 3, 10)
        page.merge_range(2, 4, 3, 4, "每处扣1分，扣完为止")
        page.write_row(4, 3, [5, "发现一处扣2.5分"])
        page.write_row(5, 0, ["群众评价", 85, "满意率", 85, "95%得85分，80%得60分，60%得30分"])
        page.merge_range(6, 0, 6, 4, "备注：本表每季度使用一次，由镇党委解释，村有异议的可以申辩。")
        if second:
            book.add_worksheet("另一张").write_row(0, 0, ["考核项目", "考核内容", "分值", "评分办法"])
    return stream.getvalue()


def test_it_honours_merged_cells() -> None:
    draft = read_card(card_sheet(read_workbook(workbook(), "a.xlsx")))
    assert reasons(draft) == [] and draft.skipped == {7: "说明"}
    first, second = good_sections(draft)
    assert [(line.points, line.per_case, line.unit) for line in first.items] == [(10, 1, "处"), (None, 1, "处"), (5, D("2.5"), "处")]
    assert (first.points, second.points) == (D(15), D(85))
    assert draft_faults([first, second], D(100)) == []


def test_it_reads_an_upload_as_the_paste_that_it_shows() -> None:
    text = card_text(file=BytesIO(workbook()), filename="a.xlsx")
    pasted = read_card(sheet_of_text(text))
    direct = read_card(card_sheet(read_workbook(workbook(), "a.xlsx")))
    assert good_sections(pasted) == good_sections(direct)
    assert [row.result.row_number for row in pasted.rows] == [3, 4, 5, 6], "rows are numbered as in the file"


def test_it_asks_for_one_card_where_a_workbook_holds_two() -> None:
    with pytest.raises(SheetError, match="“考核表”、“另一张”"):
        card_text(file=BytesIO(workbook(second=True)), filename="a.xlsx")


def test_it_keeps_line_breaks_of_cells_in_a_paste() -> None:
    stream = BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, HEAD.split("\t"))
        page.write_row(1, 0, ["环境", 10, "房前\n屋后“整洁”", 10, "每处扣1"])
    text = text_of_sheet(card_sheet(read_workbook(stream.getvalue(), "a.xlsx")))
    assert good_sections(read_card(sheet_of_text(text)))[0].items[0].name == "房前 屋后“整洁”"


# --- written down -----------------------------------------------------------------------------------------------------

pytestdb = pytest.mark.django_db
TEXT = "\n".join([HEAD, "环境\t60\t乱堆\t40\t每处扣1", "\t\t垃圾\t20\t酌情扣", "平安\t40\t回访\t40\t95%得40分，85%得30.5分"])


@pytest.fixture
def township() -> Unit:
    return make_township()


def head(township: Unit, **fields: Any) -> CardHead:
    return CardHead(**{"township": township, "use": "quarter", "name": "评分表", "valid_from": date(2026, 1, 1), **fields})


@pytestdb
def test_it_writes_the_good_rows_only_when_told_to(township: Unit) -> None:
    staff = make_user("staff", "staff", township)
    with pytest.raises(InspectionError, match="有 1 行看不懂"):
        card_import(text=TEXT, head=head(township), good_only=False, by=staff)
    assert not Checklist.objects.exists()
    card = card_import(text=TEXT, head=head(township, source="镇政府文件"), good_only=True, by=staff)
    assert (card.state, card.version, card.source) == ("draft", 1, "镇政府文件")
    assert card.history.get().history_user == staff
    rows = ChecklistItem.objects.filter(section__checklist=card).order_by("section__position", "position")
    assert list(rows.values_list("section__name", "name", "kind", "points", "per_case", "case_unit", "bands", "basis")) == [
        ("环境", "乱堆", "each", D(40), D(1), "处", [], "每处扣1"),
        ("平安", "回访", "band", D(40), D(0), "处", [[95, 40], [85, 30.5]], "95%得40分，85%得30.5分"),
    ]
    with pytest.raises(InspectionError, match="“环境”标准分 60，各条之和 40，两者须相等"):
        checklist_adopt(checklist=card, by=staff)
    whole = card_import(text=TEXT.replace("酌情扣", "每处扣2"), head=head(township), good_only=False, by=staff)
    assert whole.version == 2 and checklist_adopt(checklist=whole, by=staff).state == "adopted"


@pytestdb
@pytest.mark.parametrize("duty", ["leader", "supervisor", "cadre"])
def test_it_is_for_the_office_of_that_township_alone(township: Unit, duty: str) -> None:
    other = make_user("fremd", "staff", make_township("511923103"))
    for user in (make_user("x", duty, township), other):
        with pytest.raises(InspectionError, match="不归您维护"):
            card_import(text=TEXT, head=head(township), good_only=True, by=user)
    assert not ChecklistSection.objects.exists()


@pytestdb
def test_it_refuses_a_table_of_which_nothing_can_be_read(township: Unit) -> None:
    staff = make_user("staff", "staff", township)
    with pytest.raises(InspectionError, match="没有一行看得懂"):
        card_import(text=f"{HEAD}\n环境\t10\t乱堆\t10\t酌情扣", head=head(township), good_only=True, by=staff)


def test_it_reads_a_comma_separated_file_too() -> None:
    lines = [line.split("\t") for line in TEXT.splitlines()]
    stream = BytesIO()
    text = "\n".join(",".join(f'"{cell}"' for cell in line) for line in lines)
    stream.write(text.encode("gb18030"))
    stream.seek(0)
    draft = read_card(sheet_of_text(card_text(file=stream, filename="卡.csv")))
    assert [row.result.row_number for row in draft.refused] == [3]
    assert list(csv.reader([text.splitlines()[0]])) == [HEAD.split("\t")]
