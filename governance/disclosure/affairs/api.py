"""三务公开 for programs, to read: the catalogue, what is due of each village, and the lists with their versions."""

from __future__ import annotations

from rest_framework import mixins, serializers

from governance.disclosure.models import Affair, AffairKind, AffairQuestion, AffairTurn
from governance.frame.api_base import ScopedViewSet


class AffairKindSerializer(serializers.ModelSerializer[AffairKind]):
    deadline = serializers.CharField(label="公开时限", read_only=True)

    class Meta:
        model = AffairKind
        fields = [
            "id", "township", "code", "section", "name", "basis", "deadline", "body", "channel", "level", "rule", "day", "month",
            "workdays", "hangs_days", "since", "is_active", "position",
        ]  # fmt: skip


class AffairKindViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """事务公开目录。"""

    queryset = AffairKind.objects.order_by("township", "position", "id")
    serializer_class = AffairKindSerializer
    filterset_fields = ["section", "rule", "is_active"]


class AffairTurnSerializer(serializers.ModelSerializer[AffairTurn]):
    class Meta:
        model = AffairTurn
        fields = ["id", "village", "kind", "period", "event", "begins_on", "due_on", "met_on", "cancelled_at", "cancel_reason"]


class AffairTurnViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """应公开事项。"""

    queryset = AffairTurn.objects.order_by("-id")
    serializer_class = AffairTurnSerializer
    filterset_fields = ["village", "kind", "period", "due_on"]


class AffairSerializer(serializers.ModelSerializer[Affair]):
    village = serializers.IntegerField(source="turn.village_id", read_only=True)

    class Meta:
        model = Affair
        fields = [
            "id", "turn", "village", "version", "replaces", "title", "columns", "rows", "note", "source", "state", "drafted_at",
            "submitted_at", "reviewed_at", "published_at", "hangs_until", "withdrawn_at", "withdrawn_reason",
        ]  # fmt: skip


class AffairViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """公开内容的各稿。"""

    queryset = Affair.objects.select_related("turn").order_by("-id")
    serializer_class = AffairSerializer
    filterset_fields = ["turn", "state"]


class AffairQuestionSerializer(serializers.ModelSerializer[AffairQuestion]):
    """Without who asked: that stands on the page of who answers alone."""

    village = serializers.IntegerField(source="affair.turn.village_id", read_only=True)

    class Meta:
        model = AffairQuestion
        fields = ["id", "number", "affair", "village", "received_at", "answer_by", "answered_at"]


class AffairQuestionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """质询的办理：什么时候提出、什么时候前答复、是否已答复。"""

    queryset = AffairQuestion.objects.select_related("affair__turn").order_by("-id")
    serializer_class = AffairQuestionSerializer
    filterset_fields = ["affair", "answer_by"]
