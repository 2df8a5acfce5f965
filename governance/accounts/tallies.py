"""Counts of tries in the database, for as long as the cache that usually counts is away (docs/decisions/0030-without-redis.md)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, models
from django.utils import timezone

LENGTH = 120
_COUNT = """
    INSERT INTO accounts_tally AS kept (name, count, ends_at) VALUES (%(name)s, 1, %(ends_at)s)
    ON CONFLICT (name) DO UPDATE SET
        count = CASE WHEN kept.ends_at <= %(now)s THEN 1 ELSE kept.count + 1 END,
        ends_at = CASE WHEN kept.ends_at <= %(now)s THEN excluded.ends_at ELSE kept.ends_at END
    RETURNING count
"""


class Tally(models.Model):
    """How often `name` was tried in the window that ends at `ends_at`."""

    name = models.CharField(max_length=LENGTH, primary_key=True)
    count = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "尝试次数"

    def __str__(self) -> str:
        return self.name


def tally(name: str, seconds: int, at: datetime | None = None) -> int:
    """How often `name` was tried in this window, this time included: one statement, so two at once are two. What the request's
    transaction takes back is not counted."""
    now = at or timezone.now()
    adapt = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"name": name[:LENGTH], "now": adapt(now), "ends_at": adapt(now + timedelta(seconds=seconds))})
        return int(cursor.fetchone()[0])


def tally_of(name: str, at: datetime | None = None) -> int:
    """How often `name` was tried in this window, without counting this look."""
    found = Tally.objects.filter(name=name[:LENGTH], ends_at__gt=at or timezone.now()).values_list("count", flat=True).first()
    return found or 0


def tallies_sweep(*, at: datetime | None = None) -> int:
    """Delete the counts whose window is over."""
    return Tally.objects.filter(ends_at__lte=at or timezone.now()).delete()[0]
