"""Facilities on the desk, for residents, for programs, in and out as sheets."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.test import Client

from governance.cases.models import Case
from governance.errors import DomainError
from tests.cases.house import moment
from tests.disclosure.affairs.test_pages import sheet
from tests.pages import neighbour, queries, read
from tests.villages.facilities.house import FacilityHouse
from tests.worlds import module_world
from villages.facilities.models import Facility, FacilityCheck
from villages.facilities.sheet_import import FACILITY_IMPORT

pytestmark = pytest.mark.django_db
house = module_world(FacilityHouse)


@pytest.fixture(autouse=True)
def march() -> Any:
    with time_machine.travel(moment("2026-03-10 10:00"), tick=False):
        yield


def test_the_desk_enters_checks_corrects_and_ends(client: Client, house: FacilityHouse) -> None:
    client.force_login(house.cast["cadre"])
    assert "还没有登记设施和点位" in client.get("/facilities/").content.decode()
    given = {"unit": house.village.pk, "kind": "laji", "name": "村口投放点", "since": "2025-01-01", "amount": "4 个桶", "keeper": "cadre"}
    assert client.post("/facilities/create/", {**given, "latitude": "30", "longitude": "10"}).status_code == 422
    answer = client.post("/facilities/create/", {**given, "latitude": "31.85", "longitude": "107.12"})
    place = Facility.objects.get()
    address = f"/facilities/{place.pk}/"
    assert answer["Location"] == address and "还没有检查过" in client.get(address).content.decode()
    assert client.post(f"{address}edit/", {**given, "name": "桥头投放点"}).status_code == 302
    assert client.post(f"{address}check/", {"outcome": "broken", "on": "2026-03-10"}).status_code == 422
    client.post(f"{address}check/", {"outcome": "broken", "note": "满了", "on": "2026-03-10"})
    page, case = client.get(address).content.decode(), Case.objects.get()
    assert f"/cases/{case.pk}/" in page and "最迟 2026-03-11 修好" in page and "待修" in page
    assert "没有撤销的共 1 处（不随筛选变），其中正常 0 处" in client.get("/facilities/?state=broken&kind=laji&q=桥头").content.decode()
    check = FacilityCheck.objects.get()
    client.post(f"{address}checks/{check.pk}/", {"outcome": "fine", "on": "2026-03-10"})
    page = client.get(address).content.decode()
    assert "已被更正，不作数" in page and "检查更正" in page and "待修" not in page.split("<h2>")[0]
    assert client.get(f"{address}checks/0/").status_code == 404
    client.post(f"{address}end/", {"on": "2026-03-10", "reason": "并到别处"})
    page = client.get(address).content.decode()
    assert "已撤销" in page and "检查</a>" not in page
    assert any("桥头投放点" in row and "已撤销" in row for row in sheet(client, "/facilities/export/"))


def test_strangers_find_nothing_and_a_yard_its_own(client: Client, house: FacilityHouse) -> None:
    mine, villages = house.place(unit=house.yard, name="院坝"), house.place()
    client.force_login(house.cast["yard_head"])
    page = client.get("/facilities/").content.decode()
    assert "院坝" in page and "村文化广场" not in page
    assert client.get(f"/facilities/{villages.pk}/").status_code == 404
    assert client.get(f"/facilities/{mine.pk}/edit/").status_code == 404
    client.force_login(neighbour()["cadre"])
    for address in (f"/facilities/{mine.pk}/", f"/facilities/{mine.pk}/check/", f"/api/v1/facilities/{mine.pk}/"):
        assert client.get(address).status_code == 404


def test_programs_read(client: Client, house: FacilityHouse) -> None:
    place = house.broken()
    client.force_login(house.cast["staff"])
    found = client.get(f"/api/v1/facilities/{place.pk}/").json()
    assert (found["state"], found["kind"]) == ("broken", "guangchang")


def test_residents_see_what_is_open_to_them_and_no_camera(client: Client, house: FacilityHouse) -> None:
    """Neither a point, nor who keeps a place, nor what was taken away; the village's own page does not name one, either."""
    shown = house.place(hours="每天 8:00—20:00", keeper="cadre", owner="探雀公司")
    for key in ("tianwang", "xueliang", "huiyan"):
        house.place(kind=key, name=f"探雀{key}", address="探雀路口")
    house.place(kind="jizhong", name="探雀污水站")
    gone = house.place(name="探雀旧广场")
    Facility.objects.filter(pk=gone.pk).update(state="ended", ended_on="2026-03-10", end_reason="拆", check_due_on=None)
    page = client.get("/public/511923102201/facilities/").content.decode()
    assert shown.name in page and "每天 8:00—20:00" in page and "探雀" not in page and "村“两委”干部" not in page
    assert "探雀" not in client.get("/public/511923102201/").content.decode()
    assert "还没有登记" in client.get("/public/511923102202/facilities/").content.decode()
    assert client.get("/public/511923102299/facilities/").status_code == 404


def test_queries_do_not_grow_with_places(client: Client, house: FacilityHouse) -> None:
    place = house.broken()
    before = {address: queries(client, house.cast["staff"], address) for address in ("/facilities/", f"/facilities/{place.pk}/")}
    public = queries(client, house.cast["staff"], "/public/511923102201/facilities/")
    for number in range(5):
        house.broken(name=f"{number}号", unit=house.yard)
        house.check(place)
        house.check(place, "broken", "又坏了")
    for address, number in before.items():
        assert queries(client, house.cast["staff"], address) == number
    assert queries(client, house.cast["staff"], "/public/511923102201/facilities/") == public
    assert "4号" in read(client, house.cast["staff"], "/facilities/")


HEADINGS = "村,类型,名称,所在地,管护岗位,服务户数,接入户数,纬度,经度,启用日期"


def taken(house: FacilityHouse, *rows: str) -> Any:
    data = "\n".join(["设施台账", HEADINGS, *rows]).encode()
    return FACILITY_IMPORT.read(file=data, filename="设施.csv", township=house.township, by=house.cast["staff"])


def test_a_register_is_taken_row_by_row_and_twice_changes_nothing(house: FacilityHouse) -> None:
    rows = (
        f"八一村,污水集中处理设施,一号站,{house.yard.name},环境卫生监督员,80,64,31.85001,107.12,2024-05-01",
        "八一村,天网,路口,,张三,,,,,", "马鞍村,文化广场,广场,,,5,,,,2025-01-01", "马鞍村,厕所,公厕,,,,,,,2025-01-01",
        "马鞍村,污水分散处理设施,二号,,,3,4,,,2025-01-01", "马鞍村,村史馆,馆,,,,,31,,2025-01-01", "马鞍村,村史馆,馆,,,,,31,10,2025-01-01",
        "八一村,天网点位,路口,,,,,,,2024-01-01",
    )  # fmt: skip
    found = taken(house, *rows)
    judged = [item.row for item in found.judged().rows]
    assert [row.verdict for row in judged] == ["take", "look", "look", "refuse", "refuse", "refuse", "refuse", "refuse"]
    words = ("", "不是岗位", "不填户数", "没有这个类型", "不能多于", "一起填", "中国境内", "前面已有")
    assert all(word in row.reason for word, row in zip(words, judged, strict=True))
    done = FACILITY_IMPORT.commit(found, include_look=True, by=house.cast["staff"])
    assert (done.new, done.same, done.left_out) == (3, 0, 5)
    station = Facility.objects.get(name="一号站")
    assert (station.unit, station.keeper, station.served, station.connected) == (house.yard, "sanitation", 80, 64)
    assert station.history.get().history_user == house.cast["staff"] and str(station.check_due_on) == "2026-04-10"
    again = FACILITY_IMPORT.commit(taken(house, *rows), include_look=True, by=house.cast["staff"])
    assert (again.new, again.same, Facility.objects.count()) == (0, 4, 3)


def test_what_residents_will_read_names_nobody_of_the_register(house: FacilityHouse) -> None:
    house.family("欧阳晓梅")
    for said in ({"name": "欧阳晓梅家广场"}, {"address": "欧阳晓梅院坝"}, {"hours": "找欧阳晓梅开门"}):
        with pytest.raises(DomainError, match="名册上的人"):
            house.place(**said)
    assert house.place(kind="tianwang", name="欧阳晓梅门口").pk, "no resident reads of a camera"
    found = taken(house, "八一村,文化广场,欧阳晓梅家广场,,,,,,,", "八一村,文化广场,老广场,,,,,,,")
    judged = [item.row for item in found.judged().rows]
    assert [row.verdict for row in judged] == ["refuse", "look"] and "名册上的人" in judged[0].reason
