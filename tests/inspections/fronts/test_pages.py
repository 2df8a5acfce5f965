"""The pages of 门前三包: list, filter, export, papers, walk, patrol, re-check, import, and who sees what (mission M17)."""

from __future__ import annotations

import io
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook

from governance.accounts.models import AccessLog
from governance.sheets.reader import read_workbook
from inspections.fronts.exports import FRONTS
from inspections.fronts.services import front_end, front_recheck, front_sign
from inspections.models import Front, FrontPatrol
from tests.builders import make_resident
from tests.inspections.fronts.house import WEDNESDAY, FrontHouse
from tests.inspections.house import moment
from tests.pages import neighbour, queries, read

pytestmark = pytest.mark.django_db
LATER = moment("2026-04-13 09:00")


@pytest.fixture
def house() -> FrontHouse:
    return FrontHouse()


def many(house: FrontHouse, count: int) -> None:
    """Shops in every state, one after the other."""
    for number in range(count):
        front = house.shop(name=f"第{number}家店", place=f"兴隆街{number}号", phone=f"1540000{number:04d}")
        if number % 4:
            patrol = house.patrol(front, named={"门前有垃圾": 1 + number % 3} if number % 4 > 1 else {})
            if number % 4 == 3:
                front_recheck(patrol=patrol, passed=False, note="还有", by=house.cast["cadre"], at=LATER)


@time_machine.travel(LATER)
def test_it_lists_and_filters(client: Client, house: FrontHouse) -> None:
    cadre = house.cast["cadre"]
    shop, home = house.shop(), house.home()
    failed, ended = house.shop(name="花店", place="兴隆街2号"), house.shop(name="旧店")
    front_sign(front=shop, on=WEDNESDAY.date(), by=cadre)
    front_end(front=ended, on=WEDNESDAY.date(), by=cadre)
    house.patrol(home, 门前有垃圾=1)
    front_recheck(patrol=house.patrol(failed, 门前有垃圾=1), passed=False, note="还有", by=cadre)
    names = {"便民超市": shop, "王小明": home, "花店": failed, "旧店": ended}

    def shown(query: str) -> set[str]:
        page = read(client, cadre, f"/fronts/?{query}")
        found = {name for name in names if f"<strong>{name}</strong>" in page}
        assert f"共 {len(found)} 处" in page, query
        return found

    assert shown("") == {"便民超市", "王小明", "花店"}
    for query, found in {
        "state=unsigned": {"王小明", "花店"},
        "state=new": {"便民超市"},
        "state=reminded": {"王小明"},
        "state=again": {"花店"},
        "state=fine": set(),
        "state=ended": {"旧店"},
        "state=x": set(),
        "kind=household": {"王小明"},
        "q=兴隆街2": {"花店"},
        "q=八一-002": {"王小明"},
    }.items():
        assert shown(query) == found, query
    assert "没有符合的门前三包" in read(client, cadre, "/fronts/?state=fine")
    page = read(client, cadre, "/fronts/")
    assert "154****0011" in page and "15400000011" not in page
    for village, count in ((house.village, 3), (house.other, 0)):
        assert f"共 {count} 处" in read(client, house.cast["staff"], f"/fronts/?village={village.pk}")


def test_it_says_what_to_do_first(client: Client, house: FrontHouse) -> None:
    assert "登记商铺或住户" in read(client, house.cast["cadre"], "/fronts/")
    assert "请村干部登记" in read(client, house.cast["sanitation"], "/fronts/")
    assert "还没有登记门前三包" in read(client, house.cast["sanitation"], "/fronts/walk/")


@time_machine.travel(LATER)
def test_it_exports_the_ledger(client: Client, house: FrontHouse) -> None:
    cadre = house.cast["cadre"]
    shop, fine, new = house.shop(), house.shop(name="花店"), house.home()
    front_sign(front=shop, on=WEDNESDAY.date(), by=cadre)
    patrol = house.patrol(shop, 门前有垃圾=2, 车辆乱停=1)
    house.patrol(fine)
    client.force_login(cadre)

    def rows() -> list[list[Any]]:
        answer = client.get("/fronts/export/")
        (sheet,) = read_workbook(b"".join(answer.streaming_content), "a.xlsx")  # type: ignore[attr-defined]
        return [sheet.rows[number] for number in sorted(sheet.rows)]

    title, heading, first, second, third = rows()
    assert title[0] == "门前三包责任台账"
    assert heading == [column.heading for column in FRONTS.columns]
    assert heading[:6] == ["序号", "店名（户主）", "责任人", "联系电话", "位置", "责任牌编号"]
    assert first[:10] == [
        "1", "便民超市", "李四", "15400000011", "兴隆街9号", "八一-001", "2026-04-08", "2026-04-08",
        "包卫生：门前有垃圾 2 处；包秩序：车辆乱停 1 辆（85分）", "应于 2026-04-13 复查",
    ]  # fmt: skip
    assert second[7:9] == ["2026-04-08", "合格（100分）"] and third[1] == new.name
    front_recheck(patrol=patrol, passed=True, by=cadre)
    assert rows()[2][9] == "2026-04-13 复查合格"
    assert AccessLog.objects.filter(kind="export", detail="门前三包责任台账 3 行").count() == 2
    client.force_login(house.cast["sanitation"])
    assert client.get("/fronts/export/").status_code == 404


def test_it_takes_as_many_queries_for_many_rows_as_for_few(client: Client, house: FrontHouse) -> None:
    cadre, front = house.cast["cadre"], house.home()
    house.patrol(front, 门前有垃圾=1)
    many(house, 4)
    paths = ["/fronts/", "/fronts/?state=again", f"/fronts/walk/?unit={house.yard.pk}", f"/fronts/{front.pk}/", "/fronts/print/duty/"]
    paths += [f"/fronts/{front.pk}/patrol/", f"/patrols/{front.patrols.get().pk}/recheck/", "/"]
    before = [queries(client, cadre, path) for path in paths]
    many(house, 16)
    front_recheck(patrol=front.patrols.get(), passed=False, note="还有", by=cadre, at=LATER)
    for _ in range(3):
        patrol = house.patrol(front, 门前有垃圾=1, 乱堆乱挂=1, 占道经营=1)
        front_recheck(patrol=patrol, passed=False, note="还有", by=cadre, at=LATER)
    after = [queries(client, cadre, path) for path in paths]
    assert [path for path, few, more in zip(paths, before, after, strict=True) if more > few] == []


def test_it_masks_phones_from_those_who_only_look(client: Client, house: FrontHouse) -> None:
    path = f"/fronts/{house.shop().pk}/"
    assert "15400000011" in read(client, house.cast["sanitation"], path)
    seen = read(client, house.cast["leader"], path)
    assert "154****0011" in seen and "15400000011" not in seen


def test_it_registers_a_shop_and_keeps_what_was_typed(client: Client, house: FrontHouse) -> None:
    client.force_login(house.cast["cadre"])
    said = {"kind": "shop", "name": "便民超市", "unit": house.yard.pk, "place": "", "person": "李四", "phone": "15400000011"}
    sent = client.post("/fronts/new/", said)
    page = sent.content.decode()
    assert sent.status_code == 422 and "请写门牌或位置。" in page and 'value="便民超市"' in page
    assert f'value="{house.yard.pk}" selected' in page
    done = client.post("/fronts/new/", {**said, "place": "兴隆街9号"}, follow=True)
    front = Front.objects.get()
    assert done.redirect_chain == [(f"/fronts/{front.pk}/", 302)]
    assert "责任牌编号 八一-001" in done.content.decode() and "未签" in done.content.decode()
    assert client.post("/fronts/new/", {**said, "unit": house.other.pk, "place": "1号"}).status_code == 422


def test_it_registers_a_household_found_in_the_roster(client: Client, house: FrontHouse) -> None:
    make_resident(house.household, phone="15400000021")
    cadre = house.cast["cadre"]
    found = read(client, cadre, "/fronts/new/?q=wangxiaoming")
    assert f'href="?household={house.household.pk}"' in found
    page = read(client, cadre, f"/fronts/new/?household={house.household.pk}")
    assert 'value="15400000021"' in page and 'value="household" class="btn-check" id="id_kind_1" required checked' in page
    said = {"kind": "household", "household": house.household.pk, "unit": house.yard.pk, "person": "王小明", "phone": "15400000021"}
    assert client.post("/fronts/new/", said).status_code == 302
    assert client.post("/fronts/new/", said).status_code == 422
    without = client.post("/fronts/new/", {"kind": "household"})
    assert without.status_code == 422 and "住户要从名册里选" in without.content.decode()
    stranger = client.post("/fronts/new/", {**said, "household": 0})
    assert stranger.status_code == 422
    assert Front.objects.count() == 1


def test_it_patrols_by_taps(client: Client, house: FrontHouse) -> None:
    front = house.shop()
    path = f"/fronts/{front.pk}/patrol/"
    rubbish, stall = house.item("门前有垃圾"), house.item("占道经营")
    page = read(client, house.cast["sanitation"], path)
    assert all(words in page for words in ("包卫生", "包秩序", "包绿化", "树上钉挂", "每处扣5分"))
    empty = client.post(path, {"note": "路边"})
    assert empty.status_code == 422 and "还没有选问题" in empty.content.decode() and 'value="路边"' in empty.content.decode()
    wrong = client.post(path, {"item": [rubbish, 99999999], f"cases-{rubbish}": 3, "note": "路边"})
    kept = wrong.content.decode()
    assert wrong.status_code == 422 and "对不上" in kept
    assert f'id="item-{rubbish}" value="{rubbish}" checked' in kept and f'id="cases-{rubbish}-3" value="3" checked' in kept
    sent = client.post(path, {"item": [rubbish, stall], f"cases-{rubbish}": 3, "note": "路边"}, follow=True)
    patrol = FrontPatrol.objects.get()
    assert patrol.faults == {str(rubbish): 3, str(stall): 1} and patrol.score == 75
    assert "已记下 2 项问题" in sent.content.decode()
    assert "请先复查" in read(client, house.cast["cadre"], path)
    slip = read(client, house.cast["sanitation"], f"/patrols/{patrol.pk}/slip/")
    assert all(words in slip for words in ("提醒单", "门前有垃圾 3 处", "占道经营 1 处", "八一-001", "便民超市"))


def test_it_takes_one_tap_for_a_good_front(client: Client, house: FrontHouse) -> None:
    far, near = house.shop(name="远店", place="兴隆街12号"), house.shop(name="近店", place="兴隆街9号")
    house.home()
    client.force_login(house.cast["sanitation"])
    page = client.get("/fronts/walk/").content.decode()
    assert page.index("近店") < page.index("远店") and "共 3 处，今天已看 0 处" in page
    done = client.post(f"/fronts/{far.pk}/fine/", {"walk": "1"}, follow=True)
    assert done.redirect_chain == [(f"/fronts/walk/?unit={house.yard.pk}#front-{far.pk}", 302)]
    assert "远店：合格。" in done.content.decode() and "今天已看 1 处" in done.content.decode()
    client.post(f"/fronts/{far.pk}/fine/")
    assert far.patrols.get().state == "fine"
    assert client.get(f"/fronts/{near.pk}/fine/").status_code == 405


def test_it_sends_the_patroller_to_another(client: Client, house: FrontHouse) -> None:
    patrol = house.patrol(house.shop(), 门前有垃圾=1)
    path, words = f"/patrols/{patrol.pk}/recheck/", "这次巡查是您做的，复查要由另一名巡查人办理。"
    assert words in read(client, house.cast["sanitation"], path)
    assert words in read(client, house.cast["sanitation"], "/fronts/walk/")
    sent = client.post(path, {"passed": "1"})
    assert sent.status_code == 422 and words in sent.content.decode()
    client.force_login(house.cast["cadre"])
    assert client.post(path, {}).status_code == 422
    failed = client.post(path, {"passed": "0", "note": ""})
    assert failed.status_code == 422 and "请写明哪里还没有整改到位" in failed.content.decode()
    assert 'value="0" class="btn-check" id="id_passed_1" required checked' in failed.content.decode()
    assert client.post(path, {"passed": "1", "note": "已清扫"}).status_code == 302
    assert "复查合格" in read(client, house.cast["cadre"], f"/fronts/{patrol.front_id}/")
    assert "这次巡查复查合格" in read(client, house.cast["staff"], path)


def test_it_signs_and_ends_on_the_page(client: Client, house: FrontHouse) -> None:
    front = house.shop()
    client.force_login(house.cast["cadre"])
    for path, on, words in (
        ("sign", "2026-13-01", "日期应写作"),
        ("sign", "2999-01-01", "年份应在 1900 到 2200 之间。"),
        ("sign", "2199-01-01", "签订日期不能晚于今天。"),
        ("sign", "2026-04-08", "已记下签订日期。"),
        ("end", "2026-04-07", "停止日期不能早于签订日期。"),
        ("end", "2026-04-09", "牌号不再给别家用"),
    ):
        assert words in client.post(f"/fronts/{front.pk}/{path}/", {"on": on}, follow=True).content.decode(), on
    page = read(client, house.cast["cadre"], f"/fronts/{front.pk}/")
    assert "已停止" in page and "有问题" not in page


def test_it_prints_letters_and_plates(client: Client, house: FrontHouse) -> None:
    cadre, front = house.cast["cadre"], house.shop()
    house.home()
    duty = read(client, cadre, f"/fronts/{front.pk}/print/duty/")
    assert all(words in duty for words in ("责任书", "甲方", "乙方", "包卫生", "包秩序", "包绿化", "八一-001", "八一村委会"))
    plate = read(client, cadre, f"/fronts/{front.pk}/print/plate/")
    assert "责任牌" in plate and "15400000011" not in plate
    assert read(client, cadre, "/fronts/print/plate/").count('class="plate"') == 2
    assert read(client, cadre, "/fronts/print/duty/?kind=household").count('class="sheet"') == 1
    for path in (f"/fronts/{front.pk}/print/x/", "/fronts/print/x/"):
        assert client.get(path).status_code == 404
    client.force_login(house.cast["sanitation"])
    assert client.get(f"/fronts/{front.pk}/print/duty/").status_code == 404


def test_it_has_no_slip_for_a_front_in_order(client: Client, house: FrontHouse) -> None:
    client.force_login(house.cast["sanitation"])
    assert client.get(f"/patrols/{house.patrol(house.shop()).pk}/slip/").status_code == 404


def test_it_is_404_for_strangers(client: Client, house: FrontHouse) -> None:
    front = house.shop()
    patrol = house.patrol(front, 门前有垃圾=1)
    paths = [f"/fronts/{front.pk}/{tail}" for tail in ("", "patrol/", "print/duty/")]
    paths += [f"/patrols/{patrol.pk}/{tail}/" for tail in ("recheck", "slip")]
    client.force_login(neighbour()["cadre"])
    assert [client.get(path).status_code for path in paths] == [404] * 5
    assert [client.post(f"/fronts/{front.pk}/{tail}/").status_code for tail in ("sign", "end", "fine")] == [404] * 3
    assert client.post(f"/patrols/{patrol.pk}/recheck/", {"passed": "1"}).status_code == 404


HEADER = "店名\t责任人\t联系电话\t位置\t签订日期\t备注"
GOOD = ("便民超市\t李四\t15400000011\t兴隆街9号\t2026年3月1日\t", "花店\t赵六\t\t兴隆街12号\t\t", "药店\t孙七\t123\t兴隆街3号\t\t")
BAD = ("\t李四\t\t兴隆街1号\t\t", "面馆\t\t\t兴隆街2号\t\t", "书店\t周八\t\t\t\t", "茶馆\t吴九\t\t兴隆街5号\t明年\t",
       "酒店\t郑十\t\t兴隆街6号\t2099-01-01\t", "花店\t赵六\t\t兴隆街12号\t\t",
       "老店\t钱一\t\t老街1号\t\t", "米店\t陈二\t\t兴隆街8号\t2026.3\t")  # fmt: skip
REASONS = ("A5 没有店名", "B6 没有责任人", "D7 没有位置", "E8 “明年”不是日期", "E9 签订日期 2099-01-01 晚于今天",
           "A10 和第 3 行重复", "A11 已登记过，责任牌 八一-001", "E12 只有年月，没有日")  # fmt: skip


def test_it_imports_a_list_row_by_row(client: Client, house: FrontHouse) -> None:
    house.shop(name="老店", place="老街1号")
    client.force_login(house.cast["cadre"])
    table = "\n".join([HEADER, *GOOD, *BAD])
    said = {"unit": house.yard.pk, "table": table}
    page = client.post("/fronts/import/", {**said, "step": "check"})
    text = page.content.decode()
    assert page.status_code == 200 and "共 11 行，8 行要改" in text and "写入 3 行" in text and "没有用到的列：备注" in text
    for reason in (*REASONS, "C4 不是11位手机号"):
        assert reason in text, reason
    assert Front.objects.count() == 1
    refused = client.post("/fronts/import/", {**said, "step": "save"})
    assert refused.status_code == 422 and "有 8 行要改" in refused.content.decode() and "面馆" in refused.content.decode()
    done = client.post("/fronts/import/", {**said, "step": "save", "good_only": "on"}, follow=True)
    assert "已登记 3 处，牌号 八一-002 起。" in done.content.decode()
    found = Front.objects.order_by("plate_number").values_list("name", "phone", "signed_on", "plate_number")[1:]
    assert [(name, phone, str(day), plate) for name, phone, day, plate in found] == [
        ("便民超市", "15400000011", "2026-03-01", "八一-002"), ("花店", "", "None", "八一-003"), ("药店", "", "None", "八一-004"),
    ]  # fmt: skip
    again = client.post("/fronts/import/", {**said, "step": "save", "good_only": "on"})
    assert again.status_code == 422 and "没有可以写入的行" in again.content.decode()


def test_it_imports_a_sheet(client: Client, house: FrontHouse) -> None:
    book, stream = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.append(["西兴镇门前三包商铺名单"])
    sheet.append(["序号", "商铺名称", "负责人", "电话", "门牌号"])
    sheet.append([1, "便民超市", "李四", 15400000011, "兴隆街9号"])
    book.save(stream)
    client.force_login(house.cast["cadre"])
    file = SimpleUploadedFile("名单.xlsx", stream.getvalue())
    page = client.post("/fronts/import/", {"unit": house.yard.pk, "file": file, "step": "check"}).content.decode()
    assert "写入 1 行" in page and "便民超市\t李四\t15400000011\t兴隆街9号" in page
    other = SimpleUploadedFile("名单.csv", "甲,乙\n1,2\n".encode())
    wrong = client.post("/fronts/import/", {"unit": house.yard.pk, "file": other, "step": "check"})
    assert wrong.status_code == 422 and "没有找到表头" in wrong.content.decode()
    nothing = client.post("/fronts/import/", {"unit": "", "table": " "})
    assert nothing.status_code == 422 and "请粘贴表格" in nothing.content.decode() and "请选在哪里" in nothing.content.decode()


def test_its_forms_are_named_after_the_front(client: Client, house: FrontHouse) -> None:
    front = house.shop()
    assert f"<title>巡查 {front.name} · 乡治</title>" in read(client, house.cast["staff"], f"/fronts/{front.pk}/patrol/")
    patrol = house.patrol(front, 门前有垃圾=1)
    assert f"<title>复查 {front.name} · 乡治</title>" in read(client, house.cast["staff"], f"/patrols/{patrol.pk}/recheck/")
