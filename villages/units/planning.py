"""What a list of units would make of the register, line by line, before anything is written; pure (mission M01)."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

LEVELS = ("county", "township", "village", "group", "settlement")
NEW, RENAMED, SAME, LEFT, REFUSED = "new", "renamed", "same", "left", "refused"
LONGEST = 60
SINCE = date(2000, 1, 1)
"""The founding day of a unit of which a list says none: it stands longer than any ledger."""

_COMMITTEE = re.compile(r"(居民委员会|居委会|社区)$")
_VILLAGE = re.compile(r"(村民委员会|村委会|村)$")
# Serials of the statistical codes: communities and the like, villages and the like.
_COMMUNITIES, _VILLAGES = (*range(1, 200), *range(400, 500)), (*range(200, 400), *range(500, 600))


@dataclass(frozen=True)
class UnitRow:
    """One unit as a list says it. `level` and `parent` (a code) follow from the digits of `code` where they are left out.

    `valid_from` None: `SINCE`. `ended`: the list says 已撤销; `successor`: code or name of the
    unit that took over. `line`: where it stands in the list. `fault`: why its reader has refused it already.
    """

    code: str
    name: str
    level: str = ""
    parent: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    key_area: str = ""
    ended: bool = False
    successor: str = ""
    line: int = 0
    fault: str = ""


class Standing(NamedTuple):
    """A unit of the register, as far as a plan needs it."""

    code: str
    name: str
    level: str
    path: str
    valid_to: date | None


@dataclass
class PlannedUnit:
    """A line with what becomes of it: NEW, RENAMED, SAME, LEFT (not needed) or REFUSED, and why."""

    row: UnitRow
    outcome: str
    reason: str = ""
    path: str = ""

    @property
    def depth(self) -> int:
        return LEVELS.index(self.row.level) if self.row.level in LEVELS else 0


@dataclass
class Plan:
    """The lines as a tree: by code, what has none first."""

    lines: list[PlannedUnit] = field(default_factory=list)

    def of(self, *outcomes: str) -> list[PlannedUnit]:
        return [line for line in self.lines if line.outcome in outcomes]

    @property
    def changes(self) -> list[PlannedUnit]:
        """What writing it would do."""
        return self.of(NEW, RENAMED)


def plan_units(
    rows: Iterable[UnitRow], standing: Mapping[str, Standing], may: Callable[[str], bool] = lambda path: True
) -> Plan:
    """Judge every row against the others and the register. `standing`: units by code, those above the listed ones among them;
    `may`: whether whoever asks may make or rename a unit with this path."""
    placed = [placed_row(row) for row in rows]
    planner = _Planner(placed, standing, may)
    return Plan([planner.judged(row) for row in sorted(placed, key=lambda row: row.code)])


def placed_row(row: UnitRow) -> UnitRow:
    """The row with a code of 12 digits or more, its level and the code of its parent."""
    code = "".join(row.code.split())
    if re.fullmatch(r"[0-9]{6}|[0-9]{9}", code):
        code = code.ljust(12, "0")
    if not re.fullmatch(r"[0-9]{12}([0-9]{3}){0,2}", code):
        return replace(row, code=code)
    level, parent = _place(code)
    return replace(row, code=code, level=row.level or level, parent=row.parent or parent)


def _place(code: str) -> tuple[str, str]:
    """Level and parent's code as the digits say; "" for what stands above counties."""
    if len(code) > 12:
        return ("settlement", code[:15]) if len(code) == 18 else ("group", code[:12])
    if code.endswith("00000000"):
        return "", ""
    if code.endswith("000000"):
        return "county", ""
    return ("township", f"{code[:6]}000000") if code.endswith("000") else ("village", f"{code[:9]}000")


class _Planner:
    def __init__(self, rows: list[UnitRow], standing: Mapping[str, Standing], may: Callable[[str], bool]) -> None:
        self.standing, self.may = standing, may
        self.seen: dict[str, PlannedUnit] = {}
        self.names = {(row.parent[:6], row.name): row.code for row in rows if not row.ended}
        self.codes = {row.code for row in rows if not row.ended}

    def judged(self, row: UnitRow) -> PlannedUnit:
        """Rows come parents first."""
        line = self._judged(row)
        if line.outcome in (NEW, RENAMED) and not self.may(line.path):
            line = PlannedUnit(row, REFUSED, _OUTSIDE.get(row.level, _OUTSIDE[""]))
        self.seen.setdefault(row.code, line)
        return line

    def _judged(self, row: UnitRow) -> PlannedUnit:
        if reason := row.fault or _wrong_alone(row) or self._twice(row):
            return PlannedUnit(row, REFUSED, reason)
        if not row.level:
            return PlannedUnit(row, LEFT, "省、市一级不用建")
        if known := self.standing.get(row.code):
            return self._known(row, known)
        if row.ended and row.valid_to is None:
            return PlannedUnit(row, LEFT, "已撤销，名单没写撤销日期，不用建")
        return self._new(row)

    def _twice(self, row: UnitRow) -> str:
        first = self.seen.get(row.code)
        if first is None:
            return ""
        return f"和第 {first.row.line} 行代码相同" if first.row.line else "代码重复"

    def _known(self, row: UnitRow, known: Standing) -> PlannedUnit:
        if row.ended and known.valid_to is None:
            return PlannedUnit(row, REFUSED, "系统里还在用，撤销请在“单位”里办理“撤并”，户和职务才会一起转走")
        if row.name == known.name or row.ended:
            return PlannedUnit(row, SAME, path=known.path)
        return PlannedUnit(row, RENAMED, f"原名{known.name}", known.path)

    def _new(self, row: UnitRow) -> PlannedUnit:
        path, reason = self._path_above(row)
        if not reason and row.ended and row.successor:
            row, reason = self._with_successor(row)
        if not reason and row.valid_to and row.valid_to <= (row.valid_from or SINCE):
            reason = "撤销日期须晚于设立日期"
        return PlannedUnit(row, REFUSED, reason) if reason else PlannedUnit(row, NEW, path=f"{path}{row.code}/")

    def _path_above(self, row: UnitRow) -> tuple[str, str]:
        """Path of the parent, and why there can be nothing below it."""
        if row.level == "county":
            return "/", ""
        listed, known = self.seen.get(row.parent), self.standing.get(row.parent)
        if listed is not None and listed.outcome == REFUSED:
            return "", f"上级{listed.row.name or row.parent}没有通过"
        if (listed is None or not listed.path) and known is None:
            return "", f"没有上级：{row.parent} 不在名单里，系统里也没有"
        ended = known.valid_to if known else listed.row.valid_to if listed else None
        if ended is not None and (row.valid_to is None or row.valid_to > ended):
            return "", f"上级 {row.parent} 已经撤销"
        return (known.path if known else listed.path if listed else ""), ""

    def _with_successor(self, row: UnitRow) -> tuple[UnitRow, str]:
        code = self.names.get((row.code[:6], row.successor), row.successor)
        known = code in self.codes or code in self.standing
        return replace(row, successor=code), "" if known else f"名单里没有并入的“{row.successor}”"


_OUTSIDE = {
    "county": "县要由开通门户的人建，不在您可以维护的范围内",
    "township": "乡镇要由在县里任“镇工作人员”的人建，不在您可以维护的范围内",
    "": "不在您可以维护的范围内",
}


def _wrong_alone(row: UnitRow) -> str:
    """What is wrong with a row whatever stands around it."""
    if not row.code:
        return "没有代码"
    if not re.fullmatch(r"[0-9]{12}([0-9]{3}){0,2}", row.code):
        return f"代码“{row.code[:20]}”不是 12 位数字"
    if not row.name:
        return "没有名称"
    if len(row.name) > LONGEST:
        return f"名称超过 {LONGEST} 字"
    return _wrong_serial(row) if row.level == "village" else ""


def _wrong_serial(row: UnitRow) -> str:
    """居委会 have 001–199, 村委会 begin at 200: another number means that names and codes have slipped."""
    serial = int(row.code[9:])
    if _COMMITTEE.search(row.name) and serial not in _COMMUNITIES:
        return f"名称是居委会，代码末三位应在 001–199，这里是 {serial:03d}；确实如此的请在“单位”里单独新增"
    if _VILLAGE.search(row.name) and serial not in _VILLAGES:
        return f"名称是村委会，代码末三位应从 200 起，这里是 {serial:03d}；确实如此的请在“单位”里单独新增"
    return ""


def free_code(parent: str, taken: Container[str]) -> str | None:
    """The first code of three more digits below a village's or group's that nobody has."""
    return next((code for serial in range(1, 1000) if (code := f"{parent}{serial:03d}") not in taken), None)
