"""The steps of a small power, and the picture of them: one box below the other, drawn as SVG from data. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

SEPARATORS = "|｜"
MOST_STEPS, LONGEST = 15, 120
WIDTH, MARGIN, LINE, GAP, SIZE = 360, 8, 24, 28, 16  # no wider than a phone, where it is to be read as well
COLUMNS = 38  # half-width characters that a line of a box holds


class Step(NamedTuple):
    """`who` does `what`; `within`: how long it takes, "" where nothing is said."""

    who: str
    what: str
    within: str = ""


def steps_of(text: str) -> list[Step]:
    """The steps of a text, one a line. Raises ValueError in Chinese."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        raise ValueError("请写办理步骤，一步一行。")
    if len(lines) > MOST_STEPS:
        raise ValueError(f"步骤最多 {MOST_STEPS} 步。")
    return [_step(number, line) for number, line in enumerate(lines, 1)]


def _step(number: int, line: str) -> Step:
    for separator in SEPARATORS[1:]:
        line = line.replace(separator, SEPARATORS[0])
    parts = [part.strip() for part in line.split(SEPARATORS[0])]
    if len(parts) not in (2, 3) or not parts[0] or not parts[1]:
        raise ValueError(f"第 {number} 步请写成“谁|做什么|多久”，时限可不写。")
    if any(len(part) > LONGEST for part in parts):
        raise ValueError(f"第 {number} 步太长，每格最多 {LONGEST} 字。")
    return Step(*parts)


def flow_svg(steps: Sequence[Step], title: str) -> str:
    """The picture, black on white, as wide as its place; screen readers are told `title` and read the steps beside it."""
    shapes, top = [], MARGIN
    for number, step in enumerate(steps, 1):
        heading = f"{number}. {step.who}" + (f"（{step.within}）" if step.within else "")
        lines = [*_wrapped(heading), *_wrapped(step.what)]
        height = len(lines) * LINE + 16
        if number > 1:
            shapes.append(_arrow(top - GAP, top))
        shapes.append(_box(top, height))
        bold = len(_wrapped(heading))
        shapes += [_text(line, top + 8 + LINE * (place + 1) - 7, place < bold) for place, line in enumerate(lines)]
        top += height + GAP
    height = top - GAP + MARGIN
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" class="flow"><title>{escape(title)}</title>'
    return f"{head}{''.join(shapes)}</svg>"


def _box(top: int, height: int) -> str:
    size = f'width="{WIDTH - 2 * MARGIN}" height="{height}"'
    return f'<rect x="{MARGIN}" y="{top}" {size} rx="6" fill="none" stroke="currentColor"/>'


def _text(words: str, y: int, bold: bool) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{MARGIN + 12}" y="{y}" font-size="{SIZE}" fill="currentColor"{weight}>{escape(words)}</text>'


def _arrow(top: int, bottom: int) -> str:
    middle = WIDTH // 2
    head = f"{middle - 6},{bottom - 9} {middle + 6},{bottom - 9} {middle},{bottom}"
    line = f'<line x1="{middle}" y1="{top}" x2="{middle}" y2="{bottom - 9}" stroke="currentColor"/>'
    return f'{line}<polygon points="{head}" fill="currentColor"/>'


def _wrapped(words: str) -> list[str]:
    """The words in lines that fit a box; a Chinese character is as wide as two others."""
    lines, width = [""], 0
    for letter in words:
        wide = 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if width + wide > COLUMNS:
            lines.append("")
            width = 0
        lines[-1] += letter
        width += wide
    return lines
