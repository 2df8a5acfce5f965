"""What a township's list of small powers starts with: samples in the portal's own words, none claimed as law."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.disclosure.affairs.models import AffairKind
from governance.disclosure.errors import DisclosureError
from governance.disclosure.powers.models import Power
from governance.frame.saving import add_missing
from villages.models import Unit

SOURCE = Path(settings.BASE_DIR) / "data/disclosure/powers.csv"
TEXTS = ("code", "area", "name", "basis", "body", "papers", "limits", "supervisor", "errand", "decision")


def powers_set_up(*, township: Unit, by: User | None = None) -> int:
    """Add what is missing of the samples, with the items of the catalogue that follow from them; what staff have changed stays."""
    if by is not None and not by.may(Action.POWER_EDIT, township.path):
        raise DisclosureError("您不能维护这个乡镇的小微权力清单。", "scope")
    had = set(Power.objects.filter(township=township).values_list("code", flat=True))
    added = add_missing((power for power, _ in _powers(township)), township, by)
    _link(township, had)
    return added


def _powers(township: Unit) -> Iterator[tuple[Power, list[str]]]:
    with SOURCE.open(encoding="utf-8", newline="") as file:
        for position, row in enumerate(csv.DictReader(file), 1):
            steps = row["steps"].replace("；", "\n")
            power = Power(township=township, steps=steps, position=position, **{name: row[name] for name in TEXTS})
            yield power, row["affairs"].split()


def _link(township: Unit, had: set[str]) -> None:
    """Which items are disclosed after each of the powers that were added."""
    kinds = dict(AffairKind.objects.filter(township=township).values_list("code", "pk"))
    powers = dict(Power.objects.filter(township=township).exclude(code__in=had).values_list("code", "pk"))
    through = Power.kinds.through
    through.objects.bulk_create(
        through(power_id=powers[power.code], affairkind_id=kinds[code])
        for power, codes in _powers(township)
        for code in codes
        if power.code in powers and code in kinds
    )
