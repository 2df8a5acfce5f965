"""门前三包: who answers for which front, patrols, reminders, re-checks by another person (plan §三.1–2 落实门前“三包”责任机制)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.saving import save_by
from governance.periods import today
from governance.workdays import Limit, LimitUnit, due
from inspections.cards.services import card_of
from inspections.conflicts import homes_of
from inspections.errors import InspectionError
from inspections.models import Checklist, ChecklistItem, Front, FrontPatrol
from inspections.scorecards.scoring import Answer, Card, Item, Kind, score
from villages.calendar.services import work_calendar
from villages.models import Household, Unit
from villages.units.lineage import village_of

FIX_WITHIN = Limit(3, LimitUnit.WORKDAYS)
MOST_CASES = 99
ASKED = (Kind.EACH, Kind.WHOLE, Kind.NOTE, Kind.VETO)
DUTIES = (
    ("包卫生", "责任区内无垃圾、无污水、无乱贴乱画，垃圾装袋入桶，每天清扫。"),
    ("包秩序", "不占道经营，不乱停车辆，不乱堆物料、乱拉乱挂，门头招牌完好整洁。"),
    ("包绿化", "爱护门前花草树木，不攀折损毁，不在树上钉钉挂物，绿化带内无杂物。"),
)


@dataclass(frozen=True)
class FrontDetails:
    """What a front says. Of a household (住户) name and place are the register's where they are left empty; of a shop
    `household` is the one that runs it, if it is of the village."""

    kind: str
    unit: Unit
    name: str = ""
    person: str = ""
    phone: str = ""
    place: str = ""
    household: Household | None = None
    signed_on: date | None = None


def front_register(*, details: FrontDetails, by: User, at: datetime | None = None) -> Front:
    """Write a front down under the village's next plate number."""
    return fronts_register(details=[details], by=by, at=at)[0]


def fronts_register(*, details: Sequence[FrontDetails], by: User, at: datetime | None = None) -> list[Front]:
    """All of them or none, numbered in their order."""
    now = at or timezone.now()
    made = []
    with transaction.atomic():
        for one in details:
            front = _front(one, by, now)
            Unit.objects.select_for_update().get(pk=front.village_id)
            front.plate_number = plate_next(front.village)
            save_by(front, by, InspectionError)
            made.append(front)
    return made


def plate_next(village: Unit) -> str:
    """八一-012: how people call the village, and the number after the highest it has ever given."""
    last = 0
    for plate in Front.objects.filter(village=village).values_list("plate_number", flat=True):
        tail = plate.rpartition("-")[2]
        last = max(last, int(tail) if tail.isdecimal() else 0)
    return f"{village.short_name.removesuffix('村')}-{last + 1:03d}"


def front_sign(*, front: Front, on: date, by: User, at: datetime | None = None) -> Front:
    """The duty letter (责任书) is signed, or signed anew."""
    now = at or timezone.now()
    with transaction.atomic():
        front = _locked_front(front, by, Action.FRONT_EDIT)
        _check_day(on, now, "签订日期")
        front.signed_on = on
        front.save(update_fields=["signed_on"])
    return front


def front_end(*, front: Front, on: date, by: User, at: datetime | None = None) -> Front:
    """The shop has closed, the household has left; its number is not given again."""
    now = at or timezone.now()
    with transaction.atomic():
        front = _locked_front(front, by, Action.FRONT_EDIT)
        _check_day(on, now, "停止日期")
        if front.signed_on is not None and on < front.signed_on:
            raise InspectionError("停止日期不能早于签订日期。", "date")
        front.ended_on = on
        front.save(update_fields=["ended_on"])
    return front


def front_card(village: Unit, on: date) -> Checklist:
    """The township's card for patrols in force on a day. Raises InspectionError (`card`)."""
    checklist = Checklist.objects.in_force(village.parent_id or 0, Checklist.Use.FRONT, on)
    if checklist is None:
        raise InspectionError("镇里还没有启用门前三包检查表，请镇工作人员在管理后台启用。", "card")
    return checklist


def asked_items(card: Card) -> tuple[Item, ...]:
    """The lines that a patrol counts: bonuses and percentages are nobody's to see from the street."""
    return tuple(item for item in card.items if item.kind in ASKED)


def front_patrol(
    *, front: Front, faults: Mapping[int, int], note: str = "", by: User, at: datetime | None = None
) -> FrontPatrol:
    """One look at a front: `faults` are cases by the id of the card's item. None: 合格; else it is reminded and is looked at
    again after three working days. The same person's second 合格 of a day is the first one."""
    now = at or timezone.now()
    with transaction.atomic():
        front = _locked_front(front, by, Action.FRONT_PATROL)
        if reason := own_front_reason(front, by, homes_of(by)):
            raise InspectionError(reason, "kin")
        last = front.patrols.order_by("-pk").first()
        if last is not None and last.state == FrontPatrol.State.REMINDED:
            raise InspectionError("上一次巡查还没有复查，请先复查。", "state")
        found = {item: cases for item, cases in faults.items() if cases}
        if not found and not note.strip() and last is not None and _is_again(last, by, now):
            return last
        checklist = front_card(front.village, today(now))
        patrol = FrontPatrol(front=front, checklist=checklist, note=note.strip(), by=by, at=now)
        patrol.score = _score(card_of(checklist), found)
        patrol.faults = {str(item): cases for item, cases in found.items()}
        patrol.state = FrontPatrol.State.REMINDED if found else FrontPatrol.State.FINE
        patrol.due_on = today(due(work_calendar(front.village.parent_id), now, FIX_WITHIN)) if found else None
        save_by(patrol, by, InspectionError)
    return patrol


def front_recheck(
    *, patrol: FrontPatrol, passed: bool, note: str = "", by: User, at: datetime | None = None
) -> FrontPatrol:
    """Another person looks whether it was put right; what was not is said in words and stays with the village."""
    now = at or timezone.now()
    with transaction.atomic():
        front = _locked_front(patrol.front, by, Action.FRONT_PATROL)
        patrol = FrontPatrol.objects.select_for_update(of=("self",)).get(pk=patrol.pk, front=front)
        if patrol.state != FrontPatrol.State.REMINDED:
            raise InspectionError("这次巡查不用复查，或已经复查过。", "state")
        patrol.front = front
        if reason := recheck_refusal(patrol, by, homes_of(by)):
            raise InspectionError(reason, "another" if patrol.by_id == by.pk else "kin")
        if not passed and not note.strip():
            raise InspectionError("请写明哪里还没有整改到位。", "need")
        patrol.state = FrontPatrol.State.FIXED if passed else FrontPatrol.State.AGAIN
        patrol.rechecked_by, patrol.rechecked_at, patrol.recheck_note = by, now, note.strip()
        patrol.save(update_fields=["state", "rechecked_by", "rechecked_at", "recheck_note"])
    return patrol


def own_front_reason(front: Front, user: User, homes: Set[int]) -> str:
    """Why `user` must not judge a front, "" where nothing stands against it: it is their own or their household's.

    `homes` as of `homes_of`; the account of the front's person is known by name or phone.
    """
    if user.name == front.person or (front.phone and user.phone == front.phone):
        return "您是这处门前三包的责任人，请由别人巡查和复查。"
    if front.household_id in homes:
        return "这处门前三包的责任户是您家，请由别人巡查和复查。"
    return ""


def recheck_refusal(patrol: FrontPatrol, user: User, homes: Set[int]) -> str:
    """Why `user` must leave the re-check of a patrol to another, "" where nothing stands against it."""
    if patrol.by_id == user.pk:
        return "这次巡查是您做的，复查要由另一名巡查人办理。"
    return own_front_reason(patrol.front, user, homes)


def fault_words(patrols: Iterable[FrontPatrol]) -> dict[int, list[str]]:
    """Patrol id → what was wrong, in the card's order: 包卫生：门前有垃圾 2 处; one query for all."""
    patrols = list(patrols)
    wanted = {int(item) for patrol in patrols for item in patrol.faults}
    rows = ChecklistItem.objects.filter(pk__in=wanted).select_related("section")
    items = list(rows.order_by("section__position", "position"))
    return {
        patrol.pk: [
            f"{item.section.name}：{item.name} {patrol.faults[str(item.pk)]} {item.case_unit}".strip()
            for item in items
            if str(item.pk) in patrol.faults
        ]
        for patrol in patrols
    }


def _front(details: FrontDetails, by: User, now: datetime) -> Front:
    """The row of `details`, not saved."""
    household = details.household
    is_home = details.kind == Front.Kind.HOUSEHOLD
    if is_home and household is None:
        raise InspectionError("住户须从名册里选。", "need")
    unit = household.unit if is_home and household is not None else details.unit
    village = village_of(unit)
    if village is None or not unit.stands_on(today(now)):
        raise InspectionError("请选本村（社区）现有的地方。", "place")
    if not by.may(Action.FRONT_EDIT, unit.path):
        raise InspectionError("这个地方不在您可以登记的范围内。", "scope")
    if household is not None and (household.village_id != village.pk or household.ended_on is not None):
        raise InspectionError("请选本村（社区）在册的住户。", "place")
    front = Front(kind=details.kind, village=village, unit=unit, household=household, by=by, at=now)
    front.name, front.person, front.phone = details.name.strip(), details.person.strip(), details.phone.strip()
    front.place, front.signed_on = details.place.strip(), details.signed_on
    _check_day(front.signed_on, now, "签订日期")
    if is_home and household is not None:
        front.name = household.head_name
        front.person = front.person or household.head_name
        front.place = front.place or household.address or str(unit)
    return front


def _locked_front(front: Front, by: User, action: Action) -> Front:
    """The row, locked; refused where `by` may not, or where nobody answers for it any more."""
    rows = Front.objects.select_for_update(of=("self",)).select_related("village", "unit")
    front = rows.get(pk=front.pk)
    if not Front.objects.visible_to(by, action).filter(pk=front.pk).exists():
        raise InspectionError("这处门前三包不在您可以办理的范围内。", "scope")
    if front.ended_on is not None:
        raise InspectionError("这处门前三包已停止。", "state")
    return front


def _is_again(last: FrontPatrol, by: User, now: datetime) -> bool:
    """Whether `by` has already said today that all is well: a second tap on the same button."""
    return last.state == FrontPatrol.State.FINE and last.by_id == by.pk and today(last.at) == today(now)


def _score(card: Card, found: Mapping[int, int]) -> Decimal:
    asked = asked_items(card)
    if set(found) - {item.key for item in asked} or not all(0 < cases <= MOST_CASES for cases in found.values()):
        raise InspectionError("巡查的内容和检查表对不上，请重新打开这个页面。", "card")
    return score(card, {item.key: Answer(Decimal(found.get(item.key, 0))) for item in asked}).total


def _check_day(day: date | None, now: datetime, label: str) -> None:
    if day is not None and day > today(now):
        raise InspectionError(f"{label}不能晚于今天。", "date")
