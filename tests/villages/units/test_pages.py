"""Lists of units, groups and settlements on the desk: nothing is written before it was looked at."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from governance.accounts.models import User
from tests.builders import make_township, make_unit, make_user, make_village
from villages.models import Unit

pytestmark = pytest.mark.django_db
LIST = "511923000000 平昌县\n511923102203 天堂村委会\n511923102204 建华社区居委会\n511923103000 邻镇"
PLACES = "八一村 1组：柏树院、大院子\n八一村：2组、河坝\n外村：老屋湾"


@pytest.fixture
def staff() -> User:
    township = make_township()
    make_village(township)
    return make_user("staff", "staff", township)


@pytest.fixture
def desk(client: Client, staff: User) -> Client:
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_it_shows_a_list_as_a_tree_and_takes_the_good_lines(desk: Client) -> None:
    seen = desk.post("/units/load/", {"table": LIST, "step": "check"}).content.decode()
    assert "导入 1 个单位" in seen and "新建 1，已有 1，要改 2" in seen
    assert "　　天堂村委会" in seen and "应在 001–199" in seen and "在县里任“镇工作人员”的人" in seen
    assert not Unit.objects.filter(code="511923102203").exists()

    answer = desk.post("/units/load/", {"table": LIST, "step": "save"})
    assert answer.status_code == 302 and answer["Location"] == "/units/places/"
    assert "已导入 1 个单位，2 行要改，没有导入。" in desk.get("/units/places/").content.decode()
    assert Unit.objects.get(code="511923102203").name == "天堂村委会"
    again = desk.post("/units/load/", {"table": LIST, "step": "save"})
    assert again.status_code == 422 and "没有可以导入的新单位" in again.content.decode()


def test_it_takes_a_file_and_shows_it_as_if_it_were_pasted(desk: Client) -> None:
    file = SimpleUploadedFile("区划.csv", "代码,名称,人口\n511923102203,天堂村委会,900\n".encode("gb18030"))
    seen = desk.post("/units/load/", {"file": file, "step": "check"}).content.decode()
    assert "511923102203\t天堂村委会" in seen and "没有用到的列：人口" in seen and "导入 1 个单位" in seen


def test_it_says_what_it_cannot_read(desk: Client) -> None:
    broken = {"file": SimpleUploadedFile("区划.xlsx", b"PK\x03\x04")}
    for page, sent, words in (
        ("load", {"table": "你好"}, "没有找到单位"),
        ("load", {}, "请粘贴表格"),
        ("places", {"table": " "}, "请粘贴表格"),
        ("places", broken, "文件无法读取"),
    ):
        answer = desk.post(f"/units/{page}/", {**sent, "step": "save"})
        assert answer.status_code == 422 and words in answer.content.decode(), (page, sent)


def test_it_makes_the_groups_and_settlements_that_are_missing(desk: Client, staff: User) -> None:
    seen = desk.post("/units/places/", {"table": PLACES, "step": "check"}).content.decode()
    assert "导入 3 个组和聚居点" in seen and "不认识的村“外村”" in seen
    assert desk.post("/units/places/", {"table": PLACES, "step": "save"}).status_code == 302
    below = Unit.objects.filter(code__startswith="511923102201").exclude(level="village").order_by("code")
    assert list(below.values_list("code", "level", "name")) == [
        ("511923102201001", "group", "第一村民小组"),
        ("511923102201001001", "settlement", "柏树院"),
        ("511923102201001002", "settlement", "大院子"),
        ("511923102201002", "group", "2组"),
        ("511923102201003", "settlement", "河坝"),
    ]
    assert Unit.objects.get(name="河坝").history.get().history_user == staff
    assert desk.post("/units/places/", {"table": PLACES, "step": "save"}).status_code == 422


def test_a_settlement_without_its_group_is_the_one_that_stands(desk: Client) -> None:
    other = make_unit("village", "马鞍村委会", "511923102202", Unit.objects.get(code="511923102000"))
    seen = desk.post("/units/places/", {"table": "八一村：柏树院\n马鞍村：柏树院", "step": "check"}).content.decode()
    assert "新建 1，已有 3" in seen
    desk.post("/units/places/", {"table": "八一村：柏树院\n马鞍村：柏树院", "step": "save"})
    assert Unit.objects.get(parent=other).code == "511923102202001"


def test_the_list_of_units_leads_to_it(desk: Client) -> None:
    assert 'href="/units/load/"' in desk.get("/admin/villages/unit/").content.decode()
