"""The nightly reconciliation and the chain's heads for programs, with the scope of the pages (mission M23)."""

from __future__ import annotations

from typing import Any

import django_filters
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from governance.accounts.duties import Action
from governance.frame.api_base import ScopedViewSet, UserRequest
from moral_bank.models import ChainHead, Reconciliation
from moral_bank.proof.reconciling import reconcile
from villages.models import Unit


class ReconciliationSerializer(serializers.ModelSerializer[Reconciliation]):
    class Meta:
        model = Reconciliation
        fields = ["id", "township", "day", "figures", "findings", "made_at"]


class TownshipSerializer(serializers.Serializer[Any]):
    township = serializers.IntegerField(label="乡镇的编号")


class DayFilter(django_filters.FilterSet):
    since = django_filters.DateFilter("day", lookup_expr="gte", label="日期不早于")
    until = django_filters.DateFilter("day", lookup_expr="lte", label="日期不晚于")


class ReconciliationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """台账核对记录：不符之处为空就是相符。"""

    queryset = Reconciliation.objects.order_by("-day", "-id")
    serializer_class = ReconciliationSerializer
    filterset_class = DayFilter

    @extend_schema(request=TownshipSerializer, responses=ReconciliationSerializer)
    @action(detail=False, methods=["post"])
    def run(self, request: UserRequest) -> Response:
        """马上核对一次，当日先前的记录仍在。"""
        serializer = TownshipSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        townships = Unit.objects.visible_to(request.user, Action.PROOF_VIEW).filter(level=Unit.Level.TOWNSHIP)
        township = get_object_or_404(townships, pk=serializer.validated_data["township"])
        return Response(ReconciliationSerializer(reconcile(township)).data)


class ChainHeadSerializer(serializers.ModelSerializer[ChainHead]):
    class Meta:
        model = ChainHead
        fields = ["id", "township", "day", "count", "digest", "sealed_at"]


class ChainHeadViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """每日校验码：当日台账记录数和校验链的末端。"""

    queryset = ChainHead.objects.order_by("-day", "-id")
    serializer_class = ChainHeadSerializer
    filterset_class = DayFilter
