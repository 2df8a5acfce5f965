"""Staff pages of closings and ratings (plan §三.4 月评分、季评星、年评优)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.disclosure.due import CLOSES
from governance.disclosure.models import Objection
from governance.errors import DomainError
from governance.frame.admin import ScopedModelAdmin, object_button
from governance.frame.admin_lists import count_of
from governance.periods import Period
from moral_bank.closings.exports import CLOSINGS
from moral_bank.closings.lists import STAR_CHOICES
from moral_bank.closings.services import closing_blockers, closing_lock, closing_publish, closing_request
from moral_bank.ledger.exports import RATINGS, star_text
from moral_bank.models import Closing, Rating
from villages.admin_lists import village_filter


class PeriodFilter(DropdownFilter):
    """Rows of one period; `prefix` leads to the closing."""

    title = "期间"
    parameter_name = "period"
    prefix = ""

    def lookups(self, request: UserRequest, model_admin: Any) -> list[tuple[str, str]]:
        found = (
            Closing.objects.visible_to(request.user).order_by("-start", "kind").values_list("kind", "start").distinct()
        )
        periods = [Period.of(kind, start) for kind, start in found]
        return [(str(period), period.label) for period in periods]

    def queryset(self, request: UserRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.value():
            return queryset
        try:
            period = Period.parse(self.value() or "")
        except DomainError:
            return queryset.none()
        return queryset.filter(**{f"{self.prefix}kind": period.kind, f"{self.prefix}start": period.start})


class RatingPeriodFilter(PeriodFilter):
    prefix = "closing__"


class StarFilter(DropdownFilter):
    """Ratings by their stars, which need not be sought in the rows."""

    title = "星级"
    parameter_name = "stars"

    def lookups(self, request: UserRequest, model_admin: Any) -> list[tuple[str, str]]:
        return STAR_CHOICES

    def queryset(self, request: UserRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        return queryset.filter(stars=chosen) if chosen and chosen.isdecimal() else queryset


def _compute(closing: Closing, by: User) -> str:
    closing_request(village=closing.village, period=closing.period, by=by)
    return "已交后台计算"


def _publish(closing: Closing, by: User) -> str:
    return f"已公示，到 {closing_publish(closing=closing, by=by).closes_on:%Y-%m-%d} 为止"


def _lock(closing: Closing, by: User) -> str:
    closing_lock(closing=closing, by=by)
    return "已锁定，此后不再变动"


def _unlocked(closing: Closing) -> bool:
    return closing.state != Closing.State.LOCKED


@admin.register(Closing)
class ClosingAdmin(ScopedModelAdmin):
    view_action = Action.CLOSING_VIEW
    ledger = CLOSINGS
    list_display = ["village", "period", "state", "reasons", "household_count", "computed_at", "locked_at"]
    list_filter = [
        PeriodFilter,
        village_filter("village"),
        ("state", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
    ]
    fields = [
        "village",
        "period",
        "state",
        "blockers",
        "rule_set",
        "household_count",
        "entry_count",
        "computed_at",
        "notice",
        "locked_at",
        "job",
        "job_error",
    ]
    readonly_fields = ["period", "blockers"]
    actions = ["compute_chosen", "publish_chosen", "lock_chosen"]
    actions_detail = ["compute", "publish", "lock", "page"]

    def get_queryset(self, request: UserRequest) -> QuerySet[Closing]:
        waiting, upheld = (
            count_of(Objection.objects.filter(state=state), "notice__closing")
            for state in (Objection.State.OPEN, Objection.State.UPHELD)
        )
        rows: QuerySet[Closing] = super().get_queryset(request)
        rows = rows.select_related("village__parent", "rule_set", "notice")
        return rows.annotate(unanswered=waiting, upheld=upheld)

    @admin.display(description="期间", ordering="start")
    def period(self, closing: Closing) -> str:
        return closing.period.label

    @admin.display(description="卡在哪里")
    def reasons(self, closing: Any) -> str:
        """What the row itself tells; the closing's own page tells everything."""
        if closing.state == Closing.State.LOCKED:
            return "—"
        found = [closing.job_error] if closing.job_error else []
        if closing.job == Closing.Job.QUEUED:
            found.append("正在计算")
        if closing.state == Closing.State.NOTICED and not CLOSES.is_past(closing.notice, timezone.now()):
            found.append(f"公示到 {closing.notice.closes_on:%Y-%m-%d} 为止")
        if closing.unanswered:
            found.append(f"{closing.unanswered} 条异议待答复")
        if closing.upheld:
            found.append("异议成立，请更正后重新计算并公示")
        if closing.notice is not None and closing.notice.withdrawn_at is not None:
            found.append("公示已撤回，请重新计算并公示")
        return "；".join(found) or "可办理下一步"

    @admin.display(description="下一步还缺")
    def blockers(self, closing: Closing) -> str:
        return "；".join(closing_blockers(closing)) or "—"

    def get_actions(self, request: UserRequest) -> dict[str, Any]:
        return super().get_actions(request) if self._may(request, Action.CLOSING_RUN) else {}

    def _each(self, request: UserRequest, rows: QuerySet[Closing], step: Callable[[Closing, User], str]) -> None:
        """A step for every chosen closing; a refusal is told and does not stop the others."""
        for closing in rows.order_by("pk"):  # as everywhere, so that two at once do not wait for each other
            try:
                messages.success(request, f"{closing}：{step(closing, request.user)}。")
            except DomainError as error:
                messages.error(request, f"{closing}：{error.message}")

    @admin.action(description="计算")
    def compute_chosen(self, request: UserRequest, queryset: QuerySet[Closing]) -> None:
        self._each(request, queryset, _compute)

    @admin.action(description="公示")
    def publish_chosen(self, request: UserRequest, queryset: QuerySet[Closing]) -> None:
        self._each(request, queryset, _publish)

    @admin.action(description="锁定")
    def lock_chosen(self, request: UserRequest, queryset: QuerySet[Closing]) -> None:
        self._each(request, queryset, _lock)

    def _step(
        self, request: UserRequest, closing: Closing, label: str, step: Callable[[Closing, User], str]
    ) -> HttpResponseBase:
        return self.ask(request, closing, f"{label}{closing}", lambda cleaned: f"{step(closing, request.user)}。")

    @object_button(Action.CLOSING_RUN, "计算", "calculate", when=_unlocked)
    def compute(self, request: UserRequest, closing: Closing) -> HttpResponseBase:
        return self._step(request, closing, "计算", _compute)

    @object_button(Action.CLOSING_RUN, "公示", "campaign", when=lambda row: row.state == Closing.State.COMPUTED)
    def publish(self, request: UserRequest, closing: Closing) -> HttpResponseBase:
        return self._step(request, closing, "公示", _publish)

    @object_button(Action.CLOSING_RUN, "锁定", "lock", when=lambda row: row.state == Closing.State.NOTICED)
    def lock(self, request: UserRequest, closing: Closing) -> HttpResponseBase:
        return self._step(request, closing, "锁定", _lock)

    @object_button(Action.CLOSING_VIEW, "办理进度", "timeline")
    def page(self, request: UserRequest, closing: Closing) -> HttpResponseBase:
        return redirect(reverse("moral_bank:closing-detail", args=[closing.pk]))


@admin.register(Rating)
class RatingAdmin(ScopedModelAdmin):
    view_action = Action.RATING_VIEW
    ledger = RATINGS
    list_display = ["home", "village", "period", "score", "rank", "star_level", "honour_word"]
    list_filter = [
        RatingPeriodFilter,
        village_filter("closing__village"),
        StarFilter,
        ("honoured", admin.BooleanFieldListFilter),
        ("vetoed", admin.BooleanFieldListFilter),
    ]
    search_fields = ["account__household__head_name", "account__household__head_pinyin", "account__household__number"]
    search_help_text = "按户主姓名、拼音或户号查找"
    fields = [
        "home",
        "village",
        "period",
        "law",
        "service",
        "sanitation",
        "participation",
        "civility",
        "score",
        "rank",
        "star_level",
        "vetoed",
        "honoured",
    ]
    readonly_fields = ["home", "village", "period", "star_level"]
    ordering = ["-closing_id", "rank", "id"]
    actions_detail = ["why"]

    def get_queryset(self, request: UserRequest) -> QuerySet[Rating]:
        return super().get_queryset(request).select_related("closing__village", "account__household")

    @admin.display(description="户")
    def home(self, rating: Rating) -> str:
        return str(rating.account.household)

    @admin.display(description="村（社区）", ordering="closing__village__path")
    def village(self, rating: Rating) -> str:
        return str(rating.closing.village)

    @admin.display(description="期间", ordering="closing__start")
    def period(self, rating: Rating) -> str:
        return rating.closing.period.label

    @admin.display(description="星级", ordering="stars")
    def star_level(self, rating: Rating) -> str:
        return star_text(rating) or "—"

    @admin.display(description="年度评优", ordering="honoured")
    def honour_word(self, rating: Rating) -> str:
        return "是" if rating.honoured else "—"

    @object_button(Action.RATING_VIEW, "为什么是这个分", "help")
    def why(self, request: UserRequest, rating: Rating) -> HttpResponseBase:
        return redirect(reverse("moral_bank:rating-detail", args=[rating.pk]))
