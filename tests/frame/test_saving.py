"""Rows that go in together: what each row alone would be allowed is raised as the database said it."""

from __future__ import annotations

import pytest
from django.db import IntegrityError
from django.utils import timezone

from governance.frame.saving import insert_by
from inspections.errors import InspectionError
from inspections.models import Answer
from tests.inspections.house import RoundHouse

pytestmark = pytest.mark.django_db


def test_it_refuses_twins_of_which_either_would_do() -> None:
    house = RoundHouse()
    house.scoring()
    line = house.item("白色垃圾")
    twins = [Answer(card=house.card(), item=line, by=house.staff, at=timezone.now()) for _ in range(2)]
    with pytest.raises(IntegrityError):
        insert_by(twins, house.staff, InspectionError)
    assert not Answer.objects.exists()
