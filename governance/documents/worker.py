"""The child process that opens one stranger's .docx: `python -m governance.documents.worker`, bytes in, JSON out.

Standard output is one JSON object: {"paragraphs": […]} or {"error", "code"}.
"""

from __future__ import annotations

import io
import json
import sys
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

from governance.children import confine
from governance.sheets.containers import DAMAGED, Zipped, check_zip, straight_zip
from governance.sheets.limits import Limits, SheetError

MAIN = "word/document.xml"
FOREIGN = "文件无法读取：这不是 .docx 文件。旧版 .doc、WPS 或设了密码的，请另存为没有密码的 .docx；PDF 和图片请把条款复制到页面上"
EMPTY = "文件无法读取：文件里没有文字，图片里的字请打出来"
LONG = "文件无法读取：文字太多，请只留条款"
DOCUMENT = Zipped(
    MAIN,
    FOREIGN,
    "文件无法读取：文件设有密码。请先取消密码再上传，或把条款复制到页面上",
    "文件无法读取：文件内部部件过多，可能不是正常的文档",
    "文件无法读取：展开后内容过大，请删去图片再上传，或把条款复制到页面上",
)
SPACES = {"tab": " ", "noBreakHyphen": "-", "br": "\n", "cr": "\n"}
GONE = ("Fallback", "moveFrom")  # a second copy for older programs; words that were moved away


def main() -> None:
    limits = Limits(**json.loads(sys.stdin.buffer.readline()))
    confine(limits.memory_bytes, limits.cpu_seconds)
    try:
        answer: dict[str, Any] = {"paragraphs": paragraphs(sys.stdin.buffer.read(), limits)}
    except SheetError as error:
        answer = {"error": error.message, "code": error.code}
    except MemoryError:
        answer = {"error": DOCUMENT.size, "code": "size"}
    except (ElementTree.ParseError, zipfile.BadZipFile, zlib.error, KeyError, ValueError, RecursionError):
        answer = {"error": DAMAGED, "code": "damaged"}
    sys.stdout.buffer.write(json.dumps(answer).encode())


def paragraphs(data: bytes, limits: Limits) -> list[str]:
    """Raises SheetError for what is no .docx, holds no words or too many."""
    if not data.startswith(b"PK"):
        raise SheetError(FOREIGN, "type")
    check_zip(data, limits, DOCUMENT)
    root = ElementTree.fromstring(zipfile.ZipFile(io.BytesIO(straight_zip(data))).read(MAIN))
    lines = (line for one in _texts(root) for line in one.split("\n"))
    found = [words for words in (" ".join(line.split()) for line in lines) if words]
    if not found:
        raise SheetError(EMPTY, "empty")
    if sum(map(len, found)) > limits.text_chars:
        raise SheetError(LONG, "size")
    return found


def _texts(node: ElementTree.Element) -> Iterator[str]:
    """The words of each paragraph, then those of paragraphs within it (text boxes)."""
    for child in node:
        if _name(child) in GONE:
            continue
        if _name(child) == "p":
            yield "".join(_words(child))
        yield from _texts(child)


def _words(node: ElementTree.Element) -> Iterator[str]:
    """What is shown of a paragraph itself: words that were struck out are under another name."""
    for child in node:
        name = _name(child)
        if name in ("p", *GONE):
            continue
        if name == "t":
            yield child.text or ""
        yield SPACES.get(name, "")
        yield from _words(child)


def _name(node: ElementTree.Element) -> str:
    return node.tag.rpartition("}")[2]


if __name__ == "__main__":
    main()
