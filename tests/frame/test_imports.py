"""What every import keeps, whatever its sheet means."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from governance.cases.disputes.sheet_import import DISPUTE_IMPORT
from governance.frame.imports.flow import SheetFlow
from governance.frame.imports.models import SheetImport
from tests.builders import make_township, make_user
from villages.roster.services import RosterFlow

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", SheetImport.__subclasses__())
def test_the_database_knows_when_an_import_was_committed(model: type[SheetImport]) -> None:
    sheet = model.objects.create(township=make_township(), uploaded_by=make_user("staff"), filename="台账.xlsx")  # type: ignore[attr-defined]
    rows = model._default_manager.filter(pk=sheet.pk)
    for said in ({"state": "committed"}, {"committed_at": timezone.now()}, {"state": "discarded", "committed_at": timezone.now()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**said)
    assert rows.update(state="committed", committed_at=timezone.now()) == 1


def test_a_feature_must_say_how_its_sheet_is_read_judged_and_written() -> None:
    class Half(SheetFlow):  # type: ignore[type-arg]
        place, parse, compare = RosterFlow.place, RosterFlow.parse, RosterFlow.compare

    with pytest.raises(TypeError, match="write"):
        Half()  # type: ignore[abstract]


def test_an_import_that_does_not_outlive_its_commit_is_closed_by_it() -> None:
    sheet = DISPUTE_IMPORT.model(state="committed")
    assert not sheet.is_open and not sheet.waits
    assert RosterFlow.model(state="committed").is_open and not RosterFlow.model(state="discarded").is_open
