"""Claims and appeals for programs, with the scope and the services of the pages."""

from __future__ import annotations

from typing import Any

import django_filters
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from governance.accounts.duties import Action
from governance.frame.api_base import ScopedViewSet, UserRequest
from moral_bank.claims.appeals import appeal_answer, appeal_file
from moral_bank.claims.services import (
    NAME_LENGTH,
    NOTE_LENGTH,
    claim_declare,
    claim_reject,
    claim_verify,
    claim_withdraw,
)
from moral_bank.models import Appeal, Claim, Judgement
from moral_bank.rules.models import Deed
from villages.models import Household


class ClaimSerializer(serializers.ModelSerializer[Claim]):
    household = serializers.IntegerField(source="account.household_id", read_only=True)
    deed_name = serializers.CharField(source="deed.name", read_only=True)

    class Meta:
        model = Claim
        fields = [
            "id",
            "household",
            "deed",
            "deed_name",
            "occurred_on",
            "counts_on",
            "quantity",
            "score",
            "note",
            "source",
            "applicant",
            "consent",
            "state",
            "declared_at",
            "decided_at",
            "reason",
            "closing",
            "entry",
        ]


class ClaimJudgementSerializer(serializers.ModelSerializer[Judgement]):
    held_on = serializers.DateField(source="sitting.held_on", read_only=True)

    class Meta:
        model = Judgement
        fields = ["round", "held_on", "approved", "score", "reason"]


class ClaimDetailSerializer(ClaimSerializer):
    judgements = ClaimJudgementSerializer(many=True, read_only=True)

    class Meta(ClaimSerializer.Meta):
        fields = [*ClaimSerializer.Meta.fields, "judgements"]


class DeclareSerializer(serializers.Serializer[Any]):
    household = serializers.IntegerField(label="户的编号")
    deed = serializers.IntegerField(label="事项的编号")
    occurred_on = serializers.DateField(label="发生日期")
    score = serializers.IntegerField(label="评分（区间事项）", required=False, allow_null=True)
    quantity = serializers.IntegerField(label="数量（按数量计分的事项）", default=1)
    note = serializers.CharField(label="说明", required=False, allow_blank=True, max_length=NOTE_LENGTH)
    source = serializers.ChoiceField(  # type: ignore[assignment]
        Claim.Source.choices, label="申报方式", default=Claim.Source.CADRE
    )
    applicant = serializers.CharField(label="申报的人（代录）", required=False, allow_blank=True, max_length=NAME_LENGTH)
    consent = serializers.ChoiceField(
        Claim.Consent.choices, label="如何同意代录", required=False, allow_blank=True
    )


class ClaimReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(label="退回原因", max_length=NOTE_LENGTH)


class AppealSerializer(serializers.ModelSerializer[Appeal]):
    household = serializers.IntegerField(source="account.household_id", read_only=True)

    class Meta:
        model = Appeal
        fields = [
            "id",
            "household",
            "claim",
            "entry",
            "name",
            "text",
            "received_at",
            "state",
            "answer",
            "answered_at",
        ]


class AppealFiledSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(label="申诉的人", max_length=NAME_LENGTH)
    text = serializers.CharField(label="理由", max_length=500)


class AppealAnsweredSerializer(serializers.Serializer[Any]):
    upheld = serializers.BooleanField(label="申诉成立")
    answer = serializers.CharField(label="答复", max_length=500)


class ClaimFilter(django_filters.FilterSet):
    household = django_filters.NumberFilter("account__household", label="户的编号")
    village = django_filters.NumberFilter("account__household__village", label="村（社区）的编号")
    since = django_filters.DateFilter("occurred_on", lookup_expr="gte", label="发生日期不早于")
    until = django_filters.DateFilter("occurred_on", lookup_expr="lte", label="发生日期不晚于")

    class Meta:
        model = Claim
        fields = ["state", "source"]


class ClaimViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """申报：核实、评议、公示后随当月入账。"""

    queryset = Claim.objects.select_related("account", "deed").order_by("-id")
    filterset_class = ClaimFilter
    needs = {
        "create": Action.CLAIM_DECLARE,
        "verify": Action.CLAIM_VERIFY,
        "reject": Action.CLAIM_VERIFY,
    }

    def get_serializer_class(self) -> type[ClaimSerializer]:
        return ClaimSerializer if self.action == "list" else ClaimDetailSerializer

    def _shown(self, claim: Claim, code: int = status.HTTP_200_OK) -> Response:
        return Response(ClaimDetailSerializer(claim).data, status=code)

    @extend_schema(request=DeclareSerializer, responses={201: ClaimDetailSerializer})
    def create(self, request: UserRequest) -> Response:
        """申报一户的一件事。"""
        serializer = DeclareSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        sent = dict(serializer.validated_data)
        households = Household.objects.visible_to(request.user, Action.CLAIM_DECLARE)
        household = get_object_or_404(households.select_related("unit", "village"), pk=sent.pop("household"))
        deed = get_object_or_404(Deed.objects.visible_to(request.user), pk=sent.pop("deed"))
        claim = claim_declare(household=household, deed=deed, by=request.user, **sent)
        return self._shown(claim, status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=ClaimDetailSerializer)
    @action(detail=True, methods=["post"])
    def verify(self, request: UserRequest, pk: str | None = None) -> Response:
        """核实，交评议小组。"""
        return self._shown(claim_verify(claim=self.get_object(), by=request.user))

    @extend_schema(request=ClaimReasonSerializer, responses=ClaimDetailSerializer)
    @action(detail=True, methods=["post"])
    def reject(self, request: UserRequest, pk: str | None = None) -> Response:
        """退回，写明原因。"""
        claim, serializer = self.get_object(), ClaimReasonSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return self._shown(claim_reject(claim=claim, by=request.user, **serializer.validated_data))

    @extend_schema(request=None, responses=ClaimDetailSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: UserRequest, pk: str | None = None) -> Response:
        """申报人撤回。"""
        return self._shown(claim_withdraw(claim=self.get_object(), by=request.user))

    @extend_schema(request=AppealFiledSerializer, responses={201: AppealSerializer})
    @action(detail=True, methods=["post"])
    def appeal(self, request: UserRequest, pk: str | None = None) -> Response:
        """对退回的申报申诉，只有一次。"""
        claim, serializer = self.get_object(), AppealFiledSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        appeal = appeal_file(claim=claim, by=request.user, **serializer.validated_data)
        return Response(AppealSerializer(appeal).data, status=status.HTTP_201_CREATED)


class AppealFilter(django_filters.FilterSet):
    household = django_filters.NumberFilter("account__household", label="户的编号")
    village = django_filters.NumberFilter("account__household__village", label="村（社区）的编号")

    class Meta:
        model = Appeal
        fields = ["state"]


class AppealViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """申诉：退回的申报、扣分和一票否决的记录，各一次。"""

    queryset = Appeal.objects.select_related("account").order_by("-id")
    serializer_class = AppealSerializer
    filterset_class = AppealFilter
    needs = {"answer": Action.APPEAL_ANSWER}

    @extend_schema(request=AppealAnsweredSerializer, responses=AppealSerializer)
    @action(detail=True, methods=["post"])
    def answer(self, request: UserRequest, pk: str | None = None) -> Response:
        """答复：成立的回到评议小组或冲正，维持的不再受理。"""
        appeal, serializer = self.get_object(), AppealAnsweredSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(AppealSerializer(appeal_answer(appeal=appeal, by=request.user, **serializer.validated_data)).data)
