"""The points that a township wrote down before."""

from __future__ import annotations

from governance.accounts.models import User
from governance.frame.lists import To
from governance.frame.needs import Need, Step
from moral_bank.models import BankImport
from villages.models import Unit


def claims_needs(user: User, township: Unit) -> list[Need]:
    done = BankImport.objects.visible_to(user).filter(township=township, kind=BankImport.Kind.CLAIMS, state=BankImport.State.COMMITTED)
    links = (To("导入积分台账", "moral_bank:claim-import"),)
    return [Need("past-points", Step.LEDGERS, "以前的积分台账", done.count(), links=links, optional=True)]
