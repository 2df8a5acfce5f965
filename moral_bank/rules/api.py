"""Rule sets and their deeds for programs, to be read and compared; drafts are edited on the pages."""

from __future__ import annotations

from typing import Any

import django_filters
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from governance.accounts.duties import Action
from governance.frame.api_base import ScopedViewSet, UserRequest
from moral_bank.rules.compare import Change, compare
from moral_bank.rules.models import DEED_FIELDS, Deed, Head, RuleHead, RuleSet
from moral_bank.rules.services import SETTINGS, RuleError, forerunner_of, version_of


class RuleHeadSerializer(serializers.ModelSerializer[RuleHead]):
    class Meta:
        model = RuleHead
        fields = ["head", "base", "maximum"]


class RuleSetSerializer(serializers.ModelSerializer[RuleSet]):
    heads = RuleHeadSerializer(many=True, read_only=True)

    class Meta:
        model = RuleSet
        fields = [
            "id",
            "township",
            "name",
            "version",
            "valid_from",
            "state",
            *SETTINGS,
            "meeting_on",
            "meeting_body",
            "meeting_note",
            "adopted_at",
            "heads",
        ]


class RuleChangeSerializer(serializers.Serializer[Any]):
    """One difference; `deed` is empty for what the version sets as a whole."""

    kind = serializers.ChoiceField(choices=["setting", "head", "added", "removed", "changed"])
    deed = serializers.CharField()
    name = serializers.CharField()
    field = serializers.CharField()
    old = serializers.CharField(allow_null=True)
    new = serializers.CharField(allow_null=True)


class RuleSetFilter(django_filters.FilterSet):
    class Meta:
        model = RuleSet
        fields = ["township", "state"]


class RuleSetViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """积分细则：每个版本；施行后不再改动。"""

    queryset = RuleSet.objects.prefetch_related("heads").order_by("township__path", "-version")
    serializer_class = RuleSetSerializer
    filterset_class = RuleSetFilter

    @extend_schema(
        responses=RuleChangeSerializer(many=True),
        parameters=[OpenApiParameter("with", OpenApiTypes.INT, description="与哪一版对照；不写则为上一版")],
        filters=False,
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def compare(self, request: UserRequest, pk: int) -> Response:
        """与另一版对照：改了什么。"""
        rule_set: RuleSet = self.get_object()
        requested = request.query_params.get("with", "")
        others = self.get_queryset().filter(township=rule_set.township_id)
        if requested and not requested.isdecimal():
            raise serializers.ValidationError({"with": "请写版本的编号。"})
        other = get_object_or_404(others, pk=requested) if requested else forerunner_of(rule_set)
        if other is None:
            raise RuleError("没有可以对照的版本。", "state")
        return Response(RuleChangeSerializer(_changes(other, rule_set), many=True).data)


class DeedSerializer(serializers.ModelSerializer[Deed]):
    class Meta:
        model = Deed
        fields = ["id", "rule_set", *DEED_FIELDS]


class DeedFilter(django_filters.FilterSet):
    class Meta:
        model = Deed
        fields = ["rule_set", "head", "code", "is_veto"]


class DeedViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """积分事项。"""

    queryset = Deed.objects.order_by("rule_set", "code")
    serializer_class = DeedSerializer
    filterset_class = DeedFilter
    needs = {"list": Action.RULE_VIEW, "retrieve": Action.RULE_VIEW, "metadata": Action.RULE_VIEW}


def _changes(old: RuleSet, new: RuleSet) -> list[dict[str, Any]]:
    found = compare(version_of(old), version_of(new), {head: str(label) for head, label in Head.choices})
    lines = [_line("setting", change) for change in found.settings] + [_line("head", change) for change in found.heads]
    for kind, deeds in (("added", found.added), ("removed", found.removed)):
        lines += [
            {"kind": kind, "deed": deed.code, "name": deed.name, "field": "", "old": None, "new": None} for deed in deeds
        ]
    return lines + [
        _line("changed", change, pair.code, pair.name) for pair in found.changed for change in pair.changes
    ]


def _line(kind: str, change: Change, deed: str = "", name: str = "") -> dict[str, Any]:
    old, new = (None if value is None else str(value) for value in (change.old, change.new))
    return {"kind": kind, "deed": deed, "name": name, "field": change.key, "old": old, "new": new}
