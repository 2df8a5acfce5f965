"""The ledger of 门前三包: who answers for which front, and how the last patrol found it (plan §三.1–2; domain.md §8)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from django.db.models import QuerySet

from governance.frame.exports import CHUNK, KEY, Ledger, row_key
from governance.periods import today
from governance.sheets.writer import Column, Value
from inspections.fronts.services import fault_words
from inspections.models import Front, FrontPatrol


def last_of(front: Front) -> FrontPatrol | None:
    """The last patrol of a front that was read by `with_last_patrol`."""
    found: list[FrontPatrol] = front.last_patrols  # type: ignore[attr-defined]
    return found[0] if found else None


def _front_rows(queryset: QuerySet[Front]) -> Iterator[Sequence[Value]]:
    rows = Front.objects.filter(pk__in=queryset.order_by().values("pk")).with_last_patrol()
    ordered = rows.order_by("village__path", "plate_number", "pk").iterator(chunk_size=CHUNK)
    number = 0
    while fronts := list(islice(ordered, CHUNK)):
        words = fault_words(patrol for front in fronts if (patrol := last_of(front)))
        for front in fronts:
            number += 1
            end = (_remark(front), front.ended_on, row_key(Front, front.pk))
            yield [str(number), *_front_cells(front), *_patrol_cells(last_of(front), words), *end]


def _front_cells(front: Front) -> list[str]:
    signed = front.signed_on.isoformat() if front.signed_on else ""
    return [front.name, front.person, front.phone, front.place, front.plate_number, signed]


def _patrol_cells(patrol: FrontPatrol | None, words: dict[int, list[str]]) -> list[str]:
    """最近巡查, 结果, 复查."""
    if patrol is None:
        return ["", "", ""]
    found = "；".join(words[patrol.pk]) or "合格"
    return [today(patrol.at).isoformat(), f"{found}（{patrol.score.normalize():f}分）", recheck_words(patrol)]


def recheck_words(patrol: FrontPatrol) -> str:
    """How a re-check came out and on which day, or until when it is due; "" where none is needed."""
    if patrol.state == FrontPatrol.State.FINE:
        return ""
    if patrol.rechecked_at is None:
        return f"应于 {patrol.due_on} 复查"
    return f"{today(patrol.rechecked_at)} {patrol.get_state_display()}"


def _remark(front: Front) -> str:
    return f"{front.ended_on} 停止" if front.ended_on else ""


FRONTS = Ledger(
    "门前三包责任台账",
    [
        Column("序号", 6),
        Column("店名（户主）", 18),
        Column("责任人", 10),
        Column("联系电话", 14),
        Column("位置", 22),
        Column("责任牌编号", 14),
        Column("签订日期", 12),
        Column("最近巡查", 12),
        Column("结果", 32),
        Column("复查", 24),
        Column("备注", 16),
        Column("停止日期", 12),
        KEY,
    ],
    _front_rows,
    state="停止日期",
)
