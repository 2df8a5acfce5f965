"""A past 积分台账 comes in as claims: judged against the register, refused like everywhere else, found again the second time."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.accounts.duties import Duty
from governance.frame.imports.pages import account_words
from governance.sheets.reader import read_workbook
from moral_bank.claims.services import ClaimError, claim_withdraw
from moral_bank.claims.sheet_import import CLAIM_IMPORT
from moral_bank.models import BankImport, Claim
from moral_bank.rules.models import Deed, Head
from tests.builders import (
    make_cast,
    make_deed,
    make_household,
    make_locked_month,
    make_resident,
    make_rule_set,
    make_township,
    make_user,
    make_village,
)
from tests.sheets.messy import make_id

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 4, 2, 4, tzinfo=UTC)
HEADINGS = ["序号", "户主", "户号", "积分事由", "发生日期", "申报人", "分值", "评议意见", "公示起止", "累计积分"]


class Yard:
    """八一村 with three heads, two of one name, rules with a deed counted by hours, February locked."""

    def __init__(self) -> None:
        self.township = make_township()
        self.village = make_village(self.township)
        self.cast = make_cast(self.township, self.village)
        rule_set = make_rule_set(self.township, adopted=False)
        make_deed(rule_set, "H1", Head.SERVICE, "志愿服务时长", 2, points=2, by_quantity=True, unit="小时")
        rule_set.state, rule_set.adopted_at = "adopted", NOW
        rule_set.save()
        make_locked_month(self.village, rule_set, date(2026, 2, 1))
        self.home = make_household(self.village, "王小明", number="1")
        make_resident(self.home, "王小红")
        self.twins = [make_household(self.village, "张国强", number=number) for number in ("2", "3")]

    def read(self, *rows: list[Any], by: str = "cadre") -> BankImport:
        return CLAIM_IMPORT.read(file=book(*rows), filename="台账.xlsx", by=self.cast[by])

    def reasons(self, *rows: list[Any]) -> list[tuple[str, str]]:
        return [(item.row.verdict, item.row.reason) for item in self.read(*rows).judged().rows]


@pytest.fixture
def yard() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield Yard()


def book(
    *rows: list[Any], sheet: str = "八一村", headings: list[str] = HEADINGS, title: str = "道德银行积分台账"
) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as file:
        page = file.add_worksheet(sheet)
        page.merge_range(0, 0, 0, len(HEADINGS) - 1, title)
        page.write_row(1, 0, headings)
        for number, row in enumerate(rows, 1):
            page.write_row(number + 1, 0, [str(number), *row])
    return stream.getvalue()


GOOD = ["王小明", "", "参加志愿服务", "2026-03-02", "", "5", "同意"]
HOURS = ["王小明", "1", "H1", "2026.3.3", "王小红", "+6分"]
JUDGED = ["张国强", "2", "庭院整洁", "2026年3月4日", "邻家大姐", "7"]
ALIKE = ["张国强", "3", "参加志愿服务（清理河道）", "2026-03-05", "", "5"]


def test_it_brings_the_good_rows_in_as_claims(yard: Yard) -> None:
    done = CLAIM_IMPORT.commit(yard.read(GOOD, HOURS, JUDGED, ALIKE), include_look=True, by=yard.cast["cadre"])
    assert (done.new, done.same, done.left_out) == (4, 0, 0)
    plain, hours, judged, alike = Claim.objects.order_by("pk").select_related("deed", "account__household")
    assert (plain.score, plain.note, plain.source, plain.state) == (5, "同意", "cadre", "declared")
    assert (hours.quantity, hours.score, hours.source, hours.applicant, hours.consent) == (3, 6, "household", "王小红", "signed")
    assert (judged.score, judged.source, judged.account.household) == (7, "neighbour", yard.twins[0])
    assert (alike.deed.code, alike.note) == ("S1", "参加志愿服务（清理河道）")
    assert BankImport.objects.get().preview == b"", "nothing is kept of what came in"


def test_it_leaves_out_what_is_to_be_looked_at_until_told(yard: Yard) -> None:
    done = CLAIM_IMPORT.commit(yard.read(GOOD, ALIKE), by=yard.cast["cadre"])
    assert (done.new, done.left_out) == (1, 1)
    (left,) = BankImport.objects.get().judged().rows
    assert "按“S1 参加志愿服务”记" in left.row.reason


def test_it_finds_again_what_came_in(yard: Yard) -> None:
    CLAIM_IMPORT.commit(yard.read(GOOD, HOURS, ALIKE), include_look=True, by=yard.cast["cadre"])
    again = yard.read(GOOD, HOURS, ALIKE, JUDGED)
    assert [item.outcome for item in again.judged().rows] == ["same", "same", "same", "new"]
    assert again.taken == (1, 0), "the button counts what is new"
    assert "（其中已有 " in account_words(again)[0]
    done = CLAIM_IMPORT.commit(again, by=yard.cast["cadre"])
    assert (done.new, done.same, done.left_out) == (1, 3, 0)
    other = yard.read(GOOD, by="secretary")
    assert CLAIM_IMPORT.commit(other, by=yard.cast["secretary"]).new == 0, "by whomever"
    assert Claim.objects.count() == 4


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (["李四", "", "参加志愿服务", "2026-03-02", "", "5"], "B3 您可以申报的户里没有户主“李四”"),
        (["张国强", "", "参加志愿服务", "2026-03-02", "", "5"], "B3 有 2 户户主叫“张国强”，请填户号"),
        (["王小明", "2", "参加志愿服务", "2026-03-02", "", "5"], "B3 户号 2 的户主是“张国强”"),
        (["王小明", "1", "扶老奶奶过马路", "2026-03-02", "", "5"], "D3 细则里没有“扶老奶奶过马路”"),
        (["王小明", "1", "志愿服务", "2026-03-02", "", ""], "D3 “志愿服务”对应 2 个事项"),
        (["王小明、李四", "", "参加志愿服务", "2026-03-02", "", "5"], "B3 您可以申报的户里没有户主“李四”"),
        (["王小明", "1", "参加志愿服务", "2026-02-02", "", "5"], "E3 2026年2月评分已锁定"),
        (["王小明", "1", "参加志愿服务", "2025-12-31", "", "5"], "E3 发生当日没有施行的积分细则"),
        (["王小明", "1", "参加志愿服务", "2026-03-02", "", "3"], "G3 “参加志愿服务”按细则是 +5，表上写 +3"),
        (["王小明", "1", "志愿服务时长", "2026-03-02", "", "5"], "G3"),
        (["王小明", "1", "庭院整洁", "2026-03-02", "", "11"], "G3 “庭院整洁”的分值须在 1 到 10 之间"),
        (["王小明", "1", "庭院整洁", "2026-03-02", "", ""], "G3 “庭院整洁”的分值须在"),
    ],
)
def test_it_refuses_a_row_with_its_cell(yard: Yard, row: list[str], words: str) -> None:
    ((verdict, reason),) = yard.reasons(row)
    assert verdict == "refuse" and words in reason, reason


@pytest.mark.parametrize(
    ("words", "score", "deed"),
    [("志愿服务", "5", "S1"), ("志愿服务", "4", "H1"), ("参加志愿活动", "5", "S1"), ("庭院整齐干净", "7", "J1")],
)
def test_it_looks_at_the_nearest_deed_whose_figures_fit(yard: Yard, words: str, score: str, deed: str) -> None:
    ((verdict, reason),) = yard.reasons(["王小明", "1", words, "2026-03-02", "", score])
    assert verdict == "look" and f"“{deed} " in reason, reason


NUMBERED = ["序号", "户主", "身份证号", "积分事由", "发生日期", "分值", "备注"]


def test_it_tells_heads_of_one_name_apart_by_their_id_number(yard: Yard) -> None:
    """Of 15 or 18 digits, of the head or of somebody of the family."""
    numbers = [make_id(date(1960, 1, 1), 1), make_id(date(1961, 1, 1), 3)]
    for twin, number in zip(yard.twins, numbers, strict=True):
        resident = make_resident(twin, "张国强")
        resident.set_id_number(number)
        resident.save()
    child = make_resident(yard.home, "王小刚")
    child.set_id_number(make_id(date(1990, 1, 1), 5))
    child.save()
    old = numbers[1][:6] + numbers[1][8:17]
    strange = make_id(date(1970, 1, 1), 7)
    cells = [("张国强", numbers[0]), ("张国强", old), ("王小刚", child.id_number), ("张国强", child.id_number), ("王小明", strange)]
    cells += [("王小明", "51192919900101")]
    rows = [[name, cell, "参加志愿服务", f"2026-03-0{day}", "5", ""] for day, (name, cell) in enumerate(cells, 1)]
    ledger = CLAIM_IMPORT.read(file=book(*rows, headings=NUMBERED), filename="台账.xlsx", by=yard.cast["cadre"])
    found = [item.row for item in ledger.judged().rows]
    assert [row.verdict for row in found] == ["take", "clean", "clean", "refuse", "look", "look"]
    assert "是王小明户（1）的家人" in found[2].reason and "户主是“王小明”，不是“张国强”" in found[3].reason
    assert "名册里没有这个身份证号" in found[4].reason and "应为18位" in found[5].reason
    CLAIM_IMPORT.commit(ledger, include_look=True, by=yard.cast["cadre"])
    owners = Claim.objects.order_by("pk").values_list("account__household", flat=True)
    assert list(owners) == [yard.twins[0].pk, yard.twins[1].pk, yard.home.pk, yard.home.pk, yard.home.pk]


def test_it_finds_a_household_by_its_number_and_refuses_two_that_disagree(yard: Yard) -> None:
    """001 is 1, also where somebody of the family is named."""
    resident = make_resident(yard.twins[0], "张国强")
    resident.set_id_number(make_id(date(1960, 1, 1), 1))
    resident.save()
    headings = [*NUMBERED[:6], "户号"]
    family_row = ["王小红", "", "参加志愿服务", "2026-03-01", "5", "001"]
    torn_row = ["张国强", resident.id_number, "参加志愿服务", "2026-03-02", "5", "3"]
    ledger = CLAIM_IMPORT.read(file=book(family_row, torn_row, headings=headings), filename="台账.xlsx", by=yard.cast["cadre"])
    family, torn = (item.row for item in ledger.judged().rows)
    assert family.verdict == "clean" and "“王小红”是王小明户（1）的家人" in family.reason
    assert torn.verdict == "refuse" and "身份证号是张国强户（2）的，户号 3 是张国强户的" in torn.reason


def test_it_makes_one_claim_for_each_head_in_a_cell(yard: Yard) -> None:
    make_household(yard.village, "李四", number="9")
    row = ["王小明、李四", "", "参加志愿服务", "2026-03-02", "", "5"]
    ledger = yard.read(row)
    assert [(item.row.verdict, item.outcome) for item in ledger.judged().rows] == [("look", "new")]
    assert CLAIM_IMPORT.commit(ledger, by=yard.cast["cadre"]).new == 0
    CLAIM_IMPORT.commit(yard.read(["李四", *row[1:]]), by=yard.cast["cadre"])
    done = CLAIM_IMPORT.commit(yard.read(row), include_look=True, by=yard.cast["cadre"])
    assert (done.new, done.same) == (1, 0), "of two, one was there"
    assert CLAIM_IMPORT.commit(yard.read(row), include_look=True, by=yard.cast["cadre"]).same == 1
    assert Claim.objects.count() == 2


def test_it_reads_the_ugly_ledger_of_a_town(yard: Yard) -> None:
    """The year stands in the title, the village is written with its town, repeated by marks, numbers have noughts."""
    headings = ["序号", "村（社区）", "户主", "户号", "事由", "时间", "加分", "扣分", "备注"]
    town = yard.township.name
    rows: list[list[Any]] = [
        [f"{town}八一村", "王小明", "001", "参加志愿服务", "3月2日", 5, "", ""],
        ["〃", "张国强", "0002", "参加志愿服务", "三月三日", "5分", "", "户口已迁出"],
        ["同上", "王小明", 1, "志愿服务时长", "3.4", "4", "", ""],
        ["", "王小明", 1, "参加志愿服务", "26.3.5", "", "", ""],
    ]
    file = book(*rows, sheet="Sheet1", headings=headings, title="八一村积分台账（2026年1—3月）")
    ledger = CLAIM_IMPORT.read(file=file, filename="台账.xlsx", by=yard.cast["cadre"])
    found = [item.row for item in ledger.judged().rows]
    assert [row.values["occurred_on"] for row in found] == [date(2026, 3, day) for day in (2, 3, 4, 5)]
    assert [row.verdict for row in found] == ["clean", "look", "clean", "clean"], [row.reason for row in found]
    assert "可能应登记为“迁出”" in found[1].reason
    done = CLAIM_IMPORT.commit(ledger, include_look=True, by=yard.cast["cadre"])
    again = CLAIM_IMPORT.read(file=file, filename="台账.xlsx", by=yard.cast["cadre"])
    assert done.new == 4 and CLAIM_IMPORT.commit(again, by=yard.cast["cadre"]).same == 4
    assert Claim.objects.count() == 4


def test_a_missing_heading_opens_the_columns_on_the_desk(yard: Yard, client: Client) -> None:
    client.force_login(yard.cast["cadre"])
    headings, keys = ["序号", "当家的", "户号", "积分事由", "发生日期", "分值"], ["", "head", "number", "deed", "occurred_on", "score"]
    file = book(["王小明", "1", "参加志愿服务", "2026-03-02", "5"], headings=headings)
    page = client.post("/claims/import/", {"file": SimpleUploadedFile("台账.xlsx", file)}, follow=True)
    path = page.redirect_chain[-1][0]
    assert "请指出哪一列是“户主”" in page.content.decode()
    mapped = client.post(f"{path}map/", {f"h{number}": key for number, key in enumerate(keys)}, follow=True)
    assert "可以导入 1 行" in mapped.content.decode()
    assert "新申报 1 条" in client.post(f"{path}commit/", follow=True).content.decode()


def test_the_encoding_of_a_text_file_may_be_chosen(yard: Yard, client: Client) -> None:
    client.force_login(yard.cast["cadre"])
    text = "户主,积分事由,发生日期,分值\n王小明,参加志愿服务,2026-03-02,5\n".encode("gb18030")

    def sent(encoding: str) -> str:
        file = SimpleUploadedFile("八一村.csv", text)
        return client.post("/claims/import/", {"file": file, "encoding": encoding}, follow=True).content.decode()

    assert "文字编码" in client.get("/claims/import/").content.decode()
    assert "可以导入 1 行" in sent("gb18030") and "可以导入 1 行" not in sent("utf-8")


def test_it_is_mapped_anew_for_the_village_that_was_chosen(yard: Yard) -> None:
    other = make_village(yard.township, "马鞍村委会", "511923102202")
    make_household(other, "王小明")
    staff = yard.cast["staff"]
    ledger = CLAIM_IMPORT.read(file=book(GOOD, sheet="Sheet1"), filename="a.xlsx", village=yard.village, by=staff)
    ledger = CLAIM_IMPORT.remap(ledger, overrides={"评议意见": "note"}, by=staff)
    (item,) = ledger.judged().rows
    assert (item.row.verdict, item.row.values["note"], item.row.values["village_code"]) == ("take", "同意", yard.village.code)


CODED = [*HEADINGS[:8], "编号"]


@pytest.mark.parametrize(
    ("code", "words", "verdict", "told"),
    [
        ("S1", "参加志愿服务", "take", ""),
        ("s1", "参加志愿服务（清理河道）", "take", ""),
        ("7", "参加志愿服务", "take", ""),
        ("J1", "参加志愿服务", "refuse", "编号 J1 是“庭院整洁”，事项写的是“参加志愿服务”，请核对"),
        ("J1", "参加志愿服务（清理河道）", "refuse", "编号 J1 是“庭院整洁”"),
        ("S1", "清理河道", "look", "按编号记作“S1 参加志愿服务”，请核对"),
    ],
)
def test_it_asks_where_number_and_words_disagree(yard: Yard, code: str, words: str, verdict: str, told: str) -> None:
    """编号 may be the sheet's own running number."""
    file = book(["王小明", "1", words, "2026-03-02", "", "5", "", code], headings=CODED)
    (item,) = CLAIM_IMPORT.read(file=file, filename="台账.xlsx", by=yard.cast["cadre"]).judged().rows
    assert item.row.verdict == verdict and told in item.row.reason


def test_it_brings_in_again_what_was_withdrawn(yard: Yard) -> None:
    for times in (1, 2):
        assert CLAIM_IMPORT.commit(yard.read(GOOD), by=yard.cast["cadre"]).new == 1
        assert CLAIM_IMPORT.commit(yard.read(GOOD), by=yard.cast["cadre"]).same == 1
        claim_withdraw(claim=Claim.objects.get(state="declared"), by=yard.cast["cadre"])
        assert Claim.objects.count() == times


def test_it_hints_at_what_was_said_before(yard: Yard) -> None:
    CLAIM_IMPORT.commit(yard.read(GOOD), by=yard.cast["cadre"])
    other_words = [*GOOD[:4], "王小红", "5", "再报"]
    (seen, twice) = yard.reasons(other_words, other_words)
    assert seen[0] == "look" and "已有同一事项" in seen[1]
    assert twice[0] == "refuse" and "和第 3 行相同" in twice[1]


def test_it_belongs_to_who_uploaded_it(yard: Yard) -> None:
    ledger = yard.read(GOOD)
    with pytest.raises(ClaimError, match="范围"):
        CLAIM_IMPORT.commit(ledger, by=yard.cast["secretary"])
    CLAIM_IMPORT.discard(ledger, by=yard.cast["cadre"])
    with pytest.raises(ClaimError, match="已放弃"):
        CLAIM_IMPORT.commit(ledger, by=yard.cast["cadre"])
    with pytest.raises(ClaimError, match="不能"):
        CLAIM_IMPORT.read(file=book(GOOD), filename="a.xlsx", by=make_user("newcomer"))
    stranger = make_user("stranger", Duty.CADRE, make_village(yard.township, "马鞍村委会", "511923102202"))
    make_household(make_village(yard.township, "白庙村委会", "511923102203"))
    with pytest.raises(ClaimError, match="不能"):
        CLAIM_IMPORT.read(file=book(GOOD), filename="a.xlsx", by=stranger)


def test_it_gives_the_rejects_back_to_be_corrected(yard: Yard) -> None:
    ledger = yard.read(GOOD, ["李四", "", "参加志愿服务", "2026-03-02", "", "5"])
    CLAIM_IMPORT.commit(ledger, by=yard.cast["cadre"])
    ledger.refresh_from_db()
    stream = io.BytesIO()
    assert ledger.rejects(stream) == 1
    (sheet,) = read_workbook(stream.getvalue(), "a.xlsx")
    assert sheet.rows[2][-1] == "原因" and "没有户主“李四”" in str(sheet.rows[3][-1])
    make_household(yard.village, "李四", number="9")
    again = CLAIM_IMPORT.read(file=stream.getvalue(), filename="a.xlsx", by=yard.cast["cadre"])
    assert CLAIM_IMPORT.commit(again, by=yard.cast["cadre"]).new == 1


def test_it_reads_many_rows_in_as_many_statements(yard: Yard) -> None:
    def counted(count: int) -> list[int]:
        homes = [make_household(yard.village, f"户主{chr(0x4E00 + number)}") for number in range(count)]
        rows = [[home.head_name, home.number, "参加志愿服务", "2026-03-02", "", "5"] for home in homes]
        with CaptureQueriesContext(connection) as reading:
            ledger = yard.read(*rows)
        with CaptureQueriesContext(connection) as committing:
            assert CLAIM_IMPORT.commit(ledger, by=yard.cast["cadre"]).new == count
        return [len(reading), len(committing)]

    counted(1)
    assert counted(2) == counted(40)


def test_it_is_walked_on_the_desk(yard: Yard, client: Client) -> None:
    client.force_login(yard.cast["cadre"])
    file = SimpleUploadedFile("台账.xlsx", book(GOOD, ALIKE, ["李四", "", "参加志愿服务", "2026-03-02", "", "5"]))
    page = client.post("/claims/import/", {"file": file}, follow=True)
    path, text = page.redirect_chain[-1][0], page.content.decode()
    assert "可以导入 1 行，另有 1 行请核对" in text and "没有户主“李四”" in text and "读到 3 行" in text
    assert "共 1 行" in client.get(f"{path}?verdict=refuse").content.decode()
    done = client.post(f"{path}commit/", {"look": "on"}, follow=True).content.decode()
    assert "新申报 2 条，已有 0 条，未导入 1 行" in done and "未导入的行" in done
    assert client.get(f"{path}rejects/").status_code == 200
    assert "不能再办理" in client.post(f"{path}commit/", follow=True).content.decode()
    assert "台账.xlsx" in client.get("/claims/import/").content.decode()
    client.force_login(yard.cast["secretary"])
    assert client.get(path).status_code == 404
    bad = SimpleUploadedFile("a.xlsx", b"no sheet")
    refused = client.post("/claims/import/", {"file": bad})
    assert refused.status_code == 422 and "没有找到表头" in refused.content.decode()
    assert Deed.objects.get(code="S1").claims.count() == 2
