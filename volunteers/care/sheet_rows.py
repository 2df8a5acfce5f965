"""What the register says of each row of an old care ledger: who it is, whether they stand in the ledger, who may take them in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

from django.db.models import Q

from governance.accounts.models import User
from governance.crypto import keyed_hash
from governance.frame.imports.payload import NEW, NONE, SAME, PreviewRow
from governance.sheets.care_words import CHILDREN, OTHER
from governance.sheets.cells import CLEAN, LOOK, REFUSE
from governance.sheets.persons import birth_of
from governance.sheets.rows import RowResult
from villages.models import Resident, Unit
from volunteers.care.models import Tier
from volunteers.care.services import helpers_for, may_maintain
from volunteers.care.tiers import is_minor
from volunteers.models import CareCategory, CareRecord

CLOSED = "这一行不在您可以办理的范围内"
TIERS = {str(label): value for value, label in Tier.choices}


class Register:
    """Residents, people in care and helpers of the villages, as far as the sheet names them."""

    def __init__(self, township: Unit, rows: Sequence[RowResult], by: User, on: date) -> None:
        self.township, self.by, self.on = township, by, on
        self.villages = {village.code: village for village in Unit.objects.villages().on(on).filter(parent=township)}
        categories = CareCategory.objects.filter(township=township, is_active=True)
        self.categories = {category.name: category for category in categories}
        self._hashes = {number: keyed_hash(number) for number in {_text(row, "id_number") for row in rows} if number}
        named = Q(name__in={_text(row, "name") for row in rows}) | Q(id_hash__in=self._hashes.values())
        people = Resident.objects.filter(named, household__village__in=self.villages.values())
        self._named: dict[tuple[str, str], list[Resident]] = {}
        self._numbered: dict[str, list[Resident]] = {}
        known = list(people.select_related("household__village", "household__unit"))
        for one in known:
            self._named.setdefault((one.household.village.code, one.name), []).append(one)
            if one.id_hash:
                self._numbered.setdefault(one.id_hash, []).append(one)
        held = CareRecord.objects.current().filter(resident__in=known)
        self._held = {record.resident_id: record for record in held.select_related("category")}
        self._seen: dict[int, RowResult] = {}
        self._helpers = cache(self._helpers_of)
        self.residents: dict[int, Resident] = {}

    # --- what a row means ---------------------------------------------------------------------------------------------

    def judge(self, item: PreviewRow, levels: Sequence[str]) -> None:
        """Flag the row and say what an import makes of it."""
        row, item.outcome = item.row, NONE
        if row.verdict == REFUSE:
            return
        found = self._find(row)
        if not self._may(row, found):
            row.flag("", REFUSE, CLOSED)
        elif not found:
            known = (_text(row, "village_code"), _text(row, "name")) in self._named
            other = "名册里叫“{}”的身份证号或出生日期不同，请核对" if known else "本村名册里没有“{}”，请先导入名册或在“住户”里补登"
            row.flag("name", LOOK, other.format(row.values["name"]))
        elif len(found) > 1:
            row.flag("name", LOOK, f"本村有 {len(found)} 个叫“{row.values['name']}”的人，分不清是哪一位，请补上身份证号")
        else:
            item.outcome = self._judge_person(row, found[0], levels)

    def category(self, row: RowResult) -> CareCategory | None:
        """The township's category of the row's word, else its category for others."""
        return self.categories.get(_text(row, "category")) or self.categories.get(OTHER)

    def tier(self, row: RowResult) -> str:
        category = self.category(row)
        return TIERS.get(_text(row, "tier")) or (category.tier if category else "")

    def helper(self, row: RowResult) -> User | None:
        """The one account of that name among those who help in the village."""
        found = self._helpers(_text(row, "village_code")).get(_text(row, "helper"), [])
        return found[0] if len(found) == 1 else None

    # --- whose row it is ----------------------------------------------------------------------------------------------

    def _find(self, row: RowResult) -> list[Resident]:
        """By the number, else by name and village, where the birth date is not another one. Who is in the register goes before who
        has left it, if the row says which of them it means."""
        wanted, born = self._hashes.get(_text(row, "id_number"), ""), _born(row)
        people = self._numbered.get(wanted, []) if wanted else []
        if not people:
            named = self._named.get((_text(row, "village_code"), _text(row, "name")), [])
            people = [one for one in named if not (wanted and one.id_hash) and (born is None or one.birth_date in (None, born))]
        present = [one for one in people if one.status == Resident.Status.PRESENT]
        if born is None and not wanted and present:
            return present + [one for one in people if one not in present and not _is_one_of(one, present)]
        same = [one for one in present if born is not None and one.birth_date == born]
        return same if len(present) > 1 and same else present or people

    def _may(self, row: RowResult, found: Sequence[Resident]) -> bool:
        """Whether `by` may take in everybody whom the row may mean. A child's row opens to nobody else, known or not."""
        born = [row.values["born"], birth_of(_text(row, "id_number")) if row.values["id_number"] else None]
        category = self.category(row)
        child = _text(row, "category") in CHILDREN or (category is not None and category.is_child)
        child = child or any(isinstance(day, date) and is_minor(day, self.on) for day in born)
        village = self.villages[_text(row, "village_code")]
        if not found:
            return may_maintain(self.by, village, child)
        return all(may_maintain(self.by, one.household.unit, child or is_minor(one.birth_date, self.on)) for one in found)

    def _judge_person(self, row: RowResult, person: Resident, levels: Sequence[str]) -> str:
        """Flag what stands against the person; returns the outcome."""
        category = self.category(row)
        self._judge_identity(row, person)
        if person.status != Resident.Status.PRESENT:
            row.flag("name", LOOK, f"名册里此人已{person.get_status_display()}，不能纳入")
        elif category is None:
            row.flag("category", LOOK, "镇里没有这个类别，请先在“特殊困难群体类别”里补齐")
        elif category.is_child and not is_minor(person.birth_date, self.on):
            row.flag("category", LOOK, f"名册里此人不是 18 岁以下，不能纳入“{category}”，请核对类别或补上出生日期")
        elif held := self._held.get(person.pk):
            return self._compare(row, held, category)
        elif row.values["left"]:
            return NONE
        elif first := self._seen.get(person.pk):
            return self._repeat(row, first, category)
        else:
            self._judge_details(row, category)
            self.residents[id(row)] = person
            if row.verdict in levels:
                self._seen[person.pk] = row
            return NEW
        return NONE

    def _compare(self, row: RowResult, held: CareRecord, category: CareCategory) -> str:
        """Who is in the ledger already is not written over."""
        if (held.category_id, held.tier) != (category.pk, self._tier_said(row) or held.tier):
            there = f"{held.category}、{held.get_tier_display()}"
            row.flag("category", LOOK, f"此人已在台账里（{there}），与本行不同，没有改动，请在页面上核对")
            return NONE
        day = row.values["last_on"]
        if isinstance(day, date) and (held.last_on is None or day > held.last_on):
            row.flag("last_on", LOOK, f"此人已在台账里，最近探访是 {held.last_on or '空'}，本行的 {day} 请在页面上补登")
            return NONE
        return SAME

    def _repeat(self, row: RowResult, first: RowResult, category: CareCategory) -> str:
        where = f"{first.sheet}第 {first.row_number} 行"
        if self.category(first) == category and self.tier(first) == self.tier(row):
            row.flag("", CLEAN, f"与{where}是同一人，只记一次")
            return SAME
        row.flag("category", LOOK, f"{where}已写了此人，类别或等级不同；一人只记一条")
        return NONE

    def _judge_identity(self, row: RowResult, person: Resident) -> None:
        home = person.household.village
        if person.name != row.values["name"]:
            row.flag("name", LOOK, f"这个身份证号在名册里是“{person.name}”，请核对")
        if home.code != row.values["village_code"]:
            row.flag("village", LOOK, f"名册里此人在{home}，请核对")

    def _judge_details(self, row: RowResult, category: CareCategory) -> None:
        word, helper = _text(row, "category"), _text(row, "helper")
        if word != category.name:
            row.flag("category", LOOK, f"镇里没有“{word}”这个类别，将归入“{category}”" if word else f"将归入“{category}”")
        if helper and self.helper(row) is None:
            row.flag("helper", CLEAN, f"本村任职的人里找不到唯一的“{helper}”，先不写结对帮扶人")

    def _tier_said(self, row: RowResult) -> str:
        return TIERS.get(_text(row, "tier"), "")

    def _helpers_of(self, village: str) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {}
        for user in helpers_for(self.villages[village], self.on):
            found.setdefault(user.name, []).append(user)
        return found


def _is_one_of(gone: Resident, present: Sequence[Resident]) -> bool:
    """Whether somebody who left the register stands in it again."""
    return bool(gone.id_hash) and gone.id_hash in {one.id_hash for one in present}


def _born(row: RowResult) -> date | None:
    """The birth date as the number says it, else as its own cell does, where that is sure."""
    number, born = _text(row, "id_number"), row.values["born"]
    sure = not any(issue.field == "born" and issue.level == LOOK for issue in row.issues)
    return birth_of(number) if number else born if isinstance(born, date) and sure else None


def _text(row: RowResult, key: str) -> str:
    return str(row.values[key] or "")
