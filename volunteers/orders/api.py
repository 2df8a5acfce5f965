"""Orders for programs, with the scope and the services of the desk: no name, phone or place, and no notes, which may hold them (M30)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from governance.accounts.duties import Action
from governance.errors import DomainError
from governance.frame.api_base import ScopedViewSet, UserRequest
from villages.filters import places_of
from volunteers.models import Project, Run, ServiceOrder, ServiceStep
from volunteers.orders.forms import check_moment, check_phone
from volunteers.orders.rows import masked_asker, need_for
from volunteers.orders.services import Ask, judge_by_phone, order_ask, order_call_back, order_cancel


class ServiceStepSerializer(serializers.ModelSerializer[ServiceStep]):
    by = serializers.CharField(source="by.name", read_only=True, default="")
    volunteer = serializers.CharField(source="volunteer.name", read_only=True, default="")

    class Meta:
        model = ServiceStep
        fields = ["step", "at", "happened_at", "by", "volunteer", "target", "level"]


class ServiceRunSerializer(serializers.ModelSerializer[Run]):
    volunteer = serializers.CharField(source="volunteer.name", read_only=True)

    class Meta:
        model = Run
        fields = ["volunteer", "accepted_at", "set_out_at", "arrived_at", "ended_at", "outcome"]


class ServiceOrderSerializer(serializers.ModelSerializer[ServiceOrder]):
    asker = serializers.SerializerMethodField(label="点单人（隐去名字）")
    need = serializers.SerializerMethodField(label="需求（隐去姓名、数字、地址；不能登记、派单的只给服务项目）")

    class Meta:
        model = ServiceOrder
        fields = [
            "id", "number", "village", "unit", "project", "source", "asker", "need", "is_emergency", "people", "state", "level",
            "wanted_at", "asked_at", "offered_at", "accepted_at", "contacted_at", "arrived_at", "finished_at", "stopped_at",
            "contact_due_at", "accept_due_at", "finish_due_at", "rating", "judged_at", "points",
        ]  # fmt: skip

    def get_asker(self, order: ServiceOrder) -> str:
        return masked_asker(order)

    def get_need(self, order: ServiceOrder) -> str:
        return need_for(order, self.context["request"].user)


class ServiceOrderDetailSerializer(ServiceOrderSerializer):
    steps = ServiceStepSerializer(many=True, read_only=True)
    runs = ServiceRunSerializer(many=True, read_only=True)

    class Meta(ServiceOrderSerializer.Meta):
        fields = [*ServiceOrderSerializer.Meta.fields, "runs", "steps"]


class ServiceAskSerializer(serializers.Serializer[Any]):
    project = serializers.IntegerField(label="服务项目的编号")
    unit = serializers.IntegerField(label="地方的编号")
    name = serializers.CharField(label="服务对象", max_length=60)
    phone = serializers.CharField(label="联系电话", max_length=20, required=False, allow_blank=True)
    place = serializers.CharField(label="具体位置", max_length=120, required=False, allow_blank=True)
    text = serializers.CharField(label="需求", max_length=500)
    wanted_at = serializers.DateTimeField(label="希望的时间", required=False)
    people = serializers.IntegerField(label="需要几人", required=False, min_value=1, max_value=50)
    caller = serializers.CharField(label="代点人", max_length=60, required=False, allow_blank=True)
    caller_phone = serializers.CharField(label="代点人电话", max_length=20, required=False, allow_blank=True)


    def validate_phone(self, value: str) -> str:
        return check_phone(value)

    def validate_caller_phone(self, value: str) -> str:
        return check_phone(value)

    def validate_wanted_at(self, value: datetime) -> datetime | None:
        return check_moment(value)


class ServiceNoteSerializer(serializers.Serializer[Any]):
    note = serializers.CharField(label="核实的情况", max_length=200)


class ServiceReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(label="原因", max_length=200)


class ServiceJudgementSerializer(serializers.Serializer[Any]):
    rating = serializers.ChoiceField(label="群众说", choices=ServiceOrder.Rating.choices)
    words = serializers.CharField(label="群众的话", max_length=200, required=False, allow_blank=True)


class ServiceOrderViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """群众点单。"""

    queryset = (
        ServiceOrder.objects.select_related("project", "unit")
        .prefetch_related("steps__by", "steps__volunteer", "runs__volunteer")
        .order_by("-id")
    )
    filterset_fields = ["village", "project", "state", "is_emergency"]
    needs = dict.fromkeys(("create", "call_back", "cancel", "judge"), Action.SERVICE_LOG)

    def get_serializer_class(self) -> type[ServiceOrderSerializer]:
        return ServiceOrderSerializer if self.action == "list" else ServiceOrderDetailSerializer

    def _data(self, order: ServiceOrder) -> Any:
        return ServiceOrderDetailSerializer(order, context=self.get_serializer_context()).data

    def _shown(self, order: ServiceOrder) -> Response:
        return Response(self._data(self.get_queryset().get(pk=order.pk)))

    @extend_schema(request=ServiceAskSerializer, responses={201: ServiceOrderDetailSerializer})
    def create(self, request: UserRequest) -> Response:
        """登记点单。"""
        serializer = ServiceAskSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        asked = serializer.validated_data
        project = Project.objects.visible_to(request.user, Action.SERVICE_LOG).filter(pk=asked.pop("project")).first()
        unit = places_of(request.user, Action.SERVICE_LOG).filter(pk=asked.pop("unit")).first()
        if project is None or unit is None:
            raise DomainError("没有这个服务项目，或地方不在您可以登记的范围内。", "scope")
        order = order_ask(ask=Ask(project=project, unit=unit, **asked), by=request.user)
        return Response(self._data(order), status=201)

    @extend_schema(request=ServiceNoteSerializer, responses=ServiceOrderDetailSerializer)
    @action(detail=True, methods=["post"], url_path="call-back")
    def call_back(self, request: UserRequest, pk: str | None = None) -> Response:
        """回电核实。"""
        order, serializer = self.get_object(), ServiceNoteSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return self._shown(order_call_back(order=order, by=request.user, **serializer.validated_data))

    @extend_schema(request=ServiceReasonSerializer, responses=ServiceOrderDetailSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: UserRequest, pk: str | None = None) -> Response:
        """取消。"""
        order, serializer = self.get_object(), ServiceReasonSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return self._shown(order_cancel(order=order, by=request.user, **serializer.validated_data))

    @extend_schema(request=ServiceJudgementSerializer, responses=ServiceOrderDetailSerializer)
    @action(detail=True, methods=["post"])
    def judge(self, request: UserRequest, pk: str | None = None) -> Response:
        """电话代评：参加了服务的人不能代评。"""
        order, serializer = self.get_object(), ServiceJudgementSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return self._shown(judge_by_phone(order=order, by=request.user, **serializer.validated_data))
