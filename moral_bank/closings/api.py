"""Entries, ratings and closings for programs, with the scope and the services of the pages."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from governance.accounts.duties import Action
from governance.frame.api_base import ScopedViewSet, UserRequest
from governance.periods import Period
from moral_bank.closings.checks import hangs
from moral_bank.closings.explain import explain
from moral_bank.closings.services import (
    closing_blockers,
    closing_lock,
    closing_publish,
    closing_request,
    closings_take_down,
)
from moral_bank.models import Closing, Entry, Rating
from villages.models import Unit


class EntrySerializer(serializers.ModelSerializer[Entry]):
    household = serializers.IntegerField(source="account.household_id", read_only=True)
    household_number = serializers.CharField(source="account.household.number", read_only=True)
    head_name = serializers.CharField(source="account.household.head_name", read_only=True)

    class Meta:
        model = Entry
        fields = [
            "id",
            "household",
            "household_number",
            "head_name",
            "village",
            "deed",
            "head",
            "memo",
            "score",
            "points",
            "veto",
            "occurred_on",
            "month",
            "reverses",
            "posted_at",
        ]


class EntryFilter(django_filters.FilterSet):
    household = django_filters.NumberFilter("account__household", label="户的编号")
    village = django_filters.NumberFilter(label="村（社区）的编号")
    since = django_filters.DateFilter("occurred_on", lookup_expr="gte", label="发生日期不早于")
    until = django_filters.DateFilter("occurred_on", lookup_expr="lte", label="发生日期不晚于")

    class Meta:
        model = Entry
        fields = ["head", "month", "veto"]


class EntryViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """积分台账：只增不改，更正用冲正。"""

    queryset = Entry.objects.select_related("account__household").order_by("-id")
    serializer_class = EntrySerializer
    filterset_class = EntryFilter


def period_filter(prefix: str) -> django_filters.CharFilter:
    """Rows of a period written 2026-03, 2026-Q1 or 2026; `prefix` leads to the closing."""

    def chosen(rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        period = Period.parse(value)
        return rows.filter(**{f"{prefix}kind": period.kind, f"{prefix}start": period.start})

    return django_filters.CharFilter(method=chosen, label="期间：2026-03、2026-Q1 或 2026")


class RatingSerializer(serializers.ModelSerializer[Rating]):
    household = serializers.IntegerField(source="account.household_id", read_only=True)
    household_number = serializers.CharField(source="account.household.number", read_only=True)
    head_name = serializers.CharField(source="account.household.head_name", read_only=True)
    village = serializers.IntegerField(source="closing.village_id", read_only=True)
    period = serializers.CharField(source="closing.period", read_only=True)

    class Meta:
        model = Rating
        fields = [
            "id",
            "closing",
            "period",
            "village",
            "household",
            "household_number",
            "head_name",
            "law",
            "service",
            "sanitation",
            "participation",
            "civility",
            "score",
            "rank",
            "stars",
            "vetoed",
            "honoured",
        ]


class PendingSerializer(serializers.Serializer[Any]):
    """评议通过、待锁定后入账的申报。"""

    claim = serializers.IntegerField(source="claim_id")
    deed_name = serializers.CharField(source="claim.deed.name")
    counts_on = serializers.DateField(source="claim.counts_on")
    score = serializers.IntegerField(source="claim.score")


class HeadLineSerializer(serializers.Serializer[Any]):
    head = serializers.CharField()
    name = serializers.CharField(source="label")
    base = serializers.IntegerField()
    total = serializers.IntegerField()
    raw = serializers.IntegerField()
    value = serializers.IntegerField()
    maximum = serializers.IntegerField()
    entries = EntrySerializer(many=True)
    pending = PendingSerializer(many=True)


class ThresholdSerializer(serializers.Serializer[Any]):
    stars = serializers.IntegerField()
    score = serializers.IntegerField()


class ExplanationSerializer(serializers.Serializer[Any]):
    """为什么是这个分：月看五类，季和年看各期。"""

    rating = RatingSerializer()
    rule_set = serializers.CharField()
    heads = HeadLineSerializer(many=True)
    parts = RatingSerializer(many=True)
    vetoes = EntrySerializer(many=True)
    thresholds = serializers.SerializerMethodField()
    households = serializers.IntegerField()
    honour_rank = serializers.IntegerField(allow_null=True)
    score = serializers.DecimalField(max_digits=5, decimal_places=2)
    current = serializers.BooleanField()

    @extend_schema_field(ThresholdSerializer(many=True))
    def get_thresholds(self, explanation: Any) -> list[dict[str, int]]:
        return [{"stars": stars, "score": score} for stars, score in explanation.thresholds]


class RatingFilter(django_filters.FilterSet):
    household = django_filters.NumberFilter("account__household", label="户的编号")
    village = django_filters.NumberFilter("closing__village", label="村（社区）的编号")
    period = period_filter("closing__")

    class Meta:
        model = Rating
        fields = ["stars", "honoured", "vetoed"]


class RatingViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """评分与星级。"""

    queryset = Rating.objects.select_related("closing", "account__household").order_by("-closing_id", "rank", "id")
    serializer_class = RatingSerializer
    filterset_class = RatingFilter

    @extend_schema(responses=ExplanationSerializer)
    @action(detail=True)
    def explain(self, request: UserRequest, pk: str | None = None) -> Response:
        """为什么是这个分。"""
        return Response(ExplanationSerializer(explain(self.get_object())).data)


class ClosingSerializer(serializers.ModelSerializer[Closing]):
    period = serializers.CharField(read_only=True)
    village_name = serializers.CharField(source="village.name", read_only=True)

    class Meta:
        model = Closing
        fields = [
            "id",
            "village",
            "village_name",
            "period",
            "state",
            "household_count",
            "entry_count",
            "computed_at",
            "notice",
            "locked_at",
            "job",
            "job_error",
        ]


class ClosingDetailSerializer(ClosingSerializer):
    blockers = serializers.SerializerMethodField(label="下一步还缺")

    class Meta(ClosingSerializer.Meta):
        fields = [*ClosingSerializer.Meta.fields, "blockers"]

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_blockers(self, closing: Closing) -> list[str]:
        return closing_blockers(closing)


class ClosingReasonSerializer(serializers.Serializer[Any]):
    """写明原因即确认撤回正在进行的公示；没有正在进行的公示时留空。"""

    withdrawn_reason = serializers.CharField(label="撤回公示的原因", max_length=100, required=False, allow_blank=True, default="")


class ClosingRequestSerializer(ClosingReasonSerializer):
    village = serializers.IntegerField(label="村（社区）的编号")
    period = serializers.CharField(label="期间：2026-03、2026-Q1 或 2026")


class ClosingFilter(django_filters.FilterSet):
    village = django_filters.NumberFilter(label="村（社区）的编号")
    period = period_filter("")

    class Meta:
        model = Closing
        fields = ["kind", "state"]


class ClosingViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """月结、季结、年结：计算、公示、锁定。"""

    queryset = Closing.objects.select_related("village__parent", "notice", "rule_set").order_by("-start", "id")
    filterset_class = ClosingFilter
    needs = dict.fromkeys(("create", "compute", "publish", "lock"), Action.CLOSING_RUN)

    def get_serializer_class(self) -> type[ClosingSerializer]:
        return ClosingSerializer if self.action == "list" else ClosingDetailSerializer

    def _shown(self, closing: Closing, code: int = status.HTTP_200_OK) -> Response:
        closing = Closing.objects.select_related("village__parent", "notice", "rule_set").get(pk=closing.pk)
        return Response(ClosingDetailSerializer(closing).data, status=code)

    @extend_schema(request=ClosingRequestSerializer, responses={202: ClosingDetailSerializer})
    def create(self, request: UserRequest) -> Response:
        """计算一个村的一个期间，后台进行。"""
        serializer = ClosingRequestSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        villages = Unit.objects.visible_to(request.user, Action.CLOSING_RUN).villages()
        village = get_object_or_404(villages, pk=serializer.validated_data["village"])
        period, reason = Period.parse(serializer.validated_data["period"]), serializer.validated_data["withdrawn_reason"]
        return self._asked(request, village, period, reason)

    def _asked(self, request: UserRequest, village: Unit, period: Period, reason: str) -> Response:
        """A reason confirms that the running notice is withdrawn."""
        standing = Closing.objects.for_period(period).filter(village=village).select_related("notice").first()
        if reason and standing is not None and hangs(standing):
            closing = closings_take_down(closings=[standing], reason=reason, by=request.user)[0]
        else:
            closing = closing_request(village=village, period=period, by=request.user)
        return self._shown(closing, status.HTTP_202_ACCEPTED)

    @extend_schema(request=ClosingReasonSerializer, responses={202: ClosingDetailSerializer})
    @action(detail=True, methods=["post"])
    def compute(self, request: UserRequest, pk: str | None = None) -> Response:
        """重新计算，后台进行。"""
        row = self.get_object()
        serializer = ClosingReasonSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return self._asked(request, row.village, row.period, serializer.validated_data["withdrawn_reason"])

    @extend_schema(request=None, responses=ClosingDetailSerializer)
    @action(detail=True, methods=["post"])
    def publish(self, request: UserRequest, pk: str | None = None) -> Response:
        """公示脱敏名单。"""
        row = self.get_object()
        closing_publish(closing=row, by=request.user)
        return self._shown(row)

    @extend_schema(request=None, responses=ClosingDetailSerializer)
    @action(detail=True, methods=["post"])
    def lock(self, request: UserRequest, pk: str | None = None) -> Response:
        """锁定，此后不再变动。"""
        row = self.get_object()
        closing_lock(closing=row, by=request.user)
        return self._shown(row)
