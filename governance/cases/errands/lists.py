"""The list of errands that can be done for residents, with what to bring."""

from __future__ import annotations

from django.urls import reverse

from governance.accounts.duties import Action
from governance.cases.models import Category
from governance.frame.columns import Col, Tag
from governance.frame.filters import PageFilter, WordsFilter
from governance.frame.lists import Listing, To


class ServiceFilter(PageFilter):
    q = WordsFilter("事项名称里的字", "name__contains")


def _log(category: Category) -> str:
    return reverse("cases:case-log", query={"kind": "errand", "category": category.pk})


def _leaflet(category: Category) -> str:
    return reverse("public:service", args=[category.pk])


SERVICES = Listing(
    "代办事项和需带材料",
    [
        Col("事项", "name", strong=True, whole=True, tags=lambda row: [Tag(row.service.name) if row.service else None]),
        Col("要带", lambda row: "；".join(row.bring.splitlines()) or "不用带材料", whole=True),
        Col("限时", "case_limit"),
        Col("告知单", lambda row: "打印一次性告知单", href=_leaflet),
        Col("", lambda row: "登记", href=_log, go=True, needs=Action.CASE_LOG),
    ],
    ServiceFilter,
    order=("position", "pk"),
    unit="项",
    empty="还没有代办事项。",
    steps=(To("请镇工作人员在管理后台“事项类别与限时”里设。", ""),),
    none_found="没有符合的代办事项。",
)
