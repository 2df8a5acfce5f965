"""What a township's points rules start with: the plan's five heads and the deeds of `data/rules`, as a draft (plan §三.1)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db import transaction
from simple_history.utils import bulk_create_with_history

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.saving import save_by
from governance.periods import today
from moral_bank.rules.models import Deed, Head, RuleHead, RuleSet
from moral_bank.rules.services import RuleError
from villages.models import Unit

SOURCE = Path(settings.BASE_DIR) / "data/rules/points_rules.csv"
# head → (base, maximum)
HEADS = {
    Head.LAW: (20, 20),
    Head.SERVICE: (5, 20),
    Head.SANITATION: (15, 20),
    Head.PARTICIPATION: (8, 20),
    Head.CIVILITY: (12, 20),
}


@dataclass(frozen=True)
class Rule:
    """One line of the shipped rules; `score_high` is None for a fixed deed."""

    code: str
    head: str
    name: str
    unit: str
    score: int
    score_high: int | None
    points: int
    verifier: str
    veto: bool
    source: str


@cache
def shipped_rules() -> tuple[Rule, ...]:
    """The chosen deeds in the order of the file."""
    with SOURCE.open(encoding="utf-8", newline="") as file:
        return tuple(_rule(row) for row in csv.DictReader(file))


def rules_set_up(*, township: Unit, by: User | None = None, valid_from: date | None = None) -> int:
    """A first version as a draft where the township has none, from the first of January on if no other day is given. It comes
    into force by a meeting's vote only (`rule_set_adopt`). Returns how many deeds were written."""
    if by is not None and not by.may(Action.RULE_EDIT, township.path):
        raise RuleError("这个乡镇的积分细则不归您维护。", "scope")
    with transaction.atomic():
        Unit.objects.select_for_update().get(pk=township.pk)
        if RuleSet.objects.filter(township=township).exists():
            return 0
        start = valid_from or date(today().year, 1, 1)
        rule_set = RuleSet(township=township, name=f"{township.name}道德银行积分细则", version=1, valid_from=start)
        save_by(rule_set, by, RuleError)
        RuleHead.objects.bulk_create(
            RuleHead(rule_set=rule_set, head=head, base=base, maximum=maximum) for head, (base, maximum) in HEADS.items()
        )
        deeds = [_deed(rule_set, rule) for rule in shipped_rules()]
        bulk_create_with_history(deeds, Deed, default_user=by)
    return len(deeds)


def _rule(row: dict[str, str]) -> Rule:
    return Rule(
        code=row["code"],
        head=row["head"],
        name=row["deed"],
        unit=row["unit"],
        score=int(row["score"]),
        score_high=int(row["score_high"]) if row["score_high"] else None,
        points=int(row["points"]),
        verifier=row["verifier"],
        veto=row["veto"] == "yes",
        source=" ".join(part for part in (row["place"], row["system"], row["source"]) if part)[:200],
    )


def _deed(rule_set: RuleSet, rule: Rule) -> Deed:
    return Deed(
        rule_set=rule_set,
        head=rule.head,
        code=rule.code,
        name=rule.name,
        unit=rule.unit,
        score=rule.score,
        score_high=rule.score_high,
        points=rule.points,
        verifier=rule.verifier,
        is_veto=rule.veto,
        source=rule.source,
    )
