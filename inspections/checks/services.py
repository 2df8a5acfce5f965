"""户月评: each household once a month, by somebody else than its own people, into the month's 环境卫生评比 (plan §三.4 一月一评).

The card's grade gives the plate: 好 → 清洁; 较好 and 一般 → 比较清洁; 差 → 不清洁.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.saving import save_by
from governance.periods import Kind, Period, today
from inspections.cards.services import card_of
from inspections.checks.posting import plate_deeds, plate_post
from inspections.conflicts import homes_of
from inspections.errors import InspectionError
from inspections.fronts.services import MOST_CASES, asked_items
from inspections.models import Checklist, HouseholdCheck, Plate, Recusal, WalkOrder
from inspections.scorecards.scoring import Answer, Card, Grade, score
from moral_bank.models import Closing
from moral_bank.rules.models import Deed
from villages.models import Household, Unit

PLATES = {Grade.GOOD: Plate.CLEAN, Grade.FAIR: Plate.FAIR, Grade.PASSING: Plate.FAIR, Grade.POOR: Plate.POOR}


@dataclass(frozen=True)
class CheckCard:
    """The card in force on a day with the deeds that its plates post."""

    checklist: Checklist
    card: Card
    deeds: Mapping[str, Deed]

    def rate(self, faults: Mapping[int, int]) -> tuple[Decimal, Plate]:
        """Points and plate of a household; `faults` are cases by the item's id. Raises InspectionError (`card`)."""
        asked = asked_items(self.card)
        if set(faults) - {item.key for item in asked} or not all(0 < cases <= MOST_CASES for cases in faults.values()):
            raise InspectionError("扣分项和检查表对不上，请有网络时重新打开页面再评。", "card")
        result = score(self.card, {item.key: Answer(Decimal(faults.get(item.key, 0))) for item in asked})
        return result.total, PLATES[result.grade]


def check_card(village: Unit, on: date) -> CheckCard:
    """The township's card for households in force on a day. Raises InspectionError (`card`)."""
    checklist = Checklist.objects.in_force(village.parent_id or 0, Checklist.Use.HOUSEHOLD, on)
    if checklist is None:
        raise InspectionError("镇里还没有启用户月评检查表，请镇工作人员在管理后台启用。", "card")
    return CheckCard(checklist, card_of(checklist), plate_deeds(checklist, on))


def check_day(month: Period, now: datetime) -> date:
    """The day on which a check of `month` counts: today, of last month its last day."""
    return min(today(now), month.end - timedelta(days=1))


def months_open(village: Unit, now: datetime) -> list[Period]:
    """The months of which a household can be judged now: this one and the last, while they are not locked."""
    this = Period.of(Kind.MONTH, today(now))
    locked = Closing.objects.filter(village=village, kind=Kind.MONTH, state=Closing.State.LOCKED)
    shut = set(locked.filter(start__in=[this.start, this.previous().start]).values_list("start", flat=True))
    return [month for month in (this, this.previous()) if month.start not in shut]


@dataclass(frozen=True)
class Bars:
    """From whom a user must keep away: households in which the holder of their posts lives, villages of a 回避."""

    households: frozenset[int]
    villages: frozenset[int]

    def reason(self, household: Household) -> str:
        """Why another must judge a household, "" where nothing stands against it. The trigger says the same."""
        if household.pk in self.households:
            return "这是您本人或家人的户，请他人评。"
        return "您已登记回避这个村，请他人评。" if household.village_id in self.villages else ""


def bars_of(user: User) -> Bars:
    recused = Recusal.objects.filter(user=user).values_list("village_id", flat=True)
    return Bars(frozenset(homes_of(user)), frozenset(recused))


def household_check(
    *,
    household: Household,
    month: Period,
    faults: Mapping[int, int],
    by: User,
    note: str = "",
    at: datetime | None = None,
) -> HouseholdCheck:
    """Judge a household's month, or correct it before the month is locked; the same judgement again changes nothing.

    `faults` are cases by the id of the card's item. The plate's deed is posted on the day of the check; a correction that
    changes the deed reverses the old entry. Raises InspectionError (`scope`, `state`, `kin`, `date`, `locked`, `card`).
    """
    now, month = at or timezone.now(), Period.of(Kind.MONTH, month.start)
    with transaction.atomic():
        homes = Household.objects.select_for_update(of=("self",)).select_related("village", "unit")
        home = homes.get(pk=household.pk)
        _check_allowed(home, month, by, now)
        on = check_day(month, now)
        card = check_card(home.village, on)
        found = {str(item): cases for item, cases in sorted(faults.items()) if cases}
        check = HouseholdCheck.objects.select_related("entry").filter(household=home, month=month.start).first()
        if check is not None and (check.checklist_id, check.faults, check.note) == (
            card.checklist.pk,
            found,
            note.strip(),
        ):
            return check
        if check is None:
            assert home.village.parent_id is not None
            check = HouseholdCheck(household=home, township_id=home.village.parent_id, month=month.start)
        else:
            check.revision += 1
        check.household, check.checklist, check.faults, check.note = home, card.checklist, found, note.strip()
        check.score, check.plate = card.rate({int(item): cases for item, cases in found.items()})
        check.by, check.at = by, now
        check.entry = plate_post(check=check, deeds=card.deeds, on=on, by=by, now=now)
        save_by(check, by, InspectionError)
    return check


def walk_order_set(*, unit: Unit, households: Sequence[Household], by: User) -> int:
    """Keep in which order the households of a place are walked; those left out follow by their numbers. Returns how many."""
    if not by.may(Action.CHECK_SCORE, unit.path):
        raise InspectionError("这个地方的走访顺序不归您安排。", "scope")
    if any(household.unit_id != unit.pk for household in households):
        raise InspectionError(f"有的户不在{unit}，请刷新页面再排。", "place")
    with transaction.atomic():
        WalkOrder.objects.filter(household__unit=unit).delete()
        rows = [WalkOrder(household=household, position=place) for place, household in enumerate(households, 1)]
        return len(WalkOrder.objects.bulk_create(rows))


def _check_allowed(home: Household, month: Period, by: User, now: datetime) -> None:
    if not by.may(Action.CHECK_SCORE, home.unit.path):
        raise InspectionError("这一户不归您评。", "scope")
    if home.ended_on is not None:
        raise InspectionError(f"{home.head_name}户已销户，不用再评。", "state")
    if reason := bars_of(by).reason(home):
        raise InspectionError(reason, "kin")
    this = Period.of(Kind.MONTH, today(now))
    if month not in (this, this.previous()):
        raise InspectionError("只能评本月和上月。", "date")
    if month not in months_open(home.village, now):
        raise InspectionError(f"{home.village}{month.label}的评分已锁定，不能再评或更正。", "locked")
