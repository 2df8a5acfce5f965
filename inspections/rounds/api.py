"""Rounds, scorecards and what is judged on them for programs, with the scope and the services of the pages (mission M34, M35)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import django_filters
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from governance.accounts.duties import Action
from governance.frame.api_base import ScopedViewSet, UserRequest
from inspections.models import Answer, ChecklistItem, Reply, Round, Scorecard
from inspections.rounds import computing, deciding
from inspections.rounds import services as rounds
from inspections.scorecards import answers

STEPS: dict[str, Callable[..., Round]] = {
    "start": rounds.round_start,
    "compute": computing.round_request,
    "hand_over": deciding.round_hand_over,
    "lock": deciding.round_lock,
}


class RoundSerializer(serializers.ModelSerializer[Round]):
    quarter = serializers.CharField(source="period", read_only=True)

    class Meta:
        model = Round
        fields = [
            "id", "township", "quarter", "name", "checklist", "opens_on", "closes_on", "seed", "state", "handed_at",
            "reply_due_at", "meeting_on", "decision", "ranks_shown", "computed_at", "locked_at", "job",
        ]  # fmt: skip


class RoundStepSerializer(serializers.Serializer[Any]):
    step = serializers.ChoiceField(label="步骤", choices=list(STEPS))


class DecisionSerializer(serializers.Serializer[Any]):
    meeting_on = serializers.DateField(label="党委会日期")
    decision = serializers.CharField(label="审定意见", max_length=1000)
    ranks_shown = serializers.BooleanField(label="通报公布名次")


class RoundViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """季度督查。"""

    queryset = Round.objects.select_related("township").order_by("-quarter", "id")
    serializer_class = RoundSerializer
    filterset_fields = ["state", "quarter"]
    needs = {"decide": Action.ROUND_DECIDE}

    @extend_schema(request=RoundStepSerializer, responses=RoundSerializer)
    @action(detail=True, methods=["post"])
    def step(self, request: UserRequest, pk: str | None = None) -> Response:
        """办一步：抽样开始、汇总、移交各村、锁定；不合规则的说明原因。"""
        inspection_round = self.get_object()
        serializer = RoundStepSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        STEPS[serializer.validated_data["step"]](inspection_round=inspection_round, by=request.user)
        return Response(RoundSerializer(self.get_object()).data)

    @extend_schema(request=DecisionSerializer, responses=RoundSerializer)
    @action(detail=True, methods=["post"])
    def decide(self, request: UserRequest, pk: str | None = None) -> Response:
        """登记党委审定意见。"""
        inspection_round = self.get_object()
        serializer = DecisionSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        deciding.round_decide(inspection_round=inspection_round, by=request.user, **serializer.validated_data)
        return Response(RoundSerializer(self.get_object()).data)


class CardSerializer(serializers.ModelSerializer[Scorecard]):
    """Points, ranks and the trail are empty until the card is handed over to the village that asks."""

    quarter = serializers.CharField(source="round.period", read_only=True)
    state = serializers.CharField(source="round.state", read_only=True)
    rank = serializers.SerializerMethodField()
    hidden = ("score", "self_score", "grade", "vetoed", "change", "missing", "sections", "trail")

    class Meta:
        model = Scorecard
        fields = [
            "id", "round", "quarter", "state", "village", "team", "scored_at", "score", "self_score", "grade", "vetoed",
            "rank", "change", "missing",
        ]  # fmt: skip

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_rank(self, card: Scorecard) -> int | None:
        return card.rank if card.shows_rank_to(self.context["request"].user) else None

    def to_representation(self, card: Scorecard) -> dict[str, Any]:
        shown = super().to_representation(card)
        if not card.shows_points_to(self.context["request"].user):
            shown.update({name: None for name in self.hidden if name in shown})
        return shown


class AnswerSerializer(serializers.ModelSerializer[Answer]):
    by = serializers.CharField(source="by.name", read_only=True)

    class Meta:
        model = Answer
        fields = ["item", "side", "value", "applies", "note", "proposed", "reason", "by", "at"]


class CardDetailSerializer(CardSerializer):
    class Meta(CardSerializer.Meta):
        fields = [*CardSerializer.Meta.fields, "sections", "trail"]


class JudgedSerializer(serializers.Serializer[Any]):
    item = serializers.IntegerField(label="考核内容的编号")
    value = serializers.DecimalField(label="处数或百分比", max_digits=8, decimal_places=2, min_value=Decimal(0))
    applies = serializers.BooleanField(label="适用", required=False, default=True)
    note = serializers.CharField(label="现场情况", required=False, allow_blank=True, max_length=300, default="")
    reason = serializers.CharField(label="与实测不同的理由", required=False, allow_blank=True, max_length=200, default="")


class SheetSerializer(serializers.Serializer[Any]):
    side = serializers.ChoiceField(label="评分方", choices=Answer.Side.choices)
    answers = JudgedSerializer(many=True, label="各条")


class AskSerializer(serializers.Serializer[Any]):
    item = serializers.IntegerField(label="考核内容的编号")
    text = serializers.CharField(label="申辩理由", max_length=500)


class ReplySerializer(serializers.ModelSerializer[Reply]):
    class Meta:
        model = Reply
        fields = ["id", "card", "item", "text", "asked_at", "state", "answer", "value", "decided_at"]


class ReplyDecisionSerializer(serializers.Serializer[Any]):
    upheld = serializers.BooleanField(label="采纳")
    answer = serializers.CharField(label="答复", max_length=500)
    value = serializers.DecimalField(label="更正为", required=False, max_digits=8, decimal_places=2, min_value=Decimal(0))


class CardFilter(django_filters.FilterSet):
    quarter = django_filters.DateFilter("round__quarter", label="季度首日")

    class Meta:
        model = Scorecard
        fields = ["village", "round"]


class ScorecardViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """督查评分表。"""

    queryset = Scorecard.objects.select_related("round__township", "round__checklist", "village").order_by("id")
    filterset_class = CardFilter

    def get_serializer_class(self) -> type[CardSerializer]:
        return CardSerializer if self.action == "list" else CardDetailSerializer

    @extend_schema(responses=AnswerSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def answers(self, request: UserRequest, pk: str | None = None) -> Response:
        """各条的评分；移交核对之前，村里只看到自己的自评。"""
        card = self.get_object()
        rows = card.answers.select_related("by").order_by("item__section__position", "item__position", "side")
        if not card.shows_points_to(request.user):
            rows = rows.filter(side=Answer.Side.SELF)
        return Response(AnswerSerializer(rows, many=True).data)

    @extend_schema(request=SheetSerializer, responses=AnswerSerializer(many=True))
    @action(detail=True, methods=["post"])
    def judge(self, request: UserRequest, pk: str | None = None) -> Response:
        """现场评分或村自评；再送一次同样的内容不会重复。返回有变动的各条。"""
        card = self.get_object()
        serializer = SheetSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        judged = {line.pop("item"): answers.Judged(**line) for line in serializer.validated_data["answers"]}
        side = serializer.validated_data["side"]
        save = answers.answers_save if side == Answer.Side.SITE else answers.self_answers_save
        changed = save(card=card, judged=judged, by=request.user)
        return Response(AnswerSerializer(changed, many=True).data)

    @extend_schema(request=None, responses=CardDetailSerializer)
    @action(detail=True, methods=["post"])
    def finish(self, request: UserRequest, pk: str | None = None) -> Response:
        """确认这个村评完。"""
        answers.card_finish(card=self.get_object(), by=request.user)
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=AskSerializer, responses={201: ReplySerializer})
    @action(detail=True, methods=["post"])
    def reply(self, request: UserRequest, pk: str | None = None) -> Response:
        """村里提出申辩。"""
        card = self.get_object()
        serializer = AskSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        items = ChecklistItem.objects.filter(section__checklist=card.round.checklist_id).select_related("section")
        item = get_object_or_404(items, pk=serializer.validated_data["item"])
        reply = deciding.reply_add(card=card, item=item, text=serializer.validated_data["text"], by=request.user)
        return Response(ReplySerializer(reply).data, status=201)


class ReplyViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """申辩。"""

    queryset = Reply.objects.select_related("card__round", "item").order_by("id")
    serializer_class = ReplySerializer
    filterset_fields = ["card", "state"]
    needs = {"decide": Action.ROUND_PLAN}

    @extend_schema(request=ReplyDecisionSerializer, responses=ReplySerializer)
    @action(detail=True, methods=["post"])
    def decide(self, request: UserRequest, pk: str | None = None) -> Response:
        """答复申辩；采纳的写明更正后的处数或百分比。"""
        reply = self.get_object()
        serializer = ReplyDecisionSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        reply = deciding.reply_decide(reply=reply, by=request.user, **serializer.validated_data)
        return Response(ReplySerializer(reply).data)
