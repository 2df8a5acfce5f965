"""道德银行积分细则 of a township: five heads, the chosen deeds, adopted for 2026."""

from __future__ import annotations

from datetime import UTC, date, datetime

from governance.accounts.models import User
from governance.desk.demo.loading import create
from governance.desk.demo.sources import rules
from moral_bank.rule_models import Deed, Head, RuleHead, RuleSet
from villages.models import Unit

FIRST_DAY = date(2026, 1, 1)
HEADS = {
    Head.LAW: (20, 20),
    Head.SERVICE: (5, 20),
    Head.SANITATION: (15, 20),
    Head.PARTICIPATION: (8, 20),
    Head.CIVILITY: (12, 20),
}


def load_rules(township: Unit, by: User | None, valid_from: date = FIRST_DAY) -> dict[str, Deed]:
    """Version 1, adopted; returns its deeds by code. `valid_from` is the first day of a month."""
    name = f"{township.name}道德银行积分细则"
    rule_set = RuleSet.objects.create(township=township, name=name, version=1, valid_from=valid_from)
    RuleHead.objects.bulk_create(
        RuleHead(rule_set=rule_set, head=head, base=base, maximum=maximum) for head, (base, maximum) in HEADS.items()
    )
    deeds = create(
        Deed(
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
        for rule in rules()
    )
    rule_set.state, rule_set.adopted_by = RuleSet.State.ADOPTED, by
    rule_set.adopted_at = datetime(2025, 12, 25, 2, tzinfo=UTC)
    rule_set.save()
    for deed in deeds:
        deed.rule_set = rule_set
    return {deed.code: deed for deed in deeds}
