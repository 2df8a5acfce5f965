"""事务公开 on the desk: who sees which button, a list pasted and sent as a file, what is refused and kept, ledgers."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from governance.disclosure.affairs.questions import question_ask
from governance.disclosure.affairs.services import affair_withdraw
from governance.disclosure.affairs.tables import table_read, table_text
from governance.disclosure.models import Affair, AffairTurn
from governance.sheets.limits import SheetError
from tests.answers import streamed
from tests.builders import make_household, make_resident
from tests.cases.house import moment
from tests.disclosure.affairs.house import AffairHouse
from tests.pages import neighbour, queries, read
from tests.worlds import module_world

pytestmark = pytest.mark.django_db
house = module_world(AffairHouse)
PASTED = "2026年第1季度财务收支\t\t\n项目\t收入（元）\t支出（元）\n土地发包\t12000\t\n路灯电费\t\t860.50\n"


@pytest.fixture(autouse=True)
def april() -> Any:
    with time_machine.travel(moment("2026-04-15 10:00"), tick=False):
        yield


def enter(client: Client, house: AffairHouse, duty: str) -> Client:
    client.force_login(house.cast[duty])
    return client


def form_of(**changes: Any) -> dict[str, Any]:
    return {"title": "八一村财务收支", "table": PASTED, "note": "", "source": "财务账", **changes}


def test_a_pasted_list_becomes_a_draft_under_its_headings(client: Client, house: AffairHouse) -> None:
    turn = house.turn()
    page = read(client, house.cast["cadre"], f"/affairs/{turn.pk}/draft/")
    assert "序号\t项目\t收入（元）\t支出（元）\t备注" in page and "八一村2026年第1季度村集体财务收支" in page
    answer = client.post(f"/affairs/{turn.pk}/draft/", form_of())
    affair = Affair.objects.get()
    assert answer.status_code == 302 and answer["Location"] == f"/affairs/{turn.pk}/"
    assert affair.columns == ["项目", "收入（元）", "支出（元）"]
    assert affair.rows == [["土地发包", "12000", ""], ["路灯电费", "", "860.50"]]
    shown = read(client, house.cast["cadre"], f"/affairs/{turn.pk}/")
    assert "860.50" in shown and "送审" in shown and "审核</a>" not in shown


def test_a_file_is_read_as_if_it_were_pasted(client: Client, house: AffairHouse) -> None:
    book, stream = Workbook(), BytesIO()
    book.active.append(["项目", "收入", "支出"])
    book.active.append(["土地发包", 12000, None])
    book.save(stream)
    turn, file = house.turn(), SimpleUploadedFile("收支.xlsx", stream.getvalue())
    assert enter(client, house, "cadre").post(f"/affairs/{turn.pk}/draft/", form_of(table="", file=file)).status_code == 302
    assert Affair.objects.get().rows == [["土地发包", "12000", ""]]


def test_what_is_refused_is_said_at_its_field_and_nothing_typed_is_lost(client: Client, house: AffairHouse) -> None:
    make_resident(make_household(house.village), "赵丁卯")
    turn = house.turn()
    enter(client, house, "cadre")
    answer = client.post(f"/affairs/{turn.pk}/draft/", form_of(table="姓名\t金额\n赵丁卯\t100\n", note="低保"))
    page = answer.content.decode()
    assert answer.status_code == 422 and "写成“赵**”" in page and "赵丁卯\t100" in page and "低保" in page
    answer = client.post(f"/affairs/{turn.pk}/draft/", form_of(table="项目\t\n电费\t90\n"))
    assert answer.status_code == 422 and "表头第 2 栏没有名称" in answer.content.decode()
    assert not Affair.objects.exists()


def test_the_catalogue_takes_no_telephone_in_the_back_office_either(client: Client, house: AffairHouse) -> None:
    """Its words stand in public beside every list."""
    client.force_login(house.cast["staff"])
    kind = house.kind()
    address = reverse("admin:disclosure_affairkind_change", args=[kind.pk])
    form = client.get(address).context["adminform"].form
    given = {name: value for name in form.fields if (value := form[name].value()) is not None}
    refused = client.post(address, {**given, "channel": "找 15400000001 问"})
    assert refused.status_code == 200 and "公示内容不能含电话号码" in refused.content.decode()
    assert client.post(address, {**given, "channel": "村公开栏"}).status_code == 302
    kind.refresh_from_db()
    assert kind.channel == "村公开栏"


def test_each_sees_their_own_step(client: Client, house: AffairHouse) -> None:
    affair = house.submitted()
    address = f"/affairs/{affair.turn_id}/"
    assert "取回修改" in read(client, house.cast["secretary"], address)
    assert f"/affairs/versions/{affair.pk}/review/" in read(client, house.cast["overseer"], address)
    for duty in ("staff", "leader", "yard_head"):
        assert f"/affairs/versions/{affair.pk}/review/" not in read(client, house.cast[duty], address)
    answer = enter(client, house, "overseer").post(f"/affairs/versions/{affair.pk}/review/", {"passed": "0", "opinion": ""})
    assert answer.status_code == 422 and "哪里要改" in answer.content.decode()
    assert client.post(f"/affairs/versions/{affair.pk}/review/", {"passed": "1"}).status_code == 302
    assert enter(client, house, "cadre").post(f"/affairs/versions/{affair.pk}/publish/").status_code == 302
    affair.refresh_from_db()
    assert affair.state == "published"


def test_a_step_out_of_turn_is_a_message(client: Client, house: AffairHouse) -> None:
    affair = house.draft()
    enter(client, house, "cadre")
    for step, words in (("publish", "不能这样办理"), ("withdraw", "不能撤回")):
        method = client.get if step == "withdraw" else client.post
        answer = method(f"/affairs/versions/{affair.pk}/{step}/", follow=True)
        assert words in answer.content.decode()
    assert enter(client, house, "overseer").get(f"/affairs/versions/{affair.pk}/review/", follow=True).status_code == 200


def test_what_happened_is_written_down_and_drafted(client: Client, house: AffairHouse) -> None:
    enter(client, house, "cadre")
    given = {"village": house.village.pk, "kind": house.kind("xiangmu").pk, "event": "修村道招标", "on": "2026-04-14"}
    answer = client.post("/affairs/open/", given)
    turn = AffairTurn.objects.get()
    assert answer["Location"] == f"/affairs/{turn.pk}/draft/" and str(turn.due_on) == "2026-04-21"
    answer = client.post("/affairs/open/", {**given, "on": "2026-04-16"})
    assert answer.status_code == 422 and "晚于今天" in answer.content.decode()
    answer = enter(client, house, "staff").post(f"/affairs/{turn.pk}/cancel/", {"reason": "登记错了"}, follow=True)
    assert "登记错了" in answer.content.decode() and "已取消" in answer.content.decode()


def test_the_list_says_what_waits_and_filters_it(client: Client, house: AffairHouse) -> None:
    house.published(house.turn())
    late = house.turn(kind=house.kind("dibao"), due_on="2026-04-14")
    page = read(client, house.cast["staff"], "/affairs/")
    assert "逾期 1 项" in page and "共 2 项" in page and "公开中" in page and "未拟稿" in page
    for state, number in (("waiting", 1), ("late", 1), ("published", 1), ("draft", 0), ("withdrawn", 0)):
        assert f"共 {number} 项" in read(client, house.cast["staff"], f"/affairs/?state={state}"), state
    assert f"/affairs/{late.pk}/" in read(client, house.cast["yard_head"], "/affairs/")
    stranger = neighbour()["staff"]
    assert "共 0 项" in read(client, stranger, "/affairs/")
    assert client.get(f"/affairs/{late.pk}/").status_code == 404


def test_the_ledger_has_the_usual_headings(client: Client, house: AffairHouse) -> None:
    affair = house.published()
    question_ask(affair=affair, name="李秀英", phone="15400000002", text="为什么")
    affair_withdraw(affair=affair, reason="金额抄错", by=house.cast["cadre"])
    enter(client, house, "cadre")
    rows = sheet(client, "/affairs/export/")
    heads = next(row for row in rows if row[0] == "序号")
    assert heads[:7] == ("序号", "公开事项", "公开依据", "公开时限", "公开主体", "公开渠道", "公开层级")
    assert rows[rows.index(heads) + 1][:4] == (1, "村集体财务收支", "村集体经济组织财务公开规定", "每季度第一个月 20 日前公开上季度")
    assert "已撤回" in rows[rows.index(heads) + 1] and "金额抄错" in rows[rows.index(heads) + 1]
    assert any("154****0002" in row for row in sheet(client, "/affairs/questions/export/"))
    assert len(sheet(client, "/affairs/kinds/export/")) >= 16


def sheet(client: Client, address: str) -> list[tuple[Any, ...]]:
    answer = client.get(address)
    assert answer.status_code == 200
    book = load_workbook(BytesIO(streamed(answer)), read_only=True)
    return [tuple(row) for row in book.active.iter_rows(values_only=True)]


def test_a_question_is_answered_by_the_village_and_read_by_the_leader(client: Client, house: AffairHouse) -> None:
    question = question_ask(affair=house.published(), name="李秀英", phone="15400000002", text="为什么")
    address = f"/affairs/questions/{question.pk}/"
    page = read(client, house.cast["leader"], address)
    assert "为什么" in page and "李秀英" not in page and "15400000002" not in page and "name=\"answer\"" not in page
    assert client.post(address, {"answer": "天热"}).status_code == 404
    assert "15400000002" in read(client, house.cast["cadre"], address)
    assert client.post(address, {"answer": ""}).status_code == 422
    assert client.post(address, {"answer": "天热"}).status_code == 302
    assert "天热" in read(client, house.cast["leader"], address)
    assert "为什么" in read(client, house.cast["cadre"], "/affairs/questions/")


def test_queries_do_not_grow_with_rows(client: Client, house: AffairHouse) -> None:
    def fill(year: int) -> None:
        for month in range(1, 6):
            affair = house.published(house.turn(period=f"{year}-{month:02d}", kind=house.kind("mingxi")))
            question_ask(affair=affair, name="李秀英", phone="15400000002", text="为什么")

    board = f"/public/{house.village.code}/affairs/"
    addresses = ("/affairs/", "/affairs/questions/", board, f"{board}archive/")
    fill(2025)
    before = [queries(client, house.cast["staff"], address) for address in addresses]
    fill(2026)
    assert [queries(client, house.cast["staff"], address) for address in addresses] == before


def test_the_sheet_for_the_board_says_what_it_is(client: Client, house: AffairHouse) -> None:
    affair = house.draft()
    address = f"/affairs/versions/{affair.pk}/print/"
    page = read(client, house.cast["cadre"], f"{address}?paper=a3")
    assert "不要张贴" in page and 'class="a3"' in page and "<svg" not in page
    other = house.published(house.turn(period="2025-Q4"))
    page = read(client, house.cast["cadre"], f"/affairs/versions/{other.pk}/print/?paper=a9")
    assert 'class="a4"' in page and "<svg" in page and "860.50" in page


def test_tables_are_read_as_people_paste_them() -> None:
    assert table_read(PASTED)[0] == ["项目", "收入（元）", "支出（元）"]
    assert table_read("项目\n修路\n架桥\n") == (["项目"], [["修路"], ["架桥"]])
    assert table_read("项目\t金额\n") == table_read("") == ([], [])
    assert table_read("项目\t\t金额\n修路\t\t9\n架桥\n") == (["项目", "金额"], [["修路", "9"], ["架桥", ""]])
    assert table_read(table_text(["甲", "乙"], [["1\t2", "x\ny"], ["", "|"]])) == (["甲", "乙"], [["1\t2", "x\ny"], ["", "|"]])
    with pytest.raises(SheetError):
        table_read("长" * 200_001)
