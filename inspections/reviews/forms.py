"""Forms of 述职评议: opening a year, weights, one village's ballots."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.forms import PageForm
from governance.periods import Period, today
from inspections.cards.models import GRADE_CHOICES
from inspections.models import Review
from inspections.reviews.reviewing import Counts, Weights, plain
from inspections.reviews.rows import COLUMNS, Pair
from inspections.reviews.services import MOST
from villages.models import Unit

YEARS_OFFERED = 3
WEIGHT_LABELS = {
    "quarters_weight": "季度督查权重（%）",
    "ballot_weight": "民主测评权重（%）",
    "leaders_weight": "镇领导票权重（%）",
    "members_weight": "党员、村民代表票权重（%）",
    "residents_weight": "群众票权重（%）",
    "good": "“好”折算分",
    "fair": "“较好”折算分",
    "passing": "“一般”折算分",
    "poor": "“差”折算分",
}


class OpenForm(PageForm):
    """Which year of which township."""

    township = forms.ModelChoiceField(Unit.objects.none(), label="乡镇", empty_label=None)
    year = forms.TypedChoiceField(label="年度", coerce=int)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        towns = Unit.objects.visible_to(user, Action.REVIEW_RUN).on(today()).filter(level=Unit.Level.TOWNSHIP)
        years = [today().year - back for back in range(YEARS_OFFERED)]
        self.fields["township"].queryset = towns  # type: ignore[attr-defined]
        self.fields["year"].choices = [(year, f"{year}年") for year in years]  # type: ignore[attr-defined]


class WeightsForm(PageForm):
    """Weights and what a ballot counts; that they sum is the model's to say."""

    def __init__(self, *args: Any, review: Review, **kwargs: Any) -> None:
        kwargs["initial"] = {name: plain(getattr(review, name)) for name in WEIGHT_LABELS}
        super().__init__(*args, **kwargs)
        for name, label in WEIGHT_LABELS.items():
            widget = forms.NumberInput({"class": "form-control", "inputmode": "decimal", "step": "0.01"})
            errors = {"required": "请填数字，没有的填 0。", "invalid": "请填数字。"}
            self.fields[name] = forms.DecimalField(
                label=label, min_value=Decimal(0), max_value=Decimal(100), max_digits=5, decimal_places=2, widget=widget,
                error_messages=errors,
            )  # fmt: skip

    def weights(self) -> Weights:
        return Weights(**{name: self.cleaned_data[name] for name in WEIGHT_LABELS})


class BallotForm(PageForm):
    """One village's ballots of one pass: four numbers for each group that is open to the user; empty columns are nought,
    a group left empty is not entered."""

    def __init__(self, *args: Any, pairs: list[Pair], pass_number: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pairs = pairs
        for pair in pairs:
            own = pair.entered(pass_number)
            for column, label in COLUMNS.items():
                self.fields[f"{pair.group}-{column}"] = forms.IntegerField(
                    label=label, required=False, min_value=0, max_value=MOST, initial=getattr(own, column, None),
                    widget=forms.NumberInput({"class": "form-control", "inputmode": "numeric"}),
                    error_messages={"invalid": "请填整数。", "min_value": "不能是负数。", "max_value": f"不能超过 {MOST}。"},
                )  # fmt: skip

    def groups(self) -> list[tuple[Pair, list[forms.BoundField]]]:
        """Each open group with its four fields, for the page."""
        return [(pair, [self[f"{pair.group}-{column}"] for column in COLUMNS]) for pair in self.pairs]

    def chosen(self) -> dict[str, Counts]:
        """Group → its counts, without the groups left empty."""
        found = {}
        for pair in self.pairs:
            said = {column: self.cleaned_data[f"{pair.group}-{column}"] for column in COLUMNS}
            if any(value is not None for value in said.values()):
                found[pair.group] = Counts(**{column: value or 0 for column, value in said.items()})
        return found

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not self.chosen():
            raise forms.ValidationError("请填票数。")
        return said


class RowFilter(PageForm):
    """Villages that lack something, or of one grade."""

    show = forms.ChoiceField(
        label="显示", required=False, choices=[("", "全部村（社区）"), ("missing", "尚缺的"), *GRADE_CHOICES]
    )

    def value(self) -> str:
        self.is_valid()
        return self.cleaned_data.get("show") or ""


class YearFilter(PageForm):
    """Reviews of one year."""

    year = forms.ChoiceField(label="年度", required=False)

    def __init__(self, *args: Any, reviews: QuerySet[Review], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        years = reviews.order_by("-year").values_list("year", flat=True).distinct()
        self.fields["year"].choices = [("", "全部年度"), *((year, f"{year}年") for year in years)]  # type: ignore[attr-defined]

    def value(self) -> int | None:
        self.is_valid()
        return int(self.cleaned_data.get("year") or 0) or None


class QuarterFilter(PageForm):
    """One of the quarters that have cards, and a grade."""

    quarter = forms.ChoiceField(label="季度", required=False)
    grade = forms.ChoiceField(label="等次", required=False, choices=[("", "全部等次"), *GRADE_CHOICES])

    def __init__(self, *args: Any, quarters: list[Period], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.quarters = quarters
        self.fields["quarter"].choices = [(str(quarter), quarter.label) for quarter in quarters]  # type: ignore[attr-defined]

    def chosen(self) -> Period | None:
        """The chosen quarter, the latest where none or a wrong one was given; None if there is none."""
        self.is_valid()
        named = self.cleaned_data.get("quarter")
        return Period.parse(named) if named else next(iter(self.quarters), None)

    def grade_chosen(self) -> str:
        self.is_valid()
        return self.cleaned_data.get("grade") or ""
