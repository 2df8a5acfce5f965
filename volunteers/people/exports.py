"""志愿者名册 and 志愿服务时长台账 as sheets."""

from __future__ import annotations

from governance.frame.columns import Col, day_of
from governance.frame.exports import Ledger
from volunteers.models import Hours, Volunteer
from volunteers.people.lists import roles
from volunteers.people.stars import hours_number


def _joined(names: list[str]) -> str:
    return "、".join(names)


def _hours_of(row: Volunteer | Hours) -> float:
    return hours_number(row.minutes)  # type: ignore[union-attr]


REGISTER = Ledger.of(
    "志愿者名册",
    [
        Col("姓名", "name"),
        Col("村（社区）", "village", width=18),
        Col("联系电话", "phone", width=14),
        Col("身份", lambda row: _joined(roles(row)), width=14),
        Col("服务队", lambda row: _joined([member.team.name for member in row.memberships.all()]), width=20),
        Col("愿做的服务", lambda row: _joined([project.name for project in row.projects.all()]), width=30),
        Col("哪些天", "get_days_display"),
        Col("状态", "get_state_display"),
        Col("加入日期", "joined_on"),
        Col("累计时长（小时）", _hours_of, width=16),
    ],
    related=("village", "overlay"),
    prefetch=("memberships__team", "projects"),
    order=("village__path", "name_pinyin", "pk"),
    state="状态",
    numbered=True,
)
HOURS_LEDGER = Ledger.of(
    "志愿服务时长台账",
    [
        Col("姓名", "volunteer.name"),
        Col("村（社区）", "village", width=18),
        Col("服务日期", "served_on"),
        Col("服务内容", "service", width=24),
        Col("时长（小时）", _hours_of),
        Col("订单编号", "order.number", width=16),
        Col("说明", lambda row: row.reason or ("冲正" if row.reverses_id else ""), width=24),
        Col("登记人", "by.name"),
        Col("登记日期", day_of("at")),
    ],
    related=("volunteer", "village", "order", "by"),
    order=("served_on", "pk"),
    numbered=True,
)
