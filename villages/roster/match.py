"""Find for every row of a roster its household and its person in the register, and say where the two disagree."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from governance.crypto import keyed_hash
from governance.frame.imports.payload import PreviewRow
from governance.sheets.cells import LOOK, REFUSE
from governance.sheets.households import NO_HEAD, household_key
from governance.sheets.rows import RowResult
from governance.sheets.words import HEAD
from villages.models import Household, Resident, Unit
from villages.roster.register import Register

_GONE = {"迁出": Resident.Status.MOVED, "已注销": Resident.Status.MOVED, "死亡": Resident.Status.DIED}

# Longest texts that the register takes; a number leaves room for a group before it.
_ROOM = {"name": 60, "head_name": 60, "relation": 20, "address": 120, "household_no": 20, "group": 60, "settlement": 60, "note": 500}


@dataclass(eq=False)
class Person:
    """One row with the resident that it means, None for somebody new; `status` as the row says, '' for nothing."""

    item: PreviewRow
    id_hash: str
    resident: Resident | None = None

    def __post_init__(self) -> None:
        self.row: RowResult = self.item.row

    @property
    def status(self) -> str:
        written = self.row.values["status"]
        return _GONE.get(str(written), Resident.Status.PRESENT) if written else ""

    @property
    def is_news(self) -> bool:
        """False for somebody who is gone and was never registered."""
        return self.resident is not None or self.status in ("", Resident.Status.PRESENT)


@dataclass(eq=False)
class Family:
    """The rows of one household; `number` as it is to be stored, `household` the registered one or None."""

    village: Unit
    group: str
    number: str
    people: list[Person] = field(default_factory=list)
    household: Household | None = None

    @cached_property
    def head_name(self) -> str:
        """The name of the head's own row, else what the rows say about the head, '' if nothing does."""
        heads = [person.row for person in self.people if person.row.values["relation"] == HEAD]
        return str(heads[0].values["name"]) if heads else self.first("head_name")

    @cached_property
    def names(self) -> set[str]:
        said = [person.row.values[key] for person in self.people for key in ("name", "head_name")]
        return {str(name) for name in said if name}

    def first(self, key: str) -> str:
        """What the first row that has this field says, '' if none does."""
        return next((str(value) for person in self.people if (value := person.row.values[key])), "")

    def refuse(self, reason: str) -> None:
        for person in self.people:
            person.row.flag("household_no", REFUSE, reason)


def match_families(items: Iterable[PreviewRow], township: Unit) -> tuple[list[Family], Register]:
    """Group the rows that were not refused by household and match them; rows that disagree with the register get
    issues. The register comes along, loaded in a constant number of queries."""
    usable = [item for item in items if item.row.verdict != REFUSE and _fits(item.row)]
    hashes = {id(item): keyed_hash(str(number)) for item in usable if (number := item.row.values["id_number"])}
    register = Register(township, {str(item.row.values["village_code"]) for item in usable}, set(hashes.values()))
    families = _families(usable, hashes, register)
    for family in families:
        _find_household(family, register)
        if family.household is not None:
            _know_head(family)
        _find_residents(family, register, township)
    return families, register


def _fits(row: RowResult) -> bool:
    """Whether every text has room in the register; what has not is refused."""
    for key, limit in _ROOM.items():
        if len(str(row.values[key] or "")) > limit:
            row.flag(key, REFUSE, f"超过 {limit} 个字")
    return row.verdict != REFUSE


def _families(items: list[PreviewRow], hashes: dict[int, str], register: Register) -> list[Family]:
    """A number that the file uses in several groups of a village is stored with its group before it: 3组-12."""
    groups: dict[tuple[object, object], set[object]] = defaultdict(set)
    for item in items:
        values = item.row.values
        groups[values["village_code"], values["household_no"]].add(values["group"])
    families: dict[Hashable, Family] = {}
    for item in items:
        values = item.row.values
        group, number = str(values["group"] or ""), str(values["household_no"] or "")
        if number and group and len(groups[values["village_code"], values["household_no"]]) > 1:
            number = f"{group[:9]}-{number}"
        village = register.villages[str(values["village_code"])]
        family = families.setdefault(household_key(item.row), Family(village, group, number))
        family.people.append(Person(item, hashes.get(id(item), "")))
    return list(families.values())


def _find_household(family: Family, register: Register) -> None:
    """By number, if somebody of the household is the same; else by its people's ID numbers or its head."""
    if not family.number:
        _find_by_people(family, register, register.by_head[family.village.pk, family.head_name])
        return
    found = register.by_number.get((family.village.pk, family.number))
    if found is None or not _is_same(family, found, register):
        hit = _household_hit(family, register)
        if hit is not None and hit.head_name == family.head_name:
            family.household = hit
        elif found is not None:
            _number_taken(family, found, register)
        return
    if found.ended_on is not None and any(person.status in ("", Resident.Status.PRESENT) for person in family.people):
        family.refuse(f"户号 {family.number} 属于已销户的一户，请换一个户号")
    else:
        family.household = found


def _know_head(family: Family) -> None:
    """A registered household has its head, be he in these rows or not: so come the mended rows of a returned sheet."""
    for person in family.people:
        person.item.withdraw(NO_HEAD)


def _number_taken(family: Family, found: Household, register: Register) -> None:
    """The number belongs to other people: of another group it is told apart by the group, else the rows are refused."""
    group = register.group_of(found)
    label = f"{family.group[:9]}-{family.number}"
    if family.group and group and group != family.group and (family.village.pk, label) not in register.by_number:
        family.number = label
    else:
        family.refuse(f"户号 {family.number} 在库中是另一户，请核对户号")


def _find_by_people(family: Family, register: Register, namesakes: list[Household]) -> None:
    family.household = _household_hit(family, register)
    if family.household is not None:
        return
    if family.group and len(namesakes) > 1:
        namesakes = [home for home in namesakes if register.group_of(home) == family.group]
    if len(namesakes) > 1:
        family.refuse("本村有几户同名户主，请填写户号")
    elif namesakes:
        family.household = namesakes[0]


def _household_hit(family: Family, register: Register) -> Household | None:
    """The household of the village in which most of the people with known ID numbers are registered."""
    hits = Counter(
        resident.household_id
        for person in family.people
        for resident in register.by_hash[person.id_hash]
        if resident.household.village_id == family.village.pk and resident.household.ended_on is None
    )
    return register.households.get(hits.most_common(1)[0][0]) if hits else None


def _is_same(family: Family, household: Household, register: Register) -> bool:
    residents = register.residents[household.pk]
    hashes = {person.id_hash for person in family.people} - {""}
    return (
        household.head_name in family.names
        or any(resident.name in family.names for resident in residents)
        or any(resident.id_hash in hashes for resident in residents)
    )


def _find_residents(family: Family, register: Register, township: Unit) -> None:
    """First by ID number, then by name and birth date among those of the household whom no number named."""
    if all(person.row.verdict == REFUSE for person in family.people):
        return
    for person in family.people:
        _find_by_number(person, family, register, township)
    named = {person.resident.pk for person in family.people if person.resident}
    left = register.residents[family.household.pk] if family.household else []
    left = [resident for resident in left if resident.pk not in named]
    for person in family.people:
        if person.resident is None and person.row.verdict != REFUSE:
            person.resident = _namesake(person, left)
            if person.resident is not None:
                left.remove(person.resident)
                _check_namesake(person, person.resident)
            elif not person.is_news:
                person.row.flag("status", REFUSE, f"库中没有此人，已{Resident.Status(person.status).label}的不再登记")


def _find_by_number(person: Person, family: Family, register: Register, township: Unit) -> None:
    known = register.by_hash[person.id_hash] if person.id_hash else []
    present = [resident for resident in known if resident.status == Resident.Status.PRESENT]
    local = [resident for resident in known if resident.household.village.parent_id == township.pk]
    if present:
        _settle_present(person, present[0], family, township)
    elif local:
        person.resident = local[0]
        _settle_gone(person, local[0])


def _settle_present(person: Person, resident: Resident, family: Family, township: Unit) -> None:
    home = resident.household
    if home.village.parent_id != township.pk:
        person.row.flag("id_number", REFUSE, f"这个身份证号的人已在其他乡镇的{home.village}在册")
        return
    person.resident = resident
    if family.household is None or family.household.pk != home.pk:
        person.row.flag("id_number", LOOK, f"这个人现在{home.village}的另一户在册，导入后移到这一户")


def _settle_gone(person: Person, resident: Resident) -> None:
    """Somebody who has died stays so; somebody who moved away may come back after a second look."""
    if person.status and person.status != Resident.Status.PRESENT:
        return
    if resident.status == Resident.Status.DIED:
        person.row.flag("status", REFUSE, "这个人已登记死亡")
    else:
        person.row.flag("status", LOOK, "这个人已登记迁出，导入后恢复在册")


def _namesake(person: Person, residents: list[Resident]) -> Resident | None:
    """The resident of that name with the same birth date, else the only one whose birth date is not contradicted."""
    birth = person.row.values["birth_date"]
    same = [resident for resident in residents if resident.name == person.row.values["name"]]
    exact = [resident for resident in same if birth and resident.birth_date == birth]
    vague = [resident for resident in same if not birth or not resident.birth_date]
    if exact:
        return next((resident for resident in exact if resident.status == person.status), exact[0])
    return vague[0] if len(vague) == 1 or (vague and not birth) else None


def _check_namesake(person: Person, resident: Resident) -> None:
    if person.id_hash and resident.id_hash:
        person.row.flag("id_number", LOOK, "同一户同名同日出生的人在库中是另一个身份证号，导入后以名册为准")
    if resident.status != Resident.Status.PRESENT:
        _settle_gone(person, resident)
