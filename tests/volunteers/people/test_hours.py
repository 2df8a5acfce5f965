"""Hours of an old ledger that were wrong are reversed once, with a reason, by the village."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from governance.accounts.duties import Duty
from tests.builders import make_user
from tests.volunteers.people.house import PeopleHouse
from tests.volunteers.people.orders import make_hours
from volunteers.models import Hours, Volunteer
from volunteers.people.errors import VolunteerError
from volunteers.people.hours import hours_reverse

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> PeopleHouse:
    return PeopleHouse()


def imported(volunteer: Volunteer) -> Hours:
    return Hours.objects.create(
        volunteer=volunteer, village=volunteer.village, served_on=date(2026, 3, 3), minutes=120, text="扫院坝", at=timezone.now(),
        row_key=uuid4(),
    )  # fmt: skip


def test_it_is_taken_back_once_with_a_reason(house: PeopleHouse) -> None:
    volunteer = house.admitted()
    hours = imported(volunteer)
    stranger = make_user("far", Duty.CADRE, house.other_village())
    for by, reason, words in ((house.cadre, " ", "写明原因"), (stranger, "多记", "不归您"), (house.user("overseer"), "多记", "不归您")):
        with pytest.raises(VolunteerError, match=words):
            hours_reverse(hours=hours, reason=reason, by=by)
    opposite = hours_reverse(hours=hours, reason="多记了", by=house.cadre)
    assert (opposite.minutes, opposite.reverses, opposite.reason, opposite.by) == (-120, hours, "多记了", house.cadre)
    assert Volunteer.objects.with_minutes().get().minutes == 0  # type: ignore[attr-defined]
    for row in (hours, opposite, make_hours(volunteer, date(2026, 3, 4), 60)):
        with pytest.raises(VolunteerError, match="只能冲正原台账"):
            hours_reverse(hours=row, reason="再来", by=house.cadre)


def test_the_volunteers_page_leads_there(house: PeopleHouse, client: Client) -> None:
    volunteer = house.admitted()
    hours, ordered = imported(volunteer), make_hours(volunteer, date(2026, 3, 4), 60)
    page, form = reverse("volunteers:volunteer-detail", args=[volunteer.pk]), reverse("volunteers:hours-reverse", args=[hours.pk])
    client.force_login(house.user("overseer"), backend="django.contrib.auth.backends.ModelBackend")
    assert form not in client.get(page).content.decode() and client.get(form).status_code == 404
    client.force_login(house.cadre, backend="django.contrib.auth.backends.ModelBackend")
    text = client.get(page).content.decode()
    assert form in text and reverse("volunteers:hours-reverse", args=[ordered.pk]) not in text
    done = client.post(form, {"reason": "多记了"}, follow=True).content.decode()
    assert "已冲正" in done and "多记了" in done and form not in done
    assert client.post(form, {"reason": "再来"}).status_code == 422
