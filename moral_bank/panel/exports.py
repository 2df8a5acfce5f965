"""The panel's papers: 评议小组名册 and 评议台账 (domain.md §7, §12)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import Prefetch, QuerySet

from governance.frame.columns import Col
from governance.frame.exports import CHUNK, KEY, NUMBER, Ledger, row_key
from governance.sheets.writer import Column, Value
from moral_bank.models import Judgement, Sitting, Vote
from moral_bank.panel.services import round_of

MEMBERS = Ledger.of(
    "评议小组名册",
    [
        Col("村（社区）", "village", width=18),
        Col("姓名", "resident.name", width=10),
        Col("户号", "resident.household.number", width=10),
        Col("户主", "resident.household.head_name", width=10),
        Col("推选日期", "appointed_on"),
        Col("退出日期", "ended_on"),
        Col("登记人", "appointed_by.name", width=10),
    ],
    related=("village", "resident__household", "appointed_by"),
    order=("village__path", "appointed_on", "pk"),
    state="退出日期",
)


def with_judgements(sittings: QuerySet[Sitting]) -> QuerySet[Sitting]:
    """The sittings with members, judgements and votes read along, in a fixed number of queries."""
    judgements = Judgement.objects.select_related("claim__account__household", "claim__deed", "claim__appeal").prefetch_related(
        Prefetch("votes", Vote.objects.select_related("member__resident"))
    )
    related = sittings.select_related("village", "recorded_by")
    return related.prefetch_related("members__resident", Prefetch("judgements", judgements))


def tally(judgement: Judgement) -> dict[str, int]:
    """Choice → how many; the votes are read along."""
    counts = dict.fromkeys(Vote.Choice.values, 0)
    for vote in judgement.votes.all():
        counts[vote.choice] += 1
    return counts


def result_words(judgement: Judgement) -> str:
    """What came of it: 通过，按上限记 4 分; 通过，后退回：异议成立…; 不通过. What the claim says now is of its last round."""
    claim = judgement.claim
    if judgement.round < round_of(claim):
        return f"{'通过，后退回' if judgement.approved else '不通过'}，申诉成立后再评议"
    if not judgement.approved:
        return "不通过"
    if claim.state == claim.State.REJECTED:
        return f"通过，后退回：{claim.reason}"
    return f"通过，按上限记 {claim.score} 分" if claim.score < judgement.score else "通过"


def _sitting_rows(queryset: QuerySet[Sitting]) -> Iterator[Sequence[Value]]:
    number = 0
    ordered = with_judgements(queryset).order_by("village__path", "held_on", "pk")
    for sitting in ordered.iterator(chunk_size=CHUNK):
        present = "、".join(member.resident.name for member in sitting.members.all())
        for judgement in sitting.judgements.all():
            number += 1
            end = (present, sitting.recorded_by.name, row_key(Judgement, judgement.pk))
            yield [number, str(sitting.village), sitting.held_on, *_cells(judgement), *end]


def _cells(judgement: Judgement) -> list[Value]:
    claim, counts = judgement.claim, tally(judgement)
    recused = "；".join(
        f"{vote.member.resident.name}：{vote.reason}" for vote in judgement.votes.all() if vote.choice == Vote.Choice.RECUSED
    )
    household = claim.account.household
    return [
        household.number,
        household.head_name,
        claim.deed.name,
        claim.occurred_on,
        judgement.score,
        *(counts[choice] for choice in (Vote.Choice.YES, Vote.Choice.NO, Vote.Choice.ABSTAIN)),
        recused,
        result_words(judgement),
        judgement.reason,
    ]


SITTINGS = Ledger(
    "评议台账",
    [
        NUMBER,
        Column("村（社区）", 18),
        Column("评议日期", 12),
        Column("户号", 10),
        Column("户主", 10),
        Column("事项", 30),
        Column("发生日期", 12),
        Column("评议分值", 10),
        Column("同意", 8),
        Column("不同意", 8),
        Column("弃权", 8),
        Column("回避", 20),
        Column("结果", 22),
        Column("评议意见", 26),
        Column("到会成员", 30),
        Column("记录人", 10),
        KEY,
    ],
    _sitting_rows,
)
