"""Staff pages of 述职评议: to look at, with the weights editable while a year is open (plan §四(三); mission M35)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.frame.admin import ScopedModelAdmin, object_button
from governance.frame.admin_lists import count_of
from inspections.models import Review, Statement
from inspections.reviews.reviewing import Weights
from inspections.reviews.rows import weights_of
from inspections.reviews.services import review_weights

_FIXED = ["township", "year", "state", "locked_at", "locked_by"]


@admin.register(Review)
class ReviewAdmin(ScopedModelAdmin):
    view_action = Action.REVIEW_VIEW
    change_action = Action.REVIEW_RUN
    list_display = ["__str__", "township", "year", "village_count", "quarters_weight", "ballot_weight", "state", "locked_at"]
    list_filter = [("state", ChoicesDropdownFilter)]
    readonly_fields = _FIXED
    fields = [*_FIXED, *Weights.__dataclass_fields__]
    actions_detail = ["page"]

    def get_queryset(self, request: UserRequest) -> QuerySet[Review]:
        rows: QuerySet[Review] = super().get_queryset(request)
        counted = count_of(Statement.objects.all(), "review")
        return rows.select_related("township").annotate(village_total=counted)

    def has_change_permission(self, request: UserRequest, obj: Model | None = None) -> bool:
        is_open = not isinstance(obj, Review) or obj.state == Review.State.OPEN
        return is_open and super().has_change_permission(request, obj)

    @admin.display(description="村（社区）数", ordering="village_total")
    def village_count(self, review: Any) -> int:
        total: int = review.village_total
        return total

    def change_through(self, request: UserRequest, row: Review, form: forms.ModelForm[Review]) -> None:
        review_weights(review=row, weights=weights_of(row), by=request.user)

    @object_button(Action.REVIEW_VIEW, "打开评议", "open_in_new")
    def page(self, request: UserRequest, review: Review) -> HttpResponseBase:
        return redirect(reverse("inspections:review-detail", args=[review.pk]))
