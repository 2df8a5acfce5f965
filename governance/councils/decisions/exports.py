"""决策台账 in its headings (domain.md §12)."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch

from governance.councils.decisions.gates import What
from governance.councils.decisions.lists import where_words
from governance.councils.decisions.models import Decision, GateRecord
from governance.councils.decisions.papers import percent
from governance.councils.decisions.words import UNCHECKED
from governance.frame.columns import Col, day_of
from governance.frame.exports import Ledger

RECORDS = Prefetch("records", GateRecord.objects.select_related("gate", "notice").order_by("position", "attempt"))


def came(decision: Decision) -> tuple[int | None, int | None]:
    """应到 and 实到 of the last meeting on it: people, or households where only those were counted."""
    met = [record for record in decision.records.all() if record.gate.what == What.MEETING]
    if not met:
        return None, None
    last = met[-1]
    return (last.entitled, last.present) if last.entitled is not None else (last.houses_entitled, last.houses_present)


def share(decision: Decision) -> str:
    entitled, present = came(decision)
    return percent(present, entitled) if entitled and present is not None else ""


def shown(decision: Decision) -> str:
    """公开情况: what hung from when to when, the last attempt of each step; what was taken down says so."""
    last: dict[int, Any] = {record.position: record for record in decision.records.all() if record.notice is not None}
    lines = (
        f"{record.gate.name}：{record.notice_from}至{record.notice_to}{'（已撤回）' if record.notice.withdrawn_at else ''}"
        for record in last.values()
    )
    return "\n".join(lines)


DECISION_LEDGER = Ledger.of(
    "决策事项台账",
    [
        Col("编号", "number", width=16),
        Col("村（社区）", "village", width=16),
        Col("单位", "unit", width=16),
        Col("程序", "kind", width=20),
        Col("动议事由", "purpose", width=40),
        Col("提议事项", "title", width=36),
        Col("提议时间", "proposed_on"),
        Col("应到", lambda decision: came(decision)[0], width=7),
        Col("实到", lambda decision: came(decision)[1], width=7),
        Col("比例", share, width=8),
        Col("公开情况", shown, width=36),
        Col("监督意见", lambda decision: "", width=24),
        Col("金额（元）", "money", width=14),
        Col("状态", "state.label"),
        Col("卡在哪一步", where_words, width=40),
        Col("通过日期", day_of("adopted_at")),
        Col("办结日期", day_of("finished_at")),
        Col("程序核对", lambda decision: UNCHECKED if decision.is_unchecked else "已核对", width=10),
        Col("撤回原因", "withdrawn_reason", width=24),
        Col("原台账的结果", "history_outcome", width=24),
    ],
    related=("village", "unit", "kind"),
    prefetch=(RECORDS,),
    state="状态",
    numbered=True,
    notes=[
        "应到、实到是最后一次会议的人数，只按户到会的是户数。监督意见由监督委员会填写。",
        "状态为“历史”的是旧台账里的记录，没有在这里走过程序，不作为已通过的决策。",
    ],
)
