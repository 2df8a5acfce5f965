"""Balances, statements and cover for programs, with the scope of the pages; only to be read."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.frame.api_base import ScopedViewSet, UserRequest
from governance.frame.api_paging import Pages
from moral_bank.models import Account, Shop
from moral_bank.passbooks.cover import LEVELS, VILLAGES, covers_of
from moral_bank.passbooks.expiry import expiring_of
from moral_bank.passbooks.statements import statement_month, statement_of


class AccountSerializer(serializers.ModelSerializer[Account]):
    household_number = serializers.CharField(source="household.number", read_only=True)
    head_name = serializers.CharField(source="household.head_name", read_only=True)
    village = serializers.IntegerField(source="household.village_id", read_only=True)

    class Meta:
        model = Account
        fields = ["id", "household", "household_number", "head_name", "village", "balance", "opened_on"]


class LineSerializer(serializers.Serializer[Any]):
    on = serializers.DateField()
    what = serializers.CharField()
    points = serializers.IntegerField()
    balance = serializers.IntegerField()
    by = serializers.CharField()


class ExpiringSerializer(serializers.Serializer[Any]):
    on = serializers.DateField()
    points = serializers.IntegerField()


class StatementSerializer(serializers.Serializer[Any]):
    """积分存折一个月的明细。"""

    month = serializers.CharField()
    opening = serializers.IntegerField()
    closing = serializers.IntegerField()
    lines = LineSerializer(many=True)
    expiring = ExpiringSerializer(many=True)


class AccountViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """积分账户：余额，和按月的存折明细。"""

    queryset = Account.objects.select_related("household").order_by("id")
    serializer_class = AccountSerializer
    filterset_fields = ["household"]

    @extend_schema(parameters=[OpenApiParameter("month", str, description="2026-03，不填为本月")], responses=StatementSerializer)
    @action(detail=True)
    def statement(self, request: UserRequest, pk: str | None = None) -> Response:
        """一个月的存入、支取和结余。"""
        account = self.get_object()
        month = statement_month(request.query_params.get("month", ""))
        statement = statement_of(account, month)
        expiring = [{"on": day, "points": points} for day, points in expiring_of(account)]
        values = {
            "month": str(month),
            "opening": statement.opening,
            "closing": statement.closing,
            "lines": statement.lines,
            "expiring": expiring,
        }
        return Response(StatementSerializer(values).data)


class CoverSerializer(serializers.Serializer[Any]):
    village = serializers.IntegerField(source="village_id")
    balance = serializers.IntegerField(label="待兑付积分")
    pending_points = serializers.IntegerField(label="待入账积分")
    cents_per_point = serializers.IntegerField(label="每分折合（分钱）")
    liability_cents = serializers.IntegerField(label="待兑付金额（分）")
    fund_cents = serializers.IntegerField(label="资金（分）")
    goods_cents = serializers.IntegerField(label="库存（分）")
    cover_cents = serializers.IntegerField(label="资金和库存合计（分）")
    percent = serializers.IntegerField(label="覆盖比例（%）", allow_null=True)
    level = serializers.ChoiceField(choices=list(LEVELS.items()), label="状态")


class CoverPages(Pages):
    page_size = VILLAGES


class CoverViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """资金覆盖：有道德超市的村，待兑付积分和资金、库存；编号是道德超市的编号。"""

    queryset = Shop.objects.select_related("village").order_by("village__path")
    serializer_class = CoverSerializer
    filterset_fields = ["village"]
    pagination_class = CoverPages

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        shops: QuerySet[Shop] = self.filter_queryset(self.get_queryset())
        page: Any = self.paginate_queryset(shops)
        covers = covers_of(shop.village for shop in page)
        shown = CoverSerializer([covers[shop.village_id] for shop in page if shop.village_id in covers], many=True)
        return self.get_paginated_response(shown.data)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        shop: Shop = self.get_object()
        return Response(CoverSerializer(covers_of([shop.village])[shop.village_id]).data)
