"""督查方案 and 通报, drawn from a round's rows (plan §四(三) 每季度将开展一次专项监督检查 … 进行通报; mission M34, M36).

Nothing that names a resident is read; what people typed goes through `free_text.masked`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby

from governance.accounts.models import User
from governance.documents.official import (
    Block,
    Heading,
    Official,
    Paragraph,
    Table,
    chinese_date,
    chinese_number,
    open_number,
)
from governance.periods import today
from inspections.models import Answer, ChecklistItem, Finding, Round, Scorecard, Team
from inspections.rounds.deciding import REPLY_LIMIT
from inspections.scorecards.free_text import masked, register_names
from inspections.scorecards.scoring import GRADE_LABELS, Grade, Kind, Sort
from villages.models import Unit

HUNDRED = Decimal(100)


def plan_paper(inspection_round: Round, user: User) -> Official:
    """督查方案: aims, focus, when, who inspects which villages, on what card, how many are sampled."""
    cards = _cards(inspection_round, user)
    focus = [line.strip() for line in masked(inspection_round.focus, frozenset()).splitlines() if line.strip()]
    blocks: list[Block] = [
        Paragraph(f"为强化监督检查，高质抓好落实，持续巩固基层社会治理成效，结合我镇实际，制定本方案。本次督查覆盖{len(cards)}个村（社区）。"),
        Heading(1, "一、督查目的"),
        Paragraph("通过每季度专项监督检查，全面掌握各村（社区）基层社会治理工作情况，发现问题、督促整改、以压促改。"),
        Heading(1, "二、督查重点"),
        *(Paragraph(line) for line in focus or ["按检查表所列项目逐项督查。"]),
        Heading(1, "三、督查时间"),
        Paragraph(f"{chinese_date(inspection_round.opens_on)}至{chinese_date(inspection_round.closes_on)}。"),
        Heading(1, "四、督查分组"),
        *_teams(inspection_round, cards),
        Heading(1, "五、督查内容"),
        *_sections(inspection_round),
        Heading(1, "六、抽查办法"),
        Paragraph(_sampling(inspection_round)),
        Heading(1, "七、评定办法"),
        Paragraph(_grades(inspection_round)),
        Heading(1, "八、工作要求"),
        Paragraph(
            "督查组成员与被督查村（社区）有任职、亲属或其他利害关系的，应当回避。评分以现场核实为准。"
            f"评分表移交各村（社区）核对后，有异议的在{REPLY_LIMIT.amount}个工作日内申辩；督查结果经镇党委会议审定后通报。"
        ),
    ]
    return Official(
        title=f"{inspection_round.township.name}{inspection_round.period.label}\n城乡基层治理专项督查方案",
        blocks=tuple(blocks),
        signed_by=party_committee(inspection_round.township),
        dated=today(inspection_round.planned_at),
    )


def bulletin_paper(inspection_round: Round, user: User) -> Official:
    """通报 of a decided round: what is good, what was found, the grades; ranks only as the committee decided."""
    cards = _cards(inspection_round, user)
    assert inspection_round.meeting_on is not None, "a bulletin follows the committee's decision"
    committee = party_committee(inspection_round.township)
    blocks: list[Block] = [
        Paragraph(_opening(inspection_round, len(cards))),
        Heading(1, "一、较好方面"),
        *_good(inspection_round, cards),
        Heading(1, "二、发现的问题"),
        *_found(inspection_round, cards, user),
        Heading(1, "三、综合评定"),
        *_rated(inspection_round, cards),
        Paragraph("请各村（社区）对照通报的问题举一反三，认真整改；已下发整改通知书、督办单的，按期报告整改情况。"),
    ]
    return Official(
        organ=f"{committee}文件",
        number=open_number(inspection_round.meeting_on.year),
        title=f"关于{inspection_round.period.label}城乡基层治理专项督查\n情况的通报",
        to="各村（社区）",
        blocks=tuple(blocks),
        signed_by=committee,
        dated=inspection_round.meeting_on,
        printed_by=f"{inspection_round.township.name}党政综合办公室",
    )


def party_committee(township: Unit) -> str:
    """中共平昌县西兴镇委员会."""
    county = township.parent.name if township.parent else ""
    return f"中共{county}{township.name}委员会"


def points(value: Decimal) -> str:
    """40.00 → 40, 88.50 → 88.5."""
    return f"{value.normalize():f}"


def vetoes(cards: Sequence[Scorecard]) -> dict[int, list[str]]:
    """Card id → what it is vetoed for, in the card's order."""
    answers = Answer.objects.filter(
        card__in=[card.pk for card in cards], side=Answer.Side.SITE, item__kind=Kind.VETO, applies=True, value__gt=0
    )
    found: dict[int, list[str]] = {}
    for card, name in answers.order_by("item__section__position", "item__position").values_list("card_id", "item__name"):
        found.setdefault(card, []).append(name)
    return found


def _cards(inspection_round: Round, user: User) -> list[Scorecard]:
    rows = Scorecard.objects.visible_to(user).filter(round=inspection_round).select_related("village", "team")
    return list(rows.order_by("village__path"))


def _teams(inspection_round: Round, cards: Sequence[Scorecard]) -> list[Block]:
    """The teams with head, members and villages, and villages that have none yet."""
    teams = Team.objects.filter(round=inspection_round).prefetch_related("members__user").order_by("pk")
    rows = []
    for team in teams:
        members = list(team.members.all())
        heads = "、".join(member.user.name for member in members if member.is_head)
        others = "、".join(member.user.name for member in members if not member.is_head)
        rows.append((team.name, heads, others, _villages([card for card in cards if card.team_id == team.pk])))
    without = [card for card in cards if card.team_id is None]
    blocks: list[Block] = [Table(("督查组", "组长", "组员", "督查村（社区）"), tuple(rows), (2, 2, 3, 6))] if rows else []
    if without:
        blocks.append(Paragraph(f"尚未分组：{_villages(without)}。"))
    return blocks


def _sections(inspection_round: Round) -> list[Block]:
    card = inspection_round.checklist
    counts = Counter(ChecklistItem.objects.filter(section__checklist=card).values_list("section_id", flat=True))
    rows = []
    for section in card.sections.order_by("position"):
        full = "—" if section.sort == Sort.VETO else points(section.points)
        rows.append((section.name, section.get_sort_display(), full, str(counts[section.pk])))
    return [
        Paragraph(f"采用“{card}”，满分{points(card.full)}分。"),
        Table(("考核项目", "类别", "标准分", "考核内容（条）"), tuple(rows), (6, 3, 2, 3)),
    ]


def _sampling(inspection_round: Round) -> str:
    return (
        f"每个村（社区）随机抽查{inspection_round.household_count}户、{inspection_round.site_count}个聚居点、{inspection_round.case_count}件事项，"
        "样本在现场督查开始时由系统抽取，抽样种子留存备查。"
    )


def _grades(inspection_round: Round) -> str:
    card = inspection_round.checklist
    return (
        f"得分率{points(card.good)}%以上评为“好”，{points(card.fair)}%以上评为“较好”，{points(card.passing)}%以上评为“一般”，"
        f"不足{points(card.passing)}%评为“差”。有一票否决情形的，评为“差”。"
    )


def _opening(inspection_round: Round, count: int) -> str:
    assert inspection_round.meeting_on is not None
    return (
        f"{chinese_date(inspection_round.opens_on)}至{chinese_date(inspection_round.closes_on)}，镇党委组织督查组对全镇{count}个村（社区）"
        f"{inspection_round.period.label}城乡基层治理工作开展了专项督查，每村抽查{inspection_round.household_count}户、{inspection_round.site_count}个聚居点、"
        f"{inspection_round.case_count}件事项。督查结果已经{chinese_date(inspection_round.meeting_on)}镇党委会议审定，现将有关情况通报如下。"
    )


def _good(inspection_round: Round, cards: Sequence[Scorecard]) -> list[Block]:
    """Sections where villages reach the share of 好, bonuses, and who got better; a vetoed village is not praised."""
    least = inspection_round.checklist.good
    sound = [card for card in cards if not card.vetoed]
    texts = []
    for shares in _shares(cards):
        best = [card for card, share in shares.villages if share >= least and not card.vetoed]
        if best:
            texts.append(
                f"{shares.name}：全镇平均得分率{shares.mean:.1f}%；{_villages(best)}得分率在{points(least)}%以上。"
            )
    bonus = [f"{card.village}（{points(given)}分）" for card in sound if (given := _bonus(card))]
    if bonus:
        texts.append(f"加分：{'、'.join(bonus)}。")
    better = [f"{card.village}（提高{points(card.change)}分）" for card in sound if card.change is not None and card.change > 0]
    if better:
        texts.append(f"比上季度进步：{'、'.join(better)}。")
    if not texts:
        return [Paragraph(f"本季度没有得分率达到{points(least)}%的项目。")]
    return [Paragraph(f"{number}. {text}") for number, text in enumerate(texts, 1)]


class _SectionShares:
    """A counting section's share of its points: each village's in per cent, and the mean of all."""

    def __init__(self, name: str, villages: list[tuple[Scorecard, Decimal]]) -> None:
        self.name, self.villages = name, villages
        self.mean = sum((share for _, share in villages), Decimal(0)) / len(villages)


def _shares(cards: Sequence[Scorecard]) -> list[_SectionShares]:
    """The counting sections in the card's order."""
    found: dict[int, tuple[str, list[tuple[Scorecard, Decimal]]]] = {}
    for card in cards:
        for section in card.sections:
            full = Decimal(section["points"])
            if section["sort"] == Sort.NORMAL and full:
                name, villages = found.setdefault(section["key"], (section["name"], []))
                villages.append((card, Decimal(section["score"]) * HUNDRED / full))
    return [_SectionShares(name, villages) for name, villages in found.values()]


def _bonus(card: Scorecard) -> Decimal:
    return sum((Decimal(section["score"]) for section in card.sections if section["sort"] == Sort.BONUS), Decimal(0))


def _found(inspection_round: Round, cards: Sequence[Scorecard], user: User) -> list[Block]:
    """Sections below the pass mark, then what was seen, village by village."""
    least = inspection_round.checklist.passing
    blocks: list[Block] = []
    for shares in _shares(cards):
        weak = [f"{card.village}（{share:.1f}%）" for card, share in shares.villages if share < least]
        if weak:
            blocks.append(Paragraph(f"{shares.name}得分率不足{points(least)}%的：{'、'.join(weak)}。"))
    rows = Finding.objects.visible_to(user).filter(card__round=inspection_round).select_related("village")
    findings = list(rows.order_by("village__path", "pk"))
    names = register_names([card.village for card in cards]) if findings else frozenset()
    for number, (village, group) in enumerate(groupby(findings, key=lambda row: row.village), 1):
        blocks.append(Heading(2, f"（{chinese_number(number)}）{village}"))
        blocks += [Paragraph(f"{place}. {_sentence(masked(row.text, names))}") for place, row in enumerate(group, 1)]
    clean = [card for card in cards if card.village_id not in {row.village_id for row in findings}]
    if clean:
        who = _villages(clean) if findings else "各村（社区）"
        blocks.append(Paragraph(f"{who}本次现场督查没有记录需要整改的问题。"))
    return blocks


def _sentence(text: str) -> str:
    return text if text.endswith(("。", "！", "？", "；")) else f"{text}。"


def _rated(inspection_round: Round, cards: Sequence[Scorecard]) -> list[Block]:
    """The table of results and each grade's villages; in the order of ranks only where they are published."""
    ranked = inspection_round.ranks_shown
    order = sorted(cards, key=lambda card: card.rank or len(cards)) if ranked else cards
    head = ("名次", "村（社区）", "得分", "等次", "比上季度")
    rows = [
        (str(card.rank or ""), str(card.village), _score(card), card.get_grade_display(), _change(card.change)) for card in order
    ]
    start = 0 if ranked else 1
    table = Table(head[start:], tuple(row[start:] for row in rows), (2, 5, 3, 3, 3)[start:])
    counts = []
    for grade in Grade:
        its = [card for card in cards if card.grade == grade]
        if its:
            counts.append(f"“{GRADE_LABELS[grade]}”{len(its)}个：{_villages(its)}")
    blocks: list[Block] = [Paragraph("；".join(counts) + "。")] if counts else []
    reasons = vetoes(cards)
    for card in cards:
        if card.vetoed:
            why = "、".join(f"“{name}”" for name in reasons.get(card.pk, []))
            blocks.append(Paragraph(f"{card.village}因{why}被一票否决，等次为“差”。"))
    return [*blocks, table]


def _score(card: Scorecard) -> str:
    return "" if card.score is None else points(card.score)


def _change(change: Decimal | None) -> str:
    return "—" if change is None else f"{'+' if change > 0 else ''}{points(change)}"


def _villages(cards: Sequence[Scorecard]) -> str:
    return "、".join(str(card.village) for card in cards)
