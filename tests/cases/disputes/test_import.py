"""An existing ledger comes in: judged row by row, refused like everywhere else, found again the second time."""

from __future__ import annotations

import io
import threading
from datetime import date
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from governance.cases.disputes.sheet_import import DISPUTE_IMPORT
from governance.cases.engine.climbing import cases_climb, cases_remind
from governance.cases.engine.due import CASE, KINDS
from governance.cases.engine.extensions import extension_ask
from governance.cases.engine.flow import Step
from governance.cases.engine.return_visits import visits_remind
from governance.cases.errors import CaseError
from governance.cases.models import Case, Dispute, DisputeImport, ReturnVisit
from governance.frame.due import lines_of
from governance.frame.imports.payload import PreviewRow
from governance.sheets.reader import read_workbook
from tests.answers import the
from tests.builders import make_household, make_resident
from tests.cases.house import ZONE, CaseHouse, moment
from villages.models import Post

pytestmark = pytest.mark.django_db
HEADINGS = [
    "序号", "受理日期", "来源", "纠纷类型", "当事人", "基本情况", "风险等级", "责任领导", "责任人", "调处措施", "办理时限", "调处结果",
    "履行情况", "回访日期", "回访情况", "备注",
]  # fmt: skip
OPEN = ["2026-03-02", "群众", "邻里", "甲方：王小明（15400000001）；乙方：赵六", "为过路争吵", "一般", "", "李和", "上门", "", "调解中"]
AGREED = ["2026.3.5", "排查", "婚姻家庭纠纷", "钱七、孙八", "夫妻争吵", "高", "镇长", "李和", "谈话", "", "已化解", "已履行"]
FILED = [
    "2026年2月3日", "电话", "土地", "周九、吴十", "争地边", "", "", "", "", "", "达成协议", "已履行", "2026-02-20", "两家和睦", "已归档",
]  # fmt: skip
FILED_UNVISITED = ["2026-02-04", "", "土地山林", "郑一、冯二", "争水", "", "", "", "", "", "达成协议", "", "", "", "已归档"]
KIN = ["2026-02-05", "", "邻里", "李和、褚三", "争树", "", "", "李和", "", "", ""]
STRANGE = ["2026-02-06", "", "涉企纠纷", "陈四、卫五", "拖欠工钱", "", "", "外村人", "", "", ""]
BARE = ["不知道", "", "邻里", "", "", "", "", "", "", "", ""]


@pytest.fixture
def house() -> CaseHouse:
    house = CaseHouse()
    make_resident(make_household(house.village, "王小明"), "王小明")
    own = make_resident(make_household(house.village, "李和"), "李和")
    Post.objects.filter(kind="cadre").update(resident=own)
    return house


def book(*rows: list[str], headings: list[str] = HEADINGS) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as file:
        page = file.add_worksheet("八一村")
        page.merge_range(0, 0, 0, len(headings) - 1, "矛盾纠纷排查调处台账")
        page.write_row(1, 0, headings)
        for number, row in enumerate(rows, 1):
            page.write_row(number + 1, 0, [str(number), *row])
    return stream.getvalue()


def read(house: CaseHouse, *rows: list[str]) -> DisputeImport:
    return DISPUTE_IMPORT.read(file=book(*rows), filename="台账.xlsx", township=house.township, by=house.user("staff"))


def read_book(house: CaseHouse, headings: list[str], row: list[str]) -> PreviewRow:
    file = book(row, headings=headings)
    ledger = DISPUTE_IMPORT.read(file=file, filename="台账.xlsx", township=house.township, by=house.user("staff"))
    return ledger.judged().rows[0]


def commit(house: CaseHouse, ledger: DisputeImport, **said: Any) -> Any:
    return DISPUTE_IMPORT.commit(ledger, by=house.user("staff"), **said)


def test_it_judges_every_row_and_writes_nothing_before(house: CaseHouse) -> None:
    ledger = read(house, OPEN, AGREED, FILED, FILED_UNVISITED, KIN, STRANGE, BARE)
    verdicts = [item.row.verdict for item in ledger.judged().rows]
    assert verdicts == ["clean", "clean", "clean", "look", "refuse", "look", "refuse"]
    reasons = [item.row.reason for item in ledger.judged().rows]
    assert "回访未完成不能归档" in reasons[3] and "应当回避" in reasons[4]
    assert "涉企纠纷" in reasons[5] and "外村人" in reasons[5]
    assert "B9" in reasons[6] and "没有当事人" in reasons[6]
    assert not Case.objects.exists() and "争吵".encode() not in bytes(ledger.preview), "kept encrypted"


def test_it_brings_disputes_in_as_they_stand(house: CaseHouse) -> None:
    done = commit(house, read(house, OPEN, AGREED, FILED))
    assert (done.new, done.same, done.left_out) == (3, 0, 0)
    waiting, agreed, filed = Case.objects.order_by("pk").select_related("dispute__mediator")
    assert [case.number for case in (waiting, agreed, filed)] == ["JF2026-00001", "JF2026-00002", "JF2026-00003"]
    assert (waiting.state, waiting.holder_duty, waiting.dispute.risk) == ("accepted", "cadre", "green")
    assert sorted(waiting.dispute.parties.values_list("name", flat=True)) == ["王小明", "赵六"]
    assert waiting.dispute.parties.get(name="王小明").resident is not None
    assert (waiting.step_due_at, waiting.case_due_at, waiting.near_at, waiting.climb_at) == (None,) * 4
    assert waiting.dispute.parties.get(name="王小明").phone == "15400000001"
    assert agreed.state == "done" and agreed.dispute.risk == "red" and not agreed.return_visits.exists()
    assert agreed.finished_at == moment("2026-03-05 18:00") and agreed.result == "已化解；已履行"
    assert the(agreed.dispute.mediator).kind == "cadre"
    assert (filed.state, filed.return_visits.get().done_on) == ("filed", date(2026, 2, 20))
    steps = [(step.step, f"{step.at.astimezone(ZONE):%m-%d}") for step in filed.steps.all()[:4]]
    assert steps == [("log", "02-03"), ("finish", "02-03"), ("visit", "02-20"), ("file", "02-20")]
    assert filed.filed_at == moment("2026-02-20 18:00")


def test_history_stays_history(house: CaseHouse) -> None:
    """No clock, no to-do, nothing overdue, until somebody takes it up: then the whole limit is still to come."""
    cadre, later = house.user("cadre"), moment("2026-11-30 09:00")
    before = lines_of(KINDS, cadre, later)
    commit(house, read(house, OPEN, AGREED, FILED, FILED_UNVISITED), include_look=True)
    assert lines_of(KINDS, cadre, later) == before and not CASE.late_rows(later).exists()
    assert cases_remind(later) + cases_climb(later) + visits_remind(later) == 0
    case = Case.objects.get(text="为过路争吵")
    house.step(case, Step.NOTE, note="看了一下", at=later)
    case.refresh_from_db()
    assert case.case_due_at is None, "a note takes nothing up"
    with pytest.raises(CaseError, match="还没有限时"):
        extension_ask(case=case, reason="等专家", by=cadre, at=later)
    house.step(case, Step.HANDLE, note="接着调解", at=later)
    case.refresh_from_db()
    assert case.round_at == later and the(case.case_due_at) > later and len(lines_of(KINDS, cadre, later)) == len(before) + 1
    with pytest.raises(DatabaseError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(round_at=moment("2026-12-01 09:00"))


def test_it_files_nothing_that_was_not_visited(house: CaseHouse) -> None:
    commit(house, read(house, FILED_UNVISITED), include_look=True)
    case = Case.objects.get()
    assert (case.state, case.filed_at, case.dispute.outcome) == ("done", None, "agreed")


def test_it_finds_the_same_rows_the_second_time(house: CaseHouse) -> None:
    commit(house, read(house, OPEN, FILED))
    again = commit(house, read(house, OPEN, FILED, AGREED))
    assert (again.new, again.same) == (1, 2) and Case.objects.count() == 3


def test_it_says_what_stands_there_twice_and_what_it_does_not_change(house: CaseHouse) -> None:
    other = [*OPEN[:10], "已化解"]
    rows = [item for item in read(house, OPEN, OPEN, other).judged().rows]
    assert [(item.outcome, item.row.verdict) for item in rows] == [("new", "clean"), ("same", "clean"), ("same", "look")]
    assert "第 3 行相同，只记一次" in rows[1].row.reason and "不另记一件" in rows[2].row.reason
    assert commit(house, read(house, OPEN, OPEN)).new == 1
    (later,) = read(house, other).judged().rows
    assert later.outcome == "same" and "系统里这件还没有结果" in later.row.reason
    commit(house, read(house, other))
    assert Case.objects.get().state == "accepted"


def test_it_knows_its_own_number_in_a_printed_ledger(house: CaseHouse) -> None:
    case = house.log("linli", text="为过路争吵", parties=("王小明", "赵六"))
    numbered = [*HEADINGS, "编号"]
    line = [*OPEN, *[""] * (len(HEADINGS) - 1 - len(OPEN)), case.number]
    again, foreign = (read_book(house, numbered, [*line[:4], text, *line[5:]]) for text in ("为过路争吵", "争水"))
    assert again.outcome == "same" and (foreign.outcome, foreign.row.verdict) == ("new", "look")
    assert "是另一件事项" in foreign.row.reason


def test_its_old_number_is_found_and_shown(house: CaseHouse, client: Client) -> None:
    line = [*OPEN, *[""] * (len(HEADINGS) - 1 - len(OPEN)), "八纠〔2026〕3号"]
    file = book(line, headings=[*HEADINGS, "编号"])
    commit(house, DISPUTE_IMPORT.read(file=file, filename="台账.xlsx", township=house.township, by=house.user("staff")))
    house.log("linli", text="争水", parties=("王小明", "赵六"))
    client.force_login(house.user("staff"), backend="django.contrib.auth.backends.ModelBackend")
    found = client.get(reverse("cases:case-list"), {"tab": "all", "q": "八纠〔2026〕3"}).content.decode()
    assert "为过路争吵" in found and "历史台账" in found and "争水" not in found
    page = client.get(reverse("cases:case-detail", args=[Case.objects.get(old_number="八纠〔2026〕3号").pk])).content.decode()
    assert "原编号" in page and "历史台账" in page and "原台账受理" in page and "全程限时" not in page


def test_it_takes_doubtful_rows_only_when_told_and_hands_the_rest_back(house: CaseHouse) -> None:
    ledger = read(house, STRANGE, KIN, OPEN)
    done = commit(house, ledger)
    assert (done.new, done.left_out) == (1, 2)
    ledger.refresh_from_db()
    stream = io.BytesIO()
    assert ledger.rejects(stream) == 2
    rows = read_workbook(stream.getvalue(), "x.xlsx")[0].rows
    assert "原因" in rows[2] and any("应当回避" in str(cell) for cell in rows[4])
    assert commit(house, read(house, STRANGE), include_look=True).new == 1
    assert Case.objects.get(text="拖欠工钱").category.code == "jiufen"
    assert Dispute.objects.get(case__text="拖欠工钱").mediator is None


def test_it_is_for_the_townships_clerks(house: CaseHouse) -> None:
    with pytest.raises(CaseError):
        DISPUTE_IMPORT.read(file=book(OPEN), filename="x.xlsx", township=house.township, by=house.user("secretary"))
    ledger = read(house, OPEN)
    commit(house, ledger)
    with pytest.raises(CaseError, match="已导入"):
        commit(house, ledger)


def test_it_is_walked_through_the_staff_pages(house: CaseHouse, client: Client) -> None:
    client.force_login(house.user("staff"), backend="django.contrib.auth.backends.ModelBackend")
    file = SimpleUploadedFile("台账.xlsx", book(OPEN, KIN))
    answer = client.post(
        reverse("admin:cases_disputeimport_add"), {"township": house.township.pk, "file": file}, follow=True
    )
    text = answer.content.decode()
    assert "为过路争吵" in text and "应当回避" in text and "不能导入" in text
    ledger = DisputeImport.objects.get()
    press = reverse("admin:cases_disputeimport_changelist") + f"{ledger.pk}/"
    assert "新增 1 件" in client.post(f"{press}commit/", {"sent": "1"}, follow=True).content.decode()
    assert client.get(f"{press}rejects/")["Content-Type"].endswith("sheet")
    assert ReturnVisit.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_of_two_imports_of_one_ledger_at_once_the_second_finds_the_first() -> None:
    house = CaseHouse()
    ledgers, start = [read(house, AGREED, FILED) for _ in range(2)], threading.Barrier(2)
    told: list[tuple[int, int]] = []

    def bring_in(ledger: DisputeImport) -> None:
        try:
            start.wait()
            done = commit(house, ledger, include_look=True)
            told.append((done.new, done.same))
        finally:
            connection.close()

    threads = [threading.Thread(target=bring_in, args=[ledger]) for ledger in ledgers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == [(0, 2), (2, 0)]
    assert Case.objects.count() == 2
