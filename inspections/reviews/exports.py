"""The ledger of 述职评议 (plan §四(三); mission M35)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import QuerySet

from governance.frame.exports import Ledger
from governance.sheets.writer import Column, Value
from inspections.models import Review, Statement
from inspections.reviews.reviewing import plain
from inspections.reviews.rows import Row, review_rows, weights_of

REVIEW_COLUMNS = [
    Column("序号", 6), Column("村（社区）", 16), Column("书记", 10), Column("一季度", 9), Column("二季度", 9),
    Column("三季度", 9), Column("四季度", 9), Column("季度均分", 10), Column("镇领导票", 10), Column("党员代表票", 12),
    Column("群众票", 9), Column("测评得分", 10), Column("总分", 9), Column("等次", 14),
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
    return Ledger(f"{review.year}年村（社区）书记述职评议", REVIEW_COLUMNS, rows, notes, key="村（社区）")


def review_cells(number: int, row: Row) -> list[Value]:
    """One line of the ledger, in the order of REVIEW_COLUMNS."""
    result = row.result
    return [
        number, str(row.statement.village), row.statement.secretary_name, *(cell.percent for cell in row.quarters),
        result.quarters_mean, *row.ballots, result.ballot_score, result.score, row.grade_text,
    ]  # fmt: skip
