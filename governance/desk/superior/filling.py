"""Fill a superior's form from the records, for one user and period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from openpyxl.cell.cell import MergedCell
from openpyxl.worksheet.worksheet import Worksheet

from governance.desk.superior.figures import Asked, figures_of, record_books
from governance.desk.superior.layout import CELLS, RECORDS, UNITS, Part, SuperiorError, is_total
from governance.desk.superior.sources import MASKED, PLACE_CODE, PLACE_NAME, SERIAL, text_of
from governance.desk.superior.writing import Sheets, grow
from governance.sheets.cells import raw_text
from governance.sheets.villagenames import VillageNames
from governance.sheets.writer import Value
from villages.models import Unit

MOST = 5000
NOT_HELD = "本系统没有对应的数据"
EMPTY = "记录里没有登记这一项"
FEW = "样本不足，算不出"
ONLY_MASKED = "只填了脱敏号码。要完整号码的，请由有权的人另行导出。"
UNKNOWN = "表里的这一行不是您范围内的村（社区）"


class Filler:
    """One filling: the figures are counted once each."""

    def __init__(self, data: bytes, asked: Asked, names: VillageNames) -> None:
        """`names`: of all villages of the township, also of those that the user does not see."""
        self.sheets, self.asked, self.names = Sheets.open(data), asked, names
        self.figures = figures_of(asked.township)
        self.counted: dict[str, dict[int, Value]] = {}

    def fill(self, parts: Sequence[Part], choices: Mapping[str, Mapping[str, str]]) -> Sheets:
        """Every sheet that the form knows, as its columns were chosen. Raises SuperiorError."""
        ways = {UNITS: self._units, RECORDS: self._records, CELLS: self._cells}
        for part in parts:
            if part.kind in ways and part.sheet in self.sheets.book.sheetnames:
                ways[part.kind](self.sheets.book[part.sheet], part, choices.get(part.sheet, {}))
        return self.sheets

    # --- single cells -----------------------------------------------------------------------------------------------

    def _cells(self, sheet: Worksheet, part: Part, chosen: Mapping[str, str]) -> None:
        for place, label in part.headings.items():
            if key := chosen.get(place):
                self.sheets.put(sheet, place, label, self._of(key, self.asked.villages), FEW)
            else:
                self.sheets.mark(sheet, [place])
                self.sheets.note(part.sheet, place, label, NOT_HELD)

    # --- one row a village ------------------------------------------------------------------------------------------

    def _units(self, sheet: Worksheet, part: Part, chosen: Mapping[str, str]) -> None:
        rows = self._named_rows(sheet, part) or self._new_rows(sheet, part, chosen)
        known = [row for row, unit in rows if unit is not None]
        listed = [unit for _, unit in rows if unit is not None]
        for number, (row, unit) in enumerate(rows, start=1):
            for letters, heading in part.headings.items():
                key, place = chosen.get(letters, ""), f"{letters}{row}"
                if key and letters != part.place:
                    value = self._of_unit(key, unit, number) if unit else self._of(key, listed) if key.startswith("figure.") else None
                    if unit is not None or value is not None:
                        self.sheets.put(sheet, place, heading, value, FEW)
        self._mark_columns(sheet, part, {**chosen, part.place: PLACE_NAME}, known)

    def _named_rows(self, sheet: Worksheet, part: Part) -> list[tuple[int, Unit | None]]:
        """Rows that name villages and those of totals (None); what is neither is noted."""
        if not part.place:
            return []
        by_code = {one.code: one for one in self.asked.villages}
        found: list[tuple[int, Unit | None]] = []
        strange: list[tuple[int, str]] = []
        for row in range(part.body, sheet.max_row + 1):
            text = "".join(raw_text(sheet[f"{part.place}{row}"].value).split())
            code = self.names.find(text) if text else None
            if code in by_code or is_total(text) or is_total(_first_text(sheet, row)):
                found.append((row, by_code.get(code or "")))
            elif text:
                strange.append((row, text))
        last = max((row for row, unit in found if unit), default=0)
        for row, text in strange if last else ():
            if row < last or self.names.find(text):
                self.sheets.mark(sheet, [f"{part.place}{row}"])
                self.sheets.note(part.sheet, f"{part.place}{row}", text, UNKNOWN)
        return found if last else []

    def _new_rows(self, sheet: Worksheet, part: Part, chosen: Mapping[str, str]) -> list[tuple[int, Unit | None]]:
        """Empty rows, one for each village in the order of the tree, with its name."""
        column = next((letters for letters, key in chosen.items() if key == PLACE_NAME), part.place)
        if not column:
            raise SuperiorError(f"“{part.sheet}”里没有村（社区）的名字，也没有选哪一列填村名。", "place")
        rows = self._free_rows(sheet, part, len(self.asked.villages))
        for row, unit in zip(rows, self.asked.villages, strict=True):
            self.sheets.put(sheet, f"{column}{row}", part.headings.get(column, ""), unit.short_name, "")
        totals = [row for row in range(part.body, sheet.max_row + 1) if row not in rows and is_total(_first_text(sheet, row))]
        part.place = column
        return [*zip(rows, self.asked.villages, strict=True), *((row, None) for row in totals[:1])]

    # --- one row a record -------------------------------------------------------------------------------------------

    def _records(self, sheet: Worksheet, part: Part, chosen: Mapping[str, str]) -> None:
        book = record_books().get(part.ledger)
        if book is None:
            raise SuperiorError(f"“{part.sheet}”还没有选用哪本台账。", "ledger")
        titles = [column.heading for column in book.ledger.columns]
        found = book.rows(self.asked.user, self.asked.period).filter(**{f"{book.village}__in": [one.pk for one in self.asked.villages]})
        if found.order_by().values("pk")[: MOST + 1].count() > MOST:
            raise SuperiorError(f"“{part.sheet}”要填的记录超过 {MOST} 条，请用台账导出。", "size")
        records = [dict(zip(titles, values, strict=True)) for values in book.ledger.rows(found)]
        rows = self._free_rows(sheet, part, len(records))
        for number, (row, record) in enumerate(zip(rows, records, strict=True), start=1):
            for letters, heading in part.headings.items():
                if key := chosen.get(letters):
                    self.sheets.put(sheet, f"{letters}{row}", heading, self._of_record(key, record, number), EMPTY)
        if not records:
            self.sheets.note(part.sheet, f"第{part.body}行起", "", f"{self.asked.period.label}没有“{book.ledger.title}”的记录")
        self._mark_columns(sheet, part, chosen, rows)

    def _of_record(self, key: str, record: Mapping[str, Value], number: int) -> Value:
        if key == SERIAL:
            return number
        return record.get(key.removeprefix("field.")) if key.startswith("field.") else text_of(key, self.asked)

    # --- what both need ---------------------------------------------------------------------------------------------

    def _free_rows(self, sheet: Worksheet, part: Part, needed: int) -> list[int]:
        """The rows below the heading that are empty but for numbering and formulas; more are made where they are too few."""
        last = part.body - 1
        while last < sheet.max_row and _is_free(sheet, last + 1, part):
            last += 1
        room = last - part.body + 1
        if room <= 0:
            if needed and last < sheet.max_row:
                raise SuperiorError(f"“{part.sheet}”的表头下面没有空行。请清空旧数据，至少留一行空行再换模板。", "room")
            return list(range(part.body, part.body + needed))
        if needed > room:
            grow(sheet, part.body, last, needed - room)
        return list(range(part.body, part.body + needed))

    def _mark_columns(self, sheet: Worksheet, part: Part, chosen: Mapping[str, str], rows: Sequence[int]) -> None:
        """Columns that the portal does not hold are marked in every row and noted once; so are masked numbers, without a mark."""
        for letters, heading in part.headings.items():
            key = chosen.get(letters, "")
            if not key and rows:
                blank = [f"{letters}{row}" for row in rows if sheet[f"{letters}{row}"].value is None]
                if blank:
                    self.sheets.mark(sheet, blank)
                    self.sheets.note(part.sheet, f"{letters} 列", heading, NOT_HELD)
            elif MASKED in key and rows:
                self.sheets.note(part.sheet, f"{letters} 列", heading, ONLY_MASKED)

    def _of_unit(self, key: str, unit: Unit, number: int) -> Value:
        """What stands in a village's row."""
        own: dict[str, Value] = {SERIAL: number, PLACE_NAME: unit.short_name, PLACE_CODE: unit.code}
        return own[key] if key in own else self._of(key, [unit])

    def _of(self, key: str, villages: Sequence[Unit]) -> Value:
        """A figure of some villages together, or what is the same everywhere."""
        figure = self.figures.get(key.removeprefix("figure."))
        if figure is None:
            return text_of(key, self.asked)
        if key not in self.counted:
            self.counted[key] = figure.by_village(self.asked)
        values = self.counted[key]
        return values[villages[0].pk] if len(villages) == 1 else figure.of_all(self.asked, villages, values)


def _first_text(sheet: Worksheet, row: int) -> str:
    """The first text of a row without blanks."""
    for cell in sheet[row]:
        if isinstance(cell.value, str) and cell.data_type != "f":
            return "".join(cell.value.split())
    return ""


def _is_free(sheet: Worksheet, row: int, part: Part) -> bool:
    """Whether a row may take a record: empty, but for a number in the first column and formulas, and drawn as one of the table,
    where the template draws one."""
    for place, cell in enumerate(sheet[row]):
        filled = not isinstance(cell, MergedCell) and cell.value is not None and cell.data_type != "f"
        if filled and not (place == 0 and isinstance(cell.value, int | float)):
            return False
    drawn = [any(sheet[f"{letters}{number}"].has_style for letters in part.headings) for number in (part.body, row)]
    return drawn[1] or not drawn[0]
