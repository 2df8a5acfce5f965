"""Official papers (公文) as editable .docx after GB/T 9704-2012: plain data in, bytes out (mission M36; domain.md §12).

The fonts are named, never bundled; number and seal are the office's to add.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any

from docxtpl import DocxTemplate
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from governance.documents.layout import CHARS, MARK_POINTS, TEXT_TWIPS, template_file

Cell = str | None

_NOT_XML = re.compile("[^\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NARROW = re.compile(r"[\x20-\x7e]")
_DIGITS: tuple[str, ...] = ("", *"一二三四五六七八九")
_DATE_INSET = 4  # characters between the date and the right edge
_PROPERTY_CHARS = 255


@dataclass(frozen=True)
class Heading:
    """`level` 1 to 4: 一、 黑体; （一） 楷体; 1. and (1) 仿宋. The number is part of the text. `fresh`: it begins a new page."""

    level: int
    text: str
    fresh: bool = False


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of the body, its first line two characters in; a line break within stays one."""

    text: str


@dataclass(frozen=True)
class Table:
    """Headings (repeated on each page; none for a form) and rows. A cell None continues the one above.

    `widths` are shares of the type area, equal if left out; raises ValueError where a row is not as wide as the table.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    widths: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not self.rows and not self.columns:
            raise ValueError("a table needs headings or rows")
        if any(len(row) != self.width for row in (self.columns or self.rows[0], self.widths or self.shares, *self.rows)):
            raise ValueError("every row of a table is as wide as its headings")

    @property
    def width(self) -> int:
        return len(self.columns or self.rows[0])

    @property
    def shares(self) -> tuple[int, ...]:
        return self.widths or (1,) * self.width


Block = Heading | Paragraph | Table


@dataclass(frozen=True)
class Official:
    """A paper. What is empty is left out.

    `organ` is the red 发文机关标志 with its rule; `number` the 发文字号; `to` 主送机关 without colon; `signed_by` and `dated`
    the 落款; `copies_to` 抄送 and `printed_by` 印发机关 stand at the foot of the last page.
    """

    title: str
    organ: str = ""
    number: str = ""
    to: str = ""
    blocks: tuple[Block, ...] = ()
    attachments: tuple[str, ...] = ()
    signed_by: str = ""
    dated: date | None = None
    copies_to: str = ""
    printed_by: str = ""


def render(paper: Official) -> bytes:
    """The paper as .docx; the same paper always has the same text."""
    template = DocxTemplate(BytesIO(template_file()))
    template.render(_context(paper), Environment(autoescape=True, undefined=StrictUndefined))
    properties = template.docx.core_properties
    properties.title = _plain(paper.title).replace("\n", "")[:_PROPERTY_CHARS]
    if paper.dated is not None:
        properties.created = properties.modified = datetime(  # noqa: DTZ001 - the format has no zone
            paper.dated.year, paper.dated.month, paper.dated.day
        )
    stream = BytesIO()
    template.save(stream)
    return stream.getvalue()


def chinese_date(day: date) -> str:
    """A 成文日期 in Arabic figures without leading zeros: 2026年4月7日."""
    return f"{day.year}年{day.month}月{day.day}日"


def open_number(year: int) -> str:
    """A 发文字号 whose figure the office fills in: 〔2026〕　号."""
    return f"〔{year}〕　号"


def chinese_number(number: int) -> str:
    """1 to 99 for headings: 1 → 一, 12 → 十二, 20 → 二十; raises ValueError beyond."""
    if not 0 < number < 100:
        raise ValueError(f"no heading is numbered {number}")
    tens, ones = divmod(number, 10)
    return ("" if not tens else "十" if tens == 1 else _DIGITS[tens] + "十") + _DIGITS[ones]


def _context(paper: Official) -> dict[str, Any]:
    dated = chinese_date(paper.dated) if paper.dated else ""
    return {
        "organ": _shown(paper.organ),
        "organ_size": _organ_size(paper.organ),
        "number": _shown(paper.number),
        "title": _shown(paper.title),
        "to": _shown(paper.to),
        "blocks": [_block(block) for block in paper.blocks],
        "attachments": _attachments(paper.attachments),
        "signed_by": _shown(paper.signed_by),
        "signed_inset": round(100 * max(0, _DATE_INSET + (_chars(dated) - _chars(paper.signed_by)) / 2)) if dated else 400,
        "dated": dated,
        "copies_to": _shown(paper.copies_to),
        "printed_by": _shown(paper.printed_by),
    }


def _block(block: Block) -> dict[str, Any]:
    if isinstance(block, Heading):
        return {"style": f"Official{block.level}", "text": _shown(block.text), "fresh": block.fresh}
    if isinstance(block, Paragraph):
        return {"style": "OfficialBody", "text": _shown(block.text), "fresh": False}
    total = sum(block.shares)
    rows = [_row(block, place) for place in range(len(block.rows))]
    return {
        "widths": [share * TEXT_TWIPS // total for share in block.shares],
        "columns": [_shown(name) for name in block.columns],
        "rows": rows,
    }


def _row(table: Table, place: int) -> list[dict[str, Any]]:
    """The cells of one row with how each is merged with those above and below."""
    below = table.rows[place + 1] if place + 1 < len(table.rows) else ("",) * table.width
    cells = []
    for index, cell in enumerate(table.rows[place]):
        merge = "continue" if cell is None and place else "restart" if below[index] is None else ""
        cells.append({"text": _shown(cell or ""), "merge": merge})
    return cells


def _attachments(names: tuple[str, ...]) -> list[dict[str, Any]]:
    """附件：1. …, the lines below aligned with the first."""
    if len(names) == 1:
        return [{"head": "附件：", "text": _shown(names[0])}]
    return [
        {"head": "" if place else "附件：", "text": _shown(f"{place + 1}. {name}")} for place, name in enumerate(names)
    ]


def _organ_size(organ: str) -> int:
    """Half points of the 发文机关标志, so that it stands on one line."""
    line = CHARS * 15.5
    return 2 * int(min(MARK_POINTS, line / max(_chars(organ), 1)))


def _chars(text: str) -> float:
    """Width in whole characters: Latin letters and figures count half."""
    return len(text) - len(_NARROW.findall(text)) / 2


def _plain(text: str) -> str:
    """Without what XML cannot hold."""
    return _NOT_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))


def _shown(text: str) -> Markup:
    """Shown as typed: braces as character references, which neither Jinja nor docxtpl takes for its own."""
    return Markup(str(escape(_plain(text))).replace("{", "&#123;").replace("}", "&#125;"))
