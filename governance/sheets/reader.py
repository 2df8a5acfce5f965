"""Open an uploaded ledger safely: a child process with a ceiling on memory, processor and wall-clock time reads it."""

import dataclasses
import datetime as dt
import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from governance.children import child_run
from governance.progress import begun
from governance.sheets.limits import Limits, SheetError

Cell = str | int | float | bool | dt.date | dt.datetime | None

_DATES = {"date": dt.date.fromisoformat, "datetime": dt.datetime.fromisoformat}


@dataclass
class Sheet:
    """One worksheet. `rows`: 1-based row number → cells from column A on, in order, blank rows left out.
    `merged`: (top, left, bottom, right), rows 1-based and columns 0-based, all inclusive. `hidden`, `hidden_rows`
    (1-based), `hidden_columns` (0-based): what the user does not see, as far as the file says."""

    name: str
    rows: dict[int, list[Cell]]
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden: bool = False
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)


def read_workbook(
    source: str | Path | bytes, filename: str, limits: Limits | None = None, hidden: bool = True
) -> list[Sheet]:
    """Read .xlsx, .xls or .csv from a path or from bytes; the kind is judged by content. A CSV is one sheet named after
    the file. `hidden`: whether hidden sheets come along. Raises SheetError (plain Chinese) for whatever cannot be read within `limits`."""
    limits = limits or Limits()
    data = _load(source, limits)
    begun("打开")
    order = json.dumps({"name": Path(filename).stem, "limits": dataclasses.asdict(limits)}).encode()
    try:
        read = child_run("governance.sheets.worker", order + b"\n" + data, limits.wall_seconds)
    except subprocess.TimeoutExpired as error:
        raise SheetError("文件无法读取：读取超时，文件可能有问题，请另存后再上传", "timeout") from error
    except subprocess.CalledProcessError as error:
        raise SheetError("文件无法读取：表格范围过大或内容异常，请把有用的行列复制到新表再上传", "crash") from error
    answer = json.loads(read)
    if "error" in answer:
        raise SheetError(answer["error"], answer["code"])
    sheets = [sheet for plain in answer["sheets"] if not (sheet := _sheet(plain)).hidden or hidden]
    begun("读取", sum(len(sheet.rows) for sheet in sheets))
    return sheets


def _load(source: str | Path | bytes, limits: Limits) -> bytes:
    if isinstance(source, bytes):
        data = source[: limits.file_bytes + 1]
    else:
        with open(source, "rb") as file:
            data = file.read(limits.file_bytes + 1)
    if len(data) > limits.file_bytes:
        raise SheetError(f"文件无法读取：文件超过 {limits.file_bytes // 1024 // 1024} MB，请拆分后再上传", "size")
    return data


def _sheet(plain: dict[str, Any]) -> Sheet:
    rows = {number: [cell if type(cell) is str and cell else _cell(cell) for cell in cells] for number, cells in plain["rows"]}
    merged = [tuple(corners) for corners in plain["merged"]]
    hidden = plain.get("hidden", False), plain.get("hidden_rows", []), plain.get("hidden_columns", [])
    return Sheet(plain["name"], rows, merged, *hidden)


def _cell(cell: Any) -> Cell:
    if isinstance(cell, list):
        return _DATES[cell[0]](cell[1])
    return None if cell == "" else cell
