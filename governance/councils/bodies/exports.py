"""组织成员台账 (domain.md §12)."""

from __future__ import annotations

from governance.frame.columns import Col
from governance.frame.exports import Ledger

SEATS = Ledger.of(
    "组织成员台账",
    [
        Col("村（社区）", "body.village", width=18),
        Col("组织", "body.name", width=26),
        Col("姓名", "resident.name", width=10),
        Col("性别", "resident.get_sex_display", width=6),
        Col("组别", "resident.household.unit", width=16),
        Col("职务", "get_role_display", width=14),
        Col("任职日期", "since"),
        Col("任期至", "term_end"),
        Col("离任日期", "ended_on"),
        Col("离任原因", "end_reason", width=16),
    ],
    related=("body__village", "resident__household__unit"),
    order=("body__village__path", "body__kind", "body", "role", "since", "pk"),
    numbered=True,
    state="离任日期",
)
