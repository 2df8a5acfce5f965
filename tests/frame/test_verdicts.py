"""A verdict is given by a person: no form of the house begins with one, in no field and no browser's first choice."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.conf import settings

from moral_bank.panel.forms import LATER, SittingForm
from tests.moral_bank.panel.house import PanelHouse

VERDICT = re.compile("结果|结论|处理|情况|满意|是否|怎么样|司法确认|货物|同意$")
SELECTS = (forms.Select, forms.NullBooleanSelect)


def own_forms() -> Iterator[type[Any]]:
    """Every form of the house's own modules that is drawn with fields of its class."""
    own = [app for app in apps.get_app_configs() if Path(app.path).is_relative_to(settings.BASE_DIR) and "site-packages" not in app.path]
    for app in own:
        for module in pkgutil.walk_packages([app.path], f"{app.name}."):
            if module.name.rsplit(".", 1)[-1] in ("forms", "admin") or module.name.endswith("_forms"):
                import_module(module.name)
    names = {app.name for app in own}
    pending: list[type[Any]] = [forms.BaseForm]
    while pending:
        kinds = pending.pop().__subclasses__()
        pending += kinds
        yield from (kind for kind in kinds if any(kind.__module__.startswith(f"{name}.") for name in names))


def verdicts() -> dict[str, forms.ChoiceField]:
    return {
        f"{form.__module__}.{form.__name__}.{name}": field
        for form in own_forms()
        for name, field in getattr(form, "base_fields", {}).items()
        if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField) and VERDICT.search(str(field.label))
    }


def begins_with_one(field: forms.ChoiceField) -> bool:
    if field.initial not in (None, ""):
        return True
    choices: Any = field.choices
    first = next(iter(choices))[0]
    return isinstance(field.widget, SELECTS) and not isinstance(field.widget, forms.RadioSelect) and first not in (None, "")


def test_no_form_begins_with_a_verdict() -> None:
    found = verdicts()
    wanted = (".SittingForm.outcome", ".PerformanceForm.performance", ".AppealAnswerForm.upheld", ".ContactForm.condition")
    assert all(any(name.endswith(end) for name in found) for end in wanted)
    assert [name for name, field in found.items() if begins_with_one(field)] == []


@pytest.mark.django_db
def test_a_panel_begins_with_every_claim_unjudged() -> None:
    house = PanelHouse()
    claim = house.claim()
    form = SittingForm(members=list(house.members), claims=[claim])
    assert [line.whole for line in form.lines()] == [LATER]
