"""Units and households for programs, with the scope of the pages."""

from __future__ import annotations

import django_filters
from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import mixins, serializers

from governance.frame.api_base import ScopedViewSet
from governance.frame.filters import searched
from governance.privacy import mask_id_number
from villages.households.lists import home_named
from villages.models import Household, Resident, Unit


class UnitSerializer(serializers.ModelSerializer[Unit]):
    class Meta:
        model = Unit
        fields = ["id", "code", "name", "level", "parent", "key_area", "valid_from", "valid_to"]


class UnitFilter(django_filters.FilterSet):
    parent = django_filters.NumberFilter(label="上级的编号")
    name = django_filters.CharFilter(lookup_expr="icontains", label="名称含有")

    class Meta:
        model = Unit
        fields = ["level", "key_area", "code"]


class UnitViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """单位：县、镇、村（社区）、村民小组、聚居点（院落）。"""

    queryset = Unit.objects.order_by("path")
    serializer_class = UnitSerializer
    filterset_class = UnitFilter


class ResidentSerializer(serializers.ModelSerializer[Resident]):
    masked_id_number = serializers.SerializerMethodField(label="身份证号（脱敏）")

    class Meta:
        model = Resident
        fields = ["id", "name", "relation", "sex", "birth_date", "masked_id_number", "phone", "status", "status_on"]

    @extend_schema_field(str)
    def get_masked_id_number(self, resident: Resident) -> str:
        return mask_id_number(resident.id_number)


class HouseholdSerializer(serializers.ModelSerializer[Household]):
    village_name = serializers.CharField(source="village.name", read_only=True)
    unit_name = serializers.CharField(source="unit.name", read_only=True)

    class Meta:
        model = Household
        fields = [
            "id",
            "number",
            "head_name",
            "kind",
            "address",
            "village",
            "village_name",
            "unit",
            "unit_name",
            "ended_on",
        ]


class HouseholdDetailSerializer(HouseholdSerializer):
    residents = ResidentSerializer(many=True, read_only=True)

    class Meta(HouseholdSerializer.Meta):
        fields = [*HouseholdSerializer.Meta.fields, "residents"]


class HouseholdFilter(django_filters.FilterSet):
    village = django_filters.NumberFilter(label="村（社区）的编号")
    unit = django_filters.NumberFilter(label="组（聚居点）的编号")
    head_name = django_filters.CharFilter(lookup_expr="icontains", label="户主姓名含有")
    q = django_filters.CharFilter(method="sought", label="姓名、拼音、户号或身份证号")
    standing = django_filters.BooleanFilter("ended_on", lookup_expr="isnull", label="在册")

    class Meta:
        model = Household
        fields = ["number", "kind"]

    def sought(self, rows: QuerySet[Household], name: str, typed: str) -> QuerySet[Household]:
        return searched(rows, typed, lambda words: home_named(words, self.request))


class HouseholdViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """户；取一户时附居民，身份证号脱敏。"""

    queryset = Household.objects.select_related("village", "unit").order_by("village__path", "number_key", "id")
    filterset_class = HouseholdFilter

    def get_queryset(self) -> QuerySet[Household]:
        rows = super().get_queryset()
        if self.action == "retrieve":
            return rows.prefetch_related(Prefetch("residents", Resident.objects.order_by("id")))
        return rows

    def get_serializer_class(self) -> type[HouseholdSerializer]:
        return HouseholdDetailSerializer if self.action == "retrieve" else HouseholdSerializer
