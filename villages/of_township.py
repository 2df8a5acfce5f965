"""Big tables carry their township (docs/decisions/0018-scope.md)."""

from __future__ import annotations

from operator import attrgetter

from django.db import models

from villages.models import Unit


class OfTownship(models.Model):
    """A row that carries its township, so that an index serves the newest rows of one; `township_from` leads to the township's id.
    A guard compares the two."""

    scope_township = "township"
    township_from: str

    township = models.ForeignKey(Unit, models.PROTECT, verbose_name="乡镇", related_name="+", editable=False, db_index=False)

    class Meta:
        abstract = True

    def save(self, *args: object, **kwargs: object) -> None:
        if self.township_id is None:
            self.township_id = attrgetter(self.township_from)(self)
        super().save(*args, **kwargs)  # type: ignore[arg-type]
