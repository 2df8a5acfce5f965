"""Pages of volunteers, teams, hours and stars: what is shown to whom, and that the figures are those of the rows."""

from __future__ import annotations

import io
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.accounts.models import AccessLog, User
from governance.sheets.reader import read_workbook
from tests.answers import streamed
from tests.builders import make_user
from tests.volunteers.people.house import PeopleHouse, id_number
from tests.volunteers.people.orders import make_hours
from volunteers.models import ServiceMember, ServiceTeam, StarRule, Volunteer
from volunteers.people.errors import NO_ACCOUNT
from volunteers.people.setting_up import stars_set_up
from volunteers.people.teams import team_join, team_save

pytestmark = pytest.mark.django_db
FORM = {
    "days": "workdays", "guardian": "", "guardian_consented_on": "", "username": "", "agreed_on": "2026-03-01", "agreed_how": "signed",
}  # fmt: skip


@pytest.fixture
def house() -> PeopleHouse:
    return PeopleHouse()


def login(client: Client, user: User) -> None:
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")


def get(client: Client, name: str, *args: int, **query: str) -> str:
    answer = client.get(reverse(f"volunteers:{name}", args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def sheet(client: Client, name: str, **query: str) -> list[list[str]]:
    """The rows of an export below its heading."""
    data = streamed(client.get(reverse(f"volunteers:{name}"), query))
    rows = read_workbook(io.BytesIO(data).getvalue(), "x.xlsx")[0].rows
    return [[str(cell) for cell in row if cell is not None] for row in rows.values()]


def test_a_resident_is_looked_up_registered_and_admitted(house: PeopleHouse, client: Client) -> None:
    resident = house.resident("李和")
    login(client, house.cadre)
    page = reverse("volunteers:volunteer-register")
    assert f"?resident={resident.pk}" in client.get(page, {"q": "李和"}).content.decode()
    form = client.get(page, {"resident": resident.pk}).content.decode()
    assert 'name="id_number"' not in form and 'name="phone"' not in form, "the register knows them"
    sent = {**FORM, "resident": resident.pk, "village": house.village.pk, "is_party_member": "on"}
    answer = client.post(page, sent, follow=True)
    volunteer = Volunteer.objects.get()
    assert (volunteer.name, volunteer.days, volunteer.is_party_member) == ("李和", "workdays", True)
    assert "办理加入" in answer.content.decode()
    admit = reverse("volunteers:volunteer-admit", args=[volunteer.pk])
    text = client.post(admit, {"on": "2026-03-02"}, follow=True).content.decode()
    assert "在册" in text and "李和" in text
    assert "不能办理加入" in client.get(admit, follow=True).content.decode()


def test_an_outsider_is_written_down_with_what_is_wrong_said(house: PeopleHouse, client: Client) -> None:
    login(client, house.cadre)
    page = reverse("volunteers:volunteer-register")
    sent = {**FORM, "village": house.village.pk, "name": "外乡人", "phone": "15400000002", "id_number": "51192919900101"}
    answer = client.post(page, sent)
    assert answer.status_code == 422 and "身份证号应为18位" in answer.content.decode()
    sent |= {"id_number": id_number("19900101"), "username": "nobody"}
    make_user("elsewhere", "cadre", house.other_village())
    unknown, refused = (client.post(page, {**sent, "username": name}).content.decode() for name in ("nobody", "elsewhere"))
    assert unknown.count(NO_ACCOUNT) == refused.count(NO_ACCOUNT) > 0, "whether there is such an account is not said"
    user = make_user("waixiang")
    client.post(page, {**sent, "username": "waixiang"})
    assert Volunteer.objects.get().user == user


def test_phones_and_numbers_are_for_those_who_keep_the_register(house: PeopleHouse, client: Client) -> None:
    volunteer = house.outsider()
    number = id_number("19900101")
    login(client, house.user("overseer"))
    text = get(client, "volunteer-detail", volunteer.pk)
    assert "15400000002" not in text and "154****0002" in text and number not in text
    reveal = reverse("volunteers:volunteer-reveal", args=[volunteer.pk])
    assert client.post(reveal).status_code == 404
    login(client, house.cadre)
    assert "15400000002" in get(client, "volunteer-detail", volunteer.pk) and "15400000002" not in get(client, "volunteer-list")
    assert number in client.post(reveal).content.decode()
    assert AccessLog.objects.get(kind="reveal").user == house.cadre
    api = client.get("/api/v1/volunteers/").content.decode()
    assert "154****0002" in api and "15400000002" not in api and number not in api


def test_totals_are_those_of_the_rows(house: PeopleHouse, client: Client) -> None:
    volunteer, other = house.admitted(), house.admitted("李和")
    for day, minutes in ((date(2026, 3, 1), 90), (date(2026, 4, 2), 45)):
        make_hours(volunteer, day, minutes)
    make_hours(other, date(2026, 4, 2), 60)
    login(client, house.cadre)
    listed = get(client, "volunteer-list")
    assert "2小时15分" in listed and "1小时" in listed
    detail = get(client, "volunteer-detail", volunteer.pk)
    assert "累计 2小时15分，2 条" in detail
    assert "共 3 条" in get(client, "hours-list") and "共 2 条" in get(client, "hours-list", month="2026-04")
    assert "共 2 条" in get(client, "hours-list", q="王小明")
    ledger = sheet(client, "hours-export", month="2026-04")
    assert [row[1:6] for row in ledger[-2:]] == [
        ["王小明", "八一村", "2026-04-02", "邻里守望", "0.75"], ["李和", "八一村", "2026-04-02", "邻里守望", "1.0"],
    ]  # fmt: skip
    register = sheet(client, "volunteer-export")
    assert {row[1]: row[-2] for row in register[-2:]} == {"王小明": "2.25", "李和": "1.0"}


def test_filters_find_state_team_project_and_party(house: PeopleHouse, client: Client) -> None:
    member = house.admitted("李和", is_party_member=True)
    house.register(house.resident("赵六"))
    team = team_save(team=ServiceTeam(village=house.village, name="党员服务队", kind="party"), by=house.cadre)
    team_join(team=team, volunteer=member, by=house.cadre)
    login(client, house.cadre)
    for query in ({"state": "active"}, {"team": str(team.pk)}, {"party": "yes"}, {"q": "lihe"}):
        text = get(client, "volunteer-list", **query)
        assert "李和" in text and "赵六" not in text, query
    assert "党员服务队" in get(client, "volunteer-list")


def test_a_team_is_made_joined_led_and_parted_from(house: PeopleHouse, client: Client) -> None:
    volunteer = house.admitted()
    login(client, house.cadre)
    client.post(reverse("volunteers:team-create"), {"village": house.village.pk, "name": "应急队", "kind": "emergency"})
    team = ServiceTeam.objects.get()
    join = reverse("volunteers:team-join", args=[team.pk])
    assert "王小明" in client.post(join, {"volunteer": volunteer.pk}, follow=True).content.decode()
    assert client.post(join, {"volunteer": ""}).status_code == 422
    change = {"name": "应急队", "kind": "emergency", "leader": volunteer.pk, "is_active": "on"}
    assert "队长：王小明" in client.post(reverse("volunteers:team-change", args=[team.pk]), change, follow=True).content.decode()
    assert "应急队" in get(client, "team-list")
    part = reverse("volunteers:team-part", args=[ServiceMember.objects.get().pk])
    assert "已离队" in client.post(part, follow=True).content.decode() and not ServiceMember.objects.exists()


def test_stars_are_proposed_where_they_are_turned_on(house: PeopleHouse, client: Client) -> None:
    volunteer = house.admitted()
    house.admitted("李和")
    for day in range(1, 7):
        make_hours(volunteer, date(2026, 3, day), 1200)
    stars_set_up(township=house.township)
    login(client, house.cadre)
    assert "王小明" not in get(client, "star-list"), "off by default"
    StarRule.objects.update(is_active=True)
    text = get(client, "star-list")
    assert "王小明" in text and "1 星" in text and "李和" not in text


def test_my_page_shows_my_hours_alone(house: PeopleHouse, client: Client) -> None:
    user = make_user("lihe")
    mine, other = house.admitted("李和", user=user), house.admitted()
    make_hours(mine, date(2025, 12, 31), 60)
    make_hours(mine, date(2026, 1, 1), 90)
    make_hours(other, date(2026, 1, 1), 600)
    login(client, user)
    text = get(client, "my-service")
    assert "累计 2小时30分" in text and "10小时" not in text and "共 2 条" in text and "?year=2025" in text
    assert "共 1 条" in get(client, "my-service", year="2026", service="邻里守望")
    assert client.get(reverse("volunteers:volunteer-list")).status_code == 404
    login(client, house.cadre)
    assert "还没有登记为志愿者" in get(client, "my-service")


def test_pages_ask_no_more_with_more_rows(house: PeopleHouse, client: Client) -> None:
    login(client, house.cadre)
    counts = []
    for round_ in range(2):
        for number in range(3):
            make_hours(house.admitted(f"李{'甲乙丙丁戊己'[round_ * 3 + number]}"), date(2026, 3, 1), 60)
        with CaptureQueriesContext(connection) as queries:
            for name in ("volunteer-list", "hours-list"):
                get(client, name)
        counts.append(len(queries))
    assert counts[0] == counts[1]
