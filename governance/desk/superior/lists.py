"""The list of superiors' forms: what each asks, what the portal holds already, how often it was asked for (plan: 反复填报)."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.desk.superior.figures import figures_of
from governance.desk.superior.models import Filling, SuperiorForm
from governance.frame.columns import Col, day_of
from governance.frame.filters import PageFilter, WordsFilter
from governance.frame.lists import Listing, To
from governance.periods import Kind, Period, today

TO_UPLOAD = To("上传一张表", "desk:superior-create", needs=(Action.EXPORT,))
SHOWN = 12


class FormFilter(PageFilter):
    q = WordsFilter("报表名称或要表的单位", "name__contains", "office__contains")


def _asked(form: Any) -> str:
    times = f"，本年要了 {form.times} 次" if form.times else "，本年还没有填过"
    return f"要了 {form.columns} 列，{form.held} 列本系统已有{times}"


FORMS = Listing(
    "上级报表",
    [
        Col("报表", "name", whole=True),
        Col("要表的单位", "office"),
        Col("要了什么", _asked, whole=True),
        Col("上次填报", day_of("last_at")),
    ],
    FormFilter,
    order=("name", "pk"),
    href="desk:superior-detail",
    hint="上级发来的空表传上来，对应一次栏目，以后每月点一下就填好。",
    actions=(TO_UPLOAD,),
    unit="张表",
    empty="还没有上级报表。把上级发来的 Excel 空表传上来试试。",
    steps=(TO_UPLOAD,),
)


def listed(user: User) -> QuerySet[Any]:
    """The user's forms with how many periods of this year each was filled for, and when last."""
    last = Filling.objects.filter(form=OuterRef("pk")).order_by("-at").values("at")[:1]
    this_year = Q(fillings__start__gte=Period.of(Kind.YEAR, today()).start)
    return SuperiorForm.objects.visible_to(user).annotate(
        times=Count("fillings__start", filter=this_year, distinct=True), last_at=Subquery(last)
    )


class Repeated(NamedTuple):
    """Something that the portal holds and that several forms ask for."""

    label: str
    forms: int
    times: int


def totals_of(forms: list[Any]) -> dict[str, int]:
    """Of all forms together."""
    return {
        "forms": len(forms), "columns": sum(form.columns for form in forms), "held": sum(form.held for form in forms),
        "times": sum(form.times for form in forms), "cells": sum(form.held * form.times for form in forms),
    }  # fmt: skip


def repeated_in(forms: list[Any]) -> list[Repeated]:
    """What more than one form asks for, or one more than once this year; the most often asked first."""
    asking: Counter[str] = Counter()
    times: Counter[str] = Counter()
    labels: dict[str, str] = {}
    for form in forms:
        keys = {key for chosen in form.choices.values() for key in chosen.values() if key.startswith(("field.", "figure."))}
        if any(key.startswith("figure.") and key not in labels for key in keys):
            labels |= {f"figure.{key}": figure.label for key, figure in figures_of(form.township).items()}
        asking.update(keys)
        times.update(dict.fromkeys(keys, form.times))
    found = [Repeated(labels.get(key, key.removeprefix("field.")), asking[key], times[key]) for key in asking]
    return sorted((one for one in found if one.forms > 1 or one.times > 1), key=lambda one: (-one.times, -one.forms, one.label))[:SHOWN]
