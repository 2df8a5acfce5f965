"""Papers read back with python-docx: every measure of GB/T 9704-2012, and that text is shown as typed."""

from __future__ import annotations

import re
import zipfile
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from governance.documents.official import (
    Heading,
    Official,
    Paragraph,
    Table,
    chinese_date,
    chinese_number,
    open_number,
    render,
)

PAPER = Official(
    organ="中共西兴镇委员会文件",
    number=open_number(2026),
    title="关于城乡基层治理专项督查情况的通报",
    to="各村（社区）",
    blocks=(
        Paragraph("现将有关情况通报如下。"),
        Heading(1, "一、较好方面"),
        Heading(2, "（一）人居环境"),
        Heading(3, "1. 垃圾收集"),
        Heading(4, "(1) 收集点"),
        Table(("村（社区）", "得分"), (("八一村", "95.50"), ("马鞍村", "88.00")), (3, 1)),
    ),
    attachments=("评分汇总表", "问题清单"),
    signed_by="中共西兴镇委员会",
    dated=date(2026, 4, 7),
    copies_to="县委组织部",
    printed_by="西兴镇党政办公室",
)


def opened(paper: Official = PAPER) -> Any:
    return Document(BytesIO(render(paper)))


def parts(paper: Official) -> dict[str, str]:
    with zipfile.ZipFile(BytesIO(render(paper))) as file:
        return {name: file.read(name).decode() for name in file.namelist()}


def paragraph(document: Any, text: str) -> Any:
    return next(found for found in document.paragraphs if found.text == text)


def fonts(element: Any) -> set[str]:
    found = element.find(qn("w:rPr")).find(qn("w:rFonts"))
    return {found.get(qn(f"w:{script}")) for script in ("ascii", "hAnsi", "eastAsia")}


def near(length: Any, millimetres: float) -> bool:
    return bool(abs(length - Mm(millimetres)) < Mm(0.03))


def test_it_is_a4_with_the_type_area_of_the_standard() -> None:
    section = opened().sections[0]
    assert near(section.page_width, 210) and near(section.page_height, 297)
    assert near(section.top_margin, 37) and near(section.bottom_margin, 35)
    assert near(section.left_margin, 28) and near(section.right_margin, 26)
    assert near(section.page_width - section.left_margin - section.right_margin, 156)
    assert near(section.page_height - section.top_margin - section.bottom_margin, 225)


def test_it_holds_22_lines_of_28_characters() -> None:
    section = opened().sections[0]
    grid = section._sectPr.find(qn("w:docGrid"))
    assert grid.get(qn("w:type")) == "linesAndChars"
    height = (section.page_height - section.top_margin - section.bottom_margin) / Pt(1)
    width = (section.page_width - section.left_margin - section.right_margin) / Pt(1)
    pitch = int(grid.get(qn("w:linePitch"))) / 20
    cell = 16 + int(grid.get(qn("w:charSpace"))) / 4096
    assert (int(height / pitch), int(width / cell)) == (22, 28)
    assert height - 22 * pitch < 1 and width - 28 * cell < 1, "and nothing much is left over"


def test_it_sets_each_part_in_its_font_and_size() -> None:
    document = opened()
    expected = {
        "中共西兴镇委员会文件": ("方正小标宋简体", 36),
        "〔2026〕　号": ("仿宋_GB2312", 16),
        "关于城乡基层治理专项督查情况的通报": ("方正小标宋简体", 22),
        "各村（社区）：": ("仿宋_GB2312", 16),
        "现将有关情况通报如下。": ("仿宋_GB2312", 16),
        "一、较好方面": ("黑体", 16),
        "（一）人居环境": ("楷体_GB2312", 16),
        "1. 垃圾收集": ("仿宋_GB2312", 16),
        "(1) 收集点": ("仿宋_GB2312", 16),
    }
    for text, (font, points) in expected.items():
        style = paragraph(document, text).style
        assert fonts(style.element) == {font}, text
        assert style.font.size == Pt(points), text
    defaults = document.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault"))
    assert fonts(defaults) == {"仿宋_GB2312"}
    assert fonts(document.styles["Normal"].element) == {"仿宋_GB2312"} and document.styles["Normal"].font.size == Pt(16)


def test_it_names_what_stands_in_for_a_font() -> None:
    table = parts(PAPER)["word/fontTable.xml"]
    assert '<w:font w:name="仿宋_GB2312"><w:altName w:val="仿宋"/>' in table
    assert not [name for name in parts(PAPER) if "fonts/" in name], "no font is bundled"


def test_it_centres_the_title_and_indents_the_body_by_two_characters() -> None:
    document = opened()
    title = paragraph(document, PAPER.title)
    assert title.style.paragraph_format.alignment == WD_ALIGN_PARAGRAPH.CENTER
    for text in ("现将有关情况通报如下。", "一、较好方面", "(1) 收集点"):
        shape = paragraph(document, text).style.element.pPr
        assert shape.find(qn("w:ind")).get(qn("w:firstLineChars")) == "200", text
        spacing = shape.find(qn("w:spacing"))
        assert (spacing.get(qn("w:line")), spacing.get(qn("w:lineRule"))) == ("579", "exact"), text
    assert paragraph(document, "一、较好方面").style.element.pPr.find(qn("w:outlineLvl")).get(qn("w:val")) == "0"


def test_it_leaves_a_line_below_the_title() -> None:
    title = Official(title="通知", to="各村", blocks=(Paragraph("正文"),))
    to = paragraph(opened(title), "各村：")
    assert to.style.paragraph_format.space_before.twips == 579
    assert paragraph(opened(title), "通知").paragraph_format.space_after == 0
    without = opened(Official(title="通知", blocks=(Paragraph("正文"),)))
    assert paragraph(without, "通知").paragraph_format.space_after.twips == 579
    assert paragraph(opened(), PAPER.title).paragraph_format.space_before.twips == 2 * 579, "two lines below the red rule"


def test_it_draws_the_red_head_with_its_rule_only_where_an_organ_is_named() -> None:
    number = paragraph(opened(), "〔2026〕　号")
    rule = number._element.pPr.find(qn("w:pBdr")).find(qn("w:bottom"))
    assert rule.get(qn("w:color")) == "FF0000"
    mark = paragraph(opened(), PAPER.organ)
    assert mark.style.font.color.rgb == RGBColor(0xFF, 0, 0) and near(mark.style.paragraph_format.space_before, 35)
    plain = parts(Official(title="通知", number=open_number(2026)))["word/document.xml"]
    assert "〔2026〕　号" in plain and "FF0000" not in plain and "OfficialMark" not in plain


def test_it_shrinks_a_long_organ_to_one_line() -> None:
    organ = "中共平昌县西兴镇委员会西兴镇人民政府文件"
    size = paragraph(opened(Official(title="通知", organ=organ)), organ).runs[0].font.size
    assert size.pt * len(organ) <= 442 and size < Pt(36)


def test_it_signs_at_the_right_with_the_date_four_characters_in() -> None:
    document = opened()
    dated, organ = paragraph(document, "2026年4月7日"), paragraph(document, "中共西兴镇委员会")
    assert dated.style.paragraph_format.alignment == WD_ALIGN_PARAGRAPH.RIGHT
    assert dated._element.pPr.find(qn("w:ind")).get(qn("w:rightChars")) == "400"
    inset = organ._element.pPr.find(qn("w:ind")).get(qn("w:rightChars"))
    assert inset == "300", "8 characters above the date's 6, centred on it"
    assert chinese_date(date(2026, 12, 31)) == "2026年12月31日"


def test_it_lists_attachments_copies_and_the_printer() -> None:
    document = opened()
    texts = [found.text for found in document.paragraphs]
    assert texts.index("附件：1. 评分汇总表") + 1 == texts.index("2. 问题清单")
    assert "附件：说明" in [found.text for found in opened(Official(title="通知", attachments=("说明",))).paragraphs]
    foot = document.tables[-1]
    assert [cell.text for cell in foot.column_cells(0)] == ["抄送：县委组织部。", "西兴镇党政办公室\t2026年4月7日印发"]
    assert foot._element.tblPr.find(qn("w:tblpPr")).get(qn("w:tblpYSpec")) == "bottom"


def test_it_leaves_out_what_is_empty() -> None:
    document = opened(Official(title="通知", blocks=(Paragraph("正文"),)))
    assert [found.text for found in document.paragraphs] == ["通知", "正文"]
    assert document.tables == []


def test_it_numbers_odd_pages_at_the_right_and_even_ones_at_the_left() -> None:
    document = opened()
    section = document.sections[0]
    assert document.settings.odd_and_even_pages_header_footer is True
    assert document.sections[0].different_first_page_header_footer is False
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        assert not footer.is_linked_to_previous
        (line,) = footer.paragraphs
        assert line.text == "— 1 —" and "PAGE" in line._element.xml
        assert line._element.pPr.find(qn("w:jc")).get(qn("w:val")) == side
        assert line._element.pPr.find(qn("w:ind")).get(qn(f"w:{side}Chars")) == "100"
        assert fonts(line.style.element) == {"宋体"} and line.style.font.size == Pt(14)


HOSTILE = [
    "{{ title }}",
    "{% for x in y %}",
    "{_{ a }_} {_% b %_}",
    "{#p 注 #}",
    "<w:p/> & &amp; ]]> \"引'号\"",
    "“八一村”的‘院坝’",
    "{{r title }}",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_it_shows_every_text_as_typed(text: str) -> None:
    paper = Official(
        title=text, organ=text, number=text, to=text, signed_by=text, copies_to=text, printed_by=text,
        attachments=(text,), blocks=(Paragraph(text), Heading(1, text), Table((text,), ((text,),))), dated=date(2026, 4, 7),
    )  # fmt: skip
    document = opened(paper)
    texts = [found.text for found in document.paragraphs]
    assert texts[:6] == [text, text, text, f"{text}：", text, text]
    assert texts[6:8] == [f"附件：{text}", text]
    assert [cell.text for cell in document.tables[0].column_cells(0)] == [text, text]
    assert [cell.text for cell in document.tables[1].column_cells(0)] == [f"抄送：{text}。", f"{text}\t2026年4月7日印发"]
    assert document.core_properties.title == text


def test_it_drops_what_xml_cannot_hold_and_keeps_breaks() -> None:
    document = opened(Official(title="甲\x00乙\x1b丙\ud800丁\ufffe", blocks=(Paragraph("一\r\n二\t三\a四\f五😀"),)))
    assert [found.text for found in document.paragraphs] == ["甲乙丙丁", "一\n二 三四五😀"]


def test_it_holds_many_rows_under_a_heading_that_repeats() -> None:
    rows = tuple((str(number), f"村{number}", "95.50") for number in range(2000))
    (table,) = opened(Official(title="表", blocks=(Table(("序号", "村", "得分"), rows, (1, 3, 1)),))).tables
    assert len(table.rows) == 2001
    found = [[node.text for node in row.iter(qn("w:t"))] for row in table._element.iterchildren(qn("w:tr"))]
    assert found[2000] == list(rows[1999])
    assert [row.trPr is not None and row.trPr.find(qn("w:tblHeader")) is not None for row in table._element.tr_lst[:2]] == [True, False]
    widths = [column.width.mm for column in table.columns]
    assert round(sum(widths)) == 156 and round(widths[1] / widths[0]) == 3


def test_it_merges_a_cell_with_those_above() -> None:
    rows = (("人居环境", "堆码", "40"), (None, "垃圾", None), ("平安", "回访", "40"))
    (table,) = opened(Official(title="表", blocks=(Table(("项目", "内容", "分"), rows),))).tables
    column = table.column_cells(0)
    assert [cell.text for cell in column] == ["项目", "人居环境", "人居环境", "平安"]
    assert column[1]._tc is column[2]._tc and table.cell(1, 1)._tc is not table.cell(2, 1)._tc


def test_a_heading_may_begin_a_new_page() -> None:
    """A register is signed sheet by sheet: none is torn in two."""
    document = opened(Official("登记表", blocks=(Heading(1, "一、提议"), Heading(1, "二、商议", fresh=True), Paragraph("内容"))))
    fresh = {one.text: one._p.pPr.find(qn("w:pageBreakBefore")) is not None for one in document.paragraphs}
    assert (fresh["一、提议"], fresh["二、商议"], fresh["内容"]) == (False, True, False)


def test_it_keeps_two_tables_apart() -> None:
    table = Table((), (("编号", "1"),), (1, 4))
    document = opened(Official(title="表", blocks=(table, table)))
    assert [len(found.rows) for found in document.tables] == [1, 1]
    assert [found.text for found in document.paragraphs] == ["表", ""]


@pytest.mark.parametrize(
    "columns, rows, widths", [((), (), ()), (("甲", "乙"), (("1",),), ()), (("甲",), (("1",),), (1, 2))]
)
def test_it_refuses_a_table_that_does_not_fit(columns: Any, rows: Any, widths: Any) -> None:
    with pytest.raises(ValueError, match="table"):
        Table(columns, rows, widths)


def test_it_reaches_for_nothing_outside_and_says_the_same_twice() -> None:
    first, again = parts(PAPER), parts(PAPER)
    assert first == again
    assert not [name for name, text in first.items() if name.endswith(".rels") and "External" in text]
    assert not re.search(r"python-docx|Macintosh", "".join(first.values()))
    assert first["docProps/core.xml"].count("2026-04-07T00:00:00Z") == 2


def test_it_renders_a_paper_after_another_without_a_trace() -> None:
    render(PAPER)
    assert "西兴镇" not in parts(Official(title="另一件"))["word/document.xml"]


def test_it_numbers_headings_in_chinese() -> None:
    assert [chinese_number(number) for number in (1, 10, 11, 20, 35, 99)] == ["一", "十", "十一", "二十", "三十五", "九十九"]
    for number in (0, 100):
        with pytest.raises(ValueError, match="heading"):
            chinese_number(number)
