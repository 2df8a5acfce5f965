"""Cases, visits and shifts for programs, with the scope and the services of the pages (mission M12–M15)."""

from __future__ import annotations

from typing import Any

import django_filters
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from governance.accounts.duties import Action
from governance.cases.disputes.services import mediator_set
from governance.cases.engine.flow import TRANSITIONS, Need, Who
from governance.cases.engine.return_visits import return_visit_done
from governance.cases.engine.services import Report, Words, case_log, case_step
from governance.cases.errors import CaseError
from governance.cases.models import Case, CaseStep, Category, ReturnVisit, Shift, Visit
from governance.frame.api_base import ScopedViewSet, UserRequest
from villages.models import Post, Unit

STEPS = [
    transition.step.value
    for transition in TRANSITIONS
    if Need.TARGET not in transition.needs and not {Who.SYSTEM, Who.APPROVER} & set(transition.who)
]


class CaseSerializer(serializers.ModelSerializer[Case]):
    category_code = serializers.CharField(source="category.code", read_only=True)
    first_receiver = serializers.CharField(source="first_receiver.name", read_only=True)
    holder = serializers.CharField(source="holder_name", read_only=True)

    class Meta:
        model = Case
        fields = [
            "id", "number", "old_number", "round", "kind", "category", "category_code", "urgency", "village", "unit", "place", "text",
            "source", "private", "state", "level", "first_receiver", "holder", "found_at", "logged_at", "step_due_at",
            "case_due_at", "paused_at", "finished_at", "filed_at", "result",
        ]  # fmt: skip


class StepSerializer(serializers.ModelSerializer[CaseStep]):
    by = serializers.CharField(source="by.name", read_only=True, default="")

    class Meta:
        model = CaseStep
        fields = ["step", "round", "at", "by", "source", "target", "level", "note", "holder"]


class CaseDetailSerializer(CaseSerializer):
    steps = StepSerializer(many=True, read_only=True)

    class Meta(CaseSerializer.Meta):
        fields = [*CaseSerializer.Meta.fields, "steps"]


class LogSerializer(serializers.Serializer[Any]):
    category = serializers.IntegerField(label="类别的编号")
    unit = serializers.IntegerField(label="地方（村、组、聚居点）的编号")
    text = serializers.CharField(label="情况", max_length=1000)
    place = serializers.CharField(label="具体位置", required=False, allow_blank=True, max_length=120)
    private = serializers.BooleanField(label="不公开", required=False)
    mine = serializers.BooleanField(label="由我办理", required=False)
    client = serializers.CharField(label="委托人（代办）", required=False, allow_blank=True, max_length=60)
    phone = serializers.CharField(label="联系电话（代办）", required=False, allow_blank=True, max_length=20)


class TakeStepSerializer(serializers.Serializer[Any]):
    step = serializers.ChoiceField(label="步骤", choices=STEPS)
    note = serializers.CharField(label="情况或原因", required=False, allow_blank=True, max_length=1000)
    result = serializers.CharField(label="办理结果", required=False, allow_blank=True, max_length=1000)
    recipient = serializers.CharField(label="交给了谁", required=False, allow_blank=True, max_length=60)


class MediatorSerializer(serializers.Serializer[Any]):
    post = serializers.IntegerField(label="任职的编号")


class CaseFilter(django_filters.FilterSet):
    village = django_filters.NumberFilter(label="村（社区）的编号")
    since = django_filters.IsoDateTimeFilter("logged_at", lookup_expr="gte", label="登记不早于")

    class Meta:
        model = Case
        fields = ["kind", "state", "level", "number"]


class CaseViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """事件、纠纷和代办。"""

    queryset = Case.objects.select_related(
        "category", "first_receiver", "assignee", "holder_unit", "office", "township", "village", "unit"
    ).order_by("-id")
    filterset_class = CaseFilter
    needs = {"create": Action.CASE_LOG, "mediator": Action.CASE_HANDLE}

    def get_serializer_class(self) -> type[CaseSerializer]:
        return CaseSerializer if self.action == "list" else CaseDetailSerializer

    def _shown(self, pk: int, code: int = status.HTTP_200_OK) -> Response:
        return Response(CaseDetailSerializer(self.queryset.prefetch_related("steps__by").get(pk=pk)).data, status=code)

    @extend_schema(request=LogSerializer, responses={201: CaseDetailSerializer})
    def create(self, request: UserRequest) -> Response:
        """登记一件事。"""
        serializer = LogSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        submitted = dict(serializer.validated_data)
        categories = Category.objects.visible_to(request.user, Action.CASE_LOG).select_related("township", "service")
        submitted["category"] = get_object_or_404(categories, pk=submitted["category"])
        submitted["unit"] = get_object_or_404(Unit.objects.visible_to(request.user, Action.CASE_LOG), pk=submitted["unit"])
        return self._shown(case_log(report=Report(**submitted), by=request.user).pk, status.HTTP_201_CREATED)

    @extend_schema(request=TakeStepSerializer, responses=CaseDetailSerializer)
    @action(detail=True, methods=["post"])
    def step(self, request: UserRequest, pk: str | None = None) -> Response:
        """办一步：受理、处置、协调、办结、归档等；不合规则的步骤说明原因。"""
        case = self.get_object()
        serializer = TakeStepSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        submitted = dict(serializer.validated_data)
        case_step(case=case, step=submitted.pop("step"), by=request.user, words=Words(**submitted))
        return self._shown(case.pk)

    @extend_schema(request=MediatorSerializer, responses=CaseDetailSerializer)
    @action(detail=True, methods=["post"])
    def mediator(self, request: UserRequest, pk: str | None = None) -> Response:
        """确定调解员；当事人本人、同户亲属和应当回避的人不行。"""
        case = self.get_object()
        serializer = MediatorSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        if case.kind != Case.Kind.DISPUTE:
            raise CaseError("这件事项不是矛盾纠纷。", "state")
        post = get_object_or_404(Post.objects.visible_to(request.user), pk=serializer.validated_data["post"])
        mediator_set(case=case, post=post, by=request.user)
        return self._shown(case.pk)


class ReturnVisitSerializer(serializers.ModelSerializer[ReturnVisit]):
    class Meta:
        model = ReturnVisit
        fields = ["id", "case", "round", "day", "due_on", "state", "done_on", "finding", "note"]


class VisitDoneSerializer(serializers.Serializer[Any]):
    done_on = serializers.DateField(label="回访日期")
    finding = serializers.ChoiceField(label="回访结果", choices=ReturnVisit.Finding.choices)
    note = serializers.CharField(label="回访情况", max_length=500)


class ReturnVisitViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """纠纷的回访。"""

    queryset = ReturnVisit.objects.select_related("case").order_by("due_on", "id")
    serializer_class = ReturnVisitSerializer
    filterset_fields = ["case", "state"]
    needs = {"done": Action.CASE_HANDLE}

    @extend_schema(request=VisitDoneSerializer, responses=ReturnVisitSerializer)
    @action(detail=True, methods=["post"])
    def done(self, request: UserRequest, pk: str | None = None) -> Response:
        """登记一次回访；有反复的重开原编号。"""
        visit = self.get_object()
        serializer = VisitDoneSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        visit = return_visit_done(visit=visit, by=request.user, **serializer.validated_data)
        return Response(ReturnVisitSerializer(visit).data)


class VisitSerializer(serializers.ModelSerializer[Visit]):
    by = serializers.CharField(source="by.name", read_only=True)

    class Meta:
        model = Visit
        fields = ["id", "kind", "village", "unit", "place", "household", "went_at", "companions", "seen", "by"]


class VisitViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """走访、巡查、上门。"""

    queryset = Visit.objects.select_related("by").order_by("-went_at", "-id")
    serializer_class = VisitSerializer
    filterset_fields = ["kind", "village", "household"]


class ShiftSerializer(serializers.ModelSerializer[Shift]):
    kind = serializers.CharField(source="kind.name", read_only=True)
    person = serializers.CharField(source="post.holder_name", read_only=True)

    class Meta:
        model = Shift
        fields = ["id", "village", "day", "kind", "person", "published_at"]


class ShiftViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """已发布的值班。"""

    queryset = Shift.objects.published().select_related("kind", "post__user", "post__resident").order_by("-day", "id")
    serializer_class = ShiftSerializer
    filterset_fields = ["village", "day"]
