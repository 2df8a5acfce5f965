"""The list of 门前三包: what it asks and what it shows of a front (plan §三.1–2)."""

from __future__ import annotations

from datetime import date

import django_filters

from governance.accounts.duties import Action
from governance.frame.columns import Col, Tag
from governance.frame.filters import PartFilter, WordsFilter
from governance.frame.lists import Listing, To
from governance.periods import today
from governance.privacy import mask_phone
from inspections.fronts.exports import last_of
from inspections.fronts.rows import TONES
from inspections.models import Front, FrontPatrol
from villages.filters import InVillages

State = FrontPatrol.State


class FrontFilter(InVillages):
    """Fronts that have ended only where it asks for them."""

    kind = django_filters.ChoiceFilter(label="类别", choices=Front.Kind.choices, empty_label="全部类别")
    state = PartFilter(
        "状态",
        {
            "": ("全部状态", lambda rows: rows.standing()),
            "unsigned": ("未签责任书", lambda rows: rows.standing().filter(signed_on=None)),
            "new": ("还没巡查", lambda rows: rows.standing().filter(patrols=None)),
            State.REMINDED.value: ("待复查", lambda rows: rows.standing().last_patrolled(State.REMINDED)),
            State.AGAIN.value: ("复查仍不合格", lambda rows: rows.standing().last_patrolled(State.AGAIN)),
            State.FIXED.value: ("复查合格", lambda rows: rows.standing().last_patrolled(State.FIXED)),
            State.FINE.value: ("合格", lambda rows: rows.standing().last_patrolled(State.FINE)),
            "ended": ("已停止", lambda rows: rows.exclude(ended_on=None)),
        },
    )
    q = WordsFilter("店名、责任人、位置或牌号", "name__contains", "person__contains", "place__contains", "plate_number__contains")


def _where(front: Front) -> str:
    return f"{front.village} {front.unit}" if front.unit_id != front.village_id else str(front.village)


def _patrolled(front: Front) -> date | str:
    patrol = last_of(front)
    return today(patrol.at) if patrol else "还没有"


def _result_tags(front: Front) -> list[Tag]:
    patrol = last_of(front)
    if front.ended_on:
        return [Tag("已停止")]
    return [Tag(patrol.get_state_display(), TONES[patrol.state])] if patrol else []


def _due(front: Front) -> str:
    patrol = last_of(front)
    if front.ended_on or patrol is None or patrol.due_on is None or patrol.state != State.REMINDED:
        return ""
    return f"{patrol.due_on.month}月{patrol.due_on.day}日"


FRONT_LIST = Listing(
    "门前三包",
    [
        Col("店名（户主）", "name", hint="get_kind_display", whole=True),
        Col("责任人", "person"),
        Col("联系电话", lambda front: mask_phone(front.phone)),
        Col("位置", "place", hint=_where),
        Col("责任牌编号", "plate_number"),
        Col("签订日期", "signed_on", sort="signed_on", tags=lambda front: [] if front.signed_on else [Tag("未签", "waiting")]),
        Col("最近巡查", _patrolled),
        Col("结果", lambda front: None, tags=_result_tags, hint=_due),
    ],
    FrontFilter,
    order=("village__path", "plate_number", "pk"),
    href="inspections:front-detail",
    unit="处",
    actions=(
        To("沿街巡查", "inspections:front-walk", needs=(Action.FRONT_PATROL,)),
        To("登记", "inspections:front-create", needs=(Action.FRONT_EDIT,), first=False),
        To("导入名单", "inspections:front-import", needs=(Action.FRONT_EDIT,), first=False),
    ),
    exports=(
        To("打印责任书", "inspections:front-print", ("duty",), needs=(Action.FRONT_EDIT,)),
        To("打印责任牌", "inspections:front-print", ("plate",), needs=(Action.FRONT_EDIT,)),
        To("导出台账", "inspections:front-export", needs=(Action.EXPORT,)),
    ),
    empty="还没有登记门前三包。",
    steps=(To("登记商铺或住户", "inspections:front-create", needs=(Action.FRONT_EDIT,)), To("请村干部登记商铺和住户。", "")),
    none_found="没有符合的门前三包。",
)
