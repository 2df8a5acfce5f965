"""Filters of lists that a person keeps under a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models

from governance.sealed import CipherField

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from governance.accounts.models import User


class SavedFilterQuerySet(models.QuerySet["SavedFilter"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """One's own, nobody else's."""
        return self.filter(user=user) if user.is_authenticated else self.none()


class SavedFilter(models.Model):
    """What `user` asks of a list: `page` is the address's name, `query` what follows its "?", sealed, for it may
    name a person or a telephone number."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_filters", db_index=False)
    page = models.CharField("页面", max_length=80)
    label = models.CharField("名称", max_length=20)
    query = CipherField("条件", editable=False)

    objects: SavedFilterQuerySet = SavedFilterQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "保存的筛选"
        ordering = ["page", "pk"]
        constraints = [models.UniqueConstraint(fields=["user", "page", "label"], name="saved_filter_once")]

    def __str__(self) -> str:
        return self.label
