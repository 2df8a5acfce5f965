"""One-use keys of forms and API requests, and the answer that each got (docs/decisions/0019-once.md)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from django.db import models
from django.utils import timezone

from governance.crypto import decrypt, encrypt

KEPT = timedelta(days=7)


class UsedKey(models.Model):
    """A form or request that was accepted. `id` is made of the key and of who sent it, so that nobody meets another's.

    Inserted without an answer at the start of the request's transaction; other requests see it only when it is answered.
    """

    id = models.UUIDField(primary_key=True)
    digest = models.CharField(max_length=64)  # keyed hash of the address and the content
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    answer = models.BinaryField(default=b"")  # encrypted: where a redirect leads, else the body
    at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "已用的提交号"

    def __str__(self) -> str:
        return str(self.id)

    @property
    def text(self) -> str:
        return decrypt(bytes(self.answer)) if self.answer else ""

    def settle(self, status: int, text: str) -> None:
        """Keep the answer; from now on the key is used."""
        self.status, self.answer = status, encrypt(text)
        self.save(update_fields=["status", "answer"])


def key_taken(*, user_id: int | None, key: str, digest: str) -> UsedKey:
    """The row of this user's key, new (`status` is None) or answered before; waits for a request that has it. In a transaction."""
    pk = uuid5(NAMESPACE_URL, f"{user_id} {key}")
    UsedKey.objects.bulk_create([UsedKey(id=pk, digest=digest)], ignore_conflicts=True)
    return UsedKey.objects.get(id=pk)


def used_keys_sweep(*, at: datetime | None = None) -> int:
    """Delete keys older than KEPT; nobody goes back to so old a form."""
    return UsedKey.objects.filter(at__lt=(at or timezone.now()) - KEPT).delete()[0]
