"""Contracts for programs, to read."""

from __future__ import annotations

from rest_framework import mixins, serializers

from governance.frame.api_base import ScopedViewSet
from villages.economy.leases.models import Lease


class LeaseSerializer(serializers.ModelSerializer[Lease]):
    class Meta:
        model = Lease
        fields = [
            "id", "village", "subject", "lessee", "amount", "begins_on", "runs_out_on", "yearly_fen", "state", "renews", "ended_on",
            "end_reason",
        ]  # fmt: skip


class LeaseViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """发包合同，金额以分计。"""

    queryset = Lease.objects.order_by("-id")
    serializer_class = LeaseSerializer
    filterset_fields = ["village", "state", "runs_out_on"]
