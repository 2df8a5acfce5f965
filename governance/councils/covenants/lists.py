"""Covenants and rules as a list, with its sheet."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q

from governance.accounts.duties import Action
from governance.councils.covenants.models import Clause, Covenant, CovenantVersion
from governance.frame.columns import Col, Tag
from governance.frame.exports import Ledger
from governance.frame.filters import PageFilter, PartFilter, WordsFilter
from governance.frame.lists import Listing, To
from governance.periods import today

NOT_YET = "还没有施行"


def _drafted() -> Any:
    return CovenantVersion.objects.filter(valid_from=None).values("covenant")


def _saying(words: str) -> Q:
    """Those of which a version says it."""
    return Q(pk__in=Clause.objects.filter(text__contains=words).values("version__covenant"))


class CovenantFilter(PageFilter):
    kind = django_filters.ChoiceFilter(label="类别", choices=Covenant.Kind, empty_label="全部")
    state = PartFilter(
        "状态",
        {
            "": ("全部", lambda rows: rows),
            "force": ("现行的", lambda rows: rows.filter(current_number__isnull=False)),
            "draft": ("有草稿的", lambda rows: rows.filter(pk__in=_drafted())),
        },
    )
    q = WordsFilter("名称或条款里的字", "title__contains", _saying)


def shown_rows(rows: Any) -> Any:
    """With the version in force."""
    return rows.with_current(today()).select_related("unit")


def _version(covenant: Any) -> str:
    return f"第{covenant.current_number}版" if covenant.current_number else NOT_YET


def _tags(covenant: Any) -> list[Tag | None]:
    return [Tag("现行", "good") if covenant.current_number else Tag(NOT_YET, "waiting")]


ADD = To("起草规约或制度", "councils:covenant-create", needs=(Action.DECISION_RUN,))

COVENANTS = Listing(
    "公约和制度",
    [
        Col("名称", "title", whole=True, strong=True, tags=_tags),
        Col("单位", "unit", sort="unit__path"),
        Col("类别", "get_kind_display"),
        Col("现行版本", _version),
        Col("施行日期", "current_from", sort="current_from"),
    ],
    CovenantFilter,
    order=("unit__path", "kind", "pk"),
    href="councils:covenant-detail",
    hint="居民公约、院坝公约按程序订立和修订，镇里和村里的制度登记施行日期；每一版都留着，可以对比。",
    unit="份",
    actions=(ADD,),
    exports=(To("导出公约和制度台账", "councils:covenant-export", needs=(Action.EXPORT,)),),
    empty="这里还没有公约和制度。",
    steps=(ADD, To("由村（社区）起草。", "")),
    none_found="没有符合的公约和制度。",
)
LEDGER = Ledger.of(
    "公约和制度台账",
    [
        Col("单位", "unit", width=18),
        Col("名称", "title", width=28),
        Col("类别", "get_kind_display", width=20),
        Col("现行版本", _version, width=12),
        Col("施行日期", "current_from"),
        Col("条数", "current_clauses", width=8),
        Col("登记人", "made_by.name", width=12),
    ],
    related=("made_by",),
    order=COVENANTS.order,
    numbered=True,
)
