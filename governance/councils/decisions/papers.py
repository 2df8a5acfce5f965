"""实施登记表: a sheet for each step in the usual headings, filled from the records; places to sign are left blank (domain.md §12)."""

from __future__ import annotations

from governance.councils.decisions.gates import What
from governance.councils.decisions.models import Decision, GateRecord
from governance.councils.decisions.standing import Step, steps_of
from governance.councils.decisions.words import UNCHECKED
from governance.documents.official import Block, Heading, Official, Paragraph, Table, chinese_date, chinese_number
from governance.periods import today

BLANK = "\n" * 7
HANDLER = ("经办人签字", BLANK)
WIDTHS = (1, 3)


def register_paper(decision: Decision) -> Official:
    """All sheets in the order of the steps, each on its page. What was tried before stands on its sheet as well, with why it did not
    count."""
    day = today()
    blocks: list[Block] = [
        Table(
            (),
            (
                ("编号", decision.number),
                ("村（社区）", str(decision.village)),
                ("提议事项", decision.title),
                ("动议事由", decision.purpose),
                ("提议时间", chinese_date(decision.proposed_on)),
                *((("金额", f"{decision.money} 元"),) if decision.money_fen is not None else ()),
                ("现在", _state(decision, day)),
            ),
            WIDTHS,
        )
    ]
    if decision.is_history:
        blocks.append(Paragraph("本件来自旧台账，没有步骤记录。"))
    for number, step in enumerate([] if decision.is_history else steps_of(decision, day), 1):
        heading = Heading(1, f"{chinese_number(number)}、{step.standing.name}", fresh=number > 1)
        blocks += [heading, Table((), tuple(_sheet(decision, step)), WIDTHS)]
    return Official(title=f"{decision.village}“{decision.kind.name}”登记表", blocks=tuple(blocks))


def _state(decision: Decision, day: object) -> str:
    words = decision.state.label
    if decision.adopted_at:
        words += f"（{chinese_date(today(decision.adopted_at))}通过）"
    if decision.is_open and (missing := next((one for one in steps_of(decision, today()) if not one.standing.holds), None)):
        words += f"，{missing.standing.words}"
    return words


def _sheet(decision: Decision, step: Step) -> list[tuple[str, str]]:
    """The lines of one step's sheet."""
    if not step.records:
        return [*_head(decision, None), *_open_lines(step)]
    *before, last = step.records
    lines = [*_head(decision, last), *_lines(decision, step, last)]
    lines += [(f"第{one.attempt}次", f"{chinese_date(one.held_on)}，没有办成。{_people(one)}") for one in before]
    if step.gate.is_unchecked:
        lines.append((UNCHECKED, "所依程序镇里还没有对照文件原文核对"))
    return lines


def _head(decision: Decision, record: GateRecord | None) -> list[tuple[str, str]]:
    return [
        ("动议事由", decision.purpose),
        ("提议事项", decision.title),
        ("提议时间", chinese_date(record.held_on if record else decision.proposed_on)),
    ]


def _open_lines(step: Step) -> list[tuple[str, str]]:
    if step.gate.what in (What.NOTICE, What.PUBLICATION):
        return [("公开情况", "　"), ("监督意见", BLANK)]
    if step.gate.what == What.PREVIEW:
        return [("预审意见", "　"), ("签字（盖章）", BLANK)]
    if step.gate.what == What.DOCUMENT:
        return [("内容", "　"), *((name, "　") for name in step.gate.paper_names), HANDLER]
    return [("参会人员", "应到　　人，实到　　人，比例　　"), ("提议内容", "　"), ("参会人员签字", BLANK)]


def _lines(decision: Decision, step: Step, record: GateRecord) -> list[tuple[str, str]]:
    if step.gate.what in (What.NOTICE, What.PUBLICATION) and record.notice_from and record.notice_to:
        shown = f"{chinese_date(record.notice_from)}至{chinese_date(record.notice_to)}在公开栏和网上公开。{record.text}"
        return [("公开情况", shown), ("监督意见", BLANK)]
    if step.gate.what == What.PREVIEW:
        return [("预审意见", f"{'同意' if record.is_passed else '不同意'}。{record.text}"), ("签字（盖章）", BLANK)]
    papers = [(paper.name, paper.number) for paper in record.papers.all()]
    if step.gate.what == What.DOCUMENT:
        return [("内容", record.text or decision.title), *papers, HANDLER]
    return [("参会人员", _people(record)), ("提议内容", record.text or decision.title), *papers, ("参会人员签字", BLANK)]


def _people(record: GateRecord) -> str:
    parts = []
    for entitled, present, unit in ((record.entitled, record.present, "人"), (record.houses_entitled, record.houses_present, "户")):
        if entitled and present is not None:
            parts.append(f"应到 {entitled} {unit}，实到 {present} {unit}，比例 {percent(present, entitled)}")
    if record.yes is not None:
        parts.append(f"同意 {record.yes}，不同意 {record.no or 0}，弃权 {record.abstain or 0}，回避 {record.recused}")
    return "；".join(parts)


def percent(part: int, whole: int) -> str:
    """Cut, never rounded up: 27 of 42 is 64.2%."""
    tenths = part * 1000 // whole
    return f"{tenths // 10}.{tenths % 10}%"
