"""What a township starts with: the plan's own categories, offices, kinds of service, days of return visits."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from simple_history.utils import bulk_create_with_history

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.cases.disputes.flow import DEFAULT_DAYS
from governance.cases.errors import CaseError
from governance.cases.models import Category, Office, ReturnRule, ServiceKind
from governance.frame.saving import add_missing
from villages.models import Unit

SOURCE = Path(settings.BASE_DIR) / "data/cases/categories.csv"
OFFICES = {
    "zongzhi": "综治中心",
    "yingji": "应急管理办公室",
    "jianshe": "村镇建设和环境办公室",
    "tiaojie": "人民调解委员会",
    "bianmin": "便民服务中心",
    "dangjian": "党建工作办公室",
}
SERVICES = {
    "jiban": ("即办", "当场办结"),
    "chengnuo": ("承诺办", "说好期限，按期办结"),
    "lianban": ("联办", "几个部门一起办"),
    "urgent": ("急办", "特事急办，随到随办"),
}


def cases_set_up(*, township: Unit, by: User | None = None) -> int:
    """Add what is missing of the plan's list, leave what staff have changed; returns how many categories were added."""
    if by is not None and not by.may(Action.CATEGORY_EDIT, township.path):
        raise CaseError("您不能维护这个乡镇的事项类别。", "scope")
    with transaction.atomic():
        offices = [Office(township=township, code=code, name=name) for code, name in OFFICES.items()]
        add_missing(offices, township, by)
        kinds = [
            ServiceKind(township=township, code=code, name=name, meaning=meaning, position=position)
            for position, (code, (name, meaning)) in enumerate(SERVICES.items(), 1)
        ]
        add_missing(kinds, township, by)
        rules = [
            ReturnRule(township=township, risk=risk, day=day) for risk, days in DEFAULT_DAYS.items() for day in days
        ]
        if not ReturnRule.objects.filter(township=township).exists():
            bulk_create_with_history(rules, ReturnRule, default_user=by)
        return add_missing(_categories(township), township, by)


def _categories(township: Unit) -> Iterator[Category]:
    offices = {office.code: office for office in Office.objects.filter(township=township)}
    services = {service.code: service for service in ServiceKind.objects.filter(township=township)}
    with SOURCE.open(encoding="utf-8", newline="") as file:
        for position, row in enumerate(csv.DictReader(file), 1):
            limits: dict[str, Any] = {}
            for name in ("accept", "step", "case"):
                amount, unit = row[name].split()
                limits |= {f"{name}_amount": int(amount), f"{name}_unit": unit}
            yield Category(
                township=township,
                kind=row["kind"],
                code=row["code"],
                name=row["name"],
                urgency=row["urgency"],
                goes_to=row["goes_to"],
                office=offices[row["office"]],
                service=services[row["service"]] if row["service"] else None,
                bring=row["bring"].replace("|", "\n"),
                steps=row["steps"].replace("|", "\n"),
                asks_account=bool(row["asks_account"]),
                longest=44 if row["kind"] == "dispute" else 15,
                position=position,
                **limits,
            )
