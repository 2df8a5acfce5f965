"""Households and residents: create, move, end, add, correct, leave, reveal (mission M01)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import connection, transaction
from django.http import HttpRequest
from simple_history.utils import bulk_update_with_history

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.accounts.revealing import reveal_logged
from governance.engines import rows_insert
from governance.errors import DomainError
from governance.frame.pinyin import pinyin_key
from governance.frame.saving import save_by
from governance.periods import today
from governance.sheets.cells import LOOK, REFUSE
from governance.sheets.persons import birth_of, clean_id_number, sex_of
from villages.models import Household, Placement, Post, Resident, Unit
from villages.posts.services import posts_close
from villages.units.lineage import village_of

SEX_CODES = {"男": Resident.Sex.MALE, "女": Resident.Sex.FEMALE}


class HouseholdError(DomainError):
    """A change of households or residents that is refused: `scope`, `unit`, `number`, `date`, `id`, `state`."""


def household_create(
    *,
    village: Unit,
    unit: Unit,
    number: str = "",
    head_name: str,
    kind: str = Household.Kind.BOOKLET,
    address: str = "",
    by: User,
    on: date,
) -> Household:
    """Register a household of `village` living at `unit` (the village itself or below) from `on`.

    Without `number` it gets the next free one of the village. Raises HouseholdError.
    """
    if not by.may(Action.HOUSEHOLD_EDIT, unit.path):
        raise HouseholdError("这个单位不在您可以维护的范围内。", "scope")
    with transaction.atomic():
        village = Unit.objects.select_for_update().get(pk=village.pk)
        _check_place(village, unit, on)
        household = Household(
            number=number.strip() or next_number(village),
            head_name=head_name.strip(),
            head_pinyin=pinyin_key(head_name),
            kind=kind,
            address=address.strip(),
            village=village,
            unit=unit,
        )
        save_by(household, by, HouseholdError)
        Placement.objects.create(household=household, village=village, unit=unit, valid_from=on)
    return household


def household_update(
    *, household: Household, number: str, head_name: str, kind: str, address: str, by: User
) -> Household:
    """Correct what is written about a household; where it belongs is changed by `household_move`."""
    with transaction.atomic():
        household = _editable(household, by)
        household.number, household.head_name = number.strip(), head_name.strip()
        household.head_pinyin = pinyin_key(head_name)
        household.kind, household.address = kind, address.strip()
        save_by(household, by, HouseholdError)
    return household


def household_move(*, household: Household, unit: Unit, by: User, on: date, number: str = "") -> Household:
    """The household belongs to `unit` from `on`, within one township; `number` where the old one is taken there."""
    village = village_of(unit)
    if village is None or not by.may(Action.HOUSEHOLD_EDIT, unit.path):
        raise HouseholdError("这个单位不在您可以维护的范围内。", "scope")
    with transaction.atomic():
        household = _editable(household, by)
        _check_place(village, unit, on)
        if household.village.parent_id != village.parent_id:
            raise HouseholdError("跨乡镇迁移请先在原村销户，再到新村立户。", "unit")
        if household.placements.filter(valid_to=None, valid_from__gt=on).exists():
            raise HouseholdError("迁移日期早于这一户现在归属的起始日期。", "date")
        household.village, household.unit = village, unit
        household.number = number.strip() or household.number
        save_by(household, by, HouseholdError)
        placements_move([household], on)
    return household


def household_end(*, household: Household, on: date, by: User) -> Household:
    """销户: nobody may be left in it. The rows stay."""
    with transaction.atomic():
        household = _editable(household, by)
        left = household.residents.present().count()
        if left:
            raise HouseholdError(f"这一户还有 {left} 人在册，请先办理迁出或死亡。", "state")
        if on > today() or household.placements.filter(valid_to=None, valid_from__gte=on).exists():
            raise HouseholdError("销户日期须晚于立户日期，且不晚于今天。", "date")
        household.ended_on = on
        save_by(household, by, HouseholdError, ["ended_on"])
        household.placements.filter(valid_to=None).update(valid_to=on)
    return household


def resident_add(
    *,
    household: Household,
    name: str,
    sex: str = "",
    birth_date: date | None = None,
    id_number: str = "",
    phone: str = "",
    relation: str = "",
    note: str = "",
    by: User,
) -> Resident:
    """Register a person; sex and birth date are taken from the ID number where they are left out. Raises HouseholdError."""
    with transaction.atomic():
        household = _editable(household, by)
        resident = Resident(
            household=household,
            name=name.strip(),
            name_pinyin=pinyin_key(name),
            sex=sex,
            birth_date=birth_date,
            phone=phone.strip(),
            relation=relation.strip(),
            note=note.strip(),
        )
        _set_number(resident, id_number)
        save_by(resident, by, HouseholdError)
    return resident


def resident_update(
    *,
    resident: Resident,
    name: str,
    sex: str,
    birth_date: date | None,
    phone: str,
    relation: str,
    note: str | None = None,
    id_number: str | None = None,
    by: User,
) -> Resident:
    """Correct a person's data; `note` and `id_number` None leave it as it is, '' takes it away."""
    with transaction.atomic():
        resident = _editable_resident(resident, by)
        resident.name, resident.name_pinyin = name.strip(), pinyin_key(name)
        resident.sex, resident.birth_date = sex, birth_date
        resident.phone, resident.relation = phone.strip(), relation.strip()
        resident.note = resident.note if note is None else note.strip()
        _set_number(resident, resident.id_number if id_number is None else id_number)
        save_by(resident, by, HouseholdError)
    return resident


def resident_leave(*, resident: Resident, status: str, on: date, by: User) -> Resident:
    """迁出 or 死亡 on a day; every post of the person ends that day."""
    if status not in (Resident.Status.MOVED, Resident.Status.DIED):
        raise HouseholdError("请选迁出或死亡。", "state")
    if on > today():
        raise HouseholdError("日期不能晚于今天。", "date")
    with transaction.atomic():
        resident = _editable_resident(resident, by)
        if resident.status != Resident.Status.PRESENT:
            raise HouseholdError(f"已登记为{resident.get_status_display()}。", "state")
        resident.status, resident.status_on = status, on
        save_by(resident, by, HouseholdError, ["status", "status_on"])
        posts_close(Post.objects.filter(resident=resident), on=on, reason=resident.get_status_display(), by=by)
    return resident


def resident_reveal(*, resident: Resident, by: User, request: HttpRequest | None = None) -> str:
    """The ID number in clear, '' if there is none; who saw it is logged. Raises HouseholdError."""
    if not Resident.objects.visible_to(by, Action.RESIDENT_REVEAL).filter(pk=resident.pk).exists():
        raise HouseholdError("您不能查看这个人的完整身份证号。", "scope")
    reveal_logged(of=f"居民 {resident.pk}", by=by, request=request)
    return resident.id_number


def placements_move(households: Sequence[Household], on: date) -> None:
    """Close the open placement of each household on `on` and open one at its present village and unit, in sets.

    A placement that began on `on` or later never held before `on`: it is corrected in place.
    """
    ids = [household.pk for household in households]
    late = list(Placement.objects.filter(household__in=ids, valid_to=None, valid_from__gte=on))
    home = {household.pk: household for household in households}
    for placement in late:
        placement.village_id = home[placement.household_id].village_id
        placement.unit_id = home[placement.household_id].unit_id
    Placement.objects.bulk_update(late, ["village", "unit"], batch_size=1000)
    Placement.objects.filter(household__in=ids, valid_to=None, valid_from__lt=on).update(valid_to=on)
    corrected = {placement.household_id for placement in late}
    placements_open([household for household in households if household.pk not in corrected], on)


def placements_open(households: Sequence[Household], on: date) -> None:
    """One open placement from `on` for each household, where it lives now."""
    day = connection.ops.adapt_datefield_value(on)
    rows = [(household.pk, household.village_id, household.unit_id, day) for household in households]
    rows_insert(Placement._meta.db_table, ("household_id", "village_id", "unit_id", "valid_from"), rows)


def households_rehouse(households: Sequence[Household], *, on: date, by: User) -> None:
    """Write the new number, village and unit of many households, with history and placements."""
    fields = ["number", "village", "unit"]
    bulk_update_with_history(households, Household, fields, batch_size=1000, default_user=by)
    placements_move(households, on)


def next_number(village: Unit) -> str:
    """The number after the highest plain number of the village, with at least four digits."""
    numbers = Household.objects.filter(village=village).values_list("number", flat=True)
    return f"{max((int(number) for number in numbers if number.isdecimal()), default=0) + 1:04d}"


def _check_place(village: Unit, unit: Unit, on: date) -> None:
    if village.level != Unit.Level.VILLAGE or not unit.path.startswith(village.path):
        raise HouseholdError("组（聚居点）不属于这个村（社区）。", "unit")
    if on > today() or not (unit.stands_on(on) and village.stands_on(on)):
        raise HouseholdError(f"{unit} 在 {on} 尚未设立或已经撤销，或日期晚于今天。", "date")


def _editable(household: Household, by: User) -> Household:
    """The household under its lock, if `by` may maintain it and it stands."""
    visible = Household.objects.visible_to(by, Action.HOUSEHOLD_EDIT)
    found = visible.select_for_update(of=("self",)).select_related("village").filter(pk=household.pk).first()
    if found is None:
        raise HouseholdError("这一户不在您可以维护的范围内。", "scope")
    if found.ended_on is not None:
        raise HouseholdError("这一户已经销户。", "state")
    return found


def _editable_resident(resident: Resident, by: User) -> Resident:
    visible = Resident.objects.visible_to(by, Action.HOUSEHOLD_EDIT)
    found = visible.select_for_update(of=("self",)).filter(pk=resident.pk).first()
    if found is None:
        raise HouseholdError("这个人不在您可以维护的范围内。", "scope")
    if found.forgotten_on is not None:
        raise HouseholdError("这个人的资料已经注销，不能再改。", "state")
    return found


def _set_number(resident: Resident, written: str) -> None:
    """Check and set the ID number; it completes sex and birth date and must not contradict them."""
    cleaned = clean_id_number(written)
    if cleaned.level in (LOOK, REFUSE):
        raise HouseholdError(cleaned.reason, "id")
    number = str(cleaned.value or "")
    if number:
        birth, sex = birth_of(number), SEX_CODES[sex_of(number)]
        if (resident.birth_date or birth) != birth or (resident.sex or sex) != sex:
            raise HouseholdError("性别或出生日期与身份证号不一致，请核对。", "id")
        resident.birth_date, resident.sex = birth, sex
        _refuse_twice(resident, number)
    if number != resident.id_number:
        resident.set_id_number(number)


def _refuse_twice(resident: Resident, number: str) -> None:
    """Nobody is registered twice; of the other registration only the village is told."""
    others = Resident.objects.present().with_id_number(number).exclude(pk=resident.pk)
    other = others.select_related("household__village").first()
    if other is not None and resident.status == Resident.Status.PRESENT:
        raise HouseholdError(f"这个身份证号的人已在{other.household.village}在册。", "id")
