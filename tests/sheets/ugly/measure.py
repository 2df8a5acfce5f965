"""Bring ugly ledgers in as a clerk does and compare what stands in the register afterwards with their keys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model

from governance.accounts.models import User
from governance.frame.imports.flow import SheetFlow
from governance.frame.imports.models import SheetImport
from governance.sheets.cells import CLEAN, OK, column_letter, raw_text, tidy
from governance.sheets.rows import RowResult
from tests.sheets.ugly.kit import GOOD, SKIPPED, Ledger, Right

Ident = tuple[Any, ...]


@dataclass
class World:
    """The portal before a ledger comes in. `register`: what stands there now, by the idents of the keys; `touched`: the tables that a
    second import must leave alone."""

    flow: SheetFlow[Any, Any]
    by: User
    about: dict[str, Any]
    register: Callable[[], dict[Ident, dict[str, Any]]]
    touched: Sequence[type[Model]]


@dataclass
class Figures:
    """What was seen of one kind; the lists say file, line, what was expected and what was got."""

    kind: str
    records: Counter[str] = field(default_factory=Counter)
    right: int = 0
    held_back: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    noise: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    again: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Good rows right, of 100."""
        return 100 * self.right / max(self.records[GOOD], 1)

    def __str__(self) -> str:
        fates = "，".join(f"{fate} {count}" for fate, count in sorted(self.records.items()))
        return (
            f"{self.kind}: {sum(self.records.values())} records ({fates}); "
            f"good right {self.right}/{self.records[GOOD]} = {self.share:.2f} %; "
            f"held back {len(self.held_back)}, silently wrong {len(self.silent)}, bad taken {len(self.taken)}, noise {len(self.noise)}, "
            f"not accounted {len(self.lost)}, changed by a second import {len(self.again)}"
        )

    def faults(self) -> Iterator[str]:
        for what in ("held_back", "silent", "taken", "noise", "lost", "again"):
            yield from (f"  {self.kind} {what}: {' '.join(words.split())}" for words in getattr(self, what))


def measure(kind: str, ledgers: Iterable[Ledger], world: World) -> Figures:
    """Read and take every ledger, first what is good alone, then what is to be looked at, then all once more."""
    figures = Figures(kind)
    for ledger in ledgers:
        sheet = _import(ledger, world)
        judged = list(_read(figures, ledger, sheet))
        world.flow.commit(sheet, by=world.by)
        register = world.register()
        for where, right, row in judged:
            _judge(figures, where, right, row, register)
        world.flow.commit(_import(ledger, world), include_look=True, by=world.by)
        before = _tables(world)
        done = world.flow.commit(_import(ledger, world), include_look=True, by=world.by)
        if done.new or getattr(done, "update", 0) or _tables(world) != before:
            figures.again.append(f"{ledger.filename}: {done}")
    return figures


def _import(ledger: Ledger, world: World) -> SheetImport:
    found: SheetImport = world.flow.read(file=ledger.data, filename=ledger.filename, by=world.by, **{**world.about, **ledger.about})
    return found


def _tables(world: World) -> list[Any]:
    return [list(model._default_manager.order_by("pk").values_list()) for model in world.touched]


def _read(figures: Figures, ledger: Ledger, sheet: SheetImport) -> Iterator[tuple[str, Right, RowResult]]:
    """The records of the key beside the rows that were read."""
    preview = sheet.judged()
    rows: dict[tuple[str, int], list[RowResult]] = {}
    for item in preview.rows:
        rows.setdefault((item.row.sheet if len(ledger.pages) > 1 else "", item.row.row_number), []).append(item.row)
    account = sheet.counts["account"]
    if account["read"] != len(preview.rows) + sum(account["skipped"].values()):
        figures.lost.append(f"{ledger.filename}: {account}")
    if any(page.hidden or page.hidden_lines for page in ledger.pages) and "隐藏" not in "".join(preview.problems):
        figures.noise.append(f"{ledger.filename}: what is hidden is not named")
    headings = {(table.sheet, table.part): table.headings for table in preview.tables}
    for of_line in rows.values():
        own = {row.part: headings[row.sheet, row.part] for row in of_line}
        figures.lost += [f"{ledger.filename} {cell}" for cell in _lost(of_line, own, account["unused"])]
    for page in ledger.pages:
        for line, rights in page.key.items():
            got = rows.pop((page.name if len(ledger.pages) > 1 else "", line), [])
            where = f"{ledger.filename} {page.name} line {line}"
            wanted = [right for right in rights if right.fate != SKIPPED]
            figures.records.update(right.fate for right in rights)
            if len(wanted) != len(got):
                reasons = "；".join(row.reason for row in got)
                figures.noise.append(f"{where}: {len(got)} records, not {len(wanted)} ({rights[0].how}) {reasons} {page.lines[line - 1]}")
            yield from ((where, right, row) for right, row in zip(wanted, got, strict=False))
    figures.noise += [f"{ledger.filename} {where}: a record that nobody wrote, {of_line[0].reason}" for where, of_line in rows.items()]


def _lost(of_line: list[RowResult], headings: dict[int, list[str]], unused: dict[str, int]) -> Iterator[str]:
    """The written cells of a line of which the import says nothing."""
    used = {column for row in of_line for key, column in row.columns.items() if row.values.get(key) is not None}
    named = {issue.cell for row in of_line for issue in row.issues}
    for row in of_line:
        for column, cell in enumerate(row.source):
            address = f"{column_letter(column)}{row.row_number}"
            heading = headings[row.part][column] or f"{column_letter(column)}列"
            if tidy(raw_text(cell)) and column not in used and address not in named and heading not in unused:
                yield f"{address} “{raw_text(cell)}”"


def _judge(figures: Figures, where: str, right: Right, row: RowResult, register: dict[Ident, dict[str, Any]]) -> None:
    called_good = row.verdict in (OK, CLEAN)
    if right.fate != GOOD:
        if called_good:
            figures.taken.append(f"{where}: {right.how}; {row.verdict} {row.reason} {_said(row)}")
        return
    if not called_good:
        figures.held_back.append(f"{where}: {row.verdict} {row.reason_of('look', 'refuse')} {_said(row)}")
        return
    held = register.get(right.ident)
    wrong = ["not in the register"] if held is None else [
        f"{key} is {held[key]!r}, not {value!r}" for key, value in right.values.items() if held[key] != value
    ]  # fmt: skip
    figures.silent += [f"{where}: {words}; {row.reason} {_said(row)}" for words in wrong]
    figures.right += not wrong


def _said(row: RowResult) -> list[str]:
    return [raw_text(cell) for cell in row.source]
