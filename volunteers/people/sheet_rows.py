"""What the register says of each row of an old 志愿服务台账: whose hours they are, and whether they are there already."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from governance.crypto import keyed_hash
from governance.frame.imports.payload import NEW, NONE, SAME, PreviewRow
from governance.periods import years_later
from governance.sheets.cells import CLEAN, LOOK, REFUSE
from governance.sheets.hours import DAY, row_key
from governance.sheets.persons import birth_of
from governance.sheets.rows import RowResult
from villages.models import Resident, Unit
from volunteers.models import Hours, ServiceTeam, Volunteer
from volunteers.people.fitness import ADULT_YEARS

# (code of the village, name)
Person = tuple[str, str]
_Named = TypeVar("_Named", Volunteer, Resident)


class Register:
    """Volunteers, residents and teams of the villages, by the names that the sheet has. `keys` are the rows that are there."""

    def __init__(self, township: Unit, rows: Sequence[RowResult], on: date) -> None:
        self.township, self.on = township, on
        self.villages = {village.code: village for village in Unit.objects.villages().on(on).filter(parent=township)}
        names = {str(row.values["name"]) for row in rows}
        volunteers = Volunteer.objects.registered().filter(township=township, name__in=names)
        self.volunteers = _by_person(volunteers.select_related("village", "resident"), lambda one: one.village.code)
        residents = Resident.objects.present().filter(household__village__in=self.villages.values(), name__in=names)
        self.residents = _by_person(
            residents.select_related("household__village__parent"), lambda one: one.household.village.code
        )
        teams = ServiceTeam.objects.filter(village__in=self.villages.values()).select_related("village")
        self.teams = {(team.village.code, team.name): team for team in teams}
        keys = [row_key(row) for row in rows]
        self.keys = set(Hours.objects.filter(row_key__in=keys).values_list("row_key", flat=True))
        self._seen: dict[UUID, str] = {}
        self._days = Counter[tuple[Person, Any]]()

    def judge(self, item: PreviewRow, levels: Sequence[str]) -> None:
        """Flag the row and say what an import makes of it."""
        row, item.outcome = item.row, NONE
        if row.verdict == REFUSE:
            return
        key = row_key(row)
        if key in self.keys or key in self._seen:
            item.outcome = SAME
            if key in self._seen:
                row.flag("", CLEAN, f"与{self._seen[key]}相同，只记一次")
            return
        self._judge_person(row)
        self._judge_day(row)
        team = row.values["team"]
        if team and (str(row.values["village_code"]), str(team)) not in self.teams:
            row.flag("team", CLEAN, f"本村没有服务队“{team}”，导入时新建")
        if row.verdict in levels:
            item.outcome, self._seen[key] = NEW, f"{row.sheet}第 {row.row_number} 行"

    def volunteer(self, row: RowResult) -> Volunteer | None:
        """The one whose hours they are, None where there is nobody or more than one."""
        found = _fitting(self.volunteers.get(person_of(row), []), row)
        return found[0] if len(found) == 1 else None

    def resident(self, row: RowResult) -> Resident | None:
        found = _fitting(self.residents.get(person_of(row), []), row)
        return found[0] if len(found) == 1 else None

    def _judge_person(self, row: RowResult) -> None:
        name = row.values["name"]
        volunteers = _fitting(self.volunteers.get(person_of(row), []), row)
        residents = _fitting(self.residents.get(person_of(row), []), row)
        if len(volunteers) == 1:
            return
        if len(volunteers) > 1 or len(residents) > 1:
            people = f"{len(volunteers)} 位叫“{name}”的志愿者" if volunteers else f"{len(residents)} 个叫“{name}”的人"
            row.flag("name", REFUSE, f"本村有{people}，分不清是哪一位，请补上身份证号")
        elif not residents and not (row.values["id_number"] and row.values["phone"]):
            row.flag("name", REFUSE, f"本村志愿者和名册里都没有“{name}”，请先登记，或补上身份证号和电话")
        elif not self._is_adult(row, residents[0] if residents else None):
            row.flag("name", REFUSE, f"“{name}”未满十八周岁，请先登记为志愿者，写明监护人")
        else:
            known = "名册里有这个人" if residents else "名册里没有这个人"
            row.flag("name", LOOK, f"“{name}”还不是志愿者，{known}，导入时登记为志愿者")

    def _is_adult(self, row: RowResult, resident: Resident | None) -> bool:
        """On the day of the row, as far as the birth date is known."""
        adult_on = adult_day(resident, str(row.values["id_number"] or ""))
        served: Any = row.values["served_on"]
        return adult_on is None or adult_on <= served

    def _judge_day(self, row: RowResult) -> None:
        day = (person_of(row), row.values["served_on"])
        self._days[day] += int(str(row.values["minutes"]))
        if self._days[day] > DAY:
            row.flag("minutes", LOOK, "这个人这一天合计超过 24 小时")


def person_of(row: RowResult) -> Person:
    return str(row.values["village_code"]), str(row.values["name"])


def adult_day(resident: Resident | None, id_number: str) -> date | None:
    """The 18th birthday by the register, else by the number that the sheet has."""
    born = (resident.birth_date or birth_of(resident.id_number or "")) if resident else birth_of(id_number)
    return years_later(born, ADULT_YEARS) if born else None


def _by_person(rows: Any, code: Any) -> dict[Person, list[Any]]:
    found: dict[Person, list[Any]] = {}
    for row in rows:
        found.setdefault((code(row), row.name), []).append(row)
    return found


def _fitting(people: list[_Named], row: RowResult) -> list[_Named]:
    """Those whose number is the row's, where it has one and theirs is registered."""
    number = row.values["id_number"]
    if not number:
        return people
    wanted = keyed_hash(str(number))
    return [one for one in people if _hash(one) in ("", wanted)] if len(people) == 1 else [one for one in people if _hash(one) == wanted]


def _hash(person: Volunteer | Resident) -> str:
    """The keyed hash of a person's ID number, the resident's where there is one."""
    known = person.resident if isinstance(person, Volunteer) and person.resident else person
    return known.id_hash
