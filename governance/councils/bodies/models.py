"""Bodies that meet, and who sits in them from when to when (plan §三.2 一约七会, §三.4 院户会; domain.md §3)."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from simple_history.models import HistoricalRecords

from governance.accounts.duties import Action
from villages.models import Resident, Unit
from villages.scope import ScopedQuerySet

USER = settings.AUTH_USER_MODEL


class BodyQuerySet(ScopedQuerySet["Body"]):
    def standing(self, day: date) -> Self:
        """Bodies that exist on `day`."""
        return self.filter(Q(ended_on=None) | Q(ended_on__gt=day), founded_on__lte=day)

    def with_term(self) -> Self:
        """`term_until`: the earliest end of a term among the seats that nobody has left yet, NULL where none has a term."""
        ends = Seat.objects.filter(body=OuterRef("pk"), ended_on=None, term_end__isnull=False).order_by("term_end")
        return self.annotate(term_until=Subquery(ends.values("term_end")[:1]))


class Body(models.Model):
    """A body of a village, or of a settlement (院户会): `unit` is where it meets, `village` the village of that place. `meet_by` is
    the day by which it has to meet again (`bodies/rhythm.py`), None where it meets when there is something to deal with."""

    class Kind(models.TextChoices):
        TALK = "talk", "村民说事会"
        MORAL = "moral", "道德评议会"
        VICE = "vice", "禁赌禁毒会"
        RITES = "rites", "红白理事会"
        ELDERS = "elders", "老年干部协会"
        VOLUNTEERS = "volunteers", "志愿服务协会"
        TRADE = "trade", "农商信息会"
        YARD = "yard", "院户会"
        ASSEMBLY = "assembly", "村民会议"
        DELEGATES = "delegates", "村民代表会议"
        RESIDENTS = "residents", "居民会议"
        RESIDENT_DELEGATES = "res_del", "居民代表会议"
        PARTY = "party", "党员大会"
        BRANCH = "branch", "支委会"
        COMMITTEES = "committees", "两委联席会"
        OVERSEERS = "overseers", "监督委员会"

    view_action = Action.COUNCIL_VIEW
    scope_village, scope_unit = "village", "unit"

    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="所在单位", related_name="bodies")
    village = models.ForeignKey(Unit, models.PROTECT, verbose_name="村（社区）", related_name="village_bodies")
    kind = models.CharField("类别", max_length=12, choices=Kind)
    name = models.CharField("名称", max_length=60)
    charter = models.TextField("章程", max_length=4000, blank=True)
    convener = models.CharField("召集人", max_length=60, blank=True)
    every_months = models.PositiveSmallIntegerField("至少几个月开一次", default=0, help_text="0 表示有事才开")
    founded_on = models.DateField("成立日期")
    ended_on = models.DateField("撤销日期", null=True, blank=True)
    meet_by = models.DateField("下次最迟", null=True, blank=True, editable=False)

    objects: BodyQuerySet = BodyQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "议事组织"
        ordering = ["village__path", "kind", "unit__path", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "kind"],
                condition=Q(ended_on=None),
                name="body_once",
                violation_error_message="这个单位已有同类组织。",
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("founded_on")),
                name="body_ends_after_founding",
                violation_error_message="撤销日期不能早于成立日期。",
            ),
            models.CheckConstraint(
                condition=Q(every_months__lte=24), name="body_meets_within_two_years", violation_error_message="请填 0 到 24 个月。"
            ),
        ]

    def __str__(self) -> str:
        return self.name


_PARTY, _DELEGATES = ("书记", "副书记", "委员"), ("召集人", "副召集人", "代表")
ROLE_WORDS = {
    Body.Kind.BRANCH.value: _PARTY,
    Body.Kind.PARTY.value: (*_PARTY[:2], "党员"),
    Body.Kind.DELEGATES.value: _DELEGATES,
    Body.Kind.RESIDENT_DELEGATES.value: _DELEGATES,
}
"""Of Seat.Role in its order; associations have what the role itself is called."""


class SeatQuerySet(ScopedQuerySet["Seat"]):
    def seated(self, day: date) -> Self:
        """Those who sit on `day`."""
        return self.filter(Q(ended_on=None) | Q(ended_on__gt=day), since__lte=day)

    def entitled(self, day: date) -> Self:
        """Those of them who count on `day`: within their term; past it only while nobody else of the body is within one, as they stay
        until their successors take over."""
        in_term = Q(term_end=None) | Q(term_end__gte=day)
        others = Seat.objects.seated(day).filter(in_term, body=OuterRef("body"))
        return self.seated(day).filter(in_term | ~Exists(others))


class Seat(models.Model):
    """A resident's seat in a body for a term."""

    class Role(models.TextChoices):
        HEAD = "head", "会长（主任）"
        DEPUTY = "deputy", "副会长（副主任）"
        MEMBER = "member", "成员"

    view_action = Action.COUNCIL_VIEW
    scope_village, scope_unit = "body__village", "body__unit"

    body = models.ForeignKey(Body, models.PROTECT, verbose_name="议事组织", related_name="seats")
    resident = models.ForeignKey(Resident, models.PROTECT, verbose_name="居民", related_name="seats")
    role = models.CharField("职务", max_length=8, choices=Role, default=Role.MEMBER)
    since = models.DateField("任职日期")
    term_end = models.DateField("任期至", null=True, blank=True)
    ended_on = models.DateField("离任日期", null=True, blank=True)
    end_reason = models.CharField("离任原因", max_length=60, blank=True)

    objects: SeatQuerySet = SeatQuerySet.as_manager()  # type: ignore[assignment]
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "组织成员"
        ordering = ["body", "role", "since", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["body", "resident"],
                condition=Q(ended_on=None),
                name="seat_once",
                violation_error_message="这位居民已是成员。",
            ),
            models.UniqueConstraint(
                fields=["body"],
                condition=Q(role="head", ended_on=None),
                name="seat_one_head",
                violation_error_message="这个组织已有会长（主任），请先办理离任。",
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("since")),
                name="seat_ends_after_begin",
                violation_error_message="离任日期不能早于任职日期。",
            ),
            models.CheckConstraint(
                condition=Q(term_end=None) | Q(term_end__gte=F("since")),
                name="seat_term_after_begin",
                violation_error_message="任期不能早于任职日期。",
            ),
        ]

    def __str__(self) -> str:
        return self.resident.name

    @classmethod
    def roles_in(cls, kind: str) -> list[tuple[str, str]]:
        """The roles of a kind of body, as it calls them."""
        own = ROLE_WORDS.get(kind)
        return list(zip(cls.Role.values, own, strict=True)) if own else cls.Role.choices

    def get_role_display(self) -> str:  # type: ignore[no-redef]
        return dict(self.roles_in(self.body.kind))[self.role]

    def is_over(self, day: date) -> bool:
        """任期已满."""
        return self.term_end is not None and self.term_end < day
