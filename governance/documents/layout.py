"""The measures of GB/T 9704-2012 and the template that carries them, built once per process (domain.md §12).

A4; type area 156 × 225 mm; 22 lines of 28 characters of 3号 (16 pt) 仿宋. The document grid keeps both counts; exact lines
and a scale of 98 % keep them where a program snaps otherwise (LibreOffice 7 gives a character wider than its cell two cells).
"""

from __future__ import annotations

from functools import cache
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor, Twips

from governance.documents.body import BODY

LINES, CHARS = 22, 28
BODY_POINTS, TITLE_POINTS, SMALL_POINTS, MARK_POINTS = 16, 22, 14, 36  # 3号, 2号, 4号
TEXT_TWIPS = 8845  # 156 mm
LINE_TWIPS = 579  # 225 mm / 22, rounded down so that the last line still fits
CHAR_SPACE = -849  # 156 mm / 28 less 16 pt, in 1/4096 pt, rounded down likewise
CHAR_SCALE = 98  # per cent: 16 pt within a cell of 15.79 pt
INDENT_TWIPS = 630  # two characters, for programs that do not know firstLineChars

FANGSONG, KAITI, HEITI, SONGTI, TITLE = "仿宋_GB2312", "楷体_GB2312", "黑体", "宋体", "方正小标宋简体"
SUBSTITUTES = {FANGSONG: "仿宋", KAITI: "楷体", HEITI: "SimHei", SONGTI: "SimSun", TITLE: "方正小标宋_GBK"}
RED = RGBColor(0xFF, 0, 0)

_KEPT_STYLES = {"Normal", "Default Paragraph Font", "Normal Table", "No List"}
_KEPT_PARTS = {"styles", "settings", "fontTable", "theme"}


@cache
def template_file() -> bytes:
    """The docxtpl template as a .docx."""
    document = Document()
    _clean(document)
    _page(document)
    _styles(document)
    _page_numbers(document)
    _body(document)
    stream = BytesIO()
    document.save(stream)
    return stream.getvalue()


def _clean(document: Any) -> None:
    """Drop what python-docx's own template brings along: its table styles, picture, words about itself."""
    for style in [style for style in document.styles if style.name not in _KEPT_STYLES]:
        style.delete()
    for rels, kept in ((document.part.rels, _KEPT_PARTS), (document.part.package.rels, {"officeDocument", "core-properties"})):
        for key in [key for key, rel in rels.items() if rel.reltype.rpartition("/")[2] not in kept]:
            rels.pop(key)
    properties = document.core_properties
    properties.author = properties.comments = properties.last_modified_by = ""
    properties.language = "zh-CN"
    document.part.part_related_by(RELATIONSHIP_TYPE.FONT_TABLE)._blob = _font_table()
    settings = document.settings.element
    settings.find(qn("w:zoom")).set(qn("w:percent"), "100")
    settings.find(qn("w:themeFontLang")).set(qn("w:eastAsia"), "zh-CN")
    mode = next(item for item in settings.iter(qn("w:compatSetting")) if item.get(qn("w:name")) == "compatibilityMode")
    mode.set(qn("w:val"), "15")


def _font_table() -> bytes:
    """Each font with the name under which another system knows it."""
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/></w:font>'
        for name, other in SUBSTITUTES.items()
    )
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:fonts {nsdecls("w")}>{fonts}</w:fonts>'.encode()


def _page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.header_distance, section.footer_distance = Mm(15), Mm(24.5)  # a page number's dash 7 mm below the text
    grid = section._sectPr.find(qn("w:docGrid"))
    if grid is None:
        grid = section._sectPr.makeelement(qn("w:docGrid"))
        section._sectPr.append(grid)
    grid.set(qn("w:type"), "linesAndChars")
    grid.set(qn("w:linePitch"), str(LINE_TWIPS))
    grid.set(qn("w:charSpace"), str(CHAR_SPACE))


def _styles(document: Any) -> None:
    defaults = document.styles.element.find(qn("w:docDefaults"))
    defaults.getparent().replace(defaults, parse_xml(
        f'<w:docDefaults {nsdecls("w")}><w:rPrDefault><w:rPr>'
        f'<w:rFonts w:ascii="{FANGSONG}" w:hAnsi="{FANGSONG}" w:eastAsia="{FANGSONG}" w:cs="{FANGSONG}"/>'
        '<w:sz w:val="32"/><w:szCs w:val="32"/><w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/>'
        "</w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults>"
    ))  # fmt: skip
    normal = document.styles["Normal"]
    _font(normal, FANGSONG, BODY_POINTS)
    _line(normal)
    _scale(normal, CHAR_SCALE)
    left, centre = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.CENTER
    _style(document, "OfficialMark", "发文机关标志", TITLE, MARK_POINTS, centre, before=Mm(35), line=Pt(48)).font.color.rgb = RED
    _style(document, "OfficialNumber", "发文字号", FANGSONG, BODY_POINTS, centre, before=Twips(2 * LINE_TWIPS))
    _style(document, "OfficialTitle", "公文标题", TITLE, TITLE_POINTS, centre)
    for name in ("发文机关标志", "公文标题"):
        _off_grid(document.styles[name])
    _style(document, "OfficialTo", "主送机关", FANGSONG, BODY_POINTS, left, before=Twips(LINE_TWIPS))
    _indent(_style(document, "OfficialBody", "公文正文", FANGSONG, BODY_POINTS, WD_ALIGN_PARAGRAPH.JUSTIFY))
    for level, font in enumerate((HEITI, KAITI, FANGSONG, FANGSONG), 1):
        heading = _style(document, f"Official{level}", f"公文{level}级标题", font, BODY_POINTS, left)
        _indent(heading)
        heading.paragraph_format.keep_with_next = True
        outline = OxmlElement("w:outlineLvl")
        outline.set(qn("w:val"), str(level - 1))
        heading.element.get_or_add_pPr().append(outline)
    _style(document, "OfficialAttachment", "附件说明", FANGSONG, BODY_POINTS, left)
    _style(document, "OfficialSigned", "落款", FANGSONG, BODY_POINTS, WD_ALIGN_PARAGRAPH.RIGHT)
    for style_id, name in (("OfficialCell", "公文表格"), ("OfficialFoot", "版记")):
        small = _style(document, style_id, name, FANGSONG, SMALL_POINTS, left, line=Pt(22))
        small.paragraph_format.widow_control = False
        _off_grid(small)
    _off_grid(_style(document, "OfficialPage", "公文页码", SONGTI, SMALL_POINTS, left, line=Pt(20)))


def _style(
    document: Any, style_id: str, name: str, font: str, points: int, align: Any,
    *, before: Any = None, line: Any = None,
) -> Any:  # fmt: skip
    style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.element.set(qn("w:styleId"), style_id)
    style.base_style = document.styles["Normal"]
    style.quick_style = True
    style.paragraph_format.alignment = align
    _line(style, line)
    if before is not None:
        style.paragraph_format.space_before = before
    _font(style, font, points)
    return style


def _font(style: Any, name: str, points: int) -> None:
    style.font.name, style.font.size = name, Pt(points)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), name)


def _line(style: Any, height: Any = None) -> None:
    """Lines of one exact height, whatever font stands in for a missing one."""
    shape = style.paragraph_format
    shape.space_before = shape.space_after = Pt(0)
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, height or Twips(LINE_TWIPS)


def _indent(style: Any) -> None:
    style.paragraph_format.first_line_indent = Twips(INDENT_TWIPS)
    style.element.pPr.find(qn("w:ind")).set(qn("w:firstLineChars"), "200")


def _off_grid(style: Any) -> None:
    """Text of another size keeps its own widths."""
    element = OxmlElement("w:snapToGrid")
    element.set(qn("w:val"), "0")
    style.element.pPr.find(qn("w:spacing")).addprevious(element)
    _scale(style, 100)


def _scale(style: Any, percent: int) -> None:
    element = OxmlElement("w:w")
    element.set(qn("w:val"), str(percent))
    style.element.rPr.find(qn("w:sz")).addprevious(element)


def _page_numbers(document: Any) -> None:
    """— 1 — one character in from the outer edge: odd pages right, even pages left."""
    document.settings.odd_and_even_pages_header_footer = True
    section = document.sections[0]
    _page_number(section.footer, "right")
    _page_number(section.even_page_footer, "left")


def _page_number(footer: Any, side: str) -> None:
    footer.is_linked_to_previous = False
    for old in list(footer._element):
        footer._element.remove(old)
    footer._element.append(parse_xml(
        f'<w:p {nsdecls("w")}><w:pPr><w:pStyle w:val="OfficialPage"/>'
        f'<w:ind w:{side}Chars="100" w:{side}="280"/><w:jc w:val="{side}"/></w:pPr>'
        '<w:r><w:t xml:space="preserve">— </w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> PAGE </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>1</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
        '<w:r><w:t xml:space="preserve"> —</w:t></w:r></w:p>'
    ))  # fmt: skip


def _body(document: Any) -> None:
    """The paragraphs with their Jinja between them, before the section's own properties."""
    body = document.element.body
    last = body.find(qn("w:sectPr"))
    made = parse_xml(f'<w:body {nsdecls("w")}>{BODY}</w:body>')
    for old in list(body):
        body.remove(old)
    body.text = made.text
    for element in list(made):
        body.append(element)
    body.append(last)
