"""Volunteers, the service library and hours for programs, to read, with the scope of the pages; no ID number, phones masked."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_field
from rest_framework import mixins, serializers

from governance.frame.api_base import ScopedViewSet
from governance.privacy import mask_phone
from volunteers.models import Hours, Project, Volunteer


class VolunteerSerializer(serializers.ModelSerializer[Volunteer]):
    masked_phone = serializers.SerializerMethodField(label="联系电话（脱敏）")
    minutes = serializers.IntegerField(label="累计时长（分钟）", read_only=True)
    teams = serializers.SerializerMethodField(label="服务队")

    class Meta:
        model = Volunteer
        fields = [
            "id", "village", "name", "masked_phone", "is_party_member", "overlay", "projects", "covers", "days", "teams", "state",
            "joined_on", "left_on", "minutes",
        ]  # fmt: skip

    @extend_schema_field(str)
    def get_masked_phone(self, volunteer: Volunteer) -> str:
        return mask_phone(volunteer.phone)

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_teams(self, volunteer: Volunteer) -> list[str]:
        return [member.team.name for member in volunteer.memberships.all()]


class VolunteerViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """志愿者名册。"""

    queryset = Volunteer.objects.with_minutes().prefetch_related("memberships__team", "projects", "covers").order_by("id")
    serializer_class = VolunteerSerializer
    filterset_fields = ["village", "state", "is_party_member"]


class ProjectSerializer(serializers.ModelSerializer[Project]):
    class Meta:
        model = Project
        fields = [
            "id", "township", "code", "name", "text", "asker", "doer", "minimum", "minutes", "deed_code", "dangers", "is_emergency",
            "is_public", "is_active", "position",
        ]  # fmt: skip


class ProjectViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """服务项目库。"""

    queryset = Project.objects.order_by("township", "position", "id")
    serializer_class = ProjectSerializer
    filterset_fields = ["is_active", "is_emergency"]


class HoursSerializer(serializers.ModelSerializer[Hours]):
    class Meta:
        model = Hours
        fields = ["id", "volunteer", "village", "order", "served_on", "minutes", "text", "reason", "reverses", "at"]


class HoursViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """志愿服务时长台账。"""

    queryset = Hours.objects.order_by("-id")
    serializer_class = HoursSerializer
    filterset_fields = ["volunteer", "village", "served_on"]
