"""Activities as a list and 活动台账."""

from __future__ import annotations

import django_filters
from django.utils import timezone

from governance.accounts.duties import Action
from governance.disclosure.activities.due import RECORDED
from governance.disclosure.activities.models import Activity
from governance.frame.columns import Col, Tag, Tagged
from governance.frame.exports import Ledger
from governance.frame.filters import PeriodFilter, WordsFilter
from governance.frame.lists import Listing, To
from governance.periods import Kind, Period, today
from villages.filters import InVillages

TONES = {"planned": "waiting", "invited": "info", "held": "good", "cancelled": ""}
YEARS = 3


def years() -> list[Period]:
    """Next year, this one and those before it."""
    return [Period.of(Kind.YEAR, today()).next(), *Period.of(Kind.YEAR, today()).back(YEARS)]


def state_tags(activity: Activity) -> list[Tagged | None]:
    waits = activity.state in Activity.COMING
    late = RECORDED.due(activity, timezone.now()) if waits and RECORDED.is_past(activity, timezone.now()) else None
    return [Tag(activity.get_state_display(), TONES[activity.state]), late]


class ActivityFilter(InVillages):
    kind = django_filters.ChoiceFilter(label="类别", choices=Activity.Kind, empty_label="全部")
    state = django_filters.ChoiceFilter(label="状态", choices=Activity.State, empty_label="全部")
    year = PeriodFilter("年份", "planned_on", periods=years, empty_label="全部年份")
    q = WordsFilter("活动、地点或节日里的字", "title__contains", "place__contains", "festival__contains")


ACTIVITIES = Listing(
    "活动",
    [
        Col("活动", "title", whole=True, strong=True, hint="festival"),
        Col("类别", "get_kind_display"),
        Col("村（社区）", "village"),
        Col("日期", "planned_on", sort="planned_on"),
        Col("地点", "place"),
        Col("到场", "turnout", num=True),
        Col("状态", tags=state_tags),
    ],
    ActivityFilter,
    order=("-planned_on", "-pk"),
    href="disclosure:activity-detail",
    hint="文艺演出、政策宣讲、科技培训、卫生保健、法律讲座、法律进社区。到场只记人数，不签到。",
    unit="个",
    actions=(
        To("安排活动", "disclosure:activity-create", needs=(Action.ACTIVITY_EDIT,)),
        To("全年情况", "disclosure:activity-year", first=False),
    ),
    exports=(To("导出活动台账", "disclosure:activity-export", needs=(Action.EXPORT,)),),
    empty="还没有安排活动。",
    steps=(To("安排一个", "disclosure:activity-create", needs=(Action.ACTIVITY_EDIT,)), To("请村干部安排。", "")),
    none_found="没有符合的活动。",
)


def _starts(activity: Activity) -> str:
    return f"{activity.starts:%H:%M}" if activity.starts else ""


_COLUMNS = [
    Col("村（社区）", "village.name", width=16),
    Col("类别", "get_kind_display", width=12),
    Col("活动", "title", width=30),
    Col("节日", "festival", width=14),
    Col("日期", "planned_on"),
    Col("开始时间", _starts, width=10),
    Col("地点", "place", width=24),
    Col("通知日期", "invited_on"),
    Col("怎么通知的", "invitation", width=24),
    Col("到场人数", "turnout", width=10),
    Col("活动情况", "told", width=40),
    Col("群众问了什么", "asked", width=40),
    Col("记录人", "recorded_by.name", width=10),
    Col("状态", "get_state_display", width=10),
    Col("取消原因", "cancel_reason", width=24),
]
LEDGER = Ledger.of(
    "活动台账", _COLUMNS, related=("village", "recorded_by"), order=("village__path", "planned_on", "pk"), numbered=True, state="状态"
)
