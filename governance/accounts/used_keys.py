"""One-use keys of forms and API requests, and the answer that each got (docs/decisions/0019-once.md)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone

KEPT = timedelta(days=30)


class UsedKey(models.Model):
    """A form or request that was accepted. `id` is made of the key and of who sent it, so that nobody meets another's.

    Inserted without an answer at the start of the request's transaction; other requests see it only when it is answered.
    """

    id = models.UUIDField(primary_key=True)
    digest = models.CharField(max_length=64)  # SHA-256 of the address and the content
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    location = models.TextField(blank=True)
    body = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "已用的提交号"

    def __str__(self) -> str:
        return str(self.id)


def used_keys_sweep(*, at: datetime | None = None) -> int:
    """Delete keys older than KEPT; nobody goes back to so old a form."""
    return UsedKey.objects.filter(at__lt=(at or timezone.now()) - KEPT).delete()[0]
