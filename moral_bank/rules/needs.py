"""What a township needs of rules: a version of its own, and a meeting that puts it in force."""

from __future__ import annotations

from governance.accounts.models import User
from governance.frame.lists import To
from governance.frame.needs import Need, Step
from moral_bank.rules.models import RuleSet
from moral_bank.rules.setting_up import rules_set_up
from villages.models import Unit


def rules_needs(user: User, township: Unit) -> list[Need]:
    states = list(RuleSet.objects.visible_to(user).filter(township=township).order_by("version").values_list("pk", "state"))
    drafts = [pk for pk, state in states if state == RuleSet.State.DRAFT]
    look = To("看细则", "moral_bank:rule-list")
    adopt = (To("记会议、施行", "moral_bank:rule-adopt", (drafts[-1],)),) if drafts else ()
    return [
        Need("rules", Step.DEFAULTS, "积分细则（五类）", len(states), links=(look,), load=rules_set_up),
        Need(
            "adopted", Step.DEFAULTS, "积分细则经会议通过并施行", len(states) - len(drafts), links=adopt,
            hint="先看过、改好，再填通过的会议；草稿从今年1月1日起施行，从哪个月开始记分就改成那个月1日",
        ),
    ]  # fmt: skip
