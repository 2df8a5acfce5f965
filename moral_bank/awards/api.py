"""最美家庭, honours and private reminders for programs, with the scope and the services of the pages."""

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
from governance.periods import Period
from moral_bank.awards.honours import half_of, honour_revoke
from moral_bank.awards.models import Honour, Nomination, Reminder
from moral_bank.awards.services import Vote, nomination_add, nomination_confirm, nomination_judge, nomination_refuse
from villages.models import Household

SOURCES = [choice for choice in Nomination.Source.choices if choice[0] != Nomination.Source.SCORE]


class NominationSerializer(serializers.ModelSerializer[Nomination]):
    household = serializers.IntegerField(source="account.household_id", read_only=True)
    head_name = serializers.CharField(source="account.household.head_name", read_only=True)
    period = serializers.SerializerMethodField(label="半年：2026-H1")

    class Meta:
        model = Nomination
        fields = [
            "id", "household", "head_name", "village", "period", "source", "nominator", "story", "state", "nominated_at",
            "judged_on", "present", "votes_yes", "votes_no", "recused", "notice", "notice_row", "decided_at", "reason",
        ]  # fmt: skip

    def get_period(self, row: Nomination) -> str:
        return str(half_of(row.half))


class NominateSerializer(serializers.Serializer[Any]):
    household = serializers.IntegerField(label="户的编号")
    period = serializers.CharField(label="半年：2026-H1")
    said_by = serializers.ChoiceField(choices=SOURCES, label="提名方式")
    nominator = serializers.CharField(label="提名的人或组织", required=False, allow_blank=True, max_length=60)
    story = serializers.CharField(label="主要事迹", max_length=500)


class VoteSerializer(serializers.Serializer[Any]):
    held_on = serializers.DateField(label="村评议日期")
    present = serializers.IntegerField(label="到会人数", min_value=0)
    yes = serializers.IntegerField(label="同意票", min_value=0)
    no = serializers.IntegerField(label="不同意票", min_value=0)
    recused = serializers.CharField(label="回避人员", required=False, allow_blank=True, max_length=100)


class ReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(label="原因", max_length=200)


class HonourSerializer(serializers.ModelSerializer[Honour]):
    household = serializers.IntegerField(source="account.household_id", read_only=True)
    head_name = serializers.CharField(source="account.household.head_name", read_only=True)

    class Meta:
        model = Honour
        fields = [
            "id", "household", "head_name", "village", "kind", "period", "number", "granted_on", "rating", "nomination",
            "revoked_on", "revoked_reason",
        ]  # fmt: skip


class NominationFilter(django_filters.FilterSet):
    household = django_filters.NumberFilter("account__household", label="户的编号")
    village = django_filters.NumberFilter(label="村（社区）的编号")

    class Meta:
        model = Nomination
        fields = ["state", "source", "half"]


class NominationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """最美家庭提名：村评议、公示、镇审定。"""

    queryset = Nomination.objects.select_related("account__household").order_by("-id")
    serializer_class = NominationSerializer
    filterset_class = NominationFilter
    needs = {
        "create": Action.AWARD_NOMINATE,
        "judge": Action.AWARD_JUDGE,
        "confirm": Action.AWARD_CONFIRM,
        "refuse": Action.AWARD_CONFIRM,
    }

    @extend_schema(request=NominateSerializer, responses={201: NominationSerializer})
    def create(self, request: UserRequest) -> Response:
        """提名一户。"""
        serializer = NominateSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        sent = dict(serializer.validated_data)
        homes = Household.objects.visible_to(request.user, Action.AWARD_NOMINATE).select_related("unit", "village")
        household = get_object_or_404(homes, pk=sent.pop("household"))
        half, source = Period.parse(sent.pop("period")), sent.pop("said_by")
        row = nomination_add(household=household, half=half, source=source, by=request.user, **sent)
        return Response(NominationSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=VoteSerializer, responses=NominationSerializer)
    @action(detail=True, methods=["post"])
    def judge(self, request: UserRequest, pk: str | None = None) -> Response:
        """登记村评议。"""
        row, serializer = self.get_object(), VoteSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        row = nomination_judge(nomination=row, vote=Vote(**serializer.validated_data), by=request.user)
        return Response(NominationSerializer(row).data)

    @extend_schema(request=None, responses=HonourSerializer)
    @action(detail=True, methods=["post"])
    def confirm(self, request: UserRequest, pk: str | None = None) -> Response:
        """审定，生成荣誉。"""
        return Response(HonourSerializer(nomination_confirm(nomination=self.get_object(), by=request.user)).data)

    @extend_schema(request=ReasonSerializer, responses=NominationSerializer)
    @action(detail=True, methods=["post"])
    def refuse(self, request: UserRequest, pk: str | None = None) -> Response:
        """不予通过。"""
        row, serializer = self.get_object(), ReasonSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        row = nomination_refuse(nomination=row, by=request.user, **serializer.validated_data)
        return Response(NominationSerializer(row).data)


class HonourFilter(django_filters.FilterSet):
    household = django_filters.NumberFilter("account__household", label="户的编号")
    village = django_filters.NumberFilter(label="村（社区）的编号")
    revoked = django_filters.BooleanFilter("revoked_on", lookup_expr="isnull", exclude=True, label="已撤销")

    class Meta:
        model = Honour
        fields = ["kind", "period"]


class HonourViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """荣誉（红榜）：年度评优和最美家庭。"""

    queryset = Honour.objects.select_related("account__household").order_by("-id")
    serializer_class = HonourSerializer
    filterset_class = HonourFilter
    needs = {"revoke": Action.AWARD_CONFIRM}

    @extend_schema(request=ReasonSerializer, responses=HonourSerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: UserRequest, pk: str | None = None) -> Response:
        """撤销荣誉。"""
        row, serializer = self.get_object(), ReasonSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(HonourSerializer(honour_revoke(honour=row, by=request.user, **serializer.validated_data)).data)


class ReminderSerializer(serializers.ModelSerializer[Reminder]):
    household = serializers.IntegerField(source="rating.account.household_id", read_only=True)
    period = serializers.CharField(source="rating.closing.period", read_only=True)

    class Meta:
        model = Reminder
        fields = ["id", "household", "period", "rating", "told_on", "told_by", "note", "recorded_at"]


class ReminderViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """整改提醒：只给有权当面提醒的人看，不公开。"""

    queryset = Reminder.objects.select_related("rating__account", "rating__closing").order_by("-id")
    serializer_class = ReminderSerializer
