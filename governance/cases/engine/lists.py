"""The list of cases: what waits for me, for my posts and offices, what I logged, all; what it asks, what it shows of a row."""

from __future__ import annotations

import django_filters
from django.utils import timezone
from django.utils.text import Truncator

from governance.accounts.duties import Action
from governance.cases.engine.due import due_of
from governance.cases.models import Case, Category
from governance.frame.columns import Col, Tag
from governance.frame.filters import WordsFilter
from governance.frame.lists import Listing, Tab, To
from villages.filters import InVillages
from villages.households.lists import place_of

TO_LOG = To("记一件事", "cases:case-log", needs=(Action.CASE_LOG,))
TO_ALL = To("看看全部", "?tab=all")
BY_DUE, LATEST = ("case_due_at", "pk"), ("-pk",)


class CaseFilter(InVillages):
    kind = django_filters.ChoiceFilter(label="类型", choices=Case._meta.get_field("kind").flatchoices, empty_label="全部类型")
    category = django_filters.ModelChoiceFilter(
        label="类别", empty_label="全部类别", queryset=lambda request: Category.objects.visible_to(request.user)
    )
    q = WordsFilter("编号、原编号或情况里的字", "number__istartswith", "old_number__istartswith", "text__contains")


def _tags(case: Case) -> list[Tag | None]:
    climbed = case.level != Case.Level.VILLAGE and case.is_open
    return [
        Tag("不公开") if case.private else None,
        Tag("历史台账") if case.is_historic else None,
        Tag(f"已升级到{case.get_level_display()}", "late") if climbed else None,
    ]


CASES = Listing(
    "事项",
    [
        Col("事项", lambda case: f"{case.category.name} {case.number}", tags=_tags, whole=True),
        Col("情况", lambda case: Truncator(case.text).chars(40), whole=True),
        Col("地点", place_of),
        Col("办理人", "holder_name"),
        Col("状态", "get_state_display"),
        Col("限时", tags=lambda case: [due_of(case, timezone.now())]),
    ],
    CaseFilter,
    href="cases:case-detail",
    unit="件",
    actions=(TO_LOG,),
    tabs=(
        Tab("mine", "待我办", lambda rows, user: rows.open().filter(assignee=user), BY_DUE, "没有等您办的事项。", (TO_ALL,)),
        Tab(
            "queue", "岗位和办公室", lambda rows, user: rows.open().filter(rows.queued_for(user)), BY_DUE,
            "您的岗位和办公室没有待办的事项。", (TO_ALL,),
        ),
        Tab("logged", "我登记的", lambda rows, user: rows.filter(first_receiver=user), LATEST),
        Tab("open", "办理中", lambda rows, user: rows.open(), BY_DUE),
        Tab("all", "全部", lambda rows, user: rows, LATEST),
    ),
    empty="这里还没有事项。",
    steps=(TO_LOG,),
    none_found="没有符合的事项。",
    everything=To("看看全部", "?tab=all"),
    ledgers=True,
    capped=True,
)  # fmt: skip
