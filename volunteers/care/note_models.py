"""关爱记录 (domain.md §6; design §12)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from governance.accounts.duties import Action
from governance.cases.models import Visit
from villages.models import Resident
from villages.scope import ScopedQuerySet
from volunteers.care.models import CareRecord

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from governance.accounts.models import User


class CareNoteQuerySet(ScopedQuerySet["CareNote"]):
    def visible_to(self, user: User | AnonymousUser, action: Action | None = None) -> Self:
        """In scope, but of children only where their record is open; besides, one's own and of whom the account helps."""
        child = Exists(CareRecord.objects.filter(is_child=True, resident=OuterRef("resident")))
        grown = self.place_of(user, action or CareNote.view_action) & ~Q(child)
        if not user.is_authenticated or action is not None:
            return self.filter(grown)
        opened = CareRecord.objects.visible_to(user)
        mine = opened.filter(Q(is_child=True) | CareRecord.objects.helped_by(user)).order_by().values("resident")
        return self.filter(grown | Q(resident__in=mine) | Q(by=user))

    def unsettled(self) -> Self:
        """Those that found somebody in need to whom nobody came again."""
        went_at = OuterRef("visit__went_at")
        again = CareNote.objects.filter(
            Q(visit__went_at__gt=went_at) | Q(visit__went_at=went_at, pk__gt=OuterRef("pk")), resident=OuterRef("resident")
        )
        needing = self.exclude(condition=CareNote.Condition.WELL).filter(resident__status=Resident.Status.PRESENT)
        return needing.filter(~Exists(again))


class CareNote(models.Model):
    """关爱记录 of one person of a visited household: safe or not, what is needed, when to come again. Never published."""

    class Condition(models.TextChoices):
        WELL = "well", "平安"
        NEEDS = "needs", "需要帮助"
        URGENT = "urgent", "情况紧急"

    view_action = Action.CARE_VIEW
    scope_village = "resident__household__village"
    scope_unit = "resident__household__unit"

    visit = models.ForeignKey(Visit, models.PROTECT, verbose_name="走访", related_name="care_notes")
    resident = models.ForeignKey(Resident, models.PROTECT, verbose_name="居民", related_name="care_notes")
    condition = models.CharField("情况", max_length=8, choices=Condition)
    need = models.CharField("需要什么", max_length=200, blank=True)
    again_on = models.DateField("下次看望", null=True, blank=True)
    again_by = models.ForeignKey(
        Visit, models.PROTECT, verbose_name="再次看望", null=True, blank=True, related_name="care_followed"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="登记人", related_name="+")
    at = models.DateTimeField("登记时间")
    key = models.UUIDField("提交号", unique=True, null=True, blank=True, editable=False)

    objects: CareNoteQuerySet = CareNoteQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "关爱记录"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "resident"], name="care_note_once"),
            models.CheckConstraint(
                condition=Q(condition="well") | ~Q(need=""),
                name="care_note_says_need",
                violation_error_message="请写明需要什么帮助。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resident} {self.get_condition_display()}"
