"""What the register says of each row of a past 户月评: which household, what is there already, whether its points are still to come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from governance.accounts.models import User
from governance.crypto import keyed_hash
from governance.frame.imports.payload import NEW, NONE, SAME, PreviewRow
from governance.periods import Kind, Period
from governance.sheets.cells import CLEAN, LOOK, REFUSE
from governance.sheets.checks import ITEM, UNCLEAR
from governance.sheets.rows import RowResult
from inspections.cards.services import card_of
from inspections.checks.posting import plate_deeds
from inspections.checks.services import PLATES, CheckCard, bars_of, check_day, months_open
from inspections.errors import InspectionError
from inspections.models import Checklist, ChecklistItem, HouseholdCheck, Plate
from inspections.scorecards import scoring
from moral_bank.models import Closing, Entry
from moral_bank.rules.models import Deed
from villages.models import Household, Resident, Unit

BROUGHT = "从原台账导入"
PLATE_WORDS = {str(label): value for value, label in Plate.choices}


@dataclass(frozen=True)
class Draft:
    """The check that a row would become. `deed`: what is posted for it, None for history, which earns nothing any more."""

    household: Household
    month: date
    checklist: Checklist
    faults: Mapping[str, int]
    score: Decimal | None
    plate: str
    note: str
    deed: Deed | None

    @property
    def result(self) -> tuple[Decimal | None, str]:
        return self.score, self.plate


class Register:
    """Households, checks and months of the township's villages."""

    def __init__(self, township: Unit, rows: Sequence[RowResult], by: User, now: datetime) -> None:
        self.township, self.by, self.now = township, by, now
        villages = Unit.objects.villages().filter(parent=township)
        self.villages = {village.code: village for village in villages}
        self._homes = _Homes(villages, rows)
        months = {row.values["month"] for row in rows if isinstance(row.values["month"], date)}
        locked = Closing.objects.filter(village__in=villages, kind=Kind.MONTH, start__in=months, state=Closing.State.LOCKED)
        self._locked = set(locked.values_list("village", "start"))
        known = HouseholdCheck.objects.filter(household__village__in=villages, month__in=months)
        self._known = {(check.household_id, check.month): check for check in known}
        self._bars = bars_of(by)
        self.card = cache(self._card_of)
        self._open = cache(lambda code: {month.start for month in months_open(self.villages[code], now)})
        self.deeds = cache(self._deeds_of)
        self._earned = cache(self._earned_in)
        self.drafts: dict[int, Draft] = {}

    def judge(self, items: Sequence[PreviewRow], levels: Sequence[str]) -> None:
        """Flag the rows, say what an import makes of each."""
        found: dict[tuple[int, date], list[PreviewRow]] = {}
        for item in items:
            item.outcome = NONE
            if item.row.verdict != REFUSE and (draft := self._draft(item.row)):
                self.drafts[id(item)] = draft
                found.setdefault((draft.household.pk, draft.month), []).append(item)
        for same in found.values():
            self._judge_alike(same, levels)

    # --- one row ------------------------------------------------------------------------------------------------------

    def _draft(self, row: RowResult) -> Draft | None:
        month: Any = row.values["month"]
        home = self._homes.find(row)
        if home is None:
            return None
        if (home.village_id, month) in self._locked:
            row.flag("month", REFUSE, f"{home.village}{month:%Y-%m} 的评分已锁定，不能再补记")
        elif reason := self._bars.reason(home):
            row.flag("head", REFUSE, reason)
        elif home.ended_on is not None and home.ended_on < month:
            row.flag("head", LOOK, f"{home.head_name}户已于 {home.ended_on} 销户，不能补记")
        elif not row.values[UNCLEAR]:
            return self._judged(row, home, month)
        return None

    def _judged(self, row: RowResult, home: Household, month: date) -> Draft:
        card = self.card(month)
        faults, total = self._faults(row, card), row.values["total"]
        score = None if total is None else Decimal(str(total))
        if faults is not None:
            score = card.rate({int(key): cases for key, cases in faults.items()})[0]
        by_score = None if score is None else PLATES[scoring.grade_of(card.card, score)]
        plate = PLATE_WORDS.get(str(row.values["plate"]), "") or str(by_score)
        if by_score is not None and plate != by_score:
            row.flag("plate", LOOK, f"按检查表 {score} 分是“{by_score.label}”，表上写“{row.values['plate']}”，按表上的")
        marks = "" if faults else str(row.values["marks"] or "")
        note = "；".join(filter(None, (BROUGHT, marks, str(row.values["note"] or ""))))[:200]
        deed = self._deed(row, home, month, plate)
        return Draft(home, month, card.checklist, faults or {}, score, plate, note, deed)

    def _faults(self, row: RowResult, card: _Card) -> dict[str, int] | None:
        """Cases by the card's item, where each deduction is one of its lines and they come to the sheet's own total."""
        taken = {key.removeprefix(ITEM): str(value) for key, value in row.values.items() if key.startswith(ITEM) and value}
        if not taken or not all(map(_is_figure, taken.values())):
            return None
        faults: dict[str, int] = {}
        for name, lost in taken.items():
            item = card.items.get(name)
            cases = _cases(item, Decimal(lost)) if item else None
            if cases is None and Decimal(lost):
                return None
            if item and cases:
                faults[str(item.pk)] = cases
        said = row.before("total").strip() and Decimal(str(row.values["total"]))
        return faults if not said or card.rate({int(key): cases for key, cases in faults.items()})[0] == said else None

    def _deed(self, row: RowResult, home: Household, month: date, plate: str) -> Deed | None:
        """What a month that is still open earns, once; any other month is history."""
        if month not in self._open(home.village.code):
            return None
        try:
            deed = self.deeds(month).get(plate)
        except InspectionError as error:
            row.flag("month", REFUSE, error.message)
            return None
        if deed is None:
            return None
        if (home.pk, deed.code) in self._earned(month):
            row.flag("plate", CLEAN, f"本月已有“{deed}”入账，只记月评，不再入账")
            return None
        row.flag("plate", CLEAN, f"{month:%Y-%m} 的评分还没有锁定，导入时入账“{deed}”")
        return deed

    # --- rows of one household and month ------------------------------------------------------------------------------

    def _judge_alike(self, same: Sequence[PreviewRow], levels: Sequence[str]) -> None:
        draft = self.drafts[id(same[0])]
        check = self._known.get((draft.household.pk, draft.month))
        differing = len({self.drafts[id(item)].result for item in same}) > 1
        first: PreviewRow | None = None
        for item in same:
            if item.row.verdict == REFUSE:
                continue
            if differing:
                rows = "、".join(str(other.row.row_number) for other in same if other is not item)
                item.row.flag("head", LOOK, f"同一户同一个月在第 {rows} 行还有一条，结果不同，请核对")
            elif check is not None and not _alike(check, self.drafts[id(item)]):
                there = f"{check.score_words} 分、{check.get_plate_display()}"
                item.row.flag("total", LOOK, f"系统里这一户 {draft.month:%Y-%m} 已评（{there}），与本行不同，没有改动")
            elif check is not None or first is not None:
                item.outcome = SAME
                if first is not None:
                    item.row.flag("", CLEAN, f"与第 {first.row.row_number} 行是同一户同一个月，只记一次")
            else:
                item.outcome = NEW
                first = item if item.row.verdict in levels else None

    # --- what is read once --------------------------------------------------------------------------------------------

    def _card_of(self, month: date) -> _Card:
        """The card in force at the month's end, or the first one that the township had. Raises InspectionError (`card`)."""
        last = Period(Kind.MONTH, month).end - timedelta(days=1)
        adopted = Checklist.objects.filter(
            township=self.township, use=Checklist.Use.HOUSEHOLD, state=Checklist.State.ADOPTED
        )
        checklist = Checklist.objects.in_force(self.township.pk, Checklist.Use.HOUSEHOLD, last)
        checklist = checklist or adopted.order_by("valid_from", "version").first()
        if checklist is None:
            raise InspectionError("镇里还没有启用户月评检查表，请先在“检查表”里启用。", "card")
        return _Card(checklist, card_of(checklist), {}, _items_of(checklist))

    def _deeds_of(self, month: date) -> dict[str, Deed]:
        return plate_deeds(self.card(month).checklist, check_day(Period(Kind.MONTH, month), self.now))

    def _earned_in(self, month: date) -> set[tuple[int, str]]:
        """(household, deed's code) of what stands in the ledger of a month."""
        period = Period(Kind.MONTH, month)
        entries = Entry.objects.filter(
            account__household__village__in=self.villages.values(), occurred_on__gte=period.start, occurred_on__lt=period.end,
            reverses=None, reversed_by=None, deed__code__in=[deed.code for deed in self.deeds(month).values()],
        )  # fmt: skip
        return set(entries.values_list("account__household", "deed__code"))


@dataclass(frozen=True)
class _Card(CheckCard):
    """`items`: the lines of the card by their names, without names that several lines bear."""

    items: Mapping[str, ChecklistItem]


class _Homes:
    """Households by number, and by the head's name or ID number."""

    def __init__(self, villages: Iterable[Unit], rows: Sequence[RowResult]) -> None:
        self._numbered: dict[tuple[str, str], list[Household]] = {}
        self._named: dict[tuple[str, str], list[Household]] = {}
        for home in Household.objects.filter(village__in=villages).select_related("village", "unit"):
            for key in {home.number, home.number.lstrip("0")}:
                self._numbered.setdefault((home.village.code, key), []).append(home)
            self._named.setdefault((home.village.code, home.head_name), []).append(home)
        self._hashes = {number: keyed_hash(number) for row in rows if (number := str(row.values["id_number"] or ""))}
        people = Resident.objects.present().filter(id_hash__in=self._hashes.values(), household__village__in=villages)
        self._people = {one.id_hash: one.household_id for one in people}

    def find(self, row: RowResult) -> Household | None:
        """The household that a row names; what is not sure is flagged, what is not one household is none."""
        code, head, number = (str(row.values[key] or "") for key in ("village_code", "head", "number"))
        found = self._numbered.get((code, number)) or self._numbered.get((code, number.lstrip("0"))) if number else None
        if not found:
            found = self._of_head(row, code, head)
            if found and number:
                row.flag("number", LOOK, f"本村没有户号“{number}”，按户主找到 {'、'.join(home.number for home in found)}")
        if len(found) > 1:
            row.flag("head", LOOK, f"本村有 {len(found)} 户户主叫“{head}”，分不清是哪一户，请补上户号")
            return None
        if not found:
            row.flag("head", LOOK, f"本村名册里没有“{head or number}”这一户，请先导入名册")
            return None
        if head and found[0].head_name != head:
            row.flag("head", LOOK, f"名册里户号 {found[0].number} 的户主是“{found[0].head_name}”，请核对")
        return found[0]

    def _of_head(self, row: RowResult, code: str, head: str) -> list[Household]:
        """By the head's number, else those of the name that stood in the month."""
        month: Any = row.values["month"]
        named = self._named.get((code, head), []) if head else []
        own = self._people.get(self._hashes.get(str(row.values["id_number"] or ""), ""))
        stood = [home for home in named if home.ended_on is None or home.ended_on >= month]
        return [home for home in named if home.pk == own] or stood or named


def _items_of(checklist: Checklist) -> dict[str, ChecklistItem]:
    found: dict[str, list[ChecklistItem]] = {}
    for item in ChecklistItem.objects.filter(section__checklist=checklist):
        found.setdefault(item.name, []).append(item)
    return {name: rows[0] for name, rows in found.items() if len(rows) == 1}


def _cases(item: ChecklistItem, lost: Decimal) -> int | None:
    """How many cases take so much; None where no number of them does."""
    if item.kind == scoring.Kind.EACH and item.per_case and lost % item.per_case == 0:
        return int(lost / item.per_case)
    return 1 if item.kind == scoring.Kind.WHOLE and lost == item.points else None


def _is_figure(value: str) -> bool:
    """A mark that the sheet does not explain (√, 清洁) is none."""
    return value.replace(".", "", 1).isdecimal()


def _alike(check: HouseholdCheck, draft: Draft) -> bool:
    """Whether a check says what a row does; a row without points says its plate alone."""
    return check.plate == draft.plate and draft.score in (None, check.score)
