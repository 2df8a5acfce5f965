"""Covenants and rules for programs, to read."""

from __future__ import annotations

from rest_framework import mixins, serializers

from governance.councils.covenants.models import Clause, Covenant, CovenantVersion
from governance.frame.api_base import ScopedViewSet


class ClauseSerializer(serializers.ModelSerializer[Clause]):
    class Meta:
        model = Clause
        fields = ["number", "text", "marks", "answer", "deeds"]


class CovenantVersionSerializer(serializers.ModelSerializer[CovenantVersion]):
    clauses = ClauseSerializer(many=True, read_only=True)

    class Meta:
        model = CovenantVersion
        fields = ["id", "number", "note", "decision", "valid_from", "history_note", "clauses"]


class CovenantSerializer(serializers.ModelSerializer[Covenant]):
    versions = CovenantVersionSerializer(many=True, read_only=True)

    class Meta:
        model = Covenant
        fields = ["id", "unit", "kind", "title", "topic", "versions"]


class CovenantViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """公约和制度的各个版本；valid_from 为空的是草稿。"""

    queryset = Covenant.objects.prefetch_related("versions__clauses").order_by("unit__path", "id")
    serializer_class = CovenantSerializer
    filterset_fields = ["kind", "unit"]
