"""The 道德超市 for programs: what can be redeemed, redemptions, and the counter's steps with the services of the pages."""

from __future__ import annotations

from typing import Any

import django_filters
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.throttling import UserRateThrottle

from governance.accounts.duties import Action
from governance.frame.api_base import ScopedViewSet, UserRequest
from governance.frame.slowing import Counted
from moral_bank.claims.services import account_of
from moral_bank.market.services import redemption_cancel, redemption_hand, redemption_hold, redemption_refund
from moral_bank.models import Item, Redemption
from villages.models import Household

RELATED = ("item", "account__household__unit", "shop")


class HandThrottle(Counted, UserRateThrottle):
    """Six digits are not to be guessed."""

    rate = "30/hour"


class ItemSerializer(serializers.ModelSerializer[Item]):
    village = serializers.IntegerField(source="shop.village_id", read_only=True)

    class Meta:
        model = Item
        fields = ["id", "shop", "village", "name", "unit", "points", "stock", "is_active"]


class RedemptionSerializer(serializers.ModelSerializer[Redemption]):
    household = serializers.IntegerField(source="account.household_id", read_only=True)
    household_number = serializers.CharField(source="account.household.number", read_only=True)
    item_name = serializers.CharField(source="item.name", read_only=True)

    class Meta:
        model = Redemption
        fields = [
            "id",
            "shop",
            "household",
            "household_number",
            "item",
            "item_name",
            "quantity",
            "points",
            "state",
            "on",
            "paper",
            "held_at",
            "expires_at",
            "handed_at",
            "collector",
            "ended_at",
            "reason",
            "entry",
        ]


class HeldSerializer(RedemptionSerializer):
    """取货码只在登记时给出。"""

    class Meta(RedemptionSerializer.Meta):
        fields = [*RedemptionSerializer.Meta.fields, "code"]


class HoldSerializer(serializers.Serializer[Any]):
    household = serializers.IntegerField(label="户的编号")
    item = serializers.IntegerField(label="物品的编号")
    quantity = serializers.IntegerField(label="数量", default=1)


class HandSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(label="取货码", max_length=6)
    collector = serializers.CharField(label="领取人：这一户的人或代领人", max_length=40)


class RedemptionReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(label="原因", max_length=100)


class RefundSerializer(RedemptionReasonSerializer):
    goods_back = serializers.BooleanField(label="货物已收回")


class ItemFilter(django_filters.FilterSet):
    village = django_filters.NumberFilter("shop__village", label="村（社区）的编号")

    class Meta:
        model = Item
        fields = ["shop", "is_active"]


class RedemptionFilter(django_filters.FilterSet):
    household = django_filters.NumberFilter("account__household", label="户的编号")
    village = django_filters.NumberFilter("shop__village", label="村（社区）的编号")
    since = django_filters.DateFilter("on", lookup_expr="gte", label="兑换日期不早于")
    until = django_filters.DateFilter("on", lookup_expr="lte", label="兑换日期不晚于")

    class Meta:
        model = Redemption
        fields = ["state", "item"]


class ItemViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """兑换物品：积分价格和可兑数量。"""

    queryset = Item.objects.select_related("shop").order_by("shop_id", "points", "id")
    serializer_class = ItemSerializer
    filterset_class = ItemFilter


class RedemptionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """兑换：登记预留，由另一人凭取货码交付，可取消和退货。"""

    queryset = Redemption.objects.select_related(*RELATED).order_by("-id")
    serializer_class = RedemptionSerializer
    filterset_class = RedemptionFilter
    needs = {
        "create": Action.MARKET_REDEEM,
        "hand": Action.MARKET_HAND,
        "cancel": Action.MARKET_REDEEM,
        "refund": Action.MARKET_HAND,
    }

    def get_throttles(self) -> list[Any]:
        return [HandThrottle()] if self.action == "hand" else super().get_throttles()

    @extend_schema(request=HoldSerializer, responses={201: HeldSerializer})
    def create(self, request: UserRequest) -> Response:
        """登记一户兑换一种物品：扣积分、留货，返回取货码。"""
        serializer = HoldSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        sent = serializer.validated_data
        homes = Household.objects.visible_to(request.user, Action.MARKET_REDEEM).select_related("unit", "village")
        household = get_object_or_404(homes, pk=sent["household"])
        item = get_object_or_404(Item.objects.filter(shop__village=household.village_id), pk=sent["item"])
        held = redemption_hold(
            account=account_of(household),
            item=item,
            quantity=sent["quantity"],
            by=request.user,
        )
        return Response(HeldSerializer(held).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=HandSerializer, responses=RedemptionSerializer)
    @action(detail=True, methods=["post"])
    def hand(self, request: UserRequest, pk: str | None = None) -> Response:
        """凭取货码交付；登记人不能自己交付。"""
        return self._step(request, HandSerializer, redemption_hand)

    @extend_schema(request=RedemptionReasonSerializer, responses=RedemptionSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: UserRequest, pk: str | None = None) -> Response:
        """取消待领取的兑换，积分和货物退回。"""
        return self._step(request, RedemptionReasonSerializer, redemption_cancel)

    @extend_schema(request=RefundSerializer, responses=RedemptionSerializer)
    @action(detail=True, methods=["post"])
    def refund(self, request: UserRequest, pk: str | None = None) -> Response:
        """退货，积分退回；货物没有收回的报损。"""
        return self._step(request, RefundSerializer, redemption_refund)

    def _step(self, request: UserRequest, input_serializer: type[serializers.Serializer[Any]], service: Any) -> Response:
        row = self.get_object()
        serializer = input_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(RedemptionSerializer(service(redemption=row, by=request.user, **serializer.validated_data)).data)
