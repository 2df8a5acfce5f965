"""What an .xlsx says beside the values of its cells: hidden sheets, rows and columns, formulas that failed."""

import io
import posixpath
import re
import zipfile
from dataclasses import dataclass, field
from xml.etree import ElementTree

from governance.sheets.limits import SheetError

_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*>")
_COLUMN = re.compile(rb"<(?:\w+:)?col\b[^>]*>")
_FAILED = re.compile(rb"""<(?:\w+:)?c\b([^>]*\bt=["']e["'][^>]*)(?<!/)>(.*?)</(?:\w+:)?c>""", re.DOTALL)
_VALUE = re.compile(rb"<(?:\w+:)?v>([^<]*)<")
_HIDDEN = re.compile(rb"""\shidden=["'](?:1|true)["']|\sht=["']0(?:\.0*)?["']""")
_ADDRESS = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"


@dataclass
class Marks:
    """Of one sheet. `rows`: hidden ones, 1-based; `columns`: hidden ones, 0-based; `failed`: (row, column) → #REF!."""

    rows: list[int] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    failed: dict[tuple[int, int], str] = field(default_factory=dict)


class _NoDoctype(ElementTree.TreeBuilder):
    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise SheetError("文件无法读取：文件内含有不允许的定义，可能是恶意文件", "hostile")


def parse_xml(data: bytes) -> ElementTree.Element:
    """The tree of a document without definitions of its own. Raises SheetError."""
    try:
        return ElementTree.fromstring(data, ElementTree.XMLParser(target=_NoDoctype()))
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        raise SheetError("文件无法读取：文件已损坏或没有传完整，请重新保存后再上传", "damaged") from error


def local(tag: str) -> str:
    """A tag without its namespace."""
    return tag.rpartition("}")[2]


def read_marks(data: bytes, columns: int) -> dict[str, Marks]:
    """Title → marks of every worksheet of a checked .xlsx; `columns`: how many are looked at."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = set(archive.namelist())
        paths = _paths(archive) if "xl/_rels/workbook.xml.rels" in parts else {}
        return {title: _marks(archive.read(path), columns) for title, path in paths.items() if path in parts}


def _paths(archive: zipfile.ZipFile) -> dict[str, str]:
    targets = {
        relation.get("Id", ""): posixpath.normpath(posixpath.join("/xl", relation.get("Target", "")))[1:]
        for relation in parse_xml(archive.read("xl/_rels/workbook.xml.rels"))
    }
    found = {}
    for sheet in parse_xml(archive.read("xl/workbook.xml")).iter():
        if local(sheet.tag) == "sheet":
            relation = sheet.get(_RELATION) or sheet.get(_STRICT_RELATION) or ""
            found[sheet.get("name", "")] = targets.get(relation, "")
    return found


def _marks(xml: bytes, columns: int) -> Marks:
    marks = Marks()
    for row in _ROW.findall(xml):
        if _HIDDEN.search(row) and (number := _attribute(row, b"r")):
            marks.rows.append(number)
    for column in _COLUMN.findall(xml.partition(b"sheetData")[0]):
        if _HIDDEN.search(column):
            first, last = _attribute(column, b"min"), _attribute(column, b"max")
            marks.columns += range(first - 1, min(last, columns))
    any_failed = b't="e"' in xml or b"t='e'" in xml
    for attributes, body in _FAILED.findall(xml) if any_failed else ():
        address = re.search(rb"""\br=["']([A-Z0-9]+)["']""", attributes)
        if address and (place := _ADDRESS.fullmatch(address[1].decode())):
            value = _VALUE.search(body)
            marks.failed[int(place[2]), column_index(place[1])] = value[1].decode() if value else "#VALUE!"
    return marks


def _attribute(tag: bytes, name: bytes) -> int:
    found = re.search(rb"\s" + name + rb"""=["'](\d+)["']""", tag)
    return int(found[1]) if found else 0


def column_index(letters: str) -> int:
    """A → 0, Z → 25, AA → 26."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1
