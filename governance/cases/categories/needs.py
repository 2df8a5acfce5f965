"""What a township needs of cases: categories with their offices, kinds of service and return rules."""

from __future__ import annotations

from typing import Any

from governance.accounts.models import User
from governance.cases.categories.setting_up import cases_set_up
from governance.cases.models import Category, DisputeImport, Office, ReturnRule, ServiceKind
from governance.frame.lists import To
from governance.frame.needs import Need, Step
from villages.models import Unit
from villages.setting_up.present import present

LINKS: dict[Any, To] = {
    Category: To("类别与限时", "admin:cases_category_changelist"),
    Office: To("办公室", "admin:cases_office_changelist"),
    ServiceKind: To("代办方式", "admin:cases_servicekind_changelist"),
    ReturnRule: To("回访规则", "admin:cases_returnrule_changelist"),
}


def cases_needs(user: User, township: Unit) -> list[Need]:
    there = present(user, township, *(model.objects.visible_to(user) for model in LINKS))
    imports = DisputeImport.objects.visible_to(user).filter(township=township, state=DisputeImport.State.COMMITTED)
    upload = (To("导入纠纷台账", "admin:cases_disputeimport_add"),)
    return [
        Need("cases", Step.DEFAULTS, "事项类别、办公室、代办方式、回访规则", sum(there), len(there), (*LINKS.values(),), load=cases_set_up),
        Need("past-disputes", Step.LEDGERS, "以前的矛盾纠纷台账", imports.count(), links=upload, optional=True),
    ]
