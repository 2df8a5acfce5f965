"""The service library as a list, with its sheet."""

from __future__ import annotations

import django_filters

from governance.accounts.duties import Action
from governance.frame.admin_lists import count_of
from governance.frame.columns import Col, Tag
from governance.frame.exports import Ledger
from governance.frame.filters import PageFilter, PartFilter, WordsFilter
from governance.frame.lists import Listing, To
from volunteers.models import Project, ServiceOrder

ORDERS_COUNT = count_of(ServiceOrder.objects.all(), "project")


class ProjectFilter(PageFilter):
    """The projects that may be asked for; the others where it asks for them."""

    doer = django_filters.ChoiceFilter(label="谁可以做", choices=Project.Doer.choices, empty_label="全部")
    state = PartFilter(
        "状态",
        {
            "": ("启用的", lambda rows: rows.filter(is_active=True)),
            "off": ("停用的", lambda rows: rows.filter(is_active=False)),
            "all": ("全部", lambda rows: rows),
        },
    )
    q = WordsFilter("名称或内容里的字", "name__contains", "text__contains")


def _tags(project: Project) -> list[Tag | None]:
    return [
        Tag("十分钟应急", "late") if project.is_emergency else None,
        None if project.is_active else Tag("停用"),
        Tag("可公开点单", "info") if project.is_public and project.is_active else None,
    ]


PROJECTS = Listing(
    "服务项目库",
    [
        Col("服务项目", "name", strong=True, whole=True, tags=_tags, width=16),
        Col("服务内容", "text", whole=True, width=40),
        Col("谁可以点", "get_asker_display", width=14),
        Col("谁可以做", "get_doer_display", width=18),
        Col("至少几人", "minimum", num=True),
        Col("计入时长", lambda project: f"{project.minutes} 分钟"),
        Col("积分事项", "deed_code", phone=False),
        Col("志愿者不做的事", "dangers", whole=True, width=40),
        Col("点单次数", "orders_count", num=True),
    ],
    ProjectFilter,
    order=("township__path", "position", "pk"),
    hint="村民可以点哪些服务、谁来做、志愿者不做什么。内容由镇工作人员在管理后台维护。",
    unit="项",
    exports=(To("导出服务项目库", "volunteers:project-export", needs=(Action.EXPORT,)),),
    empty="镇里还没有设服务项目。",
    steps=(To("请镇工作人员在管理后台补齐自带的服务项目。", ""),),
    none_found="没有符合的服务项目。",
)
LIBRARY = Ledger.of(
    "志愿服务项目库",
    [*PROJECTS.columns, Col("状态", lambda project: "启用" if project.is_active else "停用")],
    figures={"orders_count": ORDERS_COUNT},
    order=PROJECTS.order,
    state="状态",
)
