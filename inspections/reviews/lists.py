"""Lists of 述职评议 and 季度目标考核: what they ask, what they show of a row; who may not see a rank reads none (mission M35)."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.columns import Col, Tag, day_of
from governance.frame.exports import Ledger
from governance.frame.filters import PageFilter
from governance.frame.lists import Listing, To
from governance.periods import Period
from inspections.cards.models import GRADE_CHOICES
from inspections.models import Review
from inspections.rounds.filters import InQuarter
from inspections.rounds.lists import state_tag
from inspections.scorecards.lists import VILLAGE, card_columns

OPEN = To("开始新一年", "inspections:review-create", needs=(Action.REVIEW_RUN,))


class ReviewFilter(PageFilter):
    year = django_filters.ChoiceFilter(label="年度", empty_label="全部年度")

    def __init__(self, data: Any, rows: QuerySet[Any], *, request: HttpRequest) -> None:
        super().__init__(data, rows, request=request)
        years = rows.order_by("-year").values_list("year", flat=True).distinct()
        self.filters["year"].extra["choices"] = [(str(year), f"{year}年") for year in years]


class GradeFilter(InQuarter):
    grade = django_filters.ChoiceFilter(label="等次", choices=GRADE_CHOICES, empty_label="全部等次")


def _state_tags(review: Review) -> list[Tag]:
    return [Tag(review.get_state_display(), "good" if review.state == Review.State.LOCKED else "waiting")]


REVIEWS = Listing(
    "述职评议",
    [
        Col("评议", str, whole=True),
        Col("状态", tags=_state_tags),
        Col("村（社区）", "village_count", num=True),
        Col("确定", day_of("locked_at"), hint="locked_by.name"),
    ],
    ReviewFilter,
    order=("-year", "pk"),
    href="inspections:review-detail",
    unit="年",
    actions=(OPEN, To("季度目标考核", "inspections:quarter-list", first=False)),
    empty="还没有述职评议。",
    steps=(OPEN, To("由镇工作人员开始。", "")),
)


def quarter_listing(user: User, quarter: Period | None) -> Listing:
    """A quarter's table as `user` may see it."""
    cols = card_columns(user)
    return Listing(
        f"{quarter.label}目标考核" if quarter else "季度目标考核",
        [VILLAGE, cols["score"], cols["grade"], cols["change"], cols["rank"], Col("督查", tags=lambda card: [state_tag(card.round)])],
        GradeFilter,
        order=("village__path",),
        href="inspections:card-detail",
        parent=To("述职评议", "inspections:review-list"),
        hint="锁定以后才计入全年述职评议。名次由党委决定是否公布。",
        unit="个村（社区）",
        exports=(
            To("导出表格", "inspections:quarter-export", needs=(Action.EXPORT,)),
            To("打印", "inspections:quarter-print", needs=(Action.EXPORT,)),
        ),
        empty="还没有考核结果。",
        steps=(To("督查评分移交各村核对以后，在这里按季度列出。", ""),),
        none_found="没有这个等次的村（社区）。",
    )


def quarter_ledger(quarter: Period, user: User) -> Ledger:
    """The same as a sheet, where a change is a number."""
    cols = card_columns(user)
    columns = [VILLAGE, cols["score"], cols["grade"], Col("比上季度", "change", width=10), cols["rank"]]
    return Ledger.of(f"{quarter.label}目标考核", columns, related=("round", "village"), order=("village__path",), numbered=True)
