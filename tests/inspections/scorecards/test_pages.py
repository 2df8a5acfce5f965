"""The pages around one village's card: who sees what when, the score form, replies, comparison, paper (plan §四(三))."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from governance.accounts.models import AccessLog, User
from governance.sheets.reader import read_workbook
from inspections.models import Answer, Evidence, Finding, Recusal, Reply, Round, Sample, Scorecard, Sheet
from inspections.orders.services import finding_add, order_issue
from inspections.rounds.computing import round_compute
from inspections.rounds.deciding import reply_add
from inspections.scorecards.answers import Judged, answers_save, self_answers_save
from tests.answers import ClientAnswer
from tests.builders import make_household, make_resident
from tests.inspections.house import HANDED, ON_SITE, RoundHouse, judge_all, take
from tests.pages import neighbour, queries, read
from villages.models import Post

pytestmark = pytest.mark.django_db
FAULT, LITTER, BAND, VETO = "房前屋后乱堆乱放", "白色垃圾", "回访按期完成", "发生重大安全责任事故"


@pytest.fixture
def house() -> RoundHouse:
    return RoundHouse()


def url(name: str, house: RoundHouse, *more: int, number: int = 0) -> str:
    return reverse(f"inspections:{name}", args=[house.card(number).pk, *more])


def post(client: Client, user: User, path: str, data: Mapping[str, object] | None = None) -> ClientAnswer:
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client.post(path, data or {})


def status(client: Client, user: User, path: str) -> int:
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client.get(path).status_code


def measured(house: RoundHouse, good: int = 8, of: int = 10, number: int = 0, enough: bool = True) -> None:
    take(house.card(number), good, of, enough=enough)


def picture() -> SimpleUploadedFile:
    stream = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(stream, "JPEG")
    return SimpleUploadedFile("a.jpg", stream.getvalue(), "image/jpeg")


# --- who sees what, when -------------------------------------------------------------------------------------------------


def test_it_shows_a_village_its_card_only_after_the_hand_over(house: RoundHouse, client: Client) -> None:
    house.scoring()
    for number in range(3):
        house.judge(number, named={FAULT: 3})
    round_compute(house.round.pk)  # type: ignore[union-attr]
    detail, secretary = url("card-detail", house), house.cast["secretary"]
    assert "94.00" in read(client, house.staff, detail)
    page = read(client, secretary, detail)
    assert "评分表还没有移交" in page and "填自评" in page and "94.00" not in page and "现场核实" not in page
    listed = read(client, secretary, reverse("inspections:card-list"))
    assert "填自评" in listed and "94.00" not in listed and "马鞍村" not in listed
    assert status(client, secretary, url("card-print", house)) == 302
    house.hand_over()
    page = read(client, secretary, detail)
    assert "94.00" in page and "现场核实" in page and "名次" not in page
    assert "94.00" in read(client, secretary, reverse("inspections:card-list"))
    assert status(client, secretary, url("card-detail", house, number=1)) == 404
    Round.objects.update(reply_due_at=HANDED)
    house.decide(ranks_shown=True)
    assert "名次" in read(client, secretary, detail)


def test_it_is_404_for_strangers(house: RoundHouse, client: Client) -> None:
    house.replying()
    strangers, item = neighbour(), house.item(LITTER).pk
    reply = reply_add(card=house.card(), item=house.item(LITTER), text="请核", by=house.cast["secretary"], at=HANDED)
    pages = ["card-detail", "card-print", "card-score", "card-self"]
    for path in (*(url(name, house) for name in pages), url("card-line", house, item), url("reply-decide", house, reply.pk)):
        assert status(client, strangers["staff"], path) == 404, path
    assert "还没有评分表" in read(client, strangers["staff"], reverse("inspections:card-list"))
    secretary = house.cast["secretary"]
    for name in ("card-score", "card-finish"):
        assert post(client, secretary, url(name, house)).status_code == 404
    assert status(client, secretary, reverse("inspections:card-compare")) == 404


def test_it_says_to_a_colleague_why_they_may_not_score(house: RoundHouse, client: Client) -> None:
    house.plan()
    home = make_household(house.villages[0], "李家")
    Post.objects.filter(user=house.leader).update(resident=make_resident(home, "李建国"))
    Post.objects.filter(user=house.cast["secretary"]).update(resident=make_resident(home, "李小芳"))
    Recusal.objects.create(user=house.second, village=house.villages[0], reason="连襟任职", by=house.staff, at=HANDED)
    house.team(house.supervisor)
    Round.objects.update(state=Round.State.SCORING)
    said = {
        house.staff: "您不在督查八一村的组里",
        house.leader: "的亲属李小芳在八一村任村党组织书记，应当回避",
        house.second: "已登记回避八一村（连襟任职），应当回避",
    }
    path = url("card-score", house)
    for user, words in said.items():
        page = read(client, user, path)
        assert words in page and "<form method=\"post\" id=\"score\"" not in page
        answer = post(client, user, path, {f"item_{house.item(LITTER).pk}": "2"})
        assert answer.status_code == 422 and words in answer.content.decode()
    assert not Answer.objects.exists()
    assert "还有" in read(client, house.supervisor, path)


# --- scoring on site -----------------------------------------------------------------------------------------------------


def test_it_saves_a_section_once_and_leaves_the_rest(house: RoundHouse, client: Client) -> None:
    house.scoring()
    fault, litter, whole = (house.item(name) for name in (FAULT, LITTER, "垃圾收集点正常使用"))
    path = url("card-score", house)
    data = {f"item_{fault.pk}": "2", f"note_{fault.pk}": "院口", f"item_{litter.pk}": "0", f"item_{whole.pk}": ""}
    for _ in range(2):
        assert post(client, house.supervisor, path, {**data, "section": str(fault.section_id)}).status_code == 302
    assert {(row.item_id, row.value, row.note) for row in Answer.objects.all()} == {
        (fault.pk, 2, "院口"), (litter.pk, 0, "")
    }  # fmt: skip
    assert Answer.history.count() == 2, "the second time says nothing new"
    page = read(client, house.supervisor, path)
    assert 'value="院口"' in page and "还有 3 条没有评" in page
    other = {**data, f"item_{fault.pk}": "9", "section": str(house.item(BAND).section_id)}
    assert post(client, house.supervisor, path, other).status_code == 302
    assert Answer.objects.get(item=fault).value == 2, "another section's button saves that section alone"


def test_it_takes_the_figure_by_default_and_asks_why_it_is_left(house: RoundHouse, client: Client) -> None:
    house.scoring()
    measured(house)
    band, path = house.item(BAND), url("card-score", house)
    page = read(client, house.supervisor, path)
    assert "8 / 10，80%" in page and f"/facts/return_visits_kept/?card={house.card().pk}" in page
    name = f"item_{band.pk}"
    assert post(client, house.supervisor, path, {name: "80"}).status_code == 302
    assert not Answer.objects.exists(), "the figure speaks for itself"
    answer = post(client, house.supervisor, path, {name: "96", f"note_{band.pk}": "看了回访本"})
    page = answer.content.decode()
    assert answer.status_code == 422 and "与实测不同，请写明理由" in page
    assert 'value="96"' in page and "看了回访本" in page and not Answer.objects.exists()
    post(client, house.supervisor, path, {name: "96", f"reason_{band.pk}": "两件在外地"})
    row = Answer.objects.get()
    assert (row.value, row.proposed, row.reason) == (Decimal(96), Decimal(80), "两件在外地")
    measured(house, good=1, of=2, enough=False)
    assert "样本不足" in read(client, house.supervisor, path)


@pytest.mark.parametrize(
    ("name", "typed", "words"),
    [
        (FAULT, {"item": "许多"}, "请填数字"),
        (FAULT, {"item": "-1"}, "不能是负数"),
        (FAULT, {"item": "1.234"}, "最多两位小数"),
        (FAULT, {"item": "NaN"}, "请填数字"),
        (BAND, {"item": "101"}, "百分比须在 0 到 100 之间"),
        (FAULT, {"note": "看到一处"}, "还没有评"),
        (VETO, {"item": "1", "note": "有一起事故"}, "并写上“确认”二字"),
    ],
)
def test_it_refuses_what_cannot_be_and_keeps_it(
    house: RoundHouse, client: Client, name: str, typed: dict[str, str], words: str
) -> None:
    house.scoring()
    item = house.item(name)
    fields = {f"{part}_{item.pk}": text for part, text in typed.items()}
    answer = post(client, house.supervisor, url("card-score", house), fields)
    page = answer.content.decode()
    assert answer.status_code == 422 and words in page
    assert all(text in page for text in typed.values()) and not Answer.objects.exists()


def test_it_takes_a_veto_that_is_confirmed_and_a_line_that_does_not_apply(house: RoundHouse, client: Client) -> None:
    house.scoring()
    veto, fault = house.item(VETO), house.item(FAULT)
    said = {f"item_{veto.pk}": "1", f"note_{veto.pk}": "3月2日事故，确认", f"na_{fault.pk}": "1", f"item_{fault.pk}": ""}
    assert post(client, house.supervisor, url("card-score", house), said).status_code == 302
    assert Answer.objects.get(item=veto).value == 1 and not Answer.objects.get(item=fault).applies
    blank = post(client, house.supervisor, url("card-score", house), {f"item_{veto.pk}": ""})
    assert blank.status_code == 422 and "评过的不能清空" in blank.content.decode()


def test_it_writes_down_what_was_seen_at_the_samples(house: RoundHouse, client: Client) -> None:
    house.scoring()
    sample = Sample.objects.filter(card=house.card()).first()
    assert sample is not None
    path = url("card-score", house)
    assert "入户 1：王小明" in read(client, house.supervisor, path)
    post(client, house.supervisor, path, {f"seen_{sample.pk}": "院坝整洁", "section": "samples"})
    sample.refresh_from_db()
    assert sample.seen == "院坝整洁" and "院坝整洁" in read(client, house.supervisor, path)


def test_it_finishes_when_every_line_is_judged_and_names_what_is_left(house: RoundHouse, client: Client) -> None:
    house.scoring()
    measured(house)
    client.force_login(house.supervisor, backend="django.contrib.auth.backends.ModelBackend")
    page = client.post(url("card-finish", house), follow=True).content.decode()
    assert f"还有 4 条没有评：{FAULT}、{LITTER}、垃圾收集点正常使用、{VETO}" in page
    items = [house.item(name) for name in (FAULT, LITTER, "垃圾收集点正常使用", VETO)]
    post(client, house.supervisor, url("card-score", house), {f"item_{item.pk}": "0" for item in items})
    assert "可以评完" in read(client, house.supervisor, reverse("inspections:card-list"))
    page = client.post(url("card-finish", house), follow=True).content.decode()
    assert "八一村已评完" in page and house.card().scored_by == house.supervisor


def test_it_refuses_a_late_score_with_the_reason_and_keeps_it(house: RoundHouse, client: Client) -> None:
    house.replying()
    path, item = url("card-score", house), house.item(FAULT)
    assert "不能再改现场评分" in read(client, house.supervisor, path)
    answer = post(client, house.supervisor, path, {f"item_{item.pk}": "7", f"note_{item.pk}": "迟到的一处"})
    page = answer.content.decode()
    assert answer.status_code == 422 and "现在是“村核对申辩”，不能再改现场评分" in page
    assert 'value="7"' in page and "迟到的一处" in page and Answer.objects.get(item=item, card=house.card()).value == 0
    Round.objects.update(reply_due_at=HANDED)
    house.decide(), house.lock()
    answer = send(client, house, {f"item_{item.pk}": "7"})
    assert answer.status_code == 422 and "已锁定" in answer.json()["detail"] and not Sheet.objects.exists()


def send(client: Client, house: RoundHouse, fields: dict[str, str], key: str = "") -> ClientAnswer:
    """As offline.js does."""
    client.force_login(house.supervisor, backend="django.contrib.auth.backends.ModelBackend")
    body = {"form": "score", "key": key or str(uuid4()), "fields": {"card": str(house.card().pk), **fields}}
    return client.post(reverse("cases:send"), json.dumps(body), content_type="application/json")


def test_it_takes_a_phones_section_once(house: RoundHouse, client: Client) -> None:
    house.scoring()
    item, key = house.item(FAULT), str(uuid4())
    fields = {"section": str(item.section_id), f"item_{item.pk}": "3", f"note_{item.pk}": "渠边"}
    assert [send(client, house, fields, key).status_code for _ in range(2)] == [201, 200]
    assert Answer.history.count() == 1 and send(client, house, fields, key).json()["left"] == 4
    amended = send(client, house, {**fields, f"item_{item.pk}": "4"}, key)
    assert amended.json()["status"] == "amended" and Answer.objects.get().value == 4
    measured(house)
    wrong = send(client, house, {f"item_{house.item(BAND).pk}": "99"})
    assert wrong.status_code == 422 and wrong.json()["detail"] == f"“{BAND}”：与实测不同，请写明理由。"
    assert Sheet.objects.count() == 1
    assert send(client, house, {"card": "999999"}).json()["detail"] == "没有这张评分表，请刷新页面。"


def test_it_keeps_photos_and_problems_of_a_line(
    house: RoundHouse, client: Client, settings: pytest.FixtureRequest, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]
    house.scoring()
    item = house.item(FAULT)
    add = url("card-photo-add", house, item.pk)
    answer = post(client, house.supervisor, add, {"photo": picture()})
    assert answer.status_code == 422 and "再加照片" in answer.content.decode()
    answers_save(card=house.card(), judged={item.pk: Judged(Decimal(1))}, by=house.supervisor)
    assert post(client, house.supervisor, add, {"photo": SimpleUploadedFile("a.jpg", b"x")}).status_code == 422
    assert post(client, house.supervisor, add, {"photo": picture()}).status_code == 302
    evidence = Evidence.objects.get()
    assert evidence.photo.kept and evidence.answer == Answer.objects.get()
    seen = reverse("inspections:card-photo", args=[evidence.photo_id])
    assert status(client, house.staff, seen) == 200 and status(client, house.cast["secretary"], seen) == 404
    answer = post(client, house.staff, add, {"photo": picture()})
    assert answer.status_code == 422 and "不在督查八一村的组里" in answer.content.decode()
    finding = url("card-finding", house, item.pk)
    assert post(client, house.supervisor, finding, {"text": ""}).status_code == 422
    assert post(client, house.supervisor, finding, {"text": "渠边堆放建渣"}).status_code == 302
    assert Finding.objects.get().item == item
    assert "渠边堆放建渣" in read(client, house.supervisor, url("card-line", house, item.pk))
    assert "渠边堆放建渣" in read(client, house.staff, url("card-detail", house))


def test_it_takes_the_figure_over_for_a_photo(
    house: RoundHouse, client: Client, settings: pytest.FixtureRequest, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]
    house.scoring()
    measured(house)
    path = url("card-photo-add", house, house.item(BAND).pk)
    assert post(client, house.supervisor, path, {"photo": picture()}).status_code == 302
    assert Evidence.objects.get().answer.value == 80  # type: ignore[union-attr]


def test_it_takes_the_villages_own_score_until_the_hand_over(house: RoundHouse, client: Client) -> None:
    house.scoring()
    item, path, secretary = house.item(FAULT), url("card-self", house), house.cast["secretary"]
    assert post(client, secretary, path, {f"item_{item.pk}": "1", f"note_{item.pk}": "已清"}).status_code == 302
    row = Answer.objects.get()
    assert (row.side, row.value) == ("self", Decimal(1)) and 'value="已清"' in read(client, secretary, path)
    others = {f"item_{house.item(name).pk}": "0" for name in (LITTER, "垃圾收集点正常使用", VETO)}
    post(client, secretary, path, others | {f"na_{house.item(BAND).pk}": "1"})
    for number in range(3):
        house.judge(number)
    house.hand_over()
    assert "不能再改自评" in read(client, secretary, path)
    late = post(client, secretary, path, {f"item_{item.pk}": "0"})
    assert late.status_code == 422 and "不能再改自评" in late.content.decode()
    assert "98.00" in read(client, secretary, url("card-detail", house)), "its own score beside the team's"


# --- the card ------------------------------------------------------------------------------------------------------------


def test_it_tells_where_every_point_went(house: RoundHouse, client: Client) -> None:
    house.scoring()
    self_answers_save(card=house.card(), judged={house.item(FAULT).pk: Judged(Decimal(1))}, by=house.cast["secretary"])
    house.judge(0, at=ON_SITE, named={FAULT: 25, LITTER: 3, "经验被县级推广": 1})
    house.judge(1), house.judge(2, named={VETO: 1})
    house.hand_over()
    page = read(client, house.staff, url("card-detail", house))
    assert "标准分 100，扣 40，加 3，合计 <strong>63</strong> 分" in page
    assert "−40" in page and "（按办法 −50）" in page and "1 处" in page and "季度督查评分表 第1版" in page
    assert "一票否决" in read(client, house.staff, url("card-detail", house, number=2))
    assert f"<strong>一票否决</strong>：{VETO}" in read(client, house.staff, url("card-detail", house, number=2))
    assert house.supervisor.name in page


def test_it_shows_the_quarters_before_and_what_is_still_open(house: RoundHouse, client: Client) -> None:
    earlier = Round.objects.create(
        township=house.township, quarter=date(2025, 10, 1), name="上季度", checklist=house.checklist, seed="1",
        opens_on=date(2026, 1, 8), closes_on=date(2026, 1, 9), planned_by=house.staff, planned_at=HANDED,
    )  # fmt: skip
    last = Scorecard.objects.create(round=earlier, village=house.villages[0])
    judge_all(last, house.supervisor)
    Scorecard.objects.filter(pk=last.pk).update(score=88, grade="fair")
    found = finding_add(village=house.villages[0], card=last, text="沟渠未清", by=house.staff)
    finding_add(village=house.villages[0], card=last, text="台账不全", by=house.staff)
    order = order_issue(village=house.villages[0], kind="notice", requirement="清理", findings=[found], by=house.staff)
    house.replying()
    page = read(client, house.staff, url("card-detail", house))
    assert "近 2 个季度" in page and "<svg" in page and "2025年第4季度" in page
    assert "以前还没改好的问题 <span class=\"hint\">2 个" in page and "沟渠未清" in page and order.number in page
    page = read(client, house.cast["secretary"], url("card-detail", house))
    assert "近 2 个季度" not in page, "the round before was never handed over"


def test_it_lists_and_exports_a_quarter(house: RoundHouse, client: Client) -> None:
    house.scoring()
    page = read(client, house.supervisor, reverse("inspections:card-list"))
    assert page.index("我要评的") < page.index("共 3 个村") and page.count("还有 5 条") == 3
    for number in range(3):
        house.judge(number, named={FAULT: number})
    house.hand_over()
    page = read(client, house.staff, reverse("inspections:card-list") + f"?village={house.villages[1].pk}&quarter=2026-Q1")
    assert "共 1 个" in page and "98.00" in page
    client.force_login(house.staff, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get(reverse("inspections:card-list-export") + "?quarter=2026-Q1")
    (sheet,) = read_workbook(b"".join(answer.streaming_content), "a.xlsx")  # type: ignore[attr-defined]
    rows = [sheet.rows[number] for number in sorted(sheet.rows)]
    assert rows[1] == ["序号", "村（社区）", "得分", "等次", "名次", "比上季度", "自评分", "系统编号"]
    assert [row[1:5] for row in rows[2:5]] == [["八一村", 100, "好", 1], ["马鞍村", 98, "好", 2], ["千溪村", 96, "好", 3]]
    assert AccessLog.objects.filter(kind="export").exists()
    client.force_login(house.cast["secretary"], backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get(reverse("inspections:card-list-export"))
    (sheet,) = read_workbook(b"".join(answer.streaming_content), "a.xlsx")  # type: ignore[attr-defined]
    own = [sheet.rows[number] for number in sorted(sheet.rows)][2]
    assert own[1:4] == ["八一村", 100, "好"] and not any(own[4:-1]), "no rank before it is published, and no other village"


def test_it_compares_up_to_four_villages(client: Client) -> None:
    house = RoundHouse(4)
    house.scoring()
    for number in range(4):
        house.judge(number, named={FAULT: number % 2})
    round_compute(house.round.pk)  # type: ignore[union-attr]
    keys = [village.pk for village in house.villages]
    path = reverse("inspections:card-compare") + "?quarter=2026-Q1&" + "&".join(f"village={key}" for key in keys[:2])
    page = read(client, house.leader, path)
    assert "98.00" in page and "−2" in page and page.count("differs") == 2, "the section and the line that are not alike"
    assert "请选两个以上" in read(client, house.leader, reverse("inspections:card-compare") + f"?village={keys[0]}")
    counts = [
        queries(client, house.leader, reverse("inspections:card-compare") + "?" + "&".join(f"village={key}" for key in chosen))
        for chosen in (keys[:2], keys)
    ]
    assert counts[0] == counts[1]


def test_it_prints_the_card(house: RoundHouse, client: Client) -> None:
    house.scoring()
    house.judge(0, named={FAULT: 2}), house.judge(1), house.judge(2)
    house.hand_over()
    page = read(client, house.cast["secretary"], url("card-print", house))
    for heading in ("考核项目", "考核内容", "标准分", "自评分", "考核分", "村（社区）负责人（签字）"):
        assert heading in page
    assert 'rowspan="2">36</td>' in page and 'rowspan="3">人居环境' in page and "得分由来" not in page


# --- replies -------------------------------------------------------------------------------------------------------------


def test_it_takes_a_reply_and_the_offices_answer(house: RoundHouse, client: Client) -> None:
    house.scoring()
    house.judge(0, named={FAULT: 5}), house.judge(1), house.judge(2)
    house.hand_over()
    Round.objects.update(reply_due_at="2099-01-01T00:00Z")
    item, secretary = house.item(FAULT), house.cast["secretary"]
    assert "申辩：" + FAULT in read(client, secretary, url("card-detail", house))
    assert "申辩：" + FAULT not in read(client, house.staff, url("card-detail", house))
    ask = url("reply-create", house, item.pk)
    assert post(client, secretary, ask, {"text": " "}).status_code == 422
    assert post(client, secretary, ask, {"text": "两处是邻村的"}).status_code == 302
    again = post(client, secretary, ask, {"text": "再说一遍"})
    assert again.status_code == 422 and "已有一件申辩待答复" in again.content.decode() and "再说一遍" in again.content.decode()
    decide = url("reply-decide", house, Reply.objects.get().pk)
    assert decide in read(client, house.staff, url("card-detail", house))
    assert "两处是邻村的" in read(client, house.staff, decide)
    refused = post(client, house.staff, decide, {"upheld": "1", "answer": "核实属邻村"})
    assert refused.status_code == 422 and "请写更正后的处数" in refused.content.decode() and "核实属邻村" in refused.content.decode()
    assert post(client, house.staff, decide, {"upheld": "1", "value": "3", "answer": "核实属邻村"}).status_code == 302
    page = read(client, secretary, url("card-detail", house))
    assert house.card().score == 94 and "申辩采纳" in page and "核实属邻村" in page and "改动记录 2 次" in page
    assert "答复：核实属邻村" in page and "采纳" in read(client, house.staff, decide)


def test_it_dismisses_a_reply_with_words_only(house: RoundHouse, client: Client) -> None:
    house.replying()
    reply = reply_add(card=house.card(), item=house.item("垃圾收集点正常使用"), text="能用", by=house.cast["secretary"], at=HANDED)
    decide = url("reply-decide", house, reply.pk)
    assert "不达标" in read(client, house.staff, decide)
    assert post(client, house.staff, decide, {"upheld": "0", "answer": ""}).status_code == 422
    assert post(client, house.staff, decide, {"upheld": "0", "value": "1", "answer": "桶已破损"}).status_code == 302
    reply.refresh_from_db()
    assert reply.state == Reply.State.DISMISSED and reply.value is None and house.card().score == 100
    late = post(client, house.cast["secretary"], url("reply-create", house, reply.item_id), {"text": "x"})
    assert late.status_code == 422 and "不在申辩期内" in late.content.decode()


# --- counts --------------------------------------------------------------------------------------------------------------


def test_it_reads_the_pages_in_as_many_statements_whatever_stands_on_them(client: Client) -> None:
    house = RoundHouse(4)
    house.scoring()
    Round.objects.update(computed_at=timezone.now())
    card, secretary = house.card(), house.cast["secretary"]
    detail, score = url("card-detail", house), url("card-score", house)
    pages = {detail: house.staff, score: house.supervisor, url("card-self", house): secretary}
    pages[reverse("inspections:card-list")] = house.supervisor
    measured(house)
    finding_add(village=card.village, card=card, item=house.item(FAULT), text="一", by=house.staff)
    reply = Reply.objects.create(card=card, item=house.item(LITTER), text="一", asked_by=secretary, asked_at=HANDED)
    house.judge(0)
    few = {path: queries(client, user, path) for path, user in pages.items()}
    for value in range(1, 6):
        house.judge(0, named={FAULT: value, LITTER: value})
    self_answers_save(card=card, judged={house.item(FAULT).pk: Judged(Decimal(1))}, by=secretary)
    for text in "二三四":
        finding_add(village=card.village, card=card, item=house.item(LITTER), text=text, by=house.staff)
        finding_add(village=card.village, card=card, text=text, by=house.staff)
    Reply.objects.create(card=card, item=house.item(FAULT), text="二", asked_by=secretary, asked_at=HANDED)
    order_issue(
        village=card.village, kind="notice", requirement="改", findings=list(Finding.objects.filter(item=reply.item_id)), by=house.staff
    )
    for number in range(1, 4):
        house.judge(number)
    many = {path: queries(client, user, path) for path, user in pages.items()}
    assert few == many
    assert many[detail] < 35, many


def test_it_compares_nothing_in_a_wrong_quarter(house: RoundHouse, client: Client) -> None:
    house.scoring()
    page = read(client, house.leader, reverse("inspections:card-compare") + f"?quarter=zzz&village={house.villages[0].pk}")
    assert "筛选条件有误" in page and 'class="error"' in page and str(house.villages[0]) not in page
