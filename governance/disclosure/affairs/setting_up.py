"""What a township's catalogue of disclosure starts with: the usual items of 党务, 村务, 财务 in the portal's own words."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from django.conf import settings

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.disclosure.affairs.models import AffairKind
from governance.disclosure.errors import DisclosureError
from governance.frame.saving import add_missing
from governance.periods import today
from villages.models import Unit

SOURCE = Path(settings.BASE_DIR) / "data/disclosure/affairs.csv"
TEXTS = ("code", "section", "name", "basis", "body", "channel", "rule", "columns")


def affairs_set_up(*, township: Unit, by: User | None = None, since: date | None = None) -> int:
    """Add what is missing of the list, due from `since` (today) on; what staff have changed stays. Returns how many items were added."""
    if by is not None and not by.may(Action.AFFAIR_CATALOGUE, township.path):
        raise DisclosureError("您不能维护这个乡镇的公开目录。", "scope")
    return add_missing(_kinds(township, since or today()), township, by)


def _kinds(township: Unit, since: date) -> Iterator[AffairKind]:
    with SOURCE.open(encoding="utf-8", newline="") as file:
        for position, row in enumerate(csv.DictReader(file), 1):
            yield AffairKind(
                township=township,
                since=since,
                day=int(row["day"]),
                month=int(row["month"]),
                workdays=int(row["workdays"]),
                hangs_days=int(row["hangs"]),
                position=position,
                **{name: row[name] for name in TEXTS},
            )
