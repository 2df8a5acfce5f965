"""Lists of the staff pages: how they are counted."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.functions import Coalesce
from unfold.views import ChangeList

from governance.accounts.decorators import UserRequest


def count_of(rows: models.QuerySet[Any], look_up: str) -> Coalesce:
    """How many of `rows` hang on the row by `look_up`: counted for the rows of the page alone, no join, no grouping."""
    counted = rows.filter(**{look_up: models.OuterRef("pk")}).order_by().values(look_up).annotate(n=models.Count("pk"))
    return Coalesce(models.Subquery(counted.values("n")), 0)


class HouseChangeList(ChangeList):
    """The count stands below the list; nothing is counted a second time without the filters."""

    def get_results(self, request: UserRequest) -> None:
        super().get_results(request)
        self.full_result_count = self.result_count
