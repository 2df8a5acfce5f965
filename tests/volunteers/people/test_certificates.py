"""志愿服务记录证明: counted from the rows, frozen, under the village's own numbers."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from docx import Document

from governance.accounts.duties import Duty
from governance.accounts.models import AccessLog
from governance.privacy import mask_id_number
from tests.answers import ClientAnswer, streamed
from tests.builders import make_user
from tests.volunteers.people.house import PeopleHouse, id_number
from tests.volunteers.people.orders import make_hours
from volunteers.models import Certificate, Hours, Volunteer
from volunteers.people.certificates import certificate_issue
from volunteers.people.errors import VolunteerError

pytestmark = pytest.mark.django_db
MARCH, MAY = date(2026, 3, 1), date(2026, 5, 31)


@pytest.fixture
def house() -> PeopleHouse:
    return PeopleHouse()


def reverse_hours(hours: Hours) -> None:
    Hours.objects.create(
        volunteer=hours.volunteer, village=hours.village, order=hours.order, served_on=hours.served_on, minutes=-hours.minutes,
        text=hours.text, reverses=hours, reason="多记了", at=timezone.now(),
    )  # fmt: skip


def test_it_counts_what_stands_in_its_time(house: PeopleHouse) -> None:
    volunteer = house.admitted()
    for day, minutes in ((date(2026, 3, 1), 90), (date(2026, 5, 31), 60), (date(2026, 6, 1), 600)):
        make_hours(volunteer, day, minutes)
    reverse_hours(make_hours(volunteer, date(2026, 4, 1), 30))
    certificate = certificate_issue(volunteer=volunteer, since=MARCH, until=MAY, by=house.cadre)
    year = timezone.localtime().year
    assert (certificate.number, certificate.minutes, certificate.issuer) == (f"ZM{year}-00001", 150, "平昌县西兴镇八一村委会")
    assert certificate.services == [{"name": "邻里守望", "times": 2, "minutes": 150}]


def test_a_second_one_needs_new_hours_and_none_begins_before_the_first(house: PeopleHouse) -> None:
    volunteer = house.admitted()
    make_hours(volunteer, MARCH, 90)
    first = certificate_issue(volunteer=volunteer, since=MARCH, until=MAY, by=house.cadre)
    for since, until in ((MARCH, MAY), (MARCH, date(2026, 4, 1))):
        with pytest.raises(VolunteerError, match=f"{first.number}.*已经出具"):
            certificate_issue(volunteer=volunteer, since=since, until=until, by=house.cadre)
    with pytest.raises(VolunteerError, match="不能早于第一次服务的日期（2026-03-01）"):
        certificate_issue(volunteer=volunteer, since=date(2020, 1, 1), until=MAY, by=house.cadre)
    make_hours(volunteer, date(2026, 4, 1), 30)
    assert certificate_issue(volunteer=volunteer, since=MARCH, until=MAY, by=house.cadre).minutes == 120


def test_it_is_refused_without_hours_and_to_others(house: PeopleHouse) -> None:
    volunteer = house.admitted()
    with pytest.raises(VolunteerError, match="没有服务时长"):
        certificate_issue(volunteer=volunteer, since=MARCH, until=MAY, by=house.cadre)
    hours = make_hours(volunteer, date(2026, 4, 1), 30)
    for since, until in ((MAY, MARCH), (MARCH, date(2199, 1, 1))):
        with pytest.raises(VolunteerError, match="起止日期"):
            certificate_issue(volunteer=volunteer, since=since, until=until, by=house.cadre)
    for user in (house.user("overseer"), make_user("far", Duty.CADRE, house.other_village())):
        with pytest.raises(VolunteerError, match="不归您"):
            certificate_issue(volunteer=volunteer, since=MARCH, until=MAY, by=user)
    reverse_hours(hours)
    with pytest.raises(VolunteerError, match="没有服务时长"):
        certificate_issue(volunteer=volunteer, since=MARCH, until=MAY, by=house.cadre)


def test_it_is_issued_printed_and_downloaded(house: PeopleHouse, client: Client) -> None:
    volunteer = house.admitted()
    make_hours(volunteer, date(2026, 4, 1), 150)
    client.force_login(house.cadre, backend="django.contrib.auth.backends.ModelBackend")
    form = reverse("volunteers:certificate-create", args=[volunteer.pk])
    assert "2026-04-01" in client.get(form).content.decode(), "since their first service"
    answer = client.post(form, {"since": "2026-04-01", "until": "2026-05-31"}, follow=True)
    text = answer.content.decode()
    assert "2小时30分" in text and "2026年4月1日至2026年5月31日" in text and "王小明" in text
    certificate = Certificate.objects.get()
    paper: ClientAnswer = client.get(reverse("volunteers:certificate-docx", args=[certificate.pk]))
    document = Document(io.BytesIO(streamed(paper)))
    words = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "志愿服务记录证明" in words and certificate.number in words and "累计2小时30分" in words and "平昌县西兴镇八一村委会" in words
    assert [cell.text for cell in document.tables[0].rows[1].cells] == ["邻里守望", "1", "2小时30分"]
    assert AccessLog.objects.filter(kind="export", detail__contains=certificate.number).count() == 2


def test_it_shows_the_number_masked(house: PeopleHouse, client: Client) -> None:
    volunteer = house.outsider()
    Volunteer.objects.filter(pk=volunteer.pk).update(state="active", joined_on=date(2026, 3, 2))
    make_hours(volunteer, MARCH, 150)
    certificate = certificate_issue(volunteer=volunteer, since=MARCH, until=MAY, by=house.cadre)
    assert (certificate.name, certificate.masked_number) == ("外乡人", mask_id_number(id_number("19900101")))
    Volunteer.objects.filter(pk=volunteer.pk).update(name="改名人", id_cipher=b"")
    client.force_login(house.cadre, backend="django.contrib.auth.backends.ModelBackend")
    text = client.get(reverse("volunteers:certificate-print", args=[certificate.pk])).content.decode()
    assert "511929**********" in text and "外乡人" in text and "改名人" not in text and id_number("19900101") not in text


def test_members_see_it_for_a_week(house: PeopleHouse, client: Client) -> None:
    user = make_user("lihe")
    house.admitted("李和", user=user)
    volunteer = house.admitted()
    make_hours(volunteer, MARCH, 150)
    now = timezone.now()
    certificate_issue(volunteer=volunteer, since=MARCH, until=MAY, by=house.cadre, at=now - timedelta(days=8))
    new = certificate_issue(volunteer=volunteer, since=MARCH, until=MAY, by=house.cadre, at=now - timedelta(days=6))
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    text = client.get(reverse("volunteers:my-service")).content.decode()
    assert text.count("王小明，2026-03-01 至 2026-05-31，2小时30分") == 1
    assert client.get(reverse("volunteers:certificate-print", args=[new.pk])).status_code == 404, "a volunteer has no desk"
    client.force_login(house.cadre, backend="django.contrib.auth.backends.ModelBackend")
    listed = client.get(reverse("volunteers:certificate-list")).content.decode()
    assert listed.count("公示中") == 1 and "共 2 份" in listed
