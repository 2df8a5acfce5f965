"""Tell what a file really is from its bytes, and measure a zip archive by inflating it rather than by its headers."""

import codecs
import io
import struct
import zipfile
import zlib
from typing import NamedTuple

from governance.sheets.limits import Limits, SheetError

XLSX, XLS, CSV, HTML, XML = "xlsx", "xls", "csv", "html", "xml"
ENCODINGS = {"": "自动识别", "utf-8": "UTF-8", "gb18030": "GB18030（GBK）", "utf-16": "UTF-16（Unicode）"}
ENCRYPTED = (
    "文件无法读取：文件设有密码。请先取消密码再上传：Excel 点“文件→信息→保护工作簿→用密码进行加密”，"
    "WPS 点“文件→文档加密→密码加密”，把密码清空后保存"
)
DAMAGED = "文件无法读取：文件已损坏或没有传完整，请重新保存后再上传"
HOSTILE = "文件无法读取：文件内含有不允许的定义，可能是恶意文件"
_CHUNK = 256 * 1024
_LOCAL_HEADER = struct.Struct("<4s5H3L2H")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DTD = [mark.encode(codec) for mark in ("<!DOCTYPE", "<!ENTITY") for codec in ("ascii", "utf-16-le", "utf-16-be")]
_TAIL = max(map(len, _DTD))  # of a chunk, so that no mark is missed across two
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_FOREIGN = (
    (b"MZ", "这是一个程序文件，不是表格"),
    (b"\x7fELF", "这是一个程序文件，不是表格"),
    (b"%PDF", "这是 PDF 文件，请上传 Excel 或 CSV 表格"),
    (b"\xff\xd8\xff", "这是图片，请上传 Excel 或 CSV 表格"),
    (b"\x89PNG", "这是图片，请上传 Excel 或 CSV 表格"),
    (b"Rar!", "这是压缩包，请先解压再上传里面的表格"),
    (b"7z\xbc\xaf", "这是压缩包，请先解压再上传里面的表格"),
    (b"\x1f\x8b", "这是压缩包，请先解压再上传里面的表格"),
)


class Zipped(NamedTuple):
    """What kind of file a zip archive should be: its part `main`, and what is said of one that is another kind of file (`foreign`), has a
    password, has more parts than one ever has, inflates to too much."""

    main: str
    foreign: str
    encrypted: str
    parts: str
    size: str


WORKBOOK = Zipped(
    "xl/workbook.xml",
    "文件无法读取：这不是 .xlsx 表格（也可能是压缩包，请先解压）",
    ENCRYPTED,
    "文件无法读取：文件内部部件过多，可能不是正常的表格",
    "文件无法读取：展开后内容过大，请拆分后再上传",
)


def sniff(data: bytes) -> str:
    """Return XLSX, XLS, CSV, HTML or XML judged by content, never by the file's name. Raises SheetError for anything else."""
    if not data.strip():
        raise SheetError("文件无法读取：文件是空的", "empty")
    for magic, reason in _FOREIGN:
        if data.startswith(magic):
            raise SheetError(f"文件无法读取：{reason}", "type")
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return XLSX
    if data.startswith(_OLE):
        return XLS
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<html", b"<!doctype", b"<?xml", b"<table", b"<meta", b"<workbook", b"<head", b"<style", b"<div")):
        return HTML if b"<html" in head or not head.startswith((b"<?xml", b"<workbook")) else XML
    if b"\0" in data and not data.startswith(_UTF16_MARKS):
        raise SheetError("文件无法读取：内容不是表格", "type")
    return CSV


def recoded(data: bytes, encoding: str) -> bytes:
    """A text file in UTF-8, read by the one of ENCODINGS that the user chose; other kinds of file as they are. Raises SheetError."""
    if not encoding or data.startswith((b"PK", _OLE)):
        return data
    try:
        return codecs.BOM_UTF8 + data.decode(encoding).removeprefix("\ufeff").encode()
    except UnicodeError as error:
        raise SheetError(f"文件无法读取：不是 {ENCODINGS[encoding]} 编码，请改选别的编码或“自动识别”", "encoding") from error


def check_ole(data: bytes) -> None:
    """Refuse an OLE file that is an encrypted workbook or no workbook at all. Raises SheetError."""
    if _utf16("EncryptedPackage") in data:
        raise SheetError(ENCRYPTED, "encrypted")
    if _utf16("Workbook") not in data and _utf16("Book") not in data:
        raise SheetError("文件无法读取：这不是 Excel 表格", "type")


def straight_zip(data: bytes) -> bytes:
    """A checked .xlsx whose parts are named with slashes; some programs write xl\\workbook.xml."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    if not any("\\" in name for name in archive.namelist()):
        return data
    straight = io.BytesIO()
    with zipfile.ZipFile(straight, "w", zipfile.ZIP_STORED) as out:
        for part in archive.infolist():
            out.writestr(part.filename.replace("\\", "/"), archive.read(part))
    return straight.getvalue()


def check_zip(data: bytes, limits: Limits, kind: Zipped = WORKBOOK) -> None:
    """Inflate every part and count what comes out. Raises SheetError: damaged, too big, with a DTD, or none of `kind`."""
    try:
        parts = zipfile.ZipFile(io.BytesIO(data)).infolist()
        if len(parts) > limits.parts:
            raise SheetError(kind.parts, "size")
        if not any(part.filename.replace("\\", "/") == kind.main for part in parts):
            raise SheetError(kind.foreign, "type")
        if any(part.flag_bits & 1 for part in parts):
            raise SheetError(kind.encrypted, "encrypted")
        left = limits.inflated_bytes
        for part in parts:
            left -= _inflated_size(data, part, left, kind)
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, ValueError) as error:
        raise SheetError(DAMAGED, "damaged") from error


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-le")


def _inflated_size(data: bytes, part: zipfile.ZipInfo, left: int, kind: Zipped) -> int:
    """Bytes that one part really inflates to, stopping as soon as it passes `left`."""
    header = _LOCAL_HEADER.unpack_from(data, part.header_offset)
    start = part.header_offset + _LOCAL_HEADER.size + header[9] + header[10]
    packed = memoryview(data)[start : start + part.compress_size]
    if part.compress_type == zipfile.ZIP_STORED:
        return _count(bytes(packed), b"", 0, left, kind)
    if part.compress_type != zipfile.ZIP_DEFLATED:
        raise zipfile.BadZipFile
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    size, tail, pending = 0, b"", bytes(packed)
    while not inflater.eof:
        chunk = inflater.decompress(pending, _CHUNK)
        if not chunk and not inflater.unconsumed_tail and not inflater.eof:
            raise zipfile.BadZipFile
        size = _count(chunk, tail, size, left, kind)
        tail, pending = chunk[-_TAIL:], inflater.unconsumed_tail
    return size


def _count(chunk: bytes, tail: bytes, size: int, left: int, kind: Zipped) -> int:
    """Add a chunk to `size`; no office program writes a DTD, so one is taken as an attack."""
    if any(mark in tail + chunk for mark in _DTD):
        raise SheetError(HOSTILE, "hostile")
    if size + len(chunk) > left:
        raise SheetError(kind.size, "size")
    return size + len(chunk)
