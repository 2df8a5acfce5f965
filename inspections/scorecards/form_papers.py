"""计分表, 整改通知书 and 督办单, with the headings of domain.md §12 (plan §四(三); mission M35, M36)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from governance.accounts.models import User
from governance.documents.official import Block, Cell, Heading, Official, Paragraph, Table, chinese_date
from governance.periods import today
from inspections.cards.services import card_of
from inspections.models import Answer, ChecklistItem, Order, Scorecard
from inspections.rounds.computing import answers_of, facts_of
from inspections.scorecards.free_text import masked, register_names
from inspections.scorecards.papers import party_committee, points, vetoes
from inspections.scorecards.scoring import Item, Kind, Section, Sort, pool_points, pools, score

SHEET = ("考核项目", "考核内容", "标准分", "自评分", "考核分")
ZERO = Decimal(0)
_Moved = Mapping[int, Decimal] | None  # points by item that moved them; None where nothing was judged


def sheet_paper(card: Scorecard) -> Official:
    """One village's 考核计分表: each cell of points with what the village and the team gave, and where points went."""
    blocks: list[Block] = [Table(SHEET, tuple(_sheet_rows(card)), (3, 8, 2, 2, 2))]
    if card.score is not None:
        blocks.append(Paragraph(_result(card)))
    words = [line for line in card.trail if line["item"] is not None]
    if words:
        blocks.append(Heading(1, "得分由来"))
        blocks += [
            Paragraph(f"{number}. {line['words']}，{_moved_words(line)}") for number, line in enumerate(words, 1)
        ]
    blocks.append(Paragraph("督查组（签字）：　　　　　　村（社区）负责人（签字）："))
    return Official(
        title=f"{card.village}{card.round.period.label}\n城乡基层治理督查计分表",
        blocks=tuple(blocks),
        dated=today(card.scored_at) if card.scored_at else None,
    )


def order_paper(order: Order, user: User) -> Official:
    """The order as the form of its kind: what is still to come stays empty for the pen."""
    names = register_names([order.village])
    rows = _notice_rows(order, names, user) if order.kind == Order.Kind.NOTICE else _oversight_rows(order, names, user)
    table = Table((), tuple((label, text) for label, text in rows), (1, 4))
    called = order.get_kind_display()
    return Official(
        title=called,
        to=str(order.village),
        blocks=(Paragraph(_order_words(order)), table),
        signed_by=party_committee(order.township),
        dated=today(order.issued_at),
    )


def _sheet_rows(card: Scorecard) -> Iterable[tuple[Cell, ...]]:
    checklist = card_of(card.round.checklist)
    basis = dict(ChecklistItem.objects.filter(section__checklist=card.round.checklist_id).values_list("pk", "basis"))
    own, site = _own_points(card), _site_points(card)
    vetoed = vetoes([card]).get(card.pk, [])
    for section in checklist.sections:
        rows = list(_section_rows(section, basis, own, site, vetoed))
        for place, row in enumerate(rows):
            yield (section.name if not place else None, *row)
    yield ("合计", "", points(checklist.full), _points(card.self_score), _total(card))


def _section_rows(
    section: Section, basis: Mapping[int, str], own: _Moved, site: _Moved, vetoed: list[str]
) -> Iterable[tuple[Cell, ...]]:
    """考核内容, 标准分, 自评分, 考核分 of a section's lines; lines that share points share the cells."""
    if section.sort == Sort.VETO:
        for item in section.items:
            yield (_line(item, basis), "—", "", "否决" if item.name in vetoed else "")
    elif section.sort == Sort.BONUS:
        for item in section.items:
            yield (_line(item, basis), f"加分，最多{points(item.points or section.points)}", _given(own, [item]), _given(site, [item]))
    else:
        for pool in pools(section):
            full = pool_points(section, pool)
            cells: tuple[Cell, ...] = (points(full), _given(own, pool, full), _given(site, pool, full))
            for place, item in enumerate(pool):
                yield (_line(item, basis), *(cells if not place else (None,) * len(cells)))
        for item in section.items:
            if item.kind == Kind.NOTE:
                yield (_line(item, basis), "—", "", "")


def _line(item: Item, basis: Mapping[int, str]) -> str:
    return f"{item.name}（{basis[item.key]}）" if basis.get(item.key) else item.name


def _given(moved: _Moved, items: Iterable[Item], full: Decimal = ZERO) -> str:
    return "" if moved is None else points(full + sum((moved.get(item.key, ZERO) for item in items), ZERO))


def _points(value: Decimal | None) -> str:
    return "" if value is None else points(value)


def _total(card: Scorecard) -> str:
    """Empty for the pen before the round begins."""
    if card.score is not None:
        return points(card.score)
    return card.score_words if card.missing else ""


def _site_points(card: Scorecard) -> _Moved:
    """What the team's judgement moved, from the card's own trail; None until it is computed."""
    if card.score is None:
        return None
    return {line["item"]: Decimal(line["amount"]) for line in card.trail if line["item"] is not None}


def _own_points(card: Scorecard) -> _Moved:
    """What the village's own judgement moved, by the same engine; None until it has judged every line."""
    answers = answers_of([card], Answer.Side.SELF)[card.pk]
    if not answers:
        return None
    result = score(card_of(card.round.checklist), answers, facts_of([card])[card.pk])
    return {line.item: line.amount for line in result.trail if line.item is not None} if result.whole else None


def _result(card: Scorecard) -> str:
    assert card.score is not None
    veto = "（一票否决）" if card.vetoed else ""
    return f"考核得分{points(card.score)}分，等次“{card.get_grade_display()}”{veto}。"


def _moved_words(line: Mapping[str, str]) -> str:
    """扣10分, 加3分; what the rule asked beyond the cell's points is named."""
    amount, asked = Decimal(line["amount"]), Decimal(line["asked"])
    verb = "扣" if asked < 0 else "加"
    words = f"{verb}{points(abs(amount))}分"
    if amount != asked:
        words += f"（按办法应{verb}{points(abs(asked))}分，以该项分值为限或只计重的一条）"
    return words + ("，实测。" if line["measured"] else "。")


def _order_words(order: Order) -> str:
    if order.kind == Order.Kind.NOTICE:
        return f"经督查，你村（社区）存在下列问题。请于{chinese_date(order.sign_due_on)}前签收，按要求限期整改并报告。"
    return f"现将下列事项交你村（社区）办理。请于{chinese_date(order.sign_due_on)}前签收，按时限办结并报告。"


def _notice_rows(order: Order, names: frozenset[str], user: User) -> list[tuple[str, str]]:
    return [
        ("编号", order.number),
        ("被通知单位", str(order.village)),
        ("检查时间", chinese_date(order.found_on)),
        ("存在问题", _problems(order, names, user)),
        ("整改要求", masked(order.requirement, names)),
        ("整改期限", chinese_date(order.fix_due_on)),
        ("签收人", order.signed_by.name if order.signed_by else ""),
        ("签收时间", _day(order.signed_at)),
    ]


def _oversight_rows(order: Order, names: frozenset[str], user: User) -> list[tuple[str, str]]:
    return [
        ("编号", order.number),
        ("签发日期", _day(order.issued_at)),
        ("承办单位", str(order.village)),
        ("督办事项", _problems(order, names, user)),
        ("整改要求", masked(order.requirement, names)),
        ("完成时限", chinese_date(order.fix_due_on)),
        ("办理情况", masked(order.report, names)),
        ("承办人", order.reported_by.name if order.reported_by else ""),
        ("复核意见", masked(order.opinion, names)),
        ("销号日期", chinese_date(order.closed_on) if order.closed_on else ""),
    ]


def _problems(order: Order, names: frozenset[str], user: User) -> str:
    """Numbered, one a line; a single one without number."""
    texts = [masked(row.text, names) for row in order.findings.visible_to(user).order_by("pk")]
    return texts[0] if len(texts) == 1 else "\n".join(f"{number}. {text}" for number, text in enumerate(texts, 1))


def _day(moment: datetime | None) -> str:
    return chinese_date(today(moment)) if moment else ""
