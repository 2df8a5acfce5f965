"""小微权力清单 for programs, to read."""

from __future__ import annotations

from rest_framework import mixins, serializers

from governance.disclosure.models import Power
from governance.frame.api_base import ScopedViewSet


class PowerSerializer(serializers.ModelSerializer[Power]):
    class Meta:
        model = Power
        fields = [
            "id", "township", "code", "area", "name", "basis", "body", "steps", "papers", "limits", "supervisor", "cost",
            "errand", "decision", "kinds", "version", "confirmed_on", "review_on", "is_active", "position",
        ]  # fmt: skip


class PowerViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """小微权力清单；confirmed_on 为空的是示例。"""

    queryset = Power.objects.prefetch_related("kinds").order_by("township", "position", "id")
    serializer_class = PowerSerializer
    filterset_fields = ["area", "is_active"]
