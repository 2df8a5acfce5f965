"""What every import keeps, whatever its sheet means."""

from __future__ import annotations

import json
import zlib
from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from governance.cases.disputes.sheet_import import DISPUTE_IMPORT
from governance.crypto import decrypt_bytes, encrypt
from governance.frame.imports.flow import SheetFlow, plain_about, restored_about
from governance.frame.imports.forms import MappingForm
from governance.frame.imports.models import SheetImport
from governance.frame.imports.payload import Preview, PreviewRow, pack, unpack
from governance.sheets.headings import HeadingMap
from governance.sheets.roster_fields import ROSTER_FIELDS
from governance.sheets.rows import RowResult
from governance.sheets.tables import HIDDEN_SHEETS, Table
from tests.builders import make_township, make_user
from villages.roster.services import RosterFlow

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", SheetImport.__subclasses__())
def test_the_database_knows_when_an_import_was_committed(model: type[SheetImport]) -> None:
    place = {"township": make_township()} if hasattr(model, "township") else {}
    sheet = model._default_manager.create(**place, uploaded_by=make_user("staff"), filename="台账.xlsx")
    rows = model._default_manager.filter(pk=sheet.pk)
    for said in ({"state": "committed"}, {"committed_at": timezone.now()}, {"state": "discarded", "committed_at": timezone.now()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**said)
    assert rows.update(state="committed", committed_at=timezone.now()) == 1


def test_what_a_sheet_was_uploaded_with_is_there_again_for_other_columns() -> None:
    township = make_township()
    plain = plain_about({"township": township, "village": None, "year": 2026})
    assert json.loads(json.dumps(plain)) == plain
    assert restored_about(plain) == {"township": township, "village": None, "year": 2026}


def test_the_columns_are_asked_once_with_what_is_known_of_them() -> None:
    left = Table("一", [], (1,), ["姓名", ""], HeadingMap({"name": 0}))
    right = Table("一", [], (1,), ["", "姓名"], HeadingMap({"name": 1}), part=1)
    hidden = Table("二", [], (), [], HeadingMap(), why=HIDDEN_SHEETS)
    form = MappingForm({"h0": "name", "hidden_sheets": "on"}, tables=[left, right, hidden], known=ROSTER_FIELDS)
    assert (form.headings, form.fields["h0"].initial) == (["姓名"], "name")
    assert "二" in str(form.fields["hidden_sheets"].label)
    assert form.is_valid() and form.overrides() == {"姓名": "name", HIDDEN_SHEETS: "1"}
    assert "hidden_sheets" not in MappingForm(tables=[left], known=ROSTER_FIELDS).fields


def test_a_feature_must_say_how_its_sheet_is_read_judged_and_written() -> None:
    class Half(SheetFlow):  # type: ignore[type-arg]
        place, parse, compare = RosterFlow.place, RosterFlow.parse, RosterFlow.compare

    with pytest.raises(TypeError, match="write"):
        Half()  # type: ignore[abstract]


def test_an_import_that_does_not_outlive_its_commit_is_closed_by_it() -> None:
    sheet = DISPUTE_IMPORT.model(state="committed")
    assert not sheet.is_open and not sheet.waits
    assert RosterFlow.model(state="committed").is_open and not RosterFlow.model(state="discarded").is_open


def test_a_preview_is_kept_small_and_one_of_before_is_still_read() -> None:
    born = date(1964, 2, 1)
    row = RowResult("八一村", 2, {"name": "张三", "birth_date": born, "note": None}, ["张三", 1.5, born], {"name": 0})
    row.flag("name", "look", "请看")
    table = Table("八一村", [], (1,), ["姓名"], HeadingMap({"name": 0}))
    preview = Preview([PreviewRow(row, 1, "new")] * 500, [table], ["一个问题"])
    stored = pack(preview)
    assert unpack(stored) == preview and "张三".encode() not in stored
    plain = zlib.decompress(decrypt_bytes(stored))
    assert len(stored) < len(plain) / 10
    assert unpack(encrypt(plain.decode())) == preview
