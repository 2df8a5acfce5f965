"""An existing 居民公约 comes in from .docx: each paragraph stands in the form before anything is kept; a file that cannot be read says why
and costs nothing that was typed."""

from __future__ import annotations

import dataclasses
import io
import json
import sys
import zipfile
import zlib
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from docx import Document
from docx.oxml import parse_xml
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.councils.covenants.marking import name_and_clauses
from governance.councils.models import Clause, Covenant
from governance.documents import worker
from governance.documents.reading import LIMITS, read_paragraphs
from governance.documents.worker import paragraphs
from governance.sheets.limits import Limits, SheetError
from tests.councils.covenants.test_covenants import CovenantHouse

NAME, CLAUSES = "八一村居民公约", ["爱国守法，诚实守信。", "门前三包，每天打扫。", "红白事从简。"]
SPACE = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
)
MOVED = "<w:moveFrom><w:r><w:t>移走的话。</w:t></w:r></w:moveFrom>"
STRUCK = "<w:del><w:r><w:delText>罚款。</w:delText></w:r></w:del>"
_BOXED = "<w:txbxContent><w:p><w:r><w:t>框里的话。</w:t></w:r></w:p></w:txbxContent>"
BOX = f"<w:r><mc:AlternateContent><mc:Choice>{_BOXED}</mc:Choice><mc:Fallback>{_BOXED}</mc:Fallback></mc:AlternateContent></w:r>"
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"]), min_size=1, max_size=30)


def docx(*lines: str) -> bytes:
    document = Document()
    for line in lines:
        document.add_paragraph(line)
    return saved(document)


def saved(document: Any) -> bytes:
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


@settings(deadline=None, max_examples=30)
@given(st.lists(WORDS, min_size=1, max_size=12))
def test_every_paragraph_is_accounted_for(lines: list[str]) -> None:
    found = paragraphs(docx(*lines, "", "　"), Limits())
    assert found == [" ".join(line.split()) for line in lines]
    name, clauses = name_and_clauses(found)
    assert [name, *clauses] == ([*found] if name else ["", *found])


def test_tables_and_boxes_are_read_where_they_stand_and_what_was_struck_out_is_not() -> None:
    document = Document()
    document.add_paragraph("第一条　爱国\t守法。")
    document.add_table(1, 2).rows[0].cells[0].text = "第二条　门前三包。"
    document.add_paragraph().add_run("换行以前\n换行以后")
    last = document.add_paragraph("第三条")
    for shape in (STRUCK, MOVED, BOX):
        last._p.append(parse_xml(shape.replace(">", f" {SPACE}>", 1)))
    assert read_paragraphs(saved(document)) == [
        "第一条 爱国 守法。", "第二条 门前三包。", "换行以前", "换行以后", "第三条", "框里的话。",
    ]  # fmt: skip


def hostile(codec: str = "utf-8") -> bytes:
    head = f'<?xml version="1.0" encoding="{codec}"?>' if codec != "utf-8" else ""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", (head + '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>').encode(codec))
    return stream.getvalue()


def marked(flag: int) -> bytes:
    """A file whose parts say in both their headings that they are encrypted."""
    data = bytearray(docx("爱国守法。"))
    for magic, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(magic)
        while at >= 0:
            data[at + place] |= flag
            at = data.find(magic, at + 4)
    return bytes(data)


def crowded(parts: int) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for number in range(parts):
            archive.writestr(f"word/{number}.xml", "<a/>")
    return stream.getvalue()


def swollen() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * (LIMITS.inflated_bytes + 1))
    return stream.getvalue()


def workbook() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("xl/workbook.xml", "<a/>")
    return stream.getvalue()


BAD = {
    "旧版 .doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600,
    "PDF 和图片": b"%PDF-1.7",
    "这不是 .docx": workbook(),
    "已损坏": docx("爱国守法。")[:900],
    "可能是恶意文件": hostile(),
    "没有文字": docx("", " "),
    "超过 5 MB": b"PK" + b"x" * (5 * 1024 * 1024),
    "文件设有密码": marked(1),
    "可能不是正常的文档": crowded(LIMITS.parts + 1),
    "请删去图片": swollen(),
}


@pytest.mark.parametrize("words", BAD)
def test_what_cannot_be_read_says_why(words: str) -> None:
    """In words of papers: nobody who sends a .docx is told of tables."""
    with pytest.raises(SheetError, match=words) as refused:
        read_paragraphs(BAD[words])
    assert "表格" not in refused.value.message and "Excel" not in refused.value.message


@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_definition_is_refused_in_every_encoding_that_is_read(codec: str) -> None:
    with pytest.raises(SheetError, match="可能是恶意文件"):
        read_paragraphs(hostile(codec))


@pytest.mark.parametrize(("error", "words"), [(MemoryError(), "展开后内容过大"), (zlib.error(), "已损坏"), (KeyError(), "已损坏")])
def test_whatever_breaks_inside_is_an_answer(error: Exception, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*given: Any) -> Any:
        raise error

    order = io.BytesIO(json.dumps(dataclasses.asdict(LIMITS)).encode() + b"\nPK")
    answer = io.BytesIO()
    monkeypatch.setattr(worker, "confine", lambda *given: None)
    monkeypatch.setattr(worker, "paragraphs", breaks)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=order))
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=answer))
    worker.main()
    assert words in json.loads(answer.getvalue())["error"]


@pytest.fixture
def house(db: None) -> CovenantHouse:
    return CovenantHouse()


@pytest.fixture
def secretary(house: CovenantHouse, client: Client) -> Client:
    client.force_login(house.secretary)
    return client


def send(client: Client, address: str, data: bytes | None, **typed: Any) -> Any:
    file = {"file": SimpleUploadedFile("公约.docx", data)} if data is not None else {}
    return client.post(address, {**typed, **file})


def test_a_file_is_shown_before_it_is_kept(house: CovenantHouse, secretary: Client) -> None:
    address = reverse("councils:covenant-create")
    typed = {"unit": house.village.pk, "kind": "covenant", "title": "", "topic": "", "text": "", "note": "录入现行的"}
    answer = send(secretary, address, docx(NAME, *CLAUSES), **typed)
    page = answer.content.decode()
    assert answer.status_code == 200 and f"一共 4 段：第一段“{NAME}”是名称，条款 3 条" in page and not Covenant.objects.exists()
    form = answer.context["form"]
    shown = {name: form[name].value() for name in typed}
    assert shown == {**typed, "unit": str(house.village.pk), "title": NAME, "text": "\n".join(CLAUSES)}
    assert send(secretary, address, None, **shown).status_code == 302
    assert list(Clause.objects.order_by("number").values_list("text", flat=True)) == CLAUSES


def test_a_bad_file_costs_nothing_that_was_typed(house: CovenantHouse, secretary: Client) -> None:
    address = reverse("councils:covenant-create")
    typed = {"unit": house.village.pk, "kind": "covenant", "title": "我们的公约", "topic": "", "text": "爱国守法。", "note": "录入"}
    answer = send(secretary, address, b"%PDF-1.7", **typed)
    page = answer.content.decode()
    assert answer.status_code == 422 and "这不是 .docx 文件" in page and "我们的公约" in page and "爱国守法。" in page
    assert not Covenant.objects.exists()
    assert "请写条款" in send(secretary, address, None, **{**typed, "text": ""}).content.decode()


def test_the_next_version_may_come_from_a_file(house: CovenantHouse, secretary: Client) -> None:
    draft = house.drafted()
    address = reverse("councils:covenant-draft", args=[draft.covenant_id])
    answer = send(secretary, address, docx(*CLAUSES), text="爱国守法。", note="整理")
    assert answer.context["form"]["text"].value() == "\n".join(CLAUSES) and answer.context["form"]["note"].value() == "整理"
    assert Clause.objects.filter(version=draft).count() == 2
    send(secretary, address, None, text="\n".join(CLAUSES), note="整理")
    assert Clause.objects.filter(version=draft).count() == 3


def test_no_paragraph_is_lost_where_no_name_is_asked_for(house: CovenantHouse, secretary: Client) -> None:
    draft, first = house.drafted(), "全体村民自觉遵守本公约"
    address = reverse("councils:covenant-draft", args=[draft.covenant_id])
    answer = send(secretary, address, docx(first, *CLAUSES), text="爱国守法。", note="整理")
    assert answer.context["form"]["text"].value() == "\n".join([first, *CLAUSES])
    assert "条款 4 条。原来填的条款已换成文件里的。" in answer.content.decode()
    address = reverse("councils:covenant-create")
    typed = {"unit": house.village.pk, "kind": "covenant", "title": "我们的公约", "topic": "", "text": "", "note": "录入"}
    answer = send(secretary, address, docx(NAME, *CLAUSES), **typed)
    assert [answer.context["form"][name].value() for name in ("title", "text")] == ["我们的公约", "\n".join([NAME, *CLAUSES])]


def test_whoever_may_not_draft_reads_no_file(house: CovenantHouse, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("governance.councils.covenants.forms.read_paragraphs", lambda data: pytest.fail("it was read"))
    client.force_login(house.cast["overseer"])
    assert send(client, reverse("councils:covenant-create"), docx(*CLAUSES)).status_code in (403, 404)
