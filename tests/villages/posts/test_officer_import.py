"""Officers by sheet: matched to the register, handed over after a look, the same sheet changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from governance.frame.imports.flow import Outcome
from governance.frame.imports.payload import SAME
from tests.builders import (
    make_household,
    make_resident,
    make_township,
    make_unit,
    make_user,
    make_village,
    settlement_of,
)
from tests.pages import read
from villages.models import Post, Unit
from villages.posts.models import OfficerImport
from villages.posts.officer_import import OFFICER_IMPORT
from villages.posts.services import PostError, post_appoint

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("march")]
WIDE = "村,聚居点,院户长,政策宣传员,矛盾纠纷调解员,环境卫生监督员,社情民意信息员\n"
SHEET = WIDE + "八一村,柏树院,李国华,王秀英,张伟,赵敏,空缺\n八一村,大湾院,李国华,,,,\n"


@pytest.fixture
def march() -> Iterator[None]:
    with time_machine.travel("2026-03-20T10:00:00+08:00"):
        yield


class House:
    """八一村 with two settlements; 王秀英 lives in both, another 赵敏 in neither."""

    def __init__(self) -> None:
        self.township = make_township()
        self.village = make_village(self.township)
        self.yard = settlement_of(self.village)
        self.bay = make_unit("settlement", "大湾院", f"{self.yard.code[:15]}002", self.yard.parent)
        self.staff = make_user("clerk", "staff", self.township)
        home, other = make_household(self.village, unit=self.yard), make_household(self.village, unit=self.bay)
        self.people = {name: make_resident(home, name) for name in ("李国华", "王秀英", "张伟")}
        self.twin = make_resident(other, "王秀英")

    def read(self, text: str = SHEET) -> OfficerImport:
        return OFFICER_IMPORT.read(file=text.encode(), filename="名单.csv", township=self.township, by=self.staff)

    def commit(self, text: str = SHEET, include_look: bool = False) -> Outcome:
        return OFFICER_IMPORT.commit(self.read(text), include_look=include_look, by=self.staff)

    def held(self, yard: Unit | None = None) -> dict[str, str]:
        posts = Post.objects.current(date(2026, 3, 20)).filter(unit=yard or self.yard)
        return {post.kind: post.holder_name for post in posts}


def test_it_appoints_whom_the_register_knows() -> None:
    house = House()
    rows = [item.row for item in house.read().judged().rows]
    assert [row.verdict for row in rows] == ["clean", "look", "take", "refuse", "take"]
    assert "D2 本村有2个王秀英，取住在本院落的一位" in rows[1].reason
    assert "F2 本村名册里没有在册的赵敏" in rows[3].reason
    done = house.commit()
    assert (done.new, done.same, done.left_out) == (3, 0, 2)
    assert house.held() == {"yard_head": "李国华", "mediator": "张伟"}
    assert house.held(house.bay) == {"yard_head": "李国华"}
    post = Post.objects.get(kind="mediator")
    assert (post.appointed_on, post.term_end, post.resident) == (date(2026, 3, 20), date(2029, 3, 19), house.people["张伟"])
    assert house.commit(include_look=True).new == 1
    assert Post.objects.get(kind="publicist").resident == house.people["王秀英"], "the one of the settlement"


def test_the_same_sheet_again_changes_nothing() -> None:
    house = House()
    house.commit(include_look=True)
    before = list(Post.objects.order_by("pk").values())
    sheet = house.read()
    assert [item.outcome for item in sheet.judged().rows if item.row.verdict != "refuse"] == [SAME] * 4
    done = OFFICER_IMPORT.commit(sheet, include_look=True, by=house.staff)
    assert (done.new, done.same) == (0, 4)
    assert list(Post.objects.order_by("pk").values()) == before


def test_another_person_is_a_handover_that_is_looked_at() -> None:
    house = House()
    old = post_appoint(
        kind="yard_head", unit=house.yard, resident=house.people["张伟"], appointed_on=date(2026, 1, 1), by=house.staff
    )
    text = WIDE + "八一村,柏树院,李国华,,,,\n"
    assert "现由张伟担任，导入即办理交接" in house.read(text).judged().rows[0].row.reason
    assert house.commit(text).new == 0
    assert house.commit(text, include_look=True).new == 1
    old.refresh_from_db()
    assert (old.ended_on, old.end_reason) == (date(2026, 3, 20), "换人，按名单交接")
    assert house.held()["yard_head"] == "李国华"


def test_a_row_for_each_person_brings_days_and_the_house() -> None:
    house = House()
    number = house.twin.household.number
    text = (
        "村,聚居点,姓名,职务,户号,聘任日期,任期至\n"
        f"八一村,柏树院,王秀英,宣传员,{number},2025-12-01,2028-11-30\n"
        "八一村,柏树院,李国华,院户长,,2019-01-01,\n"
        "八一村,柏树院,李国华,院户长,,2019-01-01,\n"
        "八一村,柏树院,张伟,院户长,,,\n"
    )
    rows = [item.row for item in house.read(text).judged().rows]
    assert [row.verdict for row in rows] == ["take", "look", "clean", "refuse"]
    assert "按 2020-06-01 登记" in rows[1].reason
    assert "写了两个人" in rows[3].reason
    assert house.commit(text, include_look=True).new == 2
    post = Post.objects.get(kind="publicist")
    assert (post.resident, post.appointed_on, post.term_end) == (house.twin, date(2025, 12, 1), date(2028, 11, 30))
    assert Post.objects.get(kind="yard_head").appointed_on == date(2020, 6, 1)


def test_a_list_older_than_the_holder_is_refused() -> None:
    house = House()
    post_appoint(kind="yard_head", unit=house.yard, resident=house.people["张伟"], appointed_on=date(2026, 3, 1), by=house.staff)
    text = "村,聚居点,姓名,职务,聘任日期\n八一村,柏树院,李国华,院户长,2025-12-01\n"
    (item,) = house.read(text).judged().rows
    assert "现任张伟 2026-03-01 才聘任" in item.row.reason


def test_only_the_townships_staff_uploads() -> None:
    house = House()
    stranger = make_user("stranger", "staff", make_township("511923103"))
    for by in (stranger, make_user("cadre", "cadre", house.village)):
        with pytest.raises(PostError):
            OFFICER_IMPORT.read(file=SHEET.encode(), filename="名单.csv", township=house.township, by=by)


def test_a_heading_that_nobody_knows_is_mapped_on_the_page(client: Client) -> None:
    house = House()
    text = "村,住的地方,姓名,职务\n八一村,柏树院,李国华,院户长\n"
    given = {"file": SimpleUploadedFile("名单.csv", text.encode()), "township": house.township.pk}
    client.force_login(house.staff)
    page = client.post("/officers/import/", given, follow=True).content.decode()
    assert "请指出哪一列是“聚居点（院落）”" in page
    sheet = OfficerImport.objects.get()
    client.post(f"/officers/import/{sheet.pk}/map/", {"h0": "village", "h1": "settlement", "h2": "name", "h3": "duty"})
    client.post(f"/officers/import/{sheet.pk}/commit/")
    assert house.held() == {"yard_head": "李国华"}


def test_the_pages_lead_from_the_file_to_the_posts(client: Client) -> None:
    house = House()
    assert "还没有上传过名单" in read(client, house.staff, "/officers/import/")
    given = {"file": SimpleUploadedFile("名单.csv", SHEET.encode()), "township": house.township.pk}
    page = client.post("/officers/import/", given, follow=True)
    text = page.content.decode()
    for words in ("八一村 / 第一村民小组 / 柏树院", "院户长", "导入 3 人", "请核对 1"):
        assert words in text, words
    sheet = OfficerImport.objects.get()
    client.post(f"/officers/import/{sheet.pk}/commit/")
    assert "聘任 3 人" in read(client, house.staff, f"/officers/import/{sheet.pk}/")
    assert client.get(f"/officers/import/{sheet.pk}/rejects/").status_code == 200
