"""A statement of collective income: drafted, reported, confirmed by another, put right by another version; its pages and its table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from governance.guards import refused_by
from governance.sheets.money import fen_of
from tests.builders import make_village
from tests.cases.house import moment
from tests.disclosure.affairs.test_pages import sheet
from tests.pages import neighbour, queries, read
from tests.trial import run_in_trial_mode
from tests.villages.economy.house import GAIN, EconomyHouse
from tests.worlds import module_world
from villages.economy import guards
from villages.economy.models import EconomyAmount, EconomyStatement
from villages.economy.services import (
    EconomyError,
    statement_confirm,
    statement_correct,
    statement_report,
    statement_return,
    statement_write,
)
from villages.economy.sheet_import import ECONOMY_IMPORT
from villages.models import Unit

pytestmark = pytest.mark.django_db
NOW = moment("2026-04-15 10:00")
house = module_world(EconomyHouse)


@pytest.fixture(autouse=True)
def april() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def test_it_goes_from_draft_to_confirmed_and_another_confirms(house: EconomyHouse) -> None:
    secretary, staff = house.cast["secretary"], house.cast["staff"]
    statement = house.draft(by=secretary)
    assert (statement.state, statement.gain, statement.band.value) == ("draft", GAIN, "5to10")
    with pytest.raises(EconomyError, match="草稿"):
        statement_confirm(statement=statement, by=staff)
    statement = statement_return(statement=statement_report(statement=statement, by=secretary), reason="请核对", by=staff)
    assert (statement.state, statement.returned) == ("draft", "请核对")
    house.draft(by=secretary, operating=1)
    statement = statement_report(statement=statement, by=secretary)
    assert statement.returned == ""
    for by in (secretary, house.cast["leader"]):
        with pytest.raises(EconomyError, match="您不能办理"):
            statement_confirm(statement=statement, by=by)
    assert statement_confirm(statement=statement, by=staff).confirmed_by == staff
    own = house.reported(2024)
    with pytest.raises(EconomyError, match="另一人"):
        statement_confirm(statement=own, by=staff)


def test_what_is_put_right_is_another_version_and_the_old_one_is_kept(house: EconomyHouse) -> None:
    first, staff = house.confirmed(), house.cast["staff"]
    with pytest.raises(EconomyError, match="不能再改"):
        house.draft()
    with pytest.raises(EconomyError, match="为什么"):
        statement_correct(statement=first, reason=" ", by=staff)
    second = statement_correct(statement=first, reason="漏记租金", by=staff)
    with pytest.raises(EconomyError, match="已经在更正"):
        statement_correct(statement=first, reason="再改", by=staff)
    assert (second.version, second.fens) == (2, first.fens)
    house.draft(operating=9_500_000)
    first.refresh_from_db()
    assert first.state == "confirmed"
    statement_confirm(statement=statement_report(statement=second, by=staff), by=house.checker)
    first.refresh_from_db()
    assert (first.state, first.gain) == ("replaced", GAIN)
    assert EconomyStatement.objects.standing().get().gain == GAIN + 500_000


def test_a_village_writes_its_own_and_all_heads_of_the_year(house: EconomyHouse) -> None:
    secretary = house.cast["secretary"]
    with pytest.raises(EconomyError, match="您不能办理"):
        statement_write(village=house.other, year=2025, amounts=house.amounts(), by=secretary)
    for year, amounts, reason in (
        (2023, house.amounts(2025), "科目不是这些"),
        (2025, {**house.amounts(), "tax": -1}, "税金及附加不能是负数"),
        (2027, house.amounts(2027), "年度应在"),
    ):
        with pytest.raises(EconomyError, match=reason):
            statement_write(village=house.village, year=year, amounts=amounts, by=secretary)


def _of(statement: EconomyStatement) -> Any:
    return EconomyStatement.objects.filter(pk=statement.pk)


def _made(house: EconomyHouse, **fields: Any) -> Any:
    given: dict[str, Any] = {"village": house.village, "year": 2020, "drafted_by": house.cast["staff"], "drafted_at": timezone.now()}
    return EconomyStatement.objects.bulk_create([EconomyStatement(**{**given, **fields})])[0]


def _signed(house: EconomyHouse) -> dict[str, Any]:
    return {"confirmed_by": house.checker, "confirmed_at": timezone.now()}


def _second(house: EconomyHouse) -> Any:
    """Two confirmed ones, past the service."""
    house.confirmed()
    fresh = _made(house, year=2025, version=2, reason="x")
    _of(fresh).update(state="reported")
    return _of(fresh).update(state="confirmed", **_signed(house))


TRIES: dict[str, tuple[str, Callable[[EconomyHouse], Any]]] = {
    "made as confirmed": (guards.BEGINS, lambda h: _made(h, state="confirmed", **_signed(h))),
    "draft → confirmed": (guards.BEGINS, lambda h: _of(h.draft()).update(state="confirmed", **_signed(h))),
    "reported → replaced": (guards.BEGINS, lambda h: _of(h.reported()).update(state="replaced", **_signed(h))),
    "confirmed → draft": (guards.STANDS, lambda h: _of(h.confirmed()).update(state="draft", confirmed_by=None, confirmed_at=None)),
    "confirmed, by another": (guards.STANDS, lambda h: _of(h.confirmed()).update(confirmed_by=h.cast["staff"])),
    "confirmed, deleted": (guards.STANDS, lambda h: _of(h.confirmed())._raw_delete("default")),
    "another year": (guards.SAME, lambda h: _of(h.draft()).update(year=2022)),
    "another village": (guards.SAME, lambda h: _of(h.draft()).update(village=h.other)),
    "amount of what is reported": (guards.DRAFTED, lambda h: h.reported().amounts.update(fen=1)),
    "amount of what is confirmed": (guards.DRAFTED, lambda h: h.confirmed().amounts.filter(head="operating").update(fen=1)),
    "amount taken away": (guards.DRAFTED, lambda h: h.confirmed().amounts.all()._raw_delete("default")),
    "amount added": (guards.DRAFTED, lambda h: EconomyAmount.objects.create(statement=h.confirmed(), head="contracting", fen=1)),
    "amount below 0": ("economy_only_investments_lose", lambda h: h.draft().amounts.filter(head="tax").update(fen=-1)),
    "a head twice": ("economy_head_once", lambda h: EconomyAmount.objects.create(statement=h.draft(), head="tax", fen=1)),
    "confirmed twice": ("economy_confirmed_once", _second),
    "two open": ("economy_open_once", lambda h: (h.draft(), _made(h, year=2025, version=2, reason="x"))),
    "a version twice": ("economy_version_once", lambda h: (h.confirmed(), _made(h, year=2025))),
    "signed by nobody": ("economy_confirmed_by_somebody", lambda h: _of(h.reported()).update(state="confirmed")),
    "put right without reason": ("economy_corrected_with_reason", lambda h: _made(h, version=2)),
    "a year before all rules": ("economy_year_fits", lambda h: _made(h, year=2004)),
}


def refused(house: EconomyHouse, what: str) -> str:
    try:
        with transaction.atomic():
            TRIES[what][1](house)
            transaction.set_rollback(True)
    except IntegrityError as error:
        return refused_by(error)
    return ""


@pytest.mark.parametrize("what", sorted(TRIES))
def test_the_database_refuses(house: EconomyHouse, what: str) -> None:
    assert refused(house, what) == TRIES[what][0]


ALIKE = {"two open": "economy_confirmed_once"}  # over the same columns: SQLite tells of a unique key no more than these


def wrong() -> dict[str, str]:
    with time_machine.travel(NOW, tick=False):
        house = EconomyHouse()
        found = {what: refused(house, what) for what in TRIES}
    return {what: rule for what, rule in found.items() if rule != ALIKE.get(what, TRIES[what][0])}


def test_sqlite_refuses_the_same(tmp_path: Path) -> None:
    assert run_in_trial_mode("tests.villages.economy.test_statements:wrong", tmp_path) == {}


def test_a_draft_is_deleted_with_its_amounts(house: EconomyHouse) -> None:
    house.draft().delete()
    assert not EconomyAmount.objects.exists()


def test_the_year_shows_what_is_missing_as_missing(client: Client, house: EconomyHouse) -> None:
    house.confirmed()
    page = read(client, house.cast["staff"], "/economy/?year=2025")
    assert "59998.00" in page and "未报 1 个" in page and "5 万元及以上 1 个" in page and "-0.50" in page
    missing = read(client, house.cast["staff"], "/economy/?year=2025&band=missing")
    assert "马鞍村</strong>" in missing and "八一村</strong>" not in missing and "0.00" not in missing.split("<tbody>")[1]
    assert "八一村</strong>" in read(client, house.cast["staff"], "/economy/?band=5to10")
    house.draft(2024, operating=77_00)
    assert "未报 2 个" in read(client, house.cast["staff"], "/economy/?year=2024")
    assert "马鞍村" not in read(client, house.cast["secretary"], "/economy/")
    read(client, house.cast["staff"], "/economy/?year=x")
    assert "筛选条件有误" in read(client, house.cast["staff"], "/economy/?year=x")


def test_the_form_keeps_what_was_typed_and_says_what_is_wrong(client: Client, house: EconomyHouse) -> None:
    client.force_login(house.cast["secretary"])
    address = f"/economy/villages/{house.village.pk}/2025/"
    typed = {key: "0" for key in house.amounts()} | {"operating": "1,234.5", "investment": "-20", "tax": "3.456", "management": ""}
    answer = client.post(address, typed)
    said = answer.content.decode()
    assert answer.status_code == 422 and "不到一分" in said and "请填金额" in said and 'value="1,234.5"' in said
    answer = client.post(address, {**typed, "tax": "3.45", "management": "0"})
    statement = EconomyStatement.objects.get()
    assert answer["Location"] == f"/economy/{statement.pk}/" and statement.fens["operating"] == 123_450
    assert 'value="1234.50"' in client.get(address).content.decode()
    page = client.get(f"/economy/{statement.pk}/").content.decode()
    assert "财会〔2023〕14号" in page and "1211.05" in page and "不计入" in page
    assert client.post(address, {**typed, "tax": "-1", "management": "0"}).status_code == 422
    assert client.get(f"/economy/villages/{house.village.pk}/2027/").status_code == 404
    assert client.get(f"/economy/villages/{house.other.pk}/2025/").status_code == 404


def test_the_steps_are_taken_on_the_page(client: Client, house: EconomyHouse) -> None:
    statement = house.draft(by=house.cast["secretary"])
    address = f"/economy/{statement.pk}/"
    client.force_login(house.cast["secretary"])
    assert client.post(f"{address}confirm/").status_code == 404
    client.post(f"{address}report/")
    client.force_login(house.cast["staff"])
    assert "退回村里" in client.get(address).content.decode()
    client.post(f"{address}confirm/")
    answer = client.post(f"{address}correct/", {"reason": "漏记"})
    fresh = EconomyStatement.objects.get(version=2)
    assert answer["Location"] == f"/economy/{fresh.pk}/"
    page = client.get(answer["Location"]).content.decode()
    assert "第 1 版" in page and "更正：漏记" in page


def test_strangers_find_nothing(client: Client, house: EconomyHouse) -> None:
    statement = house.confirmed()
    client.force_login(neighbour()["cadre"])
    assert client.get(f"/economy/{statement.pk}/").status_code == 404
    assert "59998" not in client.get("/economy/?year=2025").content.decode()
    assert client.get(f"/api/v1/economy-statements/{statement.pk}/").status_code == 404
    client.force_login(house.cast["yard_head"])
    assert client.get("/economy/").status_code == 404


def test_programs_read_fen(client: Client, house: EconomyHouse) -> None:
    statement = house.confirmed()
    client.force_login(house.cast["staff"])
    found = client.get(f"/api/v1/economy-statements/{statement.pk}/").json()
    assert (found["gain_fen"], found["band"]) == (GAIN, "5to10") and {"head": "tax", "fen": 150} in found["amounts"]


def test_the_sheet_sums_to_what_the_register_sums_to(client: Client, house: EconomyHouse) -> None:
    house.confirmed(operating=12_345_678_901)
    house.confirmed(village=house.other, operating=7)
    client.force_login(house.cast["staff"])
    lines = sheet(client, "/economy/export/?year=2025")
    heads = next(line for line in lines if "年度" in line)
    rows = [line for line in lines if 2025 in line]
    for head in ("经营收入", "税金及附加", "投资收益"):
        column = heads.index(f"{head}（元）")
        key = {"经营收入": "operating", "税金及附加": "tax", "投资收益": "investment"}[head]
        kept = EconomyAmount.objects.filter(head=key).values_list("fen", flat=True)
        assert sum(fen_of(str(row[column])) for row in rows) == sum(kept)
    assert all(row[heads.index("发包及上交收入（元）")] is None for row in rows)


def test_queries_do_not_grow_with_villages(client: Client, house: EconomyHouse) -> None:
    house.confirmed()
    before = queries(client, house.cast["staff"], "/economy/?year=2025")
    for number in range(3, 7):
        house.confirmed(village=_village(house, number))
    assert queries(client, house.cast["staff"], "/economy/?year=2025") == before


def _village(house: EconomyHouse, number: int) -> Unit:
    return make_village(house.township, f"第{number}村委会", f"51192310220{number}")


HEADINGS = "村（社区）,经营收入,投资收益,补助收入,其他收入,经营支出,税金及附加,管理费用,公益支出,其他支出,经营收益"


def taken(house: EconomyHouse, *rows: str, title: str = "2025年村集体经济收支表（单位：元）", headings: str = HEADINGS) -> Any:
    data = "\n".join([title, headings, *rows]).encode()
    return ECONOMY_IMPORT.read(file=data, filename="收支.csv", township=house.township, by=house.cast["staff"])


def test_a_table_is_taken_village_by_village_and_twice_changes_nothing(house: EconomyHouse) -> None:
    rows = ("八一村,90000,-0.5,0,0,20000,1.5,10000,0,0,59998", "马鞍村,1,,0,0,0,0,0,0,0,2", "石龙村,1,0,0,0,0,0,0,0,0,1")
    found = taken(house, *rows, "合计,90001,-0.5,0,0,20000,1.5,10000,0,0,60000")
    first, second, third = [item.row for item in found.judged().rows]
    assert (first.verdict, second.verdict, third.verdict) == ("take", "look", "refuse")
    assert "没有写投资收益，按 0 元" in second.reason and "算法是 1.00 元" in second.reason and "A5 " in third.reason
    done = ECONOMY_IMPORT.commit(found, include_look=True, by=house.cast["staff"])
    assert (done.new, done.same, done.left_out) == (2, 0, 1)
    assert [one.gain for one in EconomyStatement.objects.order_by("village__path")] == [GAIN, 100]
    assert {one.state for one in EconomyStatement.objects.all()} == {"reported"}
    again = ECONOMY_IMPORT.commit(taken(house, *rows), include_look=True, by=house.cast["staff"])
    assert (again.new, again.same, EconomyStatement.objects.count()) == (0, 2, 2)


def test_each_bad_cell_is_accounted_for(house: EconomyHouse) -> None:
    house.confirmed()
    found = taken(
        house, "八一村,1,0,0,0,0,0,0,0,0,", "马鞍村,1万多,0,0,0,-3,0,0,0,0,", title="2025年收支表", headings=HEADINGS
    )
    ours, bad = [item.row for item in found.judged().rows]
    assert "系统里已有这一年的收支，金额不同" in ours.reason and "A3" in ours.reason
    assert {issue.cell for issue in bad.issues if issue.level == "refuse"} == {"B4"} and "不是金额" in bad.reason
    below = taken(house, "马鞍村,1,0,0,0,-3,0,0,0,0,").judged().rows[0].row
    assert "F3 经营支出不能是负数" in below.reason
    assert "没有写是哪一年" in taken(house, "马鞍村,1,0,0,0,0,0,0,0,0,", title="收支表").judged().rows[0].row.reason
    old = taken(house, "马鞍村,1,0,0,0,0,5,0,0,0,", title="2023年收支表").judged().rows[0].row
    assert "2023年没有这个科目" in old.reason


def test_ten_thousands_of_the_title_become_yuan(house: EconomyHouse) -> None:
    wan = "2025年收支表（单位：万元）"
    row = taken(house, "马鞍村,4.567801,0,0,0,0.0005,0,0,0,0,", title=wan).judged().rows[0].row
    assert (row.values["operating"], row.values["operating_cost"], row.verdict) == ("45678.01", "5.00", "clean")
    below = taken(house, "马鞍村,4.5678019,0,0,0,0,0,0,0,0,", title=wan).judged().rows[0].row
    assert below.verdict == "refuse" and "B3 “4.5678019”不到一分" in below.reason
