"""A card from a pasted table or an uploaded sheet: looked at row by row, then written as a draft (missions M34, M39)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import IO

from django.db import transaction

from governance.accounts.models import User
from governance.frame.saving import save_by
from governance.sheets.card_lines import DraftItem
from governance.sheets.cards import (
    CardDraft,
    DraftSection,
    card_sheet,
    good_sections,
    read_card,
    sheet_of_text,
    text_of_sheet,
)
from governance.sheets.limits import Limits
from governance.sheets.reader import read_workbook
from inspections.cards.services import check_right, next_version
from inspections.errors import InspectionError
from inspections.indicators.registry import INDICATORS
from inspections.models import Checklist, ChecklistItem, ChecklistSection
from inspections.scorecards.checks import card_faults
from inspections.scorecards.scoring import ZERO, Band, Card, Item, Kind, Section, Sort
from inspections.scorecards.words import bands_kept
from villages.models import Unit

STEP = 10


@dataclass(frozen=True)
class CardHead:
    """What stands above a card: where it counts, for which use, from when, and where it was published."""

    township: Unit
    use: str
    name: str
    valid_from: date
    source: str = ""


def measured_names() -> Mapping[str, str]:
    """What a sheet may call a measured figure → its code."""
    return {name: code for code, one in INDICATORS.items() for name in (code, one.name)}


def card_text(*, file: IO[bytes], filename: str) -> str:
    """The card of an uploaded sheet as it would be pasted, merged cells spelt out. Raises SheetError."""
    data = file.read(Limits().file_bytes + 1)
    return text_of_sheet(card_sheet(read_workbook(data, filename, hidden=False)))


def card_draft(text: str) -> CardDraft:
    """Every row of a pasted card with what is wrong with it; nothing is written. Raises SheetError."""
    return read_card(sheet_of_text(text), measured_names())


def draft_engine(sections: Sequence[DraftSection]) -> Card:
    """The engine's card of these sections; keys are the places of the lines, from 1 on, and of the sections from 10001."""
    keys = iter(range(1, 10_001))
    return Card(
        tuple(
            Section(
                10_000 + place,
                section.name,
                section.points or ZERO,
                tuple(_engine_item(next(keys), item) for item in section.items),
                Sort(section.sort),
            )
            for place, section in enumerate(sections, 1)
        )
    )


def draft_faults(sections: Sequence[DraftSection], full: Decimal) -> list[str]:
    """Why these sections may not be put in force yet, with the figures."""
    return card_faults(draft_engine(sections), full)


def card_import(*, text: str, head: CardHead, good_only: bool, by: User) -> Checklist:
    """Write a draft card. Rows that cannot be read refuse the whole, or with `good_only` stay out; sums are not asked of a
    draft. Raises InspectionError and SheetError."""
    draft = card_draft(text)
    if draft.refused and not good_only:
        raise InspectionError(f"有 {len(draft.refused)} 行看不懂，请改正，或选择只写入看得懂的行。", "card")
    sections = good_sections(draft)
    if not sections:
        raise InspectionError("没有一行看得懂，没有写入。", "card")
    with transaction.atomic():
        township = Unit.objects.select_for_update().get(pk=head.township.pk)
        check_right(by, township)
        card = Checklist(
            township=township,
            use=head.use,
            name=head.name,
            version=next_version(township, head.use, head.name),
            valid_from=head.valid_from,
            source=head.source,
        )
        save_by(card, by, InspectionError)
        sections_write(card, sections)
    return card


def sections_write(checklist: Checklist, sections: Sequence[DraftSection]) -> None:
    """The lines of a card that has none yet; their positions leave room for what staff put in between."""
    for position, section in enumerate(sections, 1):
        row = ChecklistSection.objects.create(
            checklist=checklist, position=position * STEP, name=section.name, sort=section.sort, points=section.points or ZERO
        )
        ChecklistItem.objects.bulk_create(
            [_item_row(row, place * STEP, item) for place, item in enumerate(section.items, 1)]
        )


def _item_row(section: ChecklistSection, position: int, item: DraftItem) -> ChecklistItem:
    return ChecklistItem(
        section=section,
        position=position,
        name=item.name,
        kind=item.kind,
        points=item.points,
        per_case=item.per_case,
        case_unit=item.unit,
        bands=bands_kept(item.bands),
        exclusive=item.exclusive,
        indicator=item.measured,
        basis=item.rule,
    )


def _engine_item(key: int, item: DraftItem) -> Item:
    bands = tuple(Band(least, points) for least, points in item.bands)
    return Item(key, item.name, Kind(item.kind), item.points, item.per_case, bands, item.exclusive, item.measured)

