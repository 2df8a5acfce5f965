"""Panels and sittings for programs, with the scope and the services of the pages (mission M23, M36)."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.response import Response

from governance.accounts.duties import Action
from governance.frame.api_base import ScopedViewSet, UserRequest
from moral_bank.models import Claim, Judgement, PanelMember, Sitting, Vote
from moral_bank.panel.services import PanelError, Verdict, is_carried, sitting_record
from villages.models import Unit


class PanelMemberSerializer(serializers.ModelSerializer[PanelMember]):
    name = serializers.CharField(source="resident.name", read_only=True)

    class Meta:
        model = PanelMember
        fields = ["id", "village", "resident", "name", "appointed_on", "ended_on"]


class PanelVoteSerializer(serializers.ModelSerializer[Vote]):
    class Meta:
        model = Vote
        fields = ["member", "choice", "reason"]


class JudgementSerializer(serializers.ModelSerializer[Judgement]):
    votes = PanelVoteSerializer(many=True, read_only=True)

    class Meta:
        model = Judgement
        fields = ["id", "claim", "round", "approved", "score", "reason", "votes"]


class SittingSerializer(serializers.ModelSerializer[Sitting]):
    judgements = JudgementSerializer(many=True, read_only=True)

    class Meta:
        model = Sitting
        fields = ["id", "village", "held_on", "members", "note", "recorded_by", "recorded_at", "judgements"]


class VerdictInput(serializers.Serializer[Any]):
    claim = serializers.IntegerField(label="申报")
    votes = PanelVoteSerializer(many=True, label="到会成员的表决；同户的成员可以不写，按回避记")
    score = serializers.IntegerField(label="评议分值（区间分值的事项要写）", allow_null=True, default=None)
    reason = serializers.CharField(label="评议意见", max_length=200, allow_blank=True, default="")


class SittingInput(serializers.Serializer[Any]):
    village = serializers.IntegerField(label="村（社区）")
    held_on = serializers.DateField(label="评议日期")
    members = serializers.ListField(child=serializers.IntegerField(), label="到会成员")
    verdicts = VerdictInput(many=True, label="评议结果")
    note = serializers.CharField(label="说明", max_length=200, allow_blank=True, default="")


class PanelMemberViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """评议小组成员。"""

    queryset = PanelMember.objects.select_related("resident").order_by("village__path", "id")
    serializer_class = PanelMemberSerializer
    filterset_fields = ["village"]
    needs = {"list": Action.CLOSING_VIEW, "retrieve": Action.CLOSING_VIEW}


class SittingViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """评议会：到会成员、每条申报的评议结果和表决。"""

    queryset = Sitting.objects.prefetch_related("members", "judgements__votes").order_by("-id")
    serializer_class = SittingSerializer
    filterset_fields = ["village", "held_on"]
    needs = {"list": Action.CLOSING_VIEW, "retrieve": Action.CLOSING_VIEW, "create": Action.PANEL_RECORD}

    @extend_schema(request=SittingInput, responses={201: SittingSerializer})
    def create(self, request: UserRequest) -> Response:
        """登记评议会：是否通过由表决得出。"""
        serializer = SittingInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        submitted = serializer.validated_data
        villages = Unit.objects.villages().visible_to(request.user, Action.PANEL_RECORD)
        village = get_object_or_404(villages, pk=submitted["village"])
        sitting = sitting_record(
            village=village,
            held_on=submitted["held_on"],
            members=_members(village, submitted["members"]),
            verdicts=_verdicts(village, submitted["verdicts"]),
            note=submitted["note"],
            by=request.user,
        )
        return Response(self.get_serializer(sitting).data, status=status.HTTP_201_CREATED)


def _members(village: Unit, ids: list[int]) -> list[PanelMember]:
    found = list(PanelMember.objects.filter(village=village, pk__in=ids))
    if len(found) < len(set(ids)):
        raise PanelError("到会的人里有的不是本村评议小组成员。", "member")
    return found


def _verdicts(village: Unit, submitted: list[dict[str, Any]]) -> list[Verdict]:
    """What was sent, for claims of the village; others are 404."""
    claims = Claim.objects.filter(account__household__village=village).in_bulk([one["claim"] for one in submitted])
    found = []
    for one in submitted:
        claim = claims.get(one["claim"])
        if claim is None:
            raise Http404
        votes = {vote["member"].pk: (vote["choice"], vote.get("reason", "")) for vote in one["votes"]}
        approved = is_carried([choice for choice, _ in votes.values() if choice != Vote.Choice.RECUSED])
        found.append(Verdict(claim, approved, votes, one["score"], one["reason"]))
    return found
