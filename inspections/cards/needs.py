"""What a township needs of inspections: a card in force for each use, and the checks that it wrote down before."""

from __future__ import annotations

from governance.accounts.models import User
from governance.frame.lists import To
from governance.frame.needs import Need, Step
from inspections.cards.setting_up import checklists_set_up
from inspections.models import CheckImport, Checklist
from villages.models import Unit


def inspections_needs(user: User, township: Unit) -> list[Need]:
    cards = Checklist.objects.visible_to(user).filter(township=township, state=Checklist.State.ADOPTED).order_by()
    uses = cards.values("use").distinct().count()
    links = (To("检查表", "admin:inspections_checklist_changelist"),)
    label = "检查表（季度督查、聚居点、户月评、门前三包）"
    imports = CheckImport.objects.visible_to(user).filter(township=township, state=CheckImport.State.COMMITTED)
    upload = (To("导入户月评台账", "admin:inspections_checkimport_add"),)
    return [
        Need("checklists", Step.DEFAULTS, label, uses, len(Checklist.Use.choices), links, load=checklists_set_up),
        Need("past-checks", Step.LEDGERS, "以前的户月评台账", imports.count(), links=upload, optional=True),
    ]
