"""The care ledger for programs: read-only, each field by the reader's level; private words stay on the page that logs the look."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from rest_framework import mixins, serializers

from governance.accounts.models import User
from governance.frame.api_base import ScopedViewSet
from volunteers.care.exports import address_of
from volunteers.care.levels import Level, for_level, helpers_of, with_levels
from volunteers.care.models import CareQuerySet
from volunteers.models import CareRecord


def _helper(record: CareRecord) -> str | None:
    return next((user.name for user in helpers_of(record)), None)


class CareRecordSerializer(serializers.ModelSerializer[CareRecord]):
    name = serializers.CharField(source="resident.name", read_only=True)
    category = serializers.CharField(source="category.name", read_only=True)
    phone = serializers.SerializerMethodField()
    address = serializers.SerializerMethodField()
    helper = serializers.SerializerMethodField()

    class Meta:
        model = CareRecord
        fields = [
            "id", "village", "name", "category", "tier", "entered_on", "judged_on", "last_on", "due_on", "left_on",
            "phone", "address", "helper",
        ]  # fmt: skip

    def get_phone(self, record: Any) -> str | None:
        """第二级：维护台账的人和结对帮扶人。"""
        found: str | None = for_level(Level.CONTACT, "resident.phone")(record)
        return found

    def get_address(self, record: Any) -> str | None:
        """第二级。"""
        found: str | None = for_level(Level.CONTACT, address_of)(record)
        return found

    def get_helper(self, record: Any) -> str | None:
        """第二级。"""
        found: str | None = for_level(Level.CONTACT, _helper)(record)
        return found


class CareRecordViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """特殊困难群体台账。"""

    queryset = CareRecord.objects.select_related("resident__household", "category", "unit", "helper", "substitute").order_by("id")
    serializer_class = CareRecordSerializer
    filterset_fields = ["village", "tier"]

    def get_queryset(self) -> QuerySet[Any]:
        rows, user = cast("CareQuerySet", super().get_queryset()), cast("User", self.request.user)
        return rows if getattr(self, "swagger_fake_view", False) else with_levels(rows, user)
