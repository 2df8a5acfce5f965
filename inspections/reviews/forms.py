"""Forms of 述职评议: opening a year, weights, one village's ballots."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.forms import PageForm
from governance.periods import today
from inspections.cards.models import GRADE_CHOICES
from inspections.models import Review
from inspections.reviews.reviewing import Counts, Weights, plain
from inspections.reviews.rows import COLUMNS, Pair, Row
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

    def arguments(self) -> dict[str, Any]:
        return {"weights": Weights(**{name: self.cleaned_data[name] for name in WEIGHT_LABELS})}


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
            entered = {column: self.cleaned_data[f"{pair.group}-{column}"] for column in COLUMNS}
            if any(value is not None for value in entered.values()):
                found[pair.group] = Counts(**{column: value or 0 for column, value in entered.items()})
        return found

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not self.chosen():
            raise forms.ValidationError("请填票数。")
        return cleaned

    def arguments(self) -> dict[str, Any]:
        return {"counts": self.chosen()}


class RowFilter(PageForm):
    """Villages that lack something, or of one grade; an invalid choice finds none."""

    show = forms.ChoiceField(
        label="显示", required=False, choices=[("", "全部村（社区）"), ("missing", "尚缺的"), *GRADE_CHOICES]
    )

    def found(self, rows: list[Row]) -> list[Row]:
        if not self.is_valid():
            return []
        show = self.cleaned_data["show"]
        if show == "missing":
            return [row for row in rows if row.missing]
        return [row for row in rows if not show or (row.result.grade and row.result.grade.value == show)]
