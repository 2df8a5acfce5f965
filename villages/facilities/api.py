"""Facilities and points for programs, to read."""

from __future__ import annotations

from rest_framework import mixins, serializers

from governance.frame.api_base import ScopedViewSet
from villages.facilities.models import Facility


class FacilitySerializer(serializers.ModelSerializer[Facility]):
    class Meta:
        model = Facility
        fields = [
            "id", "village", "unit", "kind", "name", "address", "keeper", "owner", "hours", "amount", "served", "connected", "latitude",
            "longitude", "since", "state", "checked_on", "check_due_on", "ended_on", "end_reason",
        ]  # fmt: skip


class FacilityViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """设施和点位。"""

    queryset = Facility.objects.order_by("-id")
    serializer_class = FacilitySerializer
    filterset_fields = ["village", "kind", "state", "check_due_on"]
