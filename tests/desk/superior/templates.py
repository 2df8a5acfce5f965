"""Templates as superiors send them, made with openpyxl; nothing of the portal is used to make them."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from zipfile import ZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.drawing.image import Image
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

THIN = Side(style="thin")
BORDER = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
PAGE = "xl/worksheets/sheet1.xml"
BOLD = Font(name="SimHei", size=11, bold=True)
GREY = PatternFill("solid", fgColor="FFDDDDDD")
# Column(s) of each heading in the three rows of the wide table.
WIDE = (
    ("A3:A5", "序号"), ("B3:B5", "村（社区）"), ("C3:C5", "总户数（户）"), ("D3:K3", "人口情况"), ("D4:D5", "总人口"), ("E4:F4", "性别"),
    ("E5", "男"), ("F5", "女"), ("G4:K4", "年龄结构"), ("G5", "18岁以下"), ("H5", "18—59岁"), ("I5", "60岁以上"), ("J5", "65岁及以上"),
    ("K5", "80岁以上"), ("L3:R3", "社会治理"), ("L4:N4", "矛盾纠纷"), ("L5", "排查数"), ("M5", "化解数"), ("N5", "未化解数"),
    ("O4:P4", "便民代办"), ("O5", "代办件数"), ("P5", "办结数"), ("Q4:R4", "走访巡查"), ("Q5", "走访次数"), ("R5", "事件件数"),
    ("S3:V3", "特殊困难群体"), ("S4:S5", "独居老人"), ("T4:T5", "失能人员"), ("U4:U5", "留守儿童"), ("V4:V5", "60岁以上男"),
    ("W3:Y3", "志愿服务"), ("W4:W5", "志愿者人数"), ("X4:X5", "服务人次"), ("Y4:Y5", "矛盾纠纷按时办结率"), ("Z3:Z5", "男女合计"),
    ("AA3:AA5", "未成年和老年人占比"), ("AB3:AB5", "村集体经济收入（万元）"), ("AC3:AC5", "耕地面积（亩）"), ("AD3:AD5", "备注"),
)  # fmt: skip
ROLL = (
    ("A3:A5", "序号"), ("B3:D3", "住处"), ("B4:B5", "村"), ("C4:C5", "组"), ("D4:D5", "户号"), ("E3:J3", "本人情况"), ("E4:E5", "姓名"),
    ("F4:F5", "性别"), ("G4:H4", "证件"), ("G5", "公民身份号码"), ("H5", "出生年月"), ("I4:I5", "年龄"), ("J4:J5", "联系电话"),
    ("K3:K5", "是否低保"),
)  # fmt: skip


def village_figures() -> bytes:
    """One heading row, one row a village with its name."""
    book = Workbook()
    sheet = book.active
    sheet.title = "月报"
    sheet.append(["村（社区）", "总户数", "总人口", "低保人数"])
    sheet.append(["八一村", None, None, None])
    return saved(book)


def far_away(*, merged: str = "", formula: str = "", styled: str = "", picture: tuple[int, int] = (0, 0)) -> bytes:
    """The figures of villages with something far from them that nobody sees; a merged range is written as no program draws it."""
    book = load_workbook(BytesIO(village_figures()))
    if formula:
        book["月报"][formula] = "=1+1"
    if styled:
        book["月报"][styled].border = BORDER
    if picture[0]:
        book["月报"].add_image(Image(BytesIO(_png(1, 1))))
    plain = saved(book)
    stream = BytesIO()
    written = {"xl/media/image1.png": _png(*picture)}
    if merged:
        mark = f'</sheetData><mergeCells count="1"><mergeCell ref="{merged}"/></mergeCells>'.encode()
        with ZipFile(BytesIO(plain)) as source:
            written[PAGE] = source.read(PAGE).replace(b"</sheetData>", mark)
    with ZipFile(BytesIO(plain)) as source, ZipFile(stream, "w") as target:
        for name in source.namelist():
            target.writestr(name, written.get(name) or source.read(name))
    return stream.getvalue()


def _png(width: int, height: int) -> bytes:
    """A picture that says its size and holds no more than one line."""
    parts = ((b"IHDR", struct.pack(">2I5B", width, height, 8, 0, 0, 0, 0)), (b"IDAT", zlib.compress(bytes(width + 1))), (b"IEND", b""))
    chunks = (struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def monthly_report(*villages: str) -> bytes:
    """Thirty columns below three rows of headings with a row a village; a roll with five empty rows; single cells."""
    book = Workbook()
    wide = book.active
    wide.title = "汇总表"
    _head(wide, WIDE, "乡村治理情况月报表", "AD")
    for column in range(1, 31):
        wide.cell(6, column, column)
    last = 6 + len(villages)
    for row, name in enumerate(villages, start=7):
        wide.cell(row, 2, name)
        wide.cell(row, 26, f"=E{row}+F{row}")
        wide.cell(row, 27, f"=(G{row}+I{row})/D{row}").number_format = "0.0%"
    wide.cell(last + 1, 1, "合计")
    wide.merge_cells(start_row=last + 1, end_row=last + 1, start_column=1, end_column=2)
    for letters in ("C", "D"):
        wide[f"{letters}{last + 1}"] = f"=SUM({letters}7:{letters}{last})"
    wide.cell(last + 2, 1, "填表人：")
    _draw(wide, 3, last + 1, 30)
    wide.freeze_panes = "C7"
    _roll(book.create_sheet("人员花名册"))
    cells = book.create_sheet("基本情况")
    cells["A1"] = "基本情况"
    cells.merge_cells("A1:F1")
    for place, text in (("A2", "乡镇名称"), ("C2", "填报日期"), ("A3", "总户数"), ("C3", "总人口"), ("A4", "党员人数")):
        cells[place] = text
    return saved(book)


def _roll(sheet: Worksheet) -> None:
    _head(sheet, ROLL, "人员花名册", "K")
    for row in range(6, 9):
        sheet.cell(row, 1, row - 5)
        sheet.row_dimensions[row].height = 21
    sheet["A9"] = "平均年龄"
    sheet["I9"] = "=AVERAGE(I6:I8)"
    sheet["A10"] = "说明：按户口簿填写。"
    sheet.merge_cells("A10:K10")
    sheet.row_dimensions[10].height = 40
    _draw(sheet, 3, 9, 11)


def _head(sheet: Worksheet, headings: tuple[tuple[str, str], ...], title: str, last: str) -> None:
    sheet["A1"] = title
    sheet.merge_cells(f"A1:{last}1")
    sheet["A1"].font = Font(name="SimSun", size=18, bold=True)
    sheet["A1"].alignment = Alignment(horizontal="center")
    sheet["A2"] = "填报单位："
    for places, text in headings:
        first = places.split(":")[0]
        sheet[first] = text
        sheet[first].font, sheet[first].fill = BOLD, GREY
        sheet[first].alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        if ":" in places:
            sheet.merge_cells(places)


def _draw(sheet: Worksheet, first: int, last: int, width: int) -> None:
    for cells in sheet.iter_rows(min_row=first, max_row=last, max_col=width):
        for cell in cells:
            cell.border = BORDER


def saved(book: Workbook) -> bytes:
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()
