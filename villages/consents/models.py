"""同意 and 撤回, where consent is the ground (docs/decisions/0033-personal-data.md names the other grounds)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from governance.accounts.duties import Action
from villages.scope import ScopedQuerySet

CHILD = 14  # below that age a guardian agrees (个人信息保护法第三十一条)


class Consent(models.Model):
    """What a person agreed to, when and how; for a child the guardian. Only the withdrawal is filled in later, once."""

    class Purpose(models.TextChoices):
        PHOTO = "photo", "照片"
        PUBLIC_NAME = "name", "公开姓名"
        VOLUNTEER = "volunteer", "志愿服务"

    class How(models.TextChoices):
        SIGNED = "signed", "书面签字"
        FINGERPRINT = "print", "书面按手印"
        SPOKEN = "spoken", "当面口头，有旁证"

    view_action = Action.HOUSEHOLD_VIEW
    scope_village = "resident__household__village"
    scope_unit = "resident__household__unit"

    resident = models.ForeignKey("villages.Resident", models.PROTECT, verbose_name="居民", related_name="consents")
    purpose = models.CharField("同意什么", max_length=10, choices=Purpose)
    given_on = models.DateField("同意日期")
    how = models.CharField("方式", max_length=10, choices=How)
    guardian = models.CharField("监护人", max_length=60, blank=True)
    guardian_relation = models.CharField("监护人与本人关系", max_length=20, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="登记人", null=True, blank=True, related_name="+")
    at = models.DateTimeField("登记时间", auto_now_add=True)
    withdrawn_on = models.DateField("撤回日期", null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="登记撤回的人", null=True, blank=True, related_name="+"
    )

    objects: ScopedQuerySet[Consent] = ScopedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "同意"
        ordering = ["-given_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["resident", "purpose"],
                condition=Q(withdrawn_on=None),
                name="consent_once",
                violation_error_message="这项同意已经登记，没有撤回。",
            ),
            models.CheckConstraint(
                condition=Q(guardian="", guardian_relation="") | (~Q(guardian="") & ~Q(guardian_relation="")),
                name="consent_guardian_is_whole",
                violation_error_message="监护人的姓名和与本人的关系都要写。",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on=None) | Q(withdrawn_on__gte=F("given_on")),
                name="consent_withdrawn_after",
                violation_error_message="撤回不能早于同意。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.given_on}"
