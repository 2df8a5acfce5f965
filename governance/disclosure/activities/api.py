"""Activities for programs, to read."""

from __future__ import annotations

from rest_framework import mixins, serializers

from governance.disclosure.models import Activity
from governance.frame.api_base import ScopedViewSet


class ActivitySerializer(serializers.ModelSerializer[Activity]):
    class Meta:
        model = Activity
        fields = [
            "id", "village", "kind", "title", "festival", "planned_on", "starts", "place", "state", "invited_on", "turnout", "told",
            "asked", "cancel_reason",
        ]  # fmt: skip


class ActivityViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """活动台账。"""

    queryset = Activity.objects.order_by("-id")
    serializer_class = ActivitySerializer
    filterset_fields = ["village", "kind", "state", "planned_on"]
