"""Decisions and their kinds for programs, to read, with the scope of the pages. Nobody can adopt anything here."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import mixins, serializers

from governance.councils.decisions.kind_models import DecisionKind, Gate
from governance.councils.decisions.lists import shown_rows, where_words
from governance.councils.decisions.models import Decision, GateRecord
from governance.frame.api_base import ScopedViewSet


class GateSerializer(serializers.ModelSerializer[Gate]):
    is_unchecked = serializers.BooleanField(label="待核", read_only=True)

    class Meta:
        model = Gate
        fields = [
            "id", "position", "name", "phase", "what", "stage", "area", "body", "quorum_base", "quorum_num", "quorum_den", "quorum_more",
            "house_num", "house_den", "house_more", "majority_base", "majority_num", "majority_den", "majority_more", "is_secret",
            "min_days", "call_days", "notice_days", "papers", "confirm", "law_from", "law_to", "basis", "is_unchecked",
        ]  # fmt: skip


class DecisionKindSerializer(serializers.ModelSerializer[DecisionKind]):
    gates = GateSerializer(many=True, read_only=True)

    class Meta:
        model = DecisionKind
        fields = ["id", "township", "code", "name", "version", "valid_from", "place", "effect", "takes_money", "note", "state", "gates"]


class DecisionKindViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """决策程序和步骤。"""

    queryset = DecisionKind.objects.prefetch_related("gates").order_by("township", "code", "version")
    serializer_class = DecisionKindSerializer
    filterset_fields = ["code", "state"]


class GateRecordSerializer(serializers.ModelSerializer[GateRecord]):
    class Meta:
        model = GateRecord
        fields = [
            "id", "gate", "position", "attempt", "held_on", "ended_on", "meeting", "called_on", "entitled", "present", "houses_entitled",
            "houses_present", "yes", "no", "abstain", "recused", "is_passed", "notice", "notice_from", "notice_to", "text",
            "confirmed_at",
        ]  # fmt: skip


class VillageDecisionSerializer(serializers.ModelSerializer[Decision]):
    state = serializers.SerializerMethodField(label="状态")
    missing = serializers.SerializerMethodField(label="卡在哪一步")
    is_unchecked = serializers.BooleanField(label="程序待核", read_only=True)
    records = GateRecordSerializer(many=True, read_only=True)

    class Meta:
        model = Decision
        fields = [
            "id", "number", "village", "unit", "kind", "title", "purpose", "money_fen", "proposed_on", "begun_at", "adopted_at",
            "finished_at", "resubmitted_at", "resubmitted_note",
            "withdrawn_at", "withdrawn_reason", "is_history", "history_outcome", "state", "missing", "is_unchecked",
            "records",
        ]  # fmt: skip

    @extend_schema_field(serializers.ChoiceField(choices=Decision.State.choices))
    def get_state(self, decision: Decision) -> str:
        return decision.state.value

    @extend_schema_field(str)
    def get_missing(self, decision: Any) -> str:
        return where_words(decision)


class DecisionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """决策事项。"""

    queryset = Decision.objects.prefetch_related("records").order_by("-id")
    serializer_class = VillageDecisionSerializer
    filterset_fields = ["village", "kind", "is_history"]

    def get_queryset(self) -> Any:
        return shown_rows(super().get_queryset())
