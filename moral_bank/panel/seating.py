"""A list of panels: every person looked up in the register, all that are found seated at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.periods import today
from governance.sheets.accounts import UpperNames
from governance.sheets.panels import ListedMember, read_members
from moral_bank.models import PanelMember
from moral_bank.panel.services import PanelError, member_add
from villages.models import Resident, Unit

NEW, SAME, REFUSED = "new", "same", "refused"


@dataclass(frozen=True)
class SeatLine:
    """A person of the list, who that is by the register, and why not (`REFUSED`) or why there is nothing to do (`SAME`)."""

    member: ListedMember
    village: Unit | None
    resident: Resident | None = None
    outcome: str = REFUSED
    reason: str = ""


def seats_read(*, text: str, by: User, at: datetime | None = None) -> list[SeatLine]:
    """Judge a pasted list; nothing is written. Raises SheetError."""
    listed = read_members(text)
    standing = Unit.objects.visible_to(by, Action.PANEL_EDIT).villages().on(today(at)).select_related("parent")
    villages = {village.code: village for village in standing}
    towns = {village.parent.code: village.parent.name for village in standing if village.parent}
    names = UpperNames([*towns.items(), *((code, village.name) for code, village in villages.items())])
    placed = [(member, villages.get(names.find(member.village) or "")) for member in listed]
    found = _people({village.pk for _, village in placed if village}, {member.name for member in listed})
    seated = set(PanelMember.objects.seated(today(at)).filter(village__in=standing).values_list("resident", flat=True))
    lines = []
    for member, village in placed:
        line = _judged(member, village, found[village.pk, member.name] if village else [], seated)
        seated |= {line.resident.pk} if line.resident else set()
        lines.append(line)
    return lines


def seats_take(*, text: str, appointed_on: date, by: User, at: datetime | None = None) -> int:
    """Seat everybody whom the register knows; returns how many. Raises SheetError, PanelError."""
    with transaction.atomic():
        lines = [line for line in seats_read(text=text, by=by, at=at) if line.outcome == NEW]
        if not lines:
            raise PanelError("名单里没有可以登记的新成员。", "empty")
        for line in lines:
            assert line.village and line.resident
            member_add(village=line.village, resident=line.resident, appointed_on=appointed_on, by=by, at=at)
    return len(lines)


def _people(villages: Collection[int], names: Collection[str]) -> dict[tuple[int, str], list[Resident]]:
    """(village id, name) → the residents of that name."""
    found: dict[tuple[int, str], list[Resident]] = defaultdict(list)
    people = Resident.objects.present().filter(household__village__in=villages, name__in=names)
    for person in people.select_related("household__unit", "household__village").order_by("pk"):
        found[person.household.village_id, person.name].append(person)
    return found


def _judged(member: ListedMember, village: Unit | None, found: Sequence[Resident], seated: Collection[int]) -> SeatLine:
    if village is None:
        return SeatLine(member, None, reason=f"看不出“{member.village}”是您可以维护的哪个村" if member.village else "没有写村名")
    if member.number:
        found = [person for person in found if person.household.number == member.number]
    if len(found) != 1:
        said = f"本村有 {len(found)} 个{member.name}，请写户号，如“{member.name}（12）”" if found else f"本村名册里没有在册的{member.name}"
        return SeatLine(member, village, reason=said)
    if found[0].pk in seated:
        return SeatLine(member, village, found[0], SAME, "已是成员，或名单里写了两次")
    return SeatLine(member, village, found[0], NEW)
