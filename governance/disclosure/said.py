"""What a resident says in writing, and its answer: the columns that objections and questions have in common."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from governance.sealed import SealedField

TEXT_LENGTH = 500


class Said(models.Model):
    """`number` and the phone's end look it up, `answer_by` is the day that was promised, `received_by` who wrote it down for somebody."""

    number = models.CharField("受理编号", max_length=20)
    name = models.CharField("姓名", max_length=40)
    phone = SealedField("联系电话", max_length=20)
    text = models.TextField("内容", max_length=TEXT_LENGTH)
    received_at = models.DateTimeField("提出时间", auto_now_add=True)
    answer_by = models.DateField("最迟答复")
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="代录人", null=True, blank=True, related_name="+"
    )
    answer = models.TextField("答复", max_length=TEXT_LENGTH, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="答复人", null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.name}：{self.text[:20]}"
