"""A list of 一长四员 on its way into posts: names matched to residents, handovers looked at (plan §三; mission M03)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast

from governance.accounts.duties import YARD_DUTIES, Action
from governance.accounts.models import User
from governance.frame.imports.flow import Outcome
from governance.frame.imports.payload import NEW, NONE, SAME, PreviewRow
from governance.progress import moved
from governance.sheets.cells import CLEAN, LOOK, REFUSE
from governance.sheets.officers import OFFICER_FIELDS, read_officers
from governance.sheets.rows import ReadSheets, RowResult
from villages.models import Post, Resident, Unit
from villages.posts.models import OfficerImport
from villages.posts.services import PostError, post_appoint, post_end
from villages.township_flow import TownshipFlow

HANDOVER = "换人，按名单交接"


class OfficerFlow(TownshipFlow[OfficerImport, Outcome]):
    """A row is one person. `counts` also hold appointments `new` and those that are the `same`."""

    model, outcome, error, fields = OfficerImport, Outcome, PostError, OFFICER_FIELDS
    ledger = "一长四员"
    page = "villages:officer-import-detail"
    committed_words = "聘任 {new} 人，已在任 {same} 人；{left_out} 人未导入，可下载退回表。"

    def parse(self, sheet: OfficerImport, data: bytes, by: User, on: date, about: Mapping[str, Any]) -> ReadSheets:
        below = Unit.objects.visible_to(by, Action.POST_APPOINT).on(on).within(sheet.township)
        lower = (Unit.Level.VILLAGE, Unit.Level.GROUP, Unit.Level.SETTLEMENT)
        units = below.filter(level__in=lower).values_list("code", "name")
        return read_officers(data, sheet.filename, list(units), sheet.overrides, towns=sheet.township.own_names)

    def compare(self, sheet: OfficerImport, rows: list[PreviewRow], levels: Sequence[str], by: User, on: date) -> _Officers:
        officers = _Officers(sheet.township, by, on)
        for item in rows:
            item.outcome = officers.judge(item.row)
        return officers

    def write(self, plan: _Officers, rows: list[PreviewRow], by: User) -> dict[str, int]:
        new = [item for item in rows if item.outcome == NEW]
        for item in new:
            plan.write(item.row)
            moved()
        return {"new": len(new), "same": len(rows) - len(new)}


class _Officers:
    """The township's settlements, residents and posts as the rows are compared with them."""

    def __init__(self, township: Unit, by: User, on: date) -> None:
        self.by, self.on = by, on
        yards = Unit.objects.on(on).within(township).filter(level=Unit.Level.SETTLEMENT)
        self.yards = {yard.code: yard for yard in yards}
        self.people: dict[tuple[str, str], list[Resident]] = defaultdict(list)
        present = Resident.objects.present().filter(household__village__parent=township)
        for person in present.select_related("household__unit", "household__village"):
            self.people[person.household.village.code, person.name].append(person)
        posts = Post.objects.filter(unit__in=yards, kind__in=YARD_DUTIES, ended_on=None)
        self.held = {(post.unit.code, post.kind): post for post in posts.select_related("unit", "resident__household", "user")}
        self.named: dict[tuple[str, str], Resident] = {}

    def judge(self, row: RowResult) -> str:
        """Flag the person by what the register says; NEW, SAME or, for a refused row, nothing."""
        if row.verdict == REFUSE:
            return NONE
        place = (str(row.values["yard_code"]), str(row.values["duty"]))
        held = self.held.get(place)
        if held and self._is_held(row, held):
            return SAME
        person = self._resident(row)
        if person is None:
            return NONE
        if place in self.named:
            return self._judge_twice(row, self.named[place] == person)
        self.named[place] = person
        self._judge_days(row, held)
        if row.verdict == REFUSE:
            return NONE
        if held and (held.term_end is None or held.term_end >= self._start(row)):
            row.flag(self._cell(row), LOOK, f"现由{held.holder_name}担任，导入即办理交接")
        return NEW

    def _is_held(self, row: RowResult, held: Post) -> bool:
        """Whether the person of the row holds the post already."""
        number = row.values["household_no"]
        at_home = held.resident is None or number in (None, held.resident.household.number)
        return held.holder_name == row.values["name"] and at_home

    def _judge_twice(self, row: RowResult, same: bool) -> str:
        if same:
            row.flag(self._cell(row), CLEAN, "表里写了两次，只聘任一次")
            return SAME
        row.flag(self._cell(row), REFUSE, "表里这个聚居点的这个职务写了两个人")
        return NONE

    def _cell(self, row: RowResult) -> str:
        """The field whose cell names the person."""
        return str(row.values["column"])

    def _resident(self, row: RowResult) -> Resident | None:
        """The one resident of the village who bears the name; of several the one of that house, or who lives in the settlement.
        The row is refused where nobody is found, or more than one."""
        name, number = str(row.values["name"]), row.values["household_no"]
        found = self.people.get((str(row.values["village_code"]), name), [])
        if number and len(found) > 1:
            found = [person for person in found if person.household.number == number]
        here = [person for person in found if person.household.unit.code == row.values["yard_code"]]
        if len(found) > 1 and len(here) == 1:
            row.flag(self._cell(row), LOOK, f"本村有{len(found)}个{name}，取住在本院落的一位（户号 {here[0].household.number}）")
            found = here
        if len(found) == 1:
            return found[0]
        said = f"本村有{len(found)}个{name}，分不清是哪一位，请写户号" if found else f"本村名册里没有在册的{name}"
        row.flag(self._cell(row), REFUSE, said)
        return None

    def _start(self, row: RowResult) -> date:
        return cast("date | None", row.values["appointed_on"]) or self.on

    def _judge_days(self, row: RowResult, held: Post | None) -> None:
        yard = self.yards[str(row.values["yard_code"])]
        if row.values["appointed_on"] and self._start(row) < yard.valid_from:
            row.flag("appointed_on", LOOK, f"聘任日期早于本院落设立日期，按 {yard.valid_from} 登记")
            row.values["appointed_on"] = yard.valid_from
        end = cast("date | None", row.values["term_end"])
        if end and end < self._start(row):
            row.flag("term_end", CLEAN, f"任期至 {end} 早于聘任日期，未采用")
            row.values["term_end"] = None
        if held and held.holder_name != row.values["name"] and self._start(row) < held.appointed_on:
            row.flag("appointed_on", REFUSE, f"现任{held.holder_name} {held.appointed_on} 才聘任，名单比他早，请核对")

    def write(self, row: RowResult) -> None:
        """End the holder in office, where there is one, and appoint."""
        values: dict[str, Any] = row.values
        yard, duty, start = self.yards[values["yard_code"]], values["duty"], self._start(row)
        place = (yard.code, duty)
        held, person = self.held.get(place), self.named[place]
        if held is not None and (held.term_end is None or held.term_end >= start):
            post_end(post=held, on=start, reason=HANDOVER, by=self.by)
        post_appoint(kind=duty, unit=yard, resident=person, appointed_on=start, term_end=values["term_end"], by=self.by)


OFFICER_IMPORT = OfficerFlow()
