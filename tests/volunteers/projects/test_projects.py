"""The service library: what ships, what staff change, what residents see."""

from __future__ import annotations

import csv
from datetime import time

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from governance.cases.models import Shift, ShiftKind
from governance.errors import DomainError
from governance.periods import today
from tests.builders import make_cast, make_township, make_village
from tests.volunteers.people.house import PeopleHouse
from villages.models import Post
from volunteers.models import Project
from volunteers.projects.setting_up import projects_set_up

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> PeopleHouse:
    return PeopleHouse()


def test_it_ships_the_plans_services_once(house: PeopleHouse) -> None:
    names = set(Project.objects.filter(township=house.township).values_list("name", flat=True))
    assert {"邻里守望", "十分钟应急服务", "家政维修", "代购代办", "理发", "助医陪诊", "法律咨询", "科技培训"} <= names
    assert {"心理疏导", "助学", "文艺", "环境", "应急演练"} <= names
    Project.objects.filter(code="lifa").update(name="上门理发")
    Project.objects.filter(code="keji").delete()
    assert projects_set_up(township=house.township, by=house.user("staff")) == 1
    assert Project.objects.get(code="lifa").name == "上门理发"
    with pytest.raises(DomainError):
        projects_set_up(township=house.township, by=house.cadre)


def test_its_deeds_are_lines_of_the_shipped_rules(house: PeopleHouse) -> None:
    with (settings.BASE_DIR / "data/rules/points_rules.csv").open(encoding="utf-8", newline="") as file:
        codes = {row["code"] for row in csv.DictReader(file) if int(row["score"]) > 0}
    assert set(Project.objects.values_list("deed_code", flat=True)) - {""} <= codes
    for project in Project.objects.all():
        project.full_clean()


def test_emergencies_are_never_asked_for_in_public(house: PeopleHouse, client: Client) -> None:
    assert not Project.objects.filter(is_emergency=True, is_public=True).exists()
    Project.objects.filter(code="lifa").update(is_active=False)
    answer = client.get(reverse("public:volunteer-services", args=[house.village.code]))
    text = answer.content.decode()
    assert answer["X-Robots-Tag"].startswith("noindex")
    assert "代购代办" in text and "不代取工资养老金" in text and "tel:120" in text and "理发" not in text.split("可以点的服务")[1]
    assert "十分钟应急服务" in text.split("可以点的服务")[0], "by telephone alone"
    assert client.get("/public/999999999999/services/").status_code == 404


def test_it_says_whom_to_call(house: PeopleHouse, client: Client) -> None:
    page = reverse("public:volunteer-services", args=[house.village.code])
    text = client.get(page).content.decode()
    assert "村委会或便民服务点" in text and "先打 110、119、120" in text and "值班电话" not in text and "再告诉村里" not in text
    Post.objects.filter(kind="secretary").update(phone="0827-6000001")
    Post.objects.filter(kind="cadre").update(phone="0827-6000002")
    text = client.get(page).content.decode()
    assert "0827-6000001" in text and "0827-6000002" in text and "再告诉村里" in text and "值班电话" not in text
    kind = ShiftKind.objects.create(village=house.village, name="全天", starts=time(0), ends=time(0), purpose="oncall")
    post = Post.objects.get(kind="cadre")
    Shift.objects.create(village=house.village, kind=kind, post=post, day=today(), published_at="2026-01-01T00:00Z")
    text = client.get(page).content.decode()
    assert "0827-6000002" in text and "0827-6000001" not in text, "who is on call"
    assert "打村里值班电话" in text


def test_only_what_may_be_asked_for_in_public_is_listed(house: PeopleHouse, client: Client) -> None:
    text = client.get(reverse("public:volunteer-services", args=[house.village.code])).content.decode()
    assert not Project.objects.get(code="yanlian", township=house.township).is_public and "应急演练" not in text


def test_staff_keep_it_and_others_read_it(house: PeopleHouse, client: Client) -> None:
    client.force_login(house.user("staff"), backend="django.contrib.auth.backends.ModelBackend")
    Project.objects.filter(code="keji").delete()
    added = client.post(reverse("admin:volunteers_project_set_up"), follow=True).content.decode()
    assert "新增 1 个" in added
    row = Project.objects.get(township=house.township, code="yingji")
    page = reverse("admin:volunteers_project_change", args=[row.pk])
    fields = ("name", "text", "position", "asker", "doer", "minimum", "dangers", "minutes", "deed_code")
    sent = {name: getattr(row, name) for name in fields} | {"is_active": "on", "is_emergency": "on", "is_public": "on"}
    assert "应急服务不能在公开页面点单" in client.post(page, sent).content.decode()
    client.post(page, {**sent, "is_public": "", "minutes": "90"})
    row.refresh_from_db()
    assert row.minutes == 90 and row.history.first().history_user == house.user("staff")
    client.force_login(house.cadre, backend="django.contrib.auth.backends.ModelBackend")
    listed = client.get(reverse("volunteers:project-list")).content.decode()
    assert "邻里守望" in listed and client.get(reverse("volunteers:project-export"))["Content-Type"].endswith("sheet")


def test_each_township_has_its_own(house: PeopleHouse, client: Client) -> None:
    other = make_township("511923103")
    projects_set_up(township=other)
    village = make_village(other, "远村委会", "511923103201")
    Project.objects.filter(township=other, code="lifa").update(name="远处的理发")
    client.force_login(house.cadre, backend="django.contrib.auth.backends.ModelBackend")
    assert "远处的理发" not in client.get(reverse("volunteers:project-list")).content.decode()
    client.force_login(make_cast(other, village)["cadre"], backend="django.contrib.auth.backends.ModelBackend")
    assert "远处的理发" in client.get(reverse("volunteers:project-list")).content.decode()
