"""What an .xls (BIFF8 in an OLE file) says beside the values of its cells: hidden rows and columns, formulas that failed."""

import struct
from collections.abc import Iterator

from governance.sheets.marks import Marks

_HEADER = struct.Struct("<30xH16xI16xII")
_END, _SHORT = 0xFFFFFFFA, 4096
_BOUNDSHEET, _ROW, _COLINFO, _BOOLERR, _FORMULA, _EOF = 0x85, 0x208, 0x7D, 0x205, 0x06, 0x0A
_ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}


def read_old_marks(data: bytes, columns: int) -> dict[str, Marks]:
    """Title → marks of every worksheet, nothing for a file that is built otherwise; `columns`: how many are looked at."""
    try:
        book = _stream(data)
        sheets = [body for code, body in _records(book, 0) if code == _BOUNDSHEET and body[5] == 0]
        return {_title(body): _marks(book, struct.unpack_from("<I", body)[0], columns) for body in sheets}
    except (struct.error, IndexError, UnicodeDecodeError):
        return {}


def _stream(data: bytes) -> bytes:
    """The stream Workbook of an OLE file."""
    shift, directory, more, count = _HEADER.unpack_from(data)
    size = 1 << (shift if shift in (9, 12) else 9)
    sectors = list(struct.unpack_from("<109I", data, 76))
    for _ in range(min(count, len(data) // size)):
        found = struct.unpack_from(f"<{size // 4}I", data, (more + 1) * size)
        sectors, more = [*sectors, *found[:-1]], found[-1]
    fat = [
        following
        for sector in sectors
        if sector < _END
        for following in struct.unpack_from(f"<{size // 4}I", data, (sector + 1) * size)
    ]
    entries = _chain(data, fat, directory, size)
    for start in range(0, len(entries), 128):
        length = struct.unpack_from("<H", entries, start + 64)[0]
        name = entries[start : start + max(0, length - 2)].decode("utf-16-le")
        first, whole = struct.unpack_from("<II", entries, start + 116)
        if name in ("Workbook", "Book") and whole >= _SHORT:
            return _chain(data, fat, first, size)[:whole]
    return b""


def _chain(data: bytes, fat: list[int], sector: int, size: int) -> bytes:
    parts: list[bytes] = []
    while sector < _END and len(parts) <= len(fat):
        parts.append(data[(sector + 1) * size : (sector + 2) * size])
        sector = fat[sector]
    return b"".join(parts)


def _records(book: bytes, place: int) -> Iterator[tuple[int, bytes]]:
    """The records of one part of the stream, up to its end."""
    code = -1
    while place + 4 <= len(book) and code != _EOF:
        code, length = struct.unpack_from("<HH", book, place)
        yield code, book[place + 4 : place + 4 + length]
        place += 4 + length


def _title(body: bytes) -> str:
    length, wide = body[6], body[7] & 1
    return body[8 : 8 + 2 * length].decode("utf-16-le") if wide else body[8 : 8 + length].decode("latin-1")


def _marks(book: bytes, place: int, columns: int) -> Marks:
    marks = Marks()
    for code, body in _records(book, place):
        if code == _ROW and body[12] & 0x20:
            marks.rows.append(struct.unpack_from("<H", body)[0] + 1)
        elif code == _COLINFO and body[8] & 1:
            first, last = struct.unpack_from("<HH", body)
            marks.columns += range(first, min(last + 1, columns))
        elif (code == _BOOLERR and body[7]) or (code == _FORMULA and body[12:14] == b"\xff\xff" and body[6] == 2):
            row, column = struct.unpack_from("<HH", body)
            marks.failed[row + 1, column] = _ERRORS.get(body[6 if code == _BOOLERR else 8], "#VALUE!")
    return marks
