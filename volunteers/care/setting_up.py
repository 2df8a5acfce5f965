"""The categories that a township starts with (domain.md §6)."""

from __future__ import annotations

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.saving import add_missing
from villages.models import Unit
from volunteers.care.errors import CareError
from volunteers.care.models import Tier
from volunteers.models import CareCategory

_ALONE, _PAIR, _CHILD = CareCategory.Rule.OLD_ALONE, CareCategory.Rule.OLD_PAIR, CareCategory.Rule.CHILD_LEFT
# code, name, usual tier, rule, whether children
CATEGORIES: tuple[tuple[str, str, str, str, bool], ...] = (
    ("gugua", "孤寡老人", Tier.HIGH, "", False),
    ("duju", "独居老人", Tier.KEY, _ALONE, False),
    ("kongchao", "空巢老人", Tier.NORMAL, _PAIR, False),
    ("shineng", "失能老人", Tier.HIGH, "", False),
    ("canji", "残疾人", Tier.KEY, "", False),
    ("liushou", "留守儿童", Tier.KEY, _CHILD, True),
    ("kunjing", "困境儿童", Tier.HIGH, "", True),
    ("dabing", "大病患者", Tier.KEY, "", False),
    ("dibao", "低保边缘", Tier.NORMAL, "", False),
    ("qita", "其他困难群众", Tier.NORMAL, "", False),
)


def care_set_up(*, township: Unit, by: User | None = None) -> int:
    """Add the categories that a township lacks, leave what staff have changed; returns how many were added."""
    if by is not None and not by.may(Action.CARE_EDIT, township.path):
        raise CareError("您不能维护这个乡镇的类别。", "scope")
    categories = [
        CareCategory(township=township, code=code, name=name, tier=tier, rule=rule, is_child=child, position=position)
        for position, (code, name, tier, rule, child) in enumerate(CATEGORIES, 1)
    ]
    return add_missing(categories, township, by)
