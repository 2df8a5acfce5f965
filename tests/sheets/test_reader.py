"""Any file that people send ends as rows or as one plain sentence, never as a hung or dead server."""

import datetime as dt
import io
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
import xlwt

from governance.sheets.containers import recoded
from governance.sheets.limits import Limits, SheetError
from governance.sheets.reader import read_workbook

PAGE, WORKBOOK = "xl/worksheets/sheet1.xml", "xl/workbook.xml"


def make_xlsx(write: Callable[[xlsxwriter.Workbook], None]) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        write(book)
    return stream.getvalue()


def make_small_xlsx() -> bytes:
    return make_xlsx(lambda book: book.add_worksheet("八一村").write_row(0, 0, ["姓名", "户号", 12]))


def make_patched_xlsx(part: str, patch: Callable[[bytes], bytes]) -> bytes:
    """A small workbook with one of its parts rewritten."""
    stream = io.BytesIO()
    source = zipfile.ZipFile(io.BytesIO(make_small_xlsx()))
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, patch(source.read(name)) if name == part else source.read(name))
    return stream.getvalue()


def make_lying_bomb() -> bytes:
    """A part that inflates to 60 MB while every header says that it holds ten bytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(bytes(60 * 1024 * 1024)) + packer.flush()
    name, crc = b"xl/workbook.xml", zlib.crc32(bytes(10))
    sizes = (8, 0, 0, crc, len(packed), 10, len(name), 0)
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, *sizes) + name
    central = struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, *sizes, 0, 0, 0, 0, 0) + name
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(central), len(local) + len(packed), 0)
    return local + packed + central + end


def make_far_cell(reference: str) -> bytes:
    row = reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    cell = f'<row r="{row}"><c r="{reference}"><v>1</v></c></row></sheetData>'.encode()
    return make_patched_xlsx(PAGE, lambda page: page.replace(b"</sheetData>", cell))


def make_failed_formula(column: str) -> bytes:
    """The reader gives #REF! as a blank, so a row of it looks narrow."""
    cell = f'<row r="9"><c r="A9"><v>1</v></c><c r="{column}9" t="e"><v>#REF!</v></c></row></sheetData>'.encode()
    return make_patched_xlsx(PAGE, lambda page: page.replace(b"</sheetData>", cell))


def make_entity_bomb() -> bytes:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE x [<!ENTITY l0 "lol">{levels}]>'.encode()
    return make_patched_xlsx(PAGE, lambda page: page.replace(b"<worksheet", bomb + b"<worksheet", 1))


def _add_sheets(book: xlsxwriter.Workbook, count: int) -> None:
    for number in range(count):
        book.add_worksheet(f"表{number}")


def make_foreign_zip() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("readme.txt", "hello")
    return stream.getvalue()


def make_ole(text: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + text.encode("utf-16-le")


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "empty"),
    "blank": (lambda: b"  \r\n ", "empty"),
    "program": (lambda: b"MZ\x90\0" + bytes(5000), "type"),
    "pdf": (lambda: b"%PDF-1.7 ...", "type"),
    "web page": (lambda: "<html><p>姓名</p>".encode(), "type"),
    "wide web table": (lambda: b"<table><tr><td colspan=999999>a</table>", "size"),
    "deep web table": (lambda: b"<table><tr><td rowspan=999999>a</table>", "size"),
    "XML of something else": (lambda: b"<?xml version='1.0'?><Workbook/>", "type"),
    "XML with an entity": (lambda: b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><Workbook>&a;</Workbook>", "hostile"),
    "broken XML": (lambda: b"<?xml version='1.0'?><Workbook><Worksheet>", "damaged"),
    "binary": (lambda: b"abc,\0\0\0def", "type"),
    "other zip": (make_foreign_zip, "type"),
    "truncated xlsx": (lambda: make_small_xlsx()[:3000], "damaged"),
    "garbled xlsx": (lambda: make_small_xlsx()[:400] + bytes(400) + make_small_xlsx()[800:], "damaged"),
    "truncated xls": (lambda: make_ole("Workbook"), "damaged"),
    "encrypted": (lambda: make_ole("EncryptedPackage"), "encrypted"),
    "word file": (lambda: make_ole("WordDocument"), "type"),
    "zip bomb": (lambda: make_patched_xlsx(PAGE, lambda page: page + b" " * 60_000_000), "size"),
    "lying zip bomb": (make_lying_bomb, "size"),
    "entity bomb": (make_entity_bomb, "hostile"),
    "far corner": (lambda: make_far_cell("XFD1048576"), "crash"),
    "wide row": (lambda: make_far_cell("ZZ1"), "size"),
    "failed formula far out": (lambda: make_failed_formula("XFD"), "size"),
    "long cell": (lambda: b"a\n" + b"b" * 6000, "size"),
    "long name of a sheet": (lambda: make_patched_xlsx(WORKBOOK, lambda book: book.replace("八一村".encode(), b"x" * 300)), "size"),
    "thousands of sheets": (lambda: make_xlsx(lambda book: _add_sheets(book, 2000)), "size"),
    "many sheets": (lambda: make_xlsx(lambda book: _add_sheets(book, 101)), "size"),
    "long line": (lambda: b"a," * 10_000_000, "size"),
    "long quoted cell": (lambda: b'"' + b"a\n" * 5_000_000, "damaged"),
    "wrong encoding": (lambda: b"a,b\n\xff\xff\xff,c", "encoding"),
}


@pytest.mark.parametrize(("make", "code"), HOSTILE.values(), ids=HOSTILE)
def test_it_turns_a_hostile_file_into_one_sentence(make: Callable[[], bytes], code: str) -> None:
    with pytest.raises(SheetError) as caught:
        read_workbook(make(), "八一村.xlsx")
    assert caught.value.message.startswith("文件无法读取：")
    assert caught.value.code == code


def test_it_counts_text_that_one_shared_string_repeats() -> None:
    def write(book: xlsxwriter.Workbook) -> None:
        page = book.add_worksheet()
        for row in range(1000):
            page.write_row(row, 0, ["很" * 4_000] * 8)

    data = make_xlsx(write)
    assert len(data) < 100_000
    with pytest.raises(SheetError, match="内容总量过大"):
        read_workbook(data, "a.xlsx")


def test_it_reads_a_sheet_that_only_claims_to_be_huge() -> None:
    data = make_patched_xlsx(PAGE, lambda page: page.replace(b'ref="A1:C1"', b'ref="A1:XFD1048576"'))
    assert read_workbook(data, "a.xlsx")[0].rows == {1: ["姓名", "户号", 12.0]}


def test_it_reads_a_stray_cell_in_the_last_row() -> None:
    rows = read_workbook(make_far_cell("A1048576"), "a.xlsx")[0].rows
    assert list(rows) == [1, 1048576]


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ({"rows": 2}, "size"),
        ({"cells": 5}, "size"),
        ({"sheets": 0}, "size"),
        ({"file_bytes": 100}, "size"),
        ({"parts": 3}, "size"),
        ({"merges": 0}, "size"),
        ({"inflated_bytes": 1000}, "size"),
        ({"wall_seconds": 0.001}, "timeout"),
        ({"memory_bytes": 1024 * 1024}, "crash damaged size"),
    ],
)
def test_it_holds_every_limit(limits: dict[str, Any], code: str) -> None:
    def write(book: xlsxwriter.Workbook) -> None:
        page = book.add_worksheet("八一村")
        for row in range(3):
            page.write_row(row, 0, ["张三", 1])
        page.merge_range(5, 0, 6, 0, "x")

    data = make_xlsx(write)
    assert read_workbook(data, "a.xlsx")
    with pytest.raises(SheetError) as caught:
        read_workbook(data, "a.xlsx", replace(Limits(), **limits))
    assert caught.value.code in code.split()


def test_it_kills_a_reader_that_burns_processor_time() -> None:
    limits = replace(Limits(), rows=10**8, cells=10**8, memory_bytes=8 * 1024**3, cpu_seconds=1)
    with pytest.raises(SheetError) as caught:
        read_workbook(b"1\n" * 10_000_000, "a.csv", limits)
    assert caught.value.code == "crash"


def test_it_stops_at_a_long_line_before_cutting_it_into_cells() -> None:
    with pytest.raises(SheetError, match="有一行文字过长"):
        read_workbook("姓名,住址\n张三,一组一号".encode(), "a.csv", replace(Limits(), line_chars=6))


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_it_reads_csv_in_every_usual_encoding(codec: str, delimiter: str) -> None:
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(codec, b"")
    text = f'姓名{delimiter}住址\r\n龚䶮{delimiter}"一组{delimiter}\r\n二号"\r\n\r\n王𠅤\r\n'
    (sheet,) = read_workbook(mark + text.encode(codec), "dir/八一村.csv")
    assert sheet.name == "八一村"
    assert sheet.rows == {1: ["姓名", "住址"], 2: ["龚䶮", f"一组{delimiter}\r\n二号"], 4: ["王𠅤"]}


def test_it_reads_text_that_a_program_guarded_against_excel() -> None:
    (sheet,) = read_workbook('身份证号,说明\n="0511929","=""0012"""\n=SUM(A1),="甲'.encode(), "a.csv")
    assert list(sheet.rows.values()) == [["身份证号", "说明"], ["0511929", "0012"], ["=SUM(A1)", '="甲']]


def test_it_keeps_types_and_merged_ranges_and_says_what_is_hidden(tmp_path: Path) -> None:
    def write(book: xlsxwriter.Workbook) -> None:
        page = book.add_worksheet("八一村")
        page.write_datetime(
            2, 1, dt.datetime.fromisoformat("2024-03-01 08:30"), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        )
        page.write_datetime(2, 2, dt.date(2024, 3, 1), book.add_format({"num_format": 'yyyy"年"m"月"d"日"'}))
        page.write_row(2, 3, [True, 1.5, "字"])
        page.merge_range(4, 0, 6, 1, "一户")
        page.set_row(4, None, None, {"hidden": True})
        page.set_column(2, 3, None, None, {"hidden": True})
        book.add_worksheet("字典").hide()

    path = tmp_path / "a.xlsx"
    path.write_bytes(make_xlsx(write))
    (sheet,) = read_workbook(path, "a.xlsx", hidden=False)
    assert [(one.name, one.hidden) for one in read_workbook(path, "a.xlsx")] == [("八一村", False), ("字典", True)]
    moment = dt.datetime.fromisoformat("2024-03-01 08:30")
    assert sheet.rows == {3: [None, moment, dt.date(2024, 3, 1), True, 1.5, "字"], 5: ["一户"]}
    assert sheet.merged == [(5, 0, 7, 1)]
    assert (sheet.hidden_rows, sheet.hidden_columns) == ([5], [2, 3])


def test_it_keeps_failed_formulas_in_their_cells() -> None:
    cell = b'<c r="C1" t="e"><v>#REF!</v></c><c r="E1" t="e"><f>1/0</f><v>#DIV/0!</v></c>'
    data = make_patched_xlsx(PAGE, lambda page: page.replace(page[page.index(b'<c r="C1"') : page.index(b"</row>")], cell))
    assert read_workbook(data, "a.xlsx")[0].rows == {1: ["姓名", "户号", "#REF!", None, "#DIV/0!"]}


def test_it_reads_a_zip_whose_parts_are_named_with_backslashes() -> None:
    failed = b'<c r="C1" t="e"><v>#REF!</v></c></row>'
    data = make_patched_xlsx(PAGE, lambda page: page[: page.index(b'<c r="C1"')] + failed + page[page.index(b"</row>") + 6 :])
    straight, crooked = io.BytesIO(data), io.BytesIO()
    with zipfile.ZipFile(straight) as old, zipfile.ZipFile(crooked, "w") as new:
        for name in old.namelist():
            new.writestr(name.replace("/", "\\"), old.read(name))
    assert read_workbook(crooked.getvalue(), "a.xlsx")[0].rows == {1: ["姓名", "户号", "#REF!"]}


def test_it_goes_by_content_and_not_by_name() -> None:
    assert read_workbook(make_small_xlsx(), "骗人.csv")[0].rows == {1: ["姓名", "户号", 12.0]}
    assert read_workbook("姓名,户号\n".encode(), "骗人.xlsx")[0].rows == {1: ["姓名", "户号"]}


def test_it_never_loads_django_in_the_child() -> None:
    code = "import sys, governance.sheets.worker, governance.sheets.roster; print('django' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


PLAIN = {1: ["户号", "姓名", "住址"], 2: ["001", "张三", "一组"], 3: [None, "李四"]}
WEB = """<html><head>{meta}<title>x</title><style>td {{a}}</style></head><body><table border=1>
<tr><th>户号</th><th>姓名</th><th>住址</th></tr>
<tr style="display: none"><td rowspan=2>001</td><td> 张三<br></td><td>一组</td></tr><tr><td>李四</td></tr></table></body></html>"""
SS = 'xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"'


def data(kind: str, text: str, place: str = "") -> str:
    return f'<Cell{place}><Data ss:Type="{kind}">{text}</Data></Cell>'


DAY = data("DateTime", "2024-03-01T00:00:00.000", ' ss:Index="3"')
BOOK = f"""<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook {SS}><Worksheet ss:Name="八一村"><Table>
<Column ss:Index="2" ss:Hidden="1"/><Row>{data("String", "户号")}{data("String", "姓名")}{data("String", "日期")}</Row>
<Row ss:Index="3" ss:Hidden="1">{data("Number", "1", ' ss:MergeDown="1"')}{DAY}</Row>
<Row>{data("String", "李四")}{data("Error", "#REF!")}</Row></Table></Worksheet></Workbook>"""


@pytest.mark.parametrize(("codec", "meta"), [("gb18030", "<meta charset=gb2312>"), ("utf-8", ""), ("gb18030", "")])
def test_it_reads_a_web_page_saved_as_xls(codec: str, meta: str) -> None:
    (sheet,) = read_workbook(WEB.format(meta=meta).encode(codec), "八一村.xls")
    assert (sheet.name, sheet.rows, sheet.merged, sheet.hidden_rows) == ("八一村", PLAIN, [(2, 0, 3, 0)], [2])


def test_it_reads_the_xml_of_excel_2003() -> None:
    (sheet,) = read_workbook(BOOK.encode(), "a.xls")
    assert sheet.rows == {1: ["户号", "姓名", "日期"], 3: [1.0, None, dt.date(2024, 3, 1)], 4: [None, "李四", "#REF!"]}
    assert (sheet.name, sheet.merged, sheet.hidden_rows, sheet.hidden_columns) == ("八一村", [(3, 0, 4, 0)], [3], [1])


def test_it_reads_a_text_file_in_the_encoding_that_was_chosen() -> None:
    assert read_workbook(recoded("户号,姓名".encode("utf-16-le"), "utf-16"), "a.csv")[0].rows == {1: ["户号", "姓名"]}
    assert read_workbook(recoded("户号\t姓名".encode("utf-16"), "utf-16"), "a.txt")[0].rows == {1: ["户号", "姓名"]}
    with pytest.raises(SheetError, match="不是 UTF-8 编码"):
        recoded("户号".encode("gb18030"), "utf-8")
    assert recoded(make_small_xlsx(), "gb18030") == make_small_xlsx()


def test_it_says_how_to_take_a_password_off() -> None:
    with pytest.raises(SheetError, match="文件→信息→保护工作簿→用密码进行加密.*WPS"):
        read_workbook(make_ole("EncryptedPackage"), "a.xlsx")


def test_it_knows_what_an_old_workbook_hides_and_which_formulas_failed() -> None:
    book = xlwt.Workbook(encoding="utf-8")
    for title in ("八一村", "other"):
        page = book.add_sheet(title)
        for row in range(300):
            for column in range(4):
                page.write(row, column, f"{title}{row}-{column}")
        page.row(2).hidden = page.row(3).hidden = page.col(1).hidden = title == "八一村"
    page.row(310).set_cell_text(0, "x")
    page.row(310).set_cell_error(2, "#REF!")
    page.row(310).set_cell_error(4, "#DIV/0!")
    stream = io.BytesIO()
    book.save(stream)
    first, second = read_workbook(stream.getvalue(), "a.xls")
    assert (first.hidden_rows, first.hidden_columns, first.rows[300][3]) == ([3, 4], [1], "八一村299-3")
    assert (second.hidden_rows, second.hidden_columns) == ([], [])
    assert second.rows[311] == ["x", None, "#REF!", None, "#DIV/0!"]
