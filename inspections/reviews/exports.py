"""The two ledgers of 季度目标考核 and 述职评议 (plan §四(三); mission M35)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import QuerySet

from governance.accounts.models import User
from governance.frame.exports import Ledger
from governance.periods import Period
from governance.sheets.writer import Column, Value
from inspections.models import Review, Scorecard, Statement
from inspections.reviews.reviewing import plain
from inspections.reviews.rows import Row, review_rows, weights_of

REVIEW_COLUMNS = [
    Column("序号", 6), Column("村（社区）", 16), Column("书记", 10), Column("一季度", 9), Column("二季度", 9),
    Column("三季度", 9), Column("四季度", 9), Column("季度均分", 10), Column("镇领导票", 10), Column("党员代表票", 12),
    Column("群众票", 9), Column("测评得分", 10), Column("总分", 9), Column("等次", 14),
]  # fmt: skip
QUARTER_COLUMNS = [
    Column("序号", 6), Column("村（社区）", 18), Column("得分", 10), Column("等次", 16), Column("比上季度", 10), Column("名次", 8),
]  # fmt: skip


def review_ledger(review: Review) -> Ledger:
    """The year's table; what is missing is an empty cell. Takes statements with village and secretary selected."""

    def rows(queryset: QuerySet[Statement]) -> Iterator[Sequence[Value]]:
        for number, row in enumerate(review_rows(review, queryset), 1):
            yield review_cells(number, row)

    weights = weights_of(review)
    notes = [
        f"总分 = 季度均分 × {plain(weights.quarters_weight)}% + 测评得分 × {plain(weights.ballot_weight)}%。",
        f"测评得分 = 镇领导票 × {plain(weights.leaders_weight)}% + 党员、村民代表票 × {plain(weights.members_weight)}%"
        f" + 群众票 × {plain(weights.residents_weight)}%。",
        f"状态：{review.get_state_display()}。",
    ]
    return Ledger(f"{review.year}年村（社区）书记述职评议", REVIEW_COLUMNS, rows, notes)


def review_cells(number: int, row: Row) -> list[Value]:
    """One line of the ledger, in the order of REVIEW_COLUMNS."""
    result = row.result
    return [
        number, str(row.statement.village), row.statement.secretary_name, *(cell.percent for cell in row.quarters),
        result.quarters_mean, *row.ballots, result.ballot_score, result.score, row.grade_text,
    ]  # fmt: skip


def quarter_ledger(quarter: Period, user: User) -> Ledger:
    """A quarter's table; ranks only where `user` may see them. Takes cards with round and village selected."""

    def rows(queryset: QuerySet[Scorecard]) -> Iterator[Sequence[Value]]:
        for number, card in enumerate(queryset, 1):
            yield [
                number, str(card.village), card.score, card_grade(card), card.change,
                card.rank if card.shows_rank_to(user) else None,
            ]  # fmt: skip

    return Ledger(f"{quarter.label}目标考核", QUARTER_COLUMNS, rows)


def card_grade(card: Scorecard) -> str:
    """The card's grade, with the veto that made it."""
    return f"{card.get_grade_display()}{'（一票否决）' if card.vetoed else ''}"
