"""What the register says of each row of an old 志愿服务台账: whose hours they are, and whether they are there already."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Q

from governance.crypto import keyed_hash
from governance.frame.imports.payload import NEW, NONE, SAME, PreviewRow
from governance.periods import years_later
from governance.sheets.cells import CLEAN, LOOK, REFUSE
from governance.sheets.hours import DAY, row_key
from governance.sheets.persons import birth_of
from governance.sheets.rows import RowResult
from villages.models import Consent, Resident, Unit
from volunteers.models import Hours, ServiceTeam, Volunteer
from volunteers.people.fitness import ADULT_YEARS

# (code of the village, name)
Named = tuple[str, str]
_Person = TypeVar("_Person", Volunteer, Resident)


@dataclass(frozen=True)
class Whose:
    """Whose row it is: `key` is the same for one person in every file, "" with a `problem` where that is not clear."""

    key: str = ""
    volunteer: Volunteer | None = None
    resident: Resident | None = None
    phone: str = ""
    problem: str = ""


class Register:
    """Volunteers, residents and teams of the villages, by the names that the sheet has. `keys` are the rows that are there.
    `agreed_on`: when all agreed to serve of whom the sheet says no day of their own."""

    def __init__(self, township: Unit, rows: Sequence[RowResult], on: date, agreed_on: date | None = None) -> None:
        self.township, self.on, self._all_agreed_on = township, on, agreed_on
        self.villages = {village.code: village for village in Unit.objects.villages().on(on).filter(parent=township)}
        names = {str(row.values["name"]) for row in rows}
        self._numbers = {number: keyed_hash(number) for number in {_number(row) for row in rows} if number}
        volunteers = Volunteer.objects.registered().filter(township=township).select_related("village", "resident")
        self.volunteers = _by_person(volunteers.filter(name__in=names), lambda one: one.village.code)
        residents = Resident.objects.present().filter(household__village__in=self.villages.values())
        residents = residents.select_related("household__village__parent")
        self.residents = _by_person(residents.filter(name__in=names), lambda one: one.household.village.code)
        hashes = list(self._numbers.values())
        numbered = volunteers.filter(Q(id_hash__in=hashes) | Q(resident__id_hash__in=hashes))
        self.numbered = {_hash(one): f"{one.village}的志愿者{one.name}" for one in numbered}
        homes = residents.filter(id_hash__in=hashes)
        self.numbered = {one.id_hash: f"{one.household.village}的居民{one.name}" for one in homes} | self.numbered
        teams = ServiceTeam.objects.filter(village__in=self.villages.values()).select_related("village")
        self.teams = {(team.village.code, team.name): team for team in teams}
        self._find_all([row for row in rows if row.verdict != REFUSE])
        self._find_agreed(rows)
        keys = [row_key(row, self.whose(row).key) for row in rows if self.whose(row).key]
        self.keys = set(Hours.objects.filter(row_key__in=keys).values_list("row_key", flat=True))
        self._seen: dict[UUID, str] = {}
        self._days = Counter[tuple[str, Any]]()

    def whose(self, row: RowResult) -> Whose:
        return self._whose.get(_place(row), Whose())

    def agreed_on(self, whose: Whose) -> date | None:
        """When somebody agreed to serve, by the own rows, else by what was said of the whole sheet."""
        return self._agreed.get(whose.key, self._all_agreed_on)

    def consents(self, whose: Whose) -> bool:
        """Whether a resident's consent stands already."""
        return whose.resident is not None and whose.resident.pk in self.consenting

    def judge(self, item: PreviewRow, levels: Sequence[str]) -> None:
        """Flag the row and say what an import makes of it."""
        row, item.outcome = item.row, NONE
        if row.verdict == REFUSE:
            return
        whose = self.whose(row)
        if whose.problem:
            row.flag("name", REFUSE, whose.problem)
            return
        key = row_key(row, whose.key)
        if key in self.keys or key in self._seen:
            item.outcome = SAME
            if key in self._seen:
                row.flag("", CLEAN, f"与{self._seen[key]}相同，只记一次")
            return
        self._judge_person(row, whose)
        self._judge_day(row, whose)
        team = row.values["team"]
        if team and (str(row.values["village_code"]), str(team)) not in self.teams:
            row.flag("team", CLEAN, f"本村没有服务队“{team}”，导入时新建")
        if row.verdict in levels:
            item.outcome, self._seen[key] = NEW, f"{row.sheet}第 {row.row_number} 行"

    def _find_all(self, rows: Sequence[RowResult]) -> None:
        """Who each row means: alone, then beside the others of its name."""
        self._phones: dict[tuple[Named, str], set[str]] = {}
        for row in rows:
            if _number(row) and _phone(row):
                self._phones.setdefault((named(row), _phone(row)), set()).add(_number(row))
        self._names: dict[str, Named] = {}
        self._whose = {_place(row): self._find(row) for row in rows}
        numbers: dict[str, set[str]] = {}
        people: dict[Named, set[str]] = {}
        phones: dict[str, set[str]] = {}
        for row in rows:
            whose, number = self.whose(row), self.number(row)
            people.setdefault(named(row), set()).add(whose.key or number)
            if number:
                numbers.setdefault(whose.key, set()).add(number)
            elif _phone(row):
                phones.setdefault(whose.key, set()).add(_phone(row))
        for row in rows:
            whose = self.whose(row)
            if not whose.key:
                continue
            several = len(numbers.get(whose.key, ())) > 1
            if not self.number(row) and (not _phone(row) or _phone(row) != whose.phone):
                several |= len(people[named(row)]) > 1 or len(phones.get(whose.key, ())) > 1
            if several:
                words = f"表里叫“{row.values['name']}”的不止一人，分不清是哪一位，请补上身份证号，名册里没有的先补登"
                self._whose[_place(row)] = Whose(problem=words)

    def _find_agreed(self, rows: Sequence[RowResult]) -> None:
        """The earliest day that the sheet says of each person, and the residents whose consent stands already."""
        self._agreed: dict[str, date] = {}
        for row in rows:
            day, key = row.values["agreed_on"], self.whose(row).key
            if key and isinstance(day, date):
                self._agreed[key] = min(day, self._agreed.get(key, day))
        consents = Consent.objects.filter(purpose=Consent.Purpose.VOLUNTEER, withdrawn_on=None)
        theirs = consents.filter(resident__household__village__parent=self.township)
        self.consenting = set(theirs.values_list("resident", flat=True))

    def number(self, row: RowResult) -> str:
        """The row's own number, else the one that the sheet has beside the same name and phone."""
        found = self._phones.get((named(row), _phone(row)), set()) if not _number(row) and _phone(row) else set()
        return _number(row) or (next(iter(found)) if len(found) == 1 else "")

    def _find(self, row: RowResult) -> Whose:
        wanted, name = self._numbers.get(self.number(row), ""), row.values["name"]
        volunteers = _fitting(self.volunteers.get(named(row), []), wanted, _phone(row))
        residents = _fitting(self.residents.get(named(row), []), wanted, _phone(row))
        if len(volunteers) > 1 or (not volunteers and len(residents) > 1):
            people = f"{len(volunteers)} 位叫“{name}”的志愿者" if volunteers else f"{len(residents)} 个叫“{name}”的人"
            return Whose(problem=f"本村有{people}，分不清是哪一位，请补上身份证号")
        if volunteers:
            known = volunteers[0]
            key = f"resident:{known.resident_id}" if known.resident_id else known.id_hash
            return Whose(key, volunteer=known, phone=known.phone)
        if residents:
            return Whose(f"resident:{residents[0].pk}", resident=residents[0], phone=residents[0].phone)
        if wanted in self.numbered:
            return Whose(problem=f"这个身份证号是{self.numbered[wanted]}的，请核对姓名和村")
        if not (wanted and _phone(row)):
            return Whose(problem=f"本村志愿者和名册里都没有“{name}”，请先登记，或补上身份证号和电话")
        if self._names.setdefault(wanted, named(row)) != named(row):
            return Whose(problem="这个身份证号在表里还写着另一个姓名或村，请核对")
        return Whose(wanted, phone=_phone(row))

    def _judge_person(self, row: RowResult, whose: Whose) -> None:
        name = row.values["name"]
        if whose.volunteer is not None:
            return
        if not self._is_adult(row, whose.resident):
            row.flag("name", REFUSE, f"“{name}”未满十八周岁，请先登记为志愿者，写明监护人")
        elif not self.agreed_on(whose) and not self.consents(whose):
            row.flag("name", REFUSE, f"“{name}”还不是志愿者，没有写明本人同意的日期：请补上“同意日期”一列，或在上传时填写")
        else:
            known = "名册里有这个人" if whose.resident else "名册里没有这个人"
            row.flag("name", LOOK, f"“{name}”还不是志愿者，{known}，导入时登记为志愿者")

    def _is_adult(self, row: RowResult, resident: Resident | None) -> bool:
        """On the day of the row, as far as the birth date is known."""
        adult_on = adult_day(resident, self.number(row))
        served: Any = row.values["served_on"]
        return adult_on is None or adult_on <= served

    def _judge_day(self, row: RowResult, whose: Whose) -> None:
        day = (whose.key, row.values["served_on"])
        self._days[day] += int(str(row.values["minutes"]))
        if self._days[day] > DAY:
            row.flag("minutes", LOOK, "这个人这一天合计超过 24 小时")


def _place(row: RowResult) -> tuple[str, int, int]:
    return row.sheet, row.row_number, row.part


def named(row: RowResult) -> Named:
    return str(row.values["village_code"]), str(row.values["name"])


def _number(row: RowResult) -> str:
    return str(row.values["id_number"] or "")


def _phone(row: RowResult) -> str:
    return str(row.values["phone"] or "")


def adult_day(resident: Resident | None, id_number: str) -> date | None:
    """The 18th birthday by the register, else by the number that the sheet has."""
    born = (resident.birth_date or birth_of(resident.id_number or "")) if resident else birth_of(id_number)
    return years_later(born, ADULT_YEARS) if born else None


def _by_person(rows: Any, code: Any) -> dict[Named, list[Any]]:
    found: dict[Named, list[Any]] = {}
    for row in rows:
        found.setdefault((code(row), row.name), []).append(row)
    return found


def _fitting(people: list[_Person], wanted: str, phone: str) -> list[_Person]:
    """Those with the wanted hash of an ID number, else those without a number; where none is wanted, those with the row's phone
    if there are several people."""
    if wanted:
        return [one for one in people if _hash(one) == wanted] or [one for one in people if not _hash(one)]
    same = [one for one in people if phone and one.phone == phone]
    return same if len(people) > 1 and same else people


def _hash(person: Volunteer | Resident) -> str:
    """The keyed hash of a person's ID number, the resident's where there is one."""
    known = person.resident if isinstance(person, Volunteer) and person.resident else person
    return known.id_hash
