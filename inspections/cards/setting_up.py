"""What a township starts with: the four cards of `data/inspections`, in force (plan §四(三), §三.4, §三.1; domain.md §8, §10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from simple_history.utils import bulk_create_with_history

from governance.accounts.models import User
from governance.sheets.cards import DraftSection, good_sections
from inspections.cards.services import check_right
from inspections.cards.sheet_import import card_draft, draft_faults, sections_write
from inspections.errors import InspectionError
from inspections.models import Checklist, Plate, PlateDeed
from villages.models import Unit

FOLDER = Path(settings.BASE_DIR) / "data/inspections"
START = date(2026, 1, 1)


@dataclass(frozen=True)
class _Shipped:
    file: str
    use: str
    name: str
    source: str = ""
    plates: tuple[tuple[str, str], ...] = ()


CARDS = (
    _Shipped("quarter.csv", Checklist.Use.QUARTER, "村季度督查评分表"),
    _Shipped(
        "settlement_longmen.csv",
        Checklist.Use.SETTLEMENT,
        "龙门镇新村管理季度交叉评比评分表",
        "四川雅安市芦山县龙门镇《新村管理季度交叉评比考核评分细则》（2018）"
        "m.fqjz1.com/gongkai/show/20181009084800-248252-00-000.html（镇政府网站的转载）",
    ),
    _Shipped(
        "household.csv",
        Checklist.Use.HOUSEHOLD,
        "农户环境卫生月评表",
        plates=((Plate.CLEAN, "W01"), (Plate.POOR, "W11")),
    ),
    _Shipped("front.csv", Checklist.Use.FRONT, "门前三包巡查评分表"),
)


def checklists_set_up(
    *, township: Unit, by: User | None = None, valid_from: date = START, at: datetime | None = None
) -> int:
    """Add, in force, each shipped card whose use and name the township does not have; returns how many were added."""
    if by is not None:
        check_right(by, township)
    with transaction.atomic():
        Unit.objects.select_for_update().get(pk=township.pk)
        existing = set(Checklist.objects.filter(township=township).values_list("use", "name"))
        missing = [card for card in CARDS if (str(card.use), card.name) not in existing]
        for card in missing:
            _add(card, township, by, valid_from, at or timezone.now())
    return len(missing)


@cache
def _sections(file: str) -> tuple[DraftSection, ...]:
    """The lines of a shipped card, read once a process; InspectionError with the rows that cannot be read."""
    draft = card_draft((FOLDER / file).read_text(encoding="utf-8"))
    if draft.refused:
        faults = [f"第 {one.result.row_number} 行：{one.result.reason}" for one in draft.refused]
        raise InspectionError(f"{file}：{'；'.join(faults)}", "card")
    return tuple(good_sections(draft))


def _add(card: _Shipped, township: Unit, by: User | None, valid_from: date, at: datetime) -> None:
    sections = _sections(card.file)
    row: Any = Checklist(township=township, use=card.use, name=card.name, valid_from=valid_from, source=card.source)
    if faults := draft_faults(sections, row.full):
        raise InspectionError(f"{card.file}：{'；'.join(faults)}", "card")
    bulk_create_with_history([row], Checklist, default_user=by)
    row = Checklist.objects.get(township=township, use=card.use, name=card.name, version=1)
    sections_write(row, sections)
    PlateDeed.objects.bulk_create(
        [PlateDeed(checklist=row, plate=plate, deed_code=code) for plate, code in card.plates]
    )
    row.state, row.adopted_at, row.adopted_by, row._history_user = Checklist.State.ADOPTED, at, by, by
    row.save(update_fields=["state", "adopted_at", "adopted_by"])
