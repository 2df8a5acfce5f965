"""Read the paragraphs of an uploaded .docx safely: a child process with ceilings opens it (`worker.py`)."""

from __future__ import annotations

import dataclasses
import json
import subprocess

from governance.children import child_run
from governance.sheets.limits import Limits, SheetError

LIMITS = Limits(file_bytes=5 * 1024 * 1024, inflated_bytes=20 * 1024 * 1024, text_chars=100_000)


def read_paragraphs(data: bytes, limits: Limits = LIMITS) -> list[str]:
    """All paragraphs that hold words, in the document's order, those of tables and text boxes among them. Raises SheetError in Chinese."""
    if len(data) > limits.file_bytes:
        raise SheetError(f"文件无法读取：文件超过 {limits.file_bytes // 1024 // 1024} MB", "size")
    order = json.dumps(dataclasses.asdict(limits)).encode()
    try:
        answer = json.loads(child_run("governance.documents.worker", order + b"\n" + data, limits.wall_seconds))
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
        raise SheetError("文件无法读取：内容异常，请把条款复制到页面上", "crash") from error
    if "error" in answer:
        raise SheetError(answer["error"], answer["code"])
    found: list[str] = answer["paragraphs"]
    return found
