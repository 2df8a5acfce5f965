"""Cards between the database and the engine: read, adopted, copied (plan §四(三); design §7)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from simple_history.utils import bulk_create_with_history

from governance.accounts.duties import Action
from governance.accounts.models import User
from inspections.errors import InspectionError
from inspections.models import Checklist, ChecklistItem, PlateDeed
from inspections.scorecards.checks import card_faults
from inspections.scorecards.scoring import Band, Card, Item, Kind, Section, Sort
from villages.models import Unit

_GRADES = ("full", "good", "fair", "passing")


def card_of(checklist: Checklist) -> Card:
    """The card of a checklist in two queries; keys are the rows' ids, order is the card's."""
    items: dict[int, list[Item]] = {}
    for row in ChecklistItem.objects.filter(section__checklist=checklist).order_by("section__position", "position"):
        items.setdefault(row.section_id, []).append(_item(row))
    sections = tuple(
        Section(row.pk, row.name, row.points, tuple(items.get(row.pk, ())), Sort(row.sort))
        for row in checklist.sections.order_by("position")
    )
    return Card(sections, checklist.good, checklist.fair, checklist.passing)


def checklist_adopt(*, checklist: Checklist, by: User, at: datetime | None = None) -> Checklist:
    """Put a draft in force; refused with the figures where its items do not add up."""
    with transaction.atomic():
        checklist = Checklist.objects.select_for_update(of=("self",)).select_related("township").get(pk=checklist.pk)
        check_right(by, checklist.township)
        if checklist.state != Checklist.State.DRAFT:
            raise InspectionError(f"{checklist}已启用。", "state")
        faults = card_faults(card_of(checklist), checklist.full)
        if faults:
            raise InspectionError("；".join(fault.rstrip("。") for fault in faults) + "。", "card")
        checklist.state, checklist.adopted_at, checklist.adopted_by = Checklist.State.ADOPTED, at or timezone.now(), by
        checklist.save(update_fields=["state", "adopted_at", "adopted_by"])
    return checklist


def checklist_copy(*, checklist: Checklist, valid_from: date, by: User) -> Checklist:
    """A draft of the next version with the same sections, items and plates."""
    with transaction.atomic():
        township = Unit.objects.select_for_update().get(pk=checklist.township_id)
        check_right(by, township)
        draft = Checklist(
            township=township,
            use=checklist.use,
            name=checklist.name,
            version=next_version(township, checklist.use, checklist.name),
            valid_from=valid_from,
            source=checklist.source,
            **{name: getattr(checklist, name) for name in _GRADES},
        )
        bulk_create_with_history([draft], Checklist, default_user=by)
        draft = Checklist.objects.get(township=township, use=draft.use, name=draft.name, version=draft.version)
        _copy_lines(checklist, draft)
    return draft


def next_version(township: Unit, use: str, name: str) -> int:
    """The version that a card of this use and name would be."""
    alike = Checklist.objects.filter(township=township, use=use, name=name)
    return (alike.aggregate(last=Max("version"))["last"] or 0) + 1


def check_right(by: User, township: Unit) -> None:
    if not by.may(Action.CHECKLIST_EDIT, township.path):
        raise InspectionError("这个乡镇的检查表不归您维护。", "scope")


def _copy_lines(source: Checklist, draft: Checklist) -> None:
    for section in source.sections.order_by("position"):
        items = list(section.items.order_by("position"))
        section.pk, section.checklist = None, draft
        section._state.adding = True
        section.save()
        for item in items:
            item.pk, item.section = None, section
            item._state.adding = True
        ChecklistItem.objects.bulk_create(items)
    PlateDeed.objects.bulk_create(
        [PlateDeed(checklist=draft, plate=row.plate, deed_code=row.deed_code) for row in source.plate_deeds.all()]
    )


def _item(row: ChecklistItem) -> Item:
    return Item(
        key=row.pk,
        name=row.name,
        kind=Kind(row.kind),
        points=row.points,
        per_case=row.per_case,
        bands=tuple(Band(Decimal(str(least)), Decimal(str(points))) for least, points in row.bands),
        exclusive=row.exclusive,
        indicator=row.indicator,
    )
