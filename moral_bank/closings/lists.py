"""Where all villages stand in a period, and the ratings of a period."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.db.models.functions import Length
from django.urls import reverse
from django.utils.functional import cached_property

from governance.frame.columns import Col, Tag
from governance.frame.filters import WordsFilter
from governance.frame.lists import Listing, To
from governance.periods import Period
from moral_bank.closings.forms import periods_due
from moral_bank.closings.rows import ClosingRow, closing_rows, periods_rated, villages_in
from moral_bank.models import Closing, Rating
from villages.filters import InVillages, of_household

STAR_CHOICES = [("5", "五星"), ("4", "四星"), ("3", "三星"), ("2", "二星"), ("0", "未评星")]
HOME = "account__household__"


class InPeriod(InVillages):
    """A list of one period, the latest where the address names none; `periods` are those to choose from, the latest first."""

    period = django_filters.ChoiceFilter(label="期间", empty_label=None, method=lambda rows, name, value: rows)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["period"].extra["choices"] = [(str(period), period.label) for period in self.periods]
        self.filters.move_to_end("period", last=False)

    @property
    def periods(self) -> Sequence[Period]:
        raise NotImplementedError

    @property
    def chosen(self) -> Any:
        """The period that is shown; None where there is none to choose."""
        return Period.parse(self.value("period")) if self.value("period") else next(iter(self.periods), None)


class ClosingFilter(InPeriod):
    """Of villages, by their closings."""

    place = "pk"
    state = django_filters.ChoiceFilter(label="状态", choices=Closing.State.choices, empty_label="全部状态", method="narrow")

    @cached_property
    def periods(self) -> Sequence[Period]:
        return periods_due()

    def filter_queryset(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        found: QuerySet[Any] = super().filter_queryset(rows & villages_in(self.request.user, self.chosen))
        return found

    def narrow(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """A village without a closing is where an open one is."""
        closings = Closing.objects.visible_to(self.request.user).for_period(self.chosen).order_by()
        if value == Closing.State.OPEN:
            return rows.exclude(pk__in=closings.exclude(state=value).values("village"))
        return rows.filter(pk__in=closings.filter(state=value).values("village"))


class RatingFilter(InPeriod):
    place = "closing__village"
    stars = django_filters.ChoiceFilter(label="星级", choices=STAR_CHOICES, empty_label="全部星级")
    q = WordsFilter("姓名、拼音或户号", *of_household(HOME))

    @cached_property
    def periods(self) -> Sequence[Period]:
        return periods_rated(self.request.user)

    def filter_queryset(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        period = self.chosen
        found: QuerySet[Any] = super().filter_queryset(rows.in_period(period) if period else rows.none())  # type: ignore[attr-defined]
        return found


def closing_tag(row: ClosingRow | Closing) -> Tag:
    label = Closing.State(row.state).label
    return Tag(label, "good" if row.state == Closing.State.LOCKED else "" if row.state == Closing.State.OPEN else "waiting")


def _closing_page(row: ClosingRow) -> str:
    return reverse("moral_bank:closing-detail", args=[row.closing.pk]) if row.closing else ""


def _household(rating: Rating) -> str:
    return reverse("villages:household-detail", args=[rating.account.household_id])


def _place(rating: Rating) -> str:
    household, village = rating.account.household, rating.closing.village
    return str(village) if household.unit_id == household.village_id else f"{village} {household.unit}"


def _honours(rating: Rating) -> list[Tag | None]:
    return [Tag("年度评优", "good") if rating.honoured else None, Tag("一票否决", "late") if rating.vetoed else None]


def _why(rating: Rating) -> str:
    return reverse("moral_bank:rating-detail", args=[rating.pk])


CLOSINGS = Listing(
    "结算",
    [
        Col("村（社区）", "village", whole=True, strong=True),
        Col("状态", tags=lambda row: [closing_tag(row)]),
        Col("户数", "closing.household_count", num=True),
        Col("卡在哪里", lambda row: "；".join(row.reasons)),
    ],
    ClosingFilter,
    shown=lambda filters, villages: closing_rows(filters.request.user, villages, filters.chosen),
    order=("path",),
    href=_closing_page,
    unit="个村（社区）",
    empty="您的范围内没有村（社区）。",
    none_found="没有符合条件的村（社区）。",
    per_page=500,
)

# Where few rows are sorted, the index of the villages' paths must not serve: for it PostgreSQL would read all villages' ratings.
FEW_ORDER = (Length("closing__village__path").asc(), "closing__village__path", "rank", "pk")

RATINGS = Listing(
    "评分与星级",
    [
        Col("户主", "account.household.head_name", whole=True),
        Col("名次", "rank", num=True),
        Col("住处", _place),
        Col("得分", "score", num=True),
        Col("星级", cell="moral_bank/closings/_stars.html", tags=_honours),
        Col("状态", tags=lambda rating: [closing_tag(rating.closing)]),
        Col("", lambda rating: "为什么是这个分", href=_why),
    ],
    RatingFilter,
    order=("closing__village__path", "rank", "pk"),
    href=_household,
    unit="户",
    empty="还没有评分。",
    steps=(To("月底结算后，评分会出现在这里。", ""),),
    none_found="没有符合条件的评分。",
    live=True,
)
