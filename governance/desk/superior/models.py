"""Forms that superiors ask for, and each time that one was filled (上级报表; mission M39, plan: 反复填报)."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from governance.accounts.duties import Action
from governance.accounts.exporting import rights_of
from governance.crypto import decrypt, encrypt
from governance.periods import Kind, Period
from villages.models import Unit
from villages.scope import TownQuerySet, reach_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from governance.accounts.models import User


def sealed(data: bytes) -> bytes:
    """A file at rest: it may hold names."""
    return encrypt(base64.b64encode(data).decode())


def opened(stored: bytes | memoryview[int]) -> bytes:
    return base64.b64decode(decrypt(bytes(stored)))


class SuperiorForm(models.Model):
    """A template and what is put where. `parts` are the sheets as `layout.Part` (asdict); `choices`: sheet → column or cell → key
    of `sources`. `columns`: how many headings it asks, `held`: how many of them the portal holds."""

    view_action = Action.EXPORT

    township = models.ForeignKey(Unit, models.PROTECT, verbose_name="乡镇", related_name="+")
    name = models.CharField("报表名称", max_length=60)
    office = models.CharField("要表的单位", max_length=60)
    filename = models.CharField("文件名", max_length=200)
    template = models.BinaryField(editable=False)
    parts = models.JSONField(default=list, editable=False)
    choices = models.JSONField(default=dict, editable=False, blank=True)
    columns = models.PositiveIntegerField("要的栏目", default=0, editable=False)
    held = models.PositiveIntegerField("本系统已有的栏目", default=0, editable=False)
    kept_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="上传人", related_name="+")
    kept_at = models.DateTimeField("上传时间", auto_now=True)

    objects: TownQuerySet[SuperiorForm] = TownQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "上级报表"
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["township", "name"], name="superior_form_once", violation_error_message="已有这个名称的报表，请打开它换模板。"
            ),
            models.CheckConstraint(condition=Q(held__lte=F("columns")), name="superior_form_holds_what_is_asked"),
        ]

    def __str__(self) -> str:
        return self.name


class FillingQuerySet(models.QuerySet["Filling"]):
    def visible_to(self, user: User | AnonymousUser, action: Action | None = None) -> Self:
        """One's own while one may see what one could see then, and all of a township for whoever may export the whole of it: a filled
        form holds what its filler could see."""
        reach = reach_of(user, action or Filling.view_action)
        if reach is None:
            return self.none()
        own = Q(by=user.pk, rights=rights_of(user), form__township__in=reach.townships_around)  # type: ignore[arg-type]
        return self.filter(own | Q(form__township__in=reach.townships))


class Filling(models.Model):
    """A form filled for a period. Of its cells `filled` were filled, `missed` could not be, `kept` have a formula of the template.
    `rights`: a digest of what the filler could see then."""

    view_action = Action.EXPORT

    form = models.ForeignKey(SuperiorForm, models.CASCADE, verbose_name="报表", related_name="fillings")
    kind = models.CharField(max_length=10)
    start = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="填表人", related_name="+")
    at = models.DateTimeField("填表时间", auto_now_add=True)
    filled = models.PositiveIntegerField("已填")
    missed = models.PositiveIntegerField("未能填")
    kept = models.PositiveIntegerField("公式未动")
    result = models.BinaryField(editable=False)
    rights = models.CharField(max_length=64, blank=True, editable=False)

    objects: FillingQuerySet = FillingQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "填好的上级报表"
        ordering = ["-at", "-pk"]
        constraints = [models.CheckConstraint(condition=Q(kind__in=[kind.value for kind in Kind]), name="filling_kind_known")]

    def __str__(self) -> str:
        return f"{self.form} {self.period.label}"

    @property
    def period(self) -> Period:
        return Period(Kind(self.kind), self.start)
