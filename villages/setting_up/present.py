"""What of the things a township needs is there, asked in one query."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, QuerySet

from governance.accounts.models import User
from villages.models import Unit


def present(user: User, township: Unit, *kinds: QuerySet[Any]) -> list[bool]:
    """For each kind of rows, whether `township` has one that is among them."""
    asked = [Exists(rows.order_by().filter(township=township)) for rows in kinds]
    return list(Unit.objects.visible_to(user).order_by().values_list(*asked).get(pk=township.pk))
