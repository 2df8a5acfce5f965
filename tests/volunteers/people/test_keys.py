"""Addresses and forms that name what no key can be: nothing is found, nothing falls over."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.frame.forms import ChosenField
from tests.volunteers.people.house import PeopleHouse
from villages.models import Unit

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("digits", [30, 5000])
def test_keys_that_are_no_keys(client: Client, digits: int) -> None:
    house, key = PeopleHouse(), "9" * digits
    volunteer = house.admitted()
    client.force_login(house.cadre, backend="django.contrib.auth.backends.ModelBackend")
    page = reverse("volunteers:volunteer-register")
    assert client.get(page, {"resident": key}).status_code == 200
    assert client.post(page, {"resident": key}).status_code == 422
    change = reverse("volunteers:volunteer-change", args=[volunteer.pk])
    for name in ("covers", "projects", "overlay", "village"):
        assert client.post(change, {"village": house.village.pk, "days": "all", name: key}).status_code == 422, name


def test_no_database_is_asked_for_them() -> None:
    with CaptureQueriesContext(connection) as queries, pytest.raises(ValidationError):
        ChosenField(Unit.objects.all()).clean(["9" * 30])
    assert not queries.captured_queries
    with pytest.raises(ValidationError):
        ChosenField(Unit.objects.all()).clean(["5"])
