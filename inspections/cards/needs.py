"""What a township needs of inspections: a card in force for each use."""

from __future__ import annotations

from governance.accounts.models import User
from governance.frame.lists import To
from governance.frame.needs import Need, Step
from inspections.cards.setting_up import checklists_set_up
from inspections.models import Checklist
from villages.models import Unit


def inspections_needs(user: User, township: Unit) -> list[Need]:
    cards = Checklist.objects.visible_to(user).filter(township=township, state=Checklist.State.ADOPTED).order_by()
    uses = cards.values("use").distinct().count()
    links = (To("检查表", "admin:inspections_checklist_changelist"),)
    label = "检查表（季度督查、聚居点、户月评、门前三包）"
    return [Need("checklists", Step.DEFAULTS, label, uses, len(Checklist.Use.choices), links, load=checklists_set_up)]
