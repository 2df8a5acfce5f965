"""Orders, household checks and patrols for programs, with the scope and the services of the pages (mission M17, M27, M36)."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from governance.accounts.duties import Action
from governance.frame.api_base import ScopedViewSet, UserRequest
from governance.periods import Kind, Period, today
from inspections.checks.services import household_check
from inspections.fronts import services as fronts
from inspections.models import FrontPatrol, HouseholdCheck, Order, OrderStep
from inspections.orders import services as orders
from villages.models import Household


class OrderStepSerializer(serializers.ModelSerializer[OrderStep]):
    by = serializers.CharField(source="by.name", read_only=True, default="")

    class Meta:
        model = OrderStep
        fields = ["step", "at", "by", "note", "fix_due_on"]


class OrderSerializer(serializers.ModelSerializer[Order]):
    class Meta:
        model = Order
        fields = [
            "id", "village", "kind", "number", "card", "found_on", "requirement", "issued_at", "sign_due_on", "fix_due_on",
            "state", "signed_at", "reported_at", "report", "checked_at", "opinion", "closed_on", "misses",
        ]  # fmt: skip


class OrderDetailSerializer(OrderSerializer):
    steps = OrderStepSerializer(many=True, read_only=True)

    class Meta(OrderSerializer.Meta):
        fields = [*OrderSerializer.Meta.fields, "steps"]


class FixedSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(label="整改情况", max_length=1000)


class RecheckedSerializer(serializers.Serializer[Any]):
    passed = serializers.BooleanField(label="复核通过")
    opinion = serializers.CharField(label="复核意见", max_length=500)


class OrderViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """整改通知书和督办单。"""

    queryset = Order.objects.prefetch_related("steps__by").order_by("-id")
    filterset_fields = ["village", "kind", "state"]
    needs = {"sign": Action.ORDER_FIX, "report": Action.ORDER_FIX, "check": Action.ORDER_CHECK}

    def get_serializer_class(self) -> type[OrderSerializer]:
        return OrderSerializer if self.action == "list" else OrderDetailSerializer

    def _shown(self) -> Response:
        return Response(OrderDetailSerializer(self.get_object()).data)

    @extend_schema(request=None, responses=OrderDetailSerializer)
    @action(detail=True, methods=["post"])
    def sign(self, request: UserRequest, pk: str | None = None) -> Response:
        """签收。"""
        orders.order_sign(order=self.get_object(), by=request.user)
        return self._shown()

    @extend_schema(request=FixedSerializer, responses=OrderDetailSerializer)
    @action(detail=True, methods=["post"])
    def report(self, request: UserRequest, pk: str | None = None) -> Response:
        """报告整改情况。"""
        order = self.get_object()
        serializer = FixedSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        orders.order_report(order=order, text=serializer.validated_data["text"], by=request.user)
        return self._shown()

    @extend_schema(request=RecheckedSerializer, responses=OrderDetailSerializer)
    @action(detail=True, methods=["post"])
    def check(self, request: UserRequest, pk: str | None = None) -> Response:
        """复核：通过即销号；签发人、报告人和本村及亲属任职的人不行。"""
        order = self.get_object()
        serializer = RecheckedSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        orders.order_check(order=order, by=request.user, **serializer.validated_data)
        return self._shown()


class HouseholdCheckSerializer(serializers.ModelSerializer[HouseholdCheck]):
    class Meta:
        model = HouseholdCheck
        fields = ["id", "household", "month", "score", "plate", "faults", "note", "at", "revision"]


class JudgeHouseholdSerializer(serializers.Serializer[Any]):
    household = serializers.IntegerField(label="户的编号")
    month = serializers.DateField(label="月份（其中任一天），不填为本月", required=False)
    faults = serializers.DictField(label="扣分：考核内容的编号 → 处数", child=serializers.IntegerField(min_value=0))
    note = serializers.CharField(label="说明", required=False, allow_blank=True, max_length=200)


class HouseholdCheckViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """户月评。"""

    queryset = HouseholdCheck.objects.order_by("-month", "id")
    serializer_class = HouseholdCheckSerializer
    filterset_fields = ["household", "month", "plate"]
    needs = {"create": Action.CHECK_SCORE}

    @extend_schema(request=JudgeHouseholdSerializer, responses={201: HouseholdCheckSerializer})
    def create(self, request: UserRequest) -> Response:
        """给一户打本月的分，或在锁定前更正；再送一次同样的内容不会重复。"""
        serializer = JudgeHouseholdSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        judgement = serializer.validated_data
        household = get_object_or_404(Household.objects.visible_to(request.user, Action.CHECK_SCORE), pk=judgement["household"])
        faults = {int(item): count for item, count in judgement["faults"].items() if item.isdecimal()}
        month = Period.of(Kind.MONTH, judgement.get("month") or today())
        check = household_check(
            household=household, month=month, faults=faults, by=request.user, note=judgement.get("note", "")
        )
        return Response(HouseholdCheckSerializer(check).data, status=201)


class PatrolSerializer(serializers.ModelSerializer[FrontPatrol]):
    class Meta:
        model = FrontPatrol
        fields = ["id", "front", "score", "state", "faults", "note", "at", "due_on", "rechecked_at", "recheck_note"]


class RecheckSerializer(serializers.Serializer[Any]):
    passed = serializers.BooleanField(label="复查合格")
    note = serializers.CharField(label="复查情况", required=False, allow_blank=True, max_length=200)


class PatrolViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """门前三包巡查。"""

    queryset = FrontPatrol.objects.select_related("front").order_by("-at", "-id")
    serializer_class = PatrolSerializer
    filterset_fields = ["front", "state"]
    needs = {"recheck": Action.FRONT_PATROL}

    @extend_schema(request=RecheckSerializer, responses=PatrolSerializer)
    @action(detail=True, methods=["post"])
    def recheck(self, request: UserRequest, pk: str | None = None) -> Response:
        """复查；巡查人自己不能复查。"""
        patrol = self.get_object()
        serializer = RecheckSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        patrol = fronts.front_recheck(patrol=patrol, by=request.user, **serializer.validated_data)
        return Response(PatrolSerializer(patrol).data)
