"""Statements of collective income for programs, to read."""

from __future__ import annotations

from rest_framework import mixins, serializers

from governance.frame.api_base import ScopedViewSet
from villages.economy.figures import BAND_LABELS
from villages.economy.models import EconomyAmount, EconomyStatement


class EconomyAmountSerializer(serializers.ModelSerializer[EconomyAmount]):
    class Meta:
        model = EconomyAmount
        fields = ["head", "fen"]


class EconomyStatementSerializer(serializers.ModelSerializer[EconomyStatement]):
    amounts = EconomyAmountSerializer(many=True, read_only=True)
    gain_fen = serializers.IntegerField(source="gain", read_only=True, label="经营收益（分）")
    band = serializers.ChoiceField(choices=list(BAND_LABELS.items()), read_only=True, label="档次")

    class Meta:
        model = EconomyStatement
        fields = ["id", "village", "year", "version", "state", "reason", "confirmed_at", "gain_fen", "band", "amounts"]


class EconomyStatementViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """村集体经济年度收支，金额以分计。"""

    queryset = EconomyStatement.objects.prefetch_related("amounts").order_by("-id")
    serializer_class = EconomyStatementSerializer
    filterset_fields = ["village", "year", "state"]
