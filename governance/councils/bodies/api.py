"""Bodies with their members for programs, to read, with the scope of the pages."""

from __future__ import annotations

from rest_framework import mixins, serializers

from governance.councils.models import Body, Seat
from governance.frame.api_base import ScopedViewSet


class SeatSerializer(serializers.ModelSerializer[Seat]):
    name = serializers.CharField(source="resident.name", read_only=True)

    class Meta:
        model = Seat
        fields = ["id", "resident", "name", "role", "since", "term_end", "ended_on", "end_reason"]


class BodySerializer(serializers.ModelSerializer[Body]):
    seats = SeatSerializer(many=True, read_only=True)

    class Meta:
        model = Body
        fields = ["id", "unit", "village", "kind", "name", "convener", "every_months", "meet_by", "founded_on", "ended_on", "seats"]


class BodyViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """议事组织和成员。"""

    queryset = Body.objects.prefetch_related("seats__resident").order_by("village__path", "id")
    serializer_class = BodySerializer
    filterset_fields = ["village", "unit", "kind"]
