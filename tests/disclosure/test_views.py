"""The board for residents: what anybody may read, for how long, and how somebody objects."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.disclosure.models import Notice, Objection
from governance.disclosure.notices import notice_publish, notice_withdraw, objection_answer
from governance.disclosure.views import OBJECTIONS_PER_HOUR
from governance.periods import today
from moral_bank.models import Rating
from tests.builders import make_account, make_household, make_village
from tests.pages import Desk, neighbour, read
from villages.units.services import units_merge

pytestmark = pytest.mark.django_db
OBJECTION = {"row_number": "1", "name": "李秀英", "phone": "15400000002", "text": "少计一次"}


@pytest.fixture(autouse=True)
def april() -> Iterator[time_machine.Traveller]:
    cache.clear()
    with time_machine.travel("2026-04-02T10:00:00+08:00") as clock:
        yield clock


@pytest.fixture
def desk() -> Desk:
    return Desk(3)


@pytest.fixture
def notice(desk: Desk) -> Notice:
    notice = desk.noticed().notice
    assert notice
    return notice


def text(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    assert response["X-Robots-Tag"] == "noindex, noarchive"
    return response.content.decode()


def test_it_leads_from_the_board_to_a_list_that_is_only_counted(client: Client, desk: Desk, notice: Notice) -> None:
    assert "1 个公示" in text(client, "/public/")
    assert notice.title in text(client, f"/public/{desk.village.code}/")
    page = text(client, f"/public/notices/{notice.pk}/")
    assert "王" not in page
    assert notice.rows[0][1] not in page, "a house number"
    assert cells(page) == ["组（院）", "参评户数", "其他院落", "3", "全村", "3"]
    assert "2026年4月2日至2026年4月6日" in page
    assert "打印" not in page


def cells(page: str) -> list[str]:
    """What stands in the first table."""
    return re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", page.split("</table>")[0])


def test_the_printed_sheet_is_whole(client: Client, desk: Desk, notice: Notice) -> None:
    address = f"/notices/{notice.pk}/print/"
    assert client.get(address).status_code == 302
    page = read(client, desk.cast["cadre"], address)
    assert cells(page) == [*notice.columns, *(cell for row in notice.rows for cell in row)]
    assert "<svg" in page and notice.seal in page and f'<a href="/public/notices/{notice.pk}/">返回</a>' in page
    assert address in client.get(f"/public/notices/{notice.pk}/").content.decode()
    notice_withdraw(notice=notice, reason="算错", by=desk.cast["staff"])
    page = read(client, desk.cast["cadre"], address)
    assert "已经撤回：算错" in page and "<svg" not in page and '<a href="/">返回</a>' in page
    assert f"/disclosure/notice/{notice.pk}/change/\">返回</a>" in read(client, desk.cast["staff"], address)
    client.force_login(neighbour()["staff"])
    assert client.get(address).status_code == 404


def test_a_long_list_that_remains_finds_a_house_by_its_number(client: Client, desk: Desk) -> None:
    """119 lines are four screens of a phone's reading, one line is what somebody looks for."""
    rows = [[str(line), f"{line:03d}", "王**"] for line in range(1, 120)]
    notice = notice_publish(
        unit=desk.village, kind="award", title="最美家庭公示", reason="", columns=["序号", "户号", "户主"], rows=rows,
        opens_on=today(), closes_on=today(), channel="", by=None,
    )  # fmt: skip
    address = f"/public/notices/{notice.pk}/"
    assert 'name="q"' in text(client, address)
    for words in ("007", "7", " 7 "):
        assert cells(text(client, f"{address}?q={words}")) == ["序号", "户号", "户主", "7", "007", "王**"]
    missing = text(client, f"{address}?q=700")
    assert "名单上没有“700”" in missing and "<table" not in missing
    Notice.objects.filter(pk=notice.pk).update(rows=rows[:20])
    assert 'name="q"' not in text(client, address)


@pytest.mark.parametrize(("columns", "asks"), [
    (["序号", "户主"], True), (["聚居点", "职务", "姓名（脱敏）"], True), (["项目", "内容"], False), (["第几条", "内容"], False),
    (["事项", "议定意见"], False),
])  # fmt: skip
def test_the_line_is_asked_for_where_there_is_a_list(client: Client, desk: Desk, columns: list[str], asks: bool) -> None:
    """What is said against a decision or a covenant's draft is said against the whole."""
    notice = notice_publish(
        unit=desk.village, kind="other", title="公示", reason="", columns=columns, rows=[["王**"] * len(columns)], opens_on=today(),
        closes_on=today(), channel="", by=desk.cast["staff"],
    )  # fmt: skip
    page = client.get(f"/public/notices/{notice.pk}/").content.decode()
    assert ("名单序号" in page) is asks and ("<dt>名单</dt>" in page) is asks and "提出异议" in page


@pytest.mark.parametrize(
    ("moment", "status"),
    [
        ("2026-04-01T23:59:59+08:00", 404),
        ("2026-04-02T00:00:00+08:00", 200),
        ("2026-04-06T23:59:59+08:00", 200),
        ("2026-04-07T00:00:00+08:00", 404),
    ],
)
def test_it_ends_with_the_window(
    client: Client, notice: Notice, april: time_machine.Traveller, moment: str, status: int
) -> None:
    april.move_to(moment)
    assert client.get(f"/public/notices/{notice.pk}/").status_code == status
    assert client.post(f"/public/notices/{notice.pk}/objection/", OBJECTION).status_code == {200: 302}.get(
        status, status
    )
    assert (notice.title in text(client, f"/public/{notice.unit.code}/")) == (status == 200)


def test_it_is_gone_when_withdrawn(client: Client, notice: Notice, desk: Desk) -> None:
    notice_withdraw(notice=notice, reason="算错", by=desk.cast["staff"])
    assert client.get(f"/public/notices/{notice.pk}/").status_code == 404
    assert "个公示" not in text(client, "/public/")


def test_it_hangs_with_the_village_that_took_over(client: Client, desk: Desk, notice: Notice) -> None:
    """Merged in the window of its notice, through a further merger."""
    staff = desk.cast["staff"]
    second, third = (make_village(desk.township, f"{name}村委会", f"51192310220{n}") for n, name in ((2, "马鞍"), (3, "石门")))
    for source, into, on in ((desk.village, second, today() - timedelta(days=1)), (second, third, today())):
        units_merge(sources=[source], into=into, on=on, by=staff)
    assert "1 个公示" in text(client, "/public/")
    assert notice.title in text(client, f"/public/{third.code}/")
    assert f'href="/public/{third.code}/">石门村</a>' in text(client, f"/public/notices/{notice.pk}/")


def object_to(client: Client, notice: Notice, **changes: Any) -> Any:
    return client.post(f"/public/notices/{notice.pk}/objection/", {**OBJECTION, **changes}, follow=True)


def test_it_confirms_an_objection_with_a_number(client: Client, notice: Notice) -> None:
    page = object_to(client, notice).content.decode()
    objection = Objection.objects.get()
    assert (objection.number, f"{objection.answer_by}") == ("YY2026-00001", "2026-04-08")
    assert "受理编号 YY2026-00001，最迟 2026年4月8日 答复" in page
    assert objection.received_by is None
    assert client.get(f"/public/notices/{notice.pk}/objection/").status_code == 302


def test_it_stores_what_is_sent_again_once(client: Client, notice: Notice) -> None:
    """Each time from a page of its own, so with a key of its own."""
    for _ in range(3):
        assert "受理编号 YY2026-00001" in object_to(client, notice).content.decode()
    assert "YY2026-00002" in object_to(client, notice, text="还有一次").content.decode()
    assert Objection.objects.count() == 2


def looked_up(client: Client, number: str, tail: str) -> str:
    page: str = client.post("/public/receipt/", {"number": number, "tail": tail}).content.decode()
    return page


def test_it_is_looked_up_like_a_receipt(client: Client, desk: Desk, notice: Notice) -> None:
    object_to(client, notice)
    waiting = looked_up(client, " yy2026-00001", "0002")
    assert "待答复" in waiting
    assert "2026年4月8日" in waiting
    objection_answer(objection=Objection.objects.get(), upheld=True, answer="属实，补记一次", by=desk.cast["staff"])
    answered = looked_up(client, "YY2026-00001", "0002")
    assert "异议成立" in answered
    assert "属实，补记一次" in answered
    assert "李秀英" not in answered
    assert "已经答复，受理编号 YY2026-00001" in object_to(client, notice).content.decode()


@pytest.mark.parametrize(("number", "tail"), [("YY2026-00001", "0003"), ("YY2026-00002", "0002")])
def test_a_wrong_number_and_a_wrong_phone_get_the_same_answer(client: Client, notice: Notice, number: str, tail: str) -> None:
    object_to(client, notice)
    page = looked_up(client, number, tail)
    assert "没有查到" in page
    assert notice.title not in page


def test_it_names_the_cadre_who_wrote_it_down(client: Client, desk: Desk, notice: Notice) -> None:
    client.force_login(desk.cast["cadre"])
    object_to(client, notice)
    assert Objection.objects.get().received_by == desk.cast["cadre"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": ""}, "请写明姓名"),
        ({"phone": "123"}, "联系电话请写"),
        ({"row_number": "9"}, "名单序号须在 1 到 3 之间"),
        ({"text": ""}, "请写明异议内容"),
        ({"website": "http://x"}, "提交没有成功"),
    ],
)
def test_it_says_what_is_wrong_and_keeps_the_rest(
    client: Client, notice: Notice, change: dict[str, str], words: str
) -> None:
    response = object_to(client, notice, **change)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert "name" in change or "李秀英" in response.content.decode()
    assert not Objection.objects.exists()


def test_it_stops_a_flood_from_one_address(client: Client, notice: Notice) -> None:
    for number in range(OBJECTIONS_PER_HOUR):
        assert object_to(client, notice, text=f"少计 {number} 次").status_code == 200
    flooded = object_to(client, notice)
    assert flooded.status_code == 429
    assert "请稍后再试" in flooded.content.decode()
    assert Objection.objects.count() == OBJECTIONS_PER_HOUR


def test_it_shows_the_stars_of_the_last_locked_quarter(
    client: Client, desk: Desk, april: time_machine.Traveller
) -> None:
    april.move_to("2026-04-30T10:00:00+08:00")
    without = make_household(desk.village, "赵永福")
    desk.enter(make_account(without), code="V1")
    assert "还没有锁定的季度评星" in text(client, f"/public/{desk.village.code}/")
    for month in ("2026-01", "2026-02", "2026-03", "2026-Q1"):
        desk.settled(month)
    page = text(client, f"/public/{desk.village.code}/")
    assert "2026年第1季度星级户" in page
    given = [rating.stars for rating in Rating.objects.filter(closing__kind="quarter")]
    stars = [str(given.count(number)) for number in (5, 4, 3, 2)]
    assert len(given) == 4 and sum(map(int, stars)) == 3, "one has none, and is nobody's business"
    assert cells(page.split("星级户")[1]) == [
        "组（院）", "五星", "四星", "三星", "二星", "其他院落", *stars, "全村", *stars,
    ]  # fmt: skip
    assert "王" not in page and "赵" not in page


def test_it_knows_villages_only(client: Client, desk: Desk) -> None:
    for code in (desk.township.code, "999999999999", f"{desk.village.code}001"):
        assert client.get(f"/public/{code}/").status_code == 404


def test_it_reads_as_often_for_many_rows(client: Client, desk: Desk, notice: Notice) -> None:
    pages = ("/public/", f"/public/{desk.village.code}/", f"/public/notices/{notice.pk}/")

    def counted() -> list[int]:
        found = []
        for path in pages:
            with CaptureQueriesContext(connection) as captured:
                text(client, path)
            found.append(len(captured))
        return found

    few = counted()
    for number in range(20):
        make_village(desk.township, f"新{number}村委会", f"5119231023{number:02d}")
    assert counted() == few
