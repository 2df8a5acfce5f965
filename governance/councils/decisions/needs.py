"""What a township needs of decisions: its kinds, and their rules compared with the law's text."""

from __future__ import annotations

from governance.accounts.models import User
from governance.councils.decisions.kind_models import DecisionKind, Gate
from governance.councils.decisions.setting_up import decision_kinds_set_up
from governance.frame.lists import To
from governance.frame.needs import Need, Step
from governance.periods import today
from villages.models import Unit

KINDS = To("决策程序", "admin:councils_decisionkind_changelist")


def decisions_needs(user: User, township: Unit) -> list[Need]:
    kinds = DecisionKind.objects.visible_to(user).in_force(today()).filter(township=township).order_by()
    there = kinds.count()
    waiting = kinds.filter(pk__in=Gate.objects.unchecked().values("kind")).count()
    return [
        Need("decisions", Step.DEFAULTS, "决策程序（四议两公开、四议四调四评等）", there, links=(KINDS,), load=decision_kinds_set_up),
        Need(
            "decisions-checked", Step.DEFAULTS, "决策程序对照现行文件核对", there - waiting, max(there, 1), links=(KINDS,),
            hint="标“待核”的规则请对照原文核对一次。", optional=True,
        ),
    ]  # fmt: skip
