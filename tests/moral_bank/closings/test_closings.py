"""A closing from open to locked, and every way in which it may have to go back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from governance.disclosure.models import Notice, Objection
from governance.disclosure.notices import notice_withdraw, objection_answer, objection_file
from governance.errors import DomainError
from governance.periods import Kind, Period
from moral_bank.closings.services import (
    ClosingError,
    closing_blockers,
    closing_compute,
    closing_lock,
    closing_publish,
    closing_request,
    closings_advance,
    closings_compute,
    closings_lock,
    closings_publish,
    closings_request_due,
    closings_take_down,
    is_stale,
)
from moral_bank.ledger.services import LedgerError, entry_post, entry_reverse
from moral_bank.models import Account, Closing, Entry, Rating
from moral_bank.proof.chain import seal_text
from moral_bank.rules.models import Deed
from moral_bank.rules.services import Meeting, rule_set_adopt, rule_set_copy
from processes import poll
from tests.answers import the
from tests.builders import end_household, make_account, make_household, make_unit, make_village, settlement_of
from tests.moral_bank.closings.house import ClosingHouse, noon, noon_after, rows_of
from villages.models import Household, Placement, Succession, Unit

pytestmark = pytest.mark.django_db
MARCH = date(2026, 3, 2)
PHONE = "15400000001"


@pytest.fixture
def house() -> ClosingHouse:
    return ClosingHouse()


def object_to(closing: Closing, on: int = 2) -> Objection:
    assert closing.notice is not None
    return objection_file(
        notice=closing.notice, row_number=1, name="李大山", phone=PHONE, text="少记一次志愿服务", at=noon(2026, 4, on)
    )


def answer(house: ClosingHouse, objection: Objection, *, upheld: bool) -> None:
    objection_answer(objection=objection, upheld=upheld, answer="已核实", by=house.cast["staff"], at=noon(2026, 4, 3))


def move(household: Household, village: Unit, on: date) -> None:
    Placement.objects.filter(household=household, valid_to=None).update(valid_to=on)
    Placement.objects.create(household=household, village=village, unit=settlement_of(village), valid_from=on)


# --- computing -----------------------------------------------------------------------------------------------------


def test_it_rates_a_month_by_heads(house: ClosingHouse) -> None:
    house.enter("S1", MARCH)
    house.enter("L1", MARCH, house.accounts[1])
    closing = house.compute("2026-03")
    found = closing.ratings.order_by("rank").values_list("account", "service", "law", "score", "rank", "stars")
    first, second, third = house.accounts
    assert list(found) == [
        (first.pk, 10, 20, Decimal(65), 1, None),
        (third.pk, 5, 20, Decimal(60), 2, None),
        (second.pk, 5, 10, Decimal(50), 3, None),
    ]
    assert (closing.state, closing.household_count, closing.entry_count) == ("computed", 3, 2)


def test_it_counts_the_month_in_which_a_deed_occurred(house: ClosingHouse) -> None:
    house.enter("S1", date(2026, 2, 28))
    house.enter("S1", date(2026, 4, 1))
    assert set(house.compute("2026-03").ratings.values_list("score", flat=True)) == {60}


def test_it_writes_the_same_again_and_touches_nothing(house: ClosingHouse) -> None:
    house.enter("S1", MARCH)
    closing = house.compute("2026-03")
    before = rows_of(closing), versions(closing)
    house.compute("2026-03")
    assert (rows_of(closing), versions(closing)) == before


def versions(closing: Closing) -> list[tuple[object, ...]]:
    """PostgreSQL's physical rows: place and writing transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, ctid, xmin FROM moral_bank_rating WHERE closing_id = %s ORDER BY id", [closing.pk])
        return list(cursor.fetchall())


def test_it_corrects_a_late_entry_in_place(house: ClosingHouse) -> None:
    closing = house.compute("2026-03")
    ids = [row[0] for row in rows_of(closing)]
    assert not is_stale(closing)
    house.enter("S1", MARCH, house.accounts[2])
    assert is_stale(closing)
    closing = house.compute("2026-03")
    assert [row[0] for row in rows_of(closing)] == ids
    assert closing.ratings.get(account=house.accounts[2]).rank == 1
    assert not is_stale(closing)


def test_it_rates_who_belongs_on_the_last_day_and_opens_missing_accounts(house: ClosingHouse) -> None:
    other = make_village(house.township, "桥坝村委会", "511923102202")
    gone, ended, late = house.accounts
    move(gone.household, other, date(2026, 3, 31))
    end_household(ended.household_id, date(2026, 3, 31))
    move(late.household, other, date(2026, 4, 1))
    new = make_household(house.village)
    closing = house.compute("2026-03")
    assert {rating.account.household_id for rating in closing.ratings.all()} == {late.household_id, new.pk}
    assert Account.objects.get(household=new).township_id == house.township.pk


def test_it_drops_a_household_that_turns_out_to_have_left(house: ClosingHouse) -> None:
    closing = house.compute("2026-03")
    end_household(house.accounts[0].household_id, date(2026, 3, 15))
    make_account(make_household(house.village))
    assert is_stale(closing), "one left and one came: the number alone would not tell"
    house.compute("2026-03")
    assert house.accounts[0].pk not in closing.ratings.values_list("account", flat=True)
    assert closing.ratings.count() == 3


def test_it_uses_the_rules_in_force_when_the_month_began(house: ClosingHouse) -> None:
    staff = house.cast["staff"]
    draft = rule_set_copy(rule_set=house.rule_set, valid_from=date(2026, 3, 1), by=staff)
    draft.heads.filter(head="service").update(base=20)
    meeting = Meeting(on=date(2026, 2, 20), body="镇党委会议", note="审议通过")
    rule_set_adopt(rule_set=draft, meeting=meeting, by=staff, at=noon(2026, 2, 20))
    assert (house.compute("2026-02").rule_set, house.compute("2026-03").rule_set) == (house.rule_set, draft)
    assert the(house.closing("2026-02").ratings.first()).service == 5
    assert the(house.closing("2026-03").ratings.first()).service == 20


def test_it_computes_the_running_month_but_shows_only_ended_ones(house: ClosingHouse) -> None:
    closing = house.compute("2026-03", at=noon(2026, 3, 20))
    assert closing_blockers(closing, noon(2026, 3, 31)) == ["2026年3月尚未结束"]
    with pytest.raises(ClosingError, match="尚未结束"):
        closing_publish(closing=closing, at=noon(2026, 3, 31))
    closing_publish(closing=closing, at=noon(2026, 4, 1))


@pytest.mark.parametrize(
    ("text", "at", "reason"),
    [
        ("2026-05", noon(2026, 4, 30), "2026年5月尚未开始"),
        ("2025-12", noon(2026, 4, 1), "2025年12月没有已施行的积分细则"),
        ("2020-05", noon(2026, 4, 1), "八一村在2020年5月末不存在"),
    ],
)
def test_it_says_why_a_period_cannot_be_computed(house: ClosingHouse, text: str, at: object, reason: str) -> None:
    with pytest.raises(ClosingError, match=reason):
        house.compute(text, at=at)  # type: ignore[arg-type]
    assert house.closing(text).state == Closing.State.OPEN


def test_it_asks_the_database_equally_often_for_any_village(house: ClosingHouse) -> None:
    large = make_village(house.township, "桥坝村委会", "511923102202")
    house.accounts += [make_account(make_household(large)) for _ in range(30)]
    for account in house.accounts:
        house.enter("S1", MARCH, account)
        house.enter("V1", MARCH, account)
    seal_text(house.township, noon(2026, 4, 1))  # the first notice of a township on a day seals its ledger
    first = make_village(house.township, "石桥村委会", "511923102203")
    make_account(make_household(first))
    for month in ("2026-01", "2026-02"):
        house.lock(month, first)
    assert queries(house, house.village) == queries(house, large)


def queries(house: ClosingHouse, village: Unit) -> list[int]:
    """Numbers of statements for computing, showing and locking a month, and for its quarter."""
    closing, counts = house.closing("2026-03", village), []
    steps: tuple[Callable[[], object], ...] = (
        lambda: closing_compute(closing.pk, noon(2026, 4, 1)),
        lambda: closing_publish(closing=closing, at=noon(2026, 4, 1)),
        lambda: closing_lock(closing=closing, at=noon(2026, 4, 6)),
        lambda: [house.lock(month, village) for month in ("2026-01", "2026-02")],
        lambda: house.compute("2026-Q1", village=village),
    )
    for step in steps:
        with CaptureQueriesContext(connection) as captured:
            step()
        counts.append(len(captured))
    return counts


def test_it_shows_and_locks_many_villages_at_once_or_none(house: ClosingHouse) -> None:
    others = [make_village(house.township, f"{n}村委会", f"51192310230{n}") for n in range(2)]
    house.accounts += [make_account(make_household(village)) for village in others]
    for account in house.accounts:
        house.enter("S1", MARCH, account)
    closings = [house.compute("2026-03", village=village) for village in (house.village, *others)]
    house.enter("S1", MARCH, house.accounts[-1])
    with pytest.raises(ClosingError, match="须重新计算"):
        closings_publish(closings=closings, at=noon(2026, 4, 1))
    assert not Notice.objects.exists()
    closings[-1] = closing_compute(closings[-1].pk, noon(2026, 4, 1))
    notices = closings_publish(closings=closings[::-1], at=noon(2026, 4, 1))
    assert [notice.unit for notice in notices] == [house.village, *others]
    notice_withdraw(notice=notices[1], reason="有误", by=house.cast["staff"], at=noon(2026, 4, 2))
    with pytest.raises(ClosingError, match="公示已撤回"):
        closings_lock(closings=closings, at=noon(2026, 4, 6))
    assert not Closing.objects.exclude(state=Closing.State.NOTICED).exists()
    with pytest.raises(ClosingError, match="不归您办理"):
        closings_lock(closings=closings[::2], by=house.cast["secretary"], at=noon(2026, 4, 6))
    locked = closings_lock(closings=closings[::2], by=house.cast["staff"], at=noon(2026, 4, 6))
    assert [(row.pk, row.state) for row in locked] == [(row.pk, Closing.State.LOCKED) for row in closings[::2]]


def test_it_computes_many_villages_at_once_as_one_by_one(house: ClosingHouse) -> None:
    others = [make_village(house.township, f"{n}村委会", f"51192310230{n}") for n in range(3)]
    house.accounts += [make_account(make_household(village)) for village in others for _ in range(2)]
    for account in house.accounts:
        house.enter("S1", MARCH, account)
    closings = [house.closing("2026-03", village) for village in (house.village, *others)]
    single = [rated(closing_compute(closing.pk, noon(2026, 4, 1))) for closing in closings]
    Rating.objects.all().delete()
    Closing.objects.update(state=Closing.State.OPEN, computed_at=None)
    with CaptureQueriesContext(connection) as first:
        closings_compute([closings[0].pk, closings[1].pk], noon(2026, 4, 1))
    with CaptureQueriesContext(connection) as second:
        done = closings_compute([closing.pk for closing in closings[2:]], noon(2026, 4, 1))
    assert [closing.state for closing in done] == [Closing.State.COMPUTED] * 2
    assert [rated(Closing.objects.get(pk=closing.pk)) for closing in closings] == single
    again = closings_compute([closing.pk for closing in closings], noon(2026, 4, 2))
    assert [rated(closing) for closing in again] == single
    assert len(first) == len(second)


def rated(closing: Closing) -> tuple[object, ...]:
    """What a closing counted and rated, without the rows' own ids."""
    return closing.household_count, closing.entry_count, sorted(row[1:] for row in rows_of(closing))


def test_it_computes_all_villages_or_none(house: ClosingHouse) -> None:
    young = make_village(house.township, "后设村委会", "511923102299")
    Unit.objects.filter(pk=young.pk).update(valid_from=date(2026, 6, 1))
    closings = [house.closing("2026-03"), house.closing("2026-03", young)]
    with pytest.raises(ClosingError, match="不存在"):
        closings_compute([closing.pk for closing in closings], noon(2026, 4, 1))
    assert set(Closing.objects.values_list("state", flat=True)) == {Closing.State.OPEN}


# --- showing -------------------------------------------------------------------------------------------------------


def test_it_shows_a_masked_list_for_five_days(house: ClosingHouse) -> None:
    house.enter("S1", MARCH)
    notice = house.publish("2026-03").notice
    assert notice is not None
    assert notice.title == "八一村2026年3月道德积分评分公示"
    assert (notice.kind, notice.opens_on, notice.closes_on) == ("rating", date(2026, 4, 1), date(2026, 4, 5))
    assert notice.columns == ["序号", "户号", "户主", "组（院）", "得分", "名次", "加减分事项"]
    number = house.accounts[0].household.number
    assert notice.rows[0] == ["1", number, "王**", "柏树院", "65", "1", "参加志愿服务 +5"]
    assert [row[-2:] for row in notice.rows[1:]] == [["2", "无"], ["2", "无"]]


def test_it_shows_what_was_taken_as_one_figure_without_the_deed(house: ClosingHouse) -> None:
    house.enter("L1", MARCH)
    house.enter("L1", MARCH)
    entry_reverse(entry=house.enter("S1", MARCH), reason="重复", by=house.cast["staff"], at=noon(2026, 3, 20))
    entry_reverse(entry=house.enter("L1", date(2026, 2, 10)), reason="记错", by=house.cast["staff"], at=noon(2026, 3, 20))
    notice = house.publish("2026-03").notice
    assert notice is not None
    assert [row[-1] for row in notice.rows] == ["无", "无", "冲正 +10；扣分 -20"]


def test_it_shows_no_long_household_number(house: ClosingHouse) -> None:
    Household.objects.filter(pk=house.accounts[0].household_id).update(number="511929197001010017")
    notice = house.publish("2026-03").notice
    assert notice is not None
    assert "…0017" in {row[1] for row in notice.rows}


def test_it_does_not_show_what_has_changed_since(house: ClosingHouse) -> None:
    closing = house.compute("2026-03")
    house.enter("S1", MARCH)
    with pytest.raises(ClosingError, match="须重新计算"):
        closing_publish(closing=closing, at=noon(2026, 4, 1))


def test_it_withdraws_the_old_list_when_it_computes_again(house: ClosingHouse) -> None:
    old = house.publish("2026-03").notice
    assert old is not None
    house.enter("S1", MARCH)
    with pytest.raises(ClosingError, match="请先确认撤回"):
        house.compute("2026-03", at=noon(2026, 4, 3))
    closings_take_down(closings=[house.closing("2026-03")], reason="漏记一次", by=house.cast["staff"], at=noon(2026, 4, 3))
    closing = house.compute("2026-03", at=noon(2026, 4, 3))
    old.refresh_from_db()
    assert (closing.state, closing.notice, old.withdrawn_at) == ("computed", None, noon(2026, 4, 3))
    assert (old.withdrawn_by, old.withdrawn_reason) == (house.cast["staff"], "漏记一次")
    fresh = closing_publish(closing=closing, at=noon(2026, 4, 4))
    assert (fresh.opens_on, fresh.closes_on) == (date(2026, 4, 4), date(2026, 4, 8))


# --- locking -------------------------------------------------------------------------------------------------------


def test_it_locks_on_the_day_after_the_window(house: ClosingHouse) -> None:
    closing = house.publish("2026-03")
    with pytest.raises(ClosingError, match="公示期到 2026-04-05 为止"):
        closing_lock(closing=closing, at=noon(2026, 4, 5))
    locked = closing_lock(closing=closing, at=noon(2026, 4, 6))
    assert (locked.state, locked.locked_at) == ("locked", noon(2026, 4, 6))
    assert closing_blockers(locked) == []


def test_it_waits_for_the_answer_to_an_objection(house: ClosingHouse) -> None:
    closing = house.publish("2026-03")
    objection = object_to(closing)
    with pytest.raises(ClosingError, match="有 1 条异议待答复"):
        closing_lock(closing=closing, at=noon(2026, 4, 6))
    house.enter("S1", MARCH)
    with pytest.raises(ClosingError, match="答复后才能重新计算"):
        closing_compute(closing.pk, noon(2026, 4, 6))
    answer(house, objection, upheld=False)
    assert closing_compute(closing.pk, noon(2026, 4, 6)).state == Closing.State.COMPUTED


def test_it_corrects_after_an_upheld_objection_and_shows_again(house: ClosingHouse) -> None:
    closing = house.publish("2026-03")
    answer(house, object_to(closing), upheld=True)
    house.enter("S1", MARCH)
    with pytest.raises(ClosingError, match="异议成立，请更正后重新计算并公示"):
        closing_lock(closing=closing, at=noon(2026, 4, 6))
    closing_compute(closing.pk, noon(2026, 4, 6))
    closing_publish(closing=closing, at=noon(2026, 4, 6))
    with pytest.raises(ClosingError, match="2026-04-10"):
        closing_lock(closing=closing, at=noon(2026, 4, 10))
    assert closing_lock(closing=closing, at=noon(2026, 4, 11)).state == "locked"


def test_it_does_not_lock_behind_a_withdrawn_list(house: ClosingHouse) -> None:
    closing = house.publish("2026-03")
    assert closing.notice is not None
    notice_withdraw(notice=closing.notice, reason="名单有误", by=house.cast["staff"])
    with pytest.raises(ClosingError, match="公示已撤回"):
        closing_lock(closing=closing, at=noon(2026, 4, 6))


def test_it_does_not_lock_what_a_late_entry_made_wrong(house: ClosingHouse) -> None:
    closing = house.publish("2026-03")
    house.enter("S1", MARCH)
    with pytest.raises(ClosingError, match="须重新计算"):
        closing_lock(closing=closing, at=noon(2026, 4, 6))
    assert house.closing("2026-03").state == Closing.State.NOTICED


def test_it_leaves_a_locked_month_alone(house: ClosingHouse) -> None:
    closing = house.lock("2026-03")
    before, newcomer = rows_of(closing), make_account(make_household(house.village))
    deed = Deed.objects.select_related("rule_set").get(code="S1")
    with pytest.raises(LedgerError) as refused:
        entry_post(account=house.accounts[0], deed=deed, occurred_on=MARCH, by=house.cast["staff"], source_key="late")
    assert refused.value.code == "locked"
    assert house.compute("2026-03").computed_at == noon(2026, 4, 1)
    with pytest.raises(ClosingError, match="已锁定"):
        closing_request(village=house.village, period=closing.period)
    for statement in (
        "UPDATE moral_bank_rating SET score = 100",
        "DELETE FROM moral_bank_rating",
        "UPDATE moral_bank_closing SET state = 'computed', locked_at = NULL",
        "INSERT INTO moral_bank_rating (closing_id, account_id, score, rank, vetoed, honoured)"
        f" VALUES ({closing.pk}, {newcomer.pk}, 1, 1, false, false)",
    ):
        with pytest.raises(IntegrityError, match="已锁定"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert rows_of(closing) == before


# --- quarters and years --------------------------------------------------------------------------------------------


def test_it_asks_for_three_locked_months_before_a_quarter(house: ClosingHouse) -> None:
    house.lock("2026-01")
    house.publish("2026-02")
    assert closing_blockers(house.closing("2026-Q1"), noon(2026, 4, 1)) == [
        "八一村2026年2月尚未锁定",
        "八一村2026年3月尚未锁定",
    ]


def test_it_averages_three_months_into_stars(house: ClosingHouse) -> None:
    for month in (1, 2, 3):
        for _ in range(month):
            house.enter("S1", date(2026, month, 5))
            house.enter("J1", date(2026, month, 6), score=5)
        house.lock(f"2026-{month:02}")
    quarter = house.publish("2026-Q1")
    rating = quarter.ratings.get(account=house.accounts[0])
    assert (rating.score, rating.rank, rating.stars, rating.law) == (Decimal(75), 1, 3, None)
    assert quarter.notice is not None
    assert quarter.notice.columns[-1] == "星级"
    assert quarter.notice.rows[0][-3:] == ["75.00", "1", "三星"]


def test_it_takes_all_stars_for_a_veto_unless_it_was_reversed(house: ClosingHouse) -> None:
    wrong = house.enter("V1", date(2026, 1, 5))
    house.enter("V1", date(2026, 1, 5), house.accounts[1])
    for month in ("2026-01", "2026-02", "2026-03"):
        house.lock(month)
    entry_reverse(entry=wrong, reason="查无此事", by=house.cast["staff"], at=noon(2026, 4, 2))
    quarter = house.compute("2026-Q1")
    assert [quarter.ratings.get(account=account).vetoed for account in house.accounts] == [False, True, False]
    assert quarter.ratings.get(account=house.accounts[1]).stars == 0


def test_it_sees_a_veto_reversed_after_computing_as_stale(house: ClosingHouse) -> None:
    veto = house.enter("V1", date(2026, 1, 5))
    for month in ("2026-01", "2026-02", "2026-03"):
        house.lock(month)
    quarter = house.compute("2026-Q1")
    assert not is_stale(quarter)
    entry_reverse(entry=veto, reason="查无此事", by=house.cast["staff"], at=noon(2026, 4, 2))
    assert is_stale(quarter)


def test_it_brings_the_months_of_merged_villages_into_the_quarter(house: ClosingHouse) -> None:
    merged = make_unit("village", "新桥村委会", "511923102203", house.township, valid_from=date(2026, 2, 10))
    make_unit("settlement", "柏树院", "511923102203001", merged)
    Succession.objects.create(predecessor=house.village, successor=merged, on=date(2026, 2, 10))
    house.enter("S1", date(2026, 1, 5))
    for account in house.accounts:
        move(account.household, merged, date(2026, 2, 10))
    Unit.objects.filter(pk=house.village.pk).update(valid_to=date(2026, 2, 10))
    for month in ("2026-02", "2026-03"):
        house.lock(month, merged)
    assert closing_blockers(house.closing("2026-Q1", merged), noon(2026, 4, 1)) == ["八一村2026年1月尚未锁定"]
    house.lock("2026-01")
    quarter = house.compute("2026-Q1", village=merged)
    assert str(quarter.ratings.get(account=house.accounts[0]).score) == "61.67"
    assert not is_stale(quarter)


def test_it_does_not_ask_for_months_before_the_first_rules() -> None:
    house = ClosingHouse(households=1, rules_from=date(2026, 3, 1))
    house.lock("2026-03")
    assert house.compute("2026-Q1").ratings.get().score == 60


def test_it_honours_the_year(house: ClosingHouse) -> None:
    for month in range(1, 13):
        house.enter("S1", date(2026, month, 5))
        house.enter("S1", date(2026, month, 5))
        house.enter("J1", date(2026, month, 5), score=5)
        house.lock(f"2026-{month:02}")
    for quarter in range(1, 5):
        house.lock(f"2026-Q{quarter}")
    year = house.publish("2026")
    assert [(row.score, row.stars, row.honoured) for row in year.ratings.all()] == [
        (Decimal(75), 3, True),
        (Decimal(60), 2, False),
        (Decimal(60), 2, False),
    ]
    assert year.notice is not None
    assert year.notice.kind == Notice.Kind.HONOUR
    assert [row[-1] for row in year.notice.rows] == ["是", "", ""]


# --- asking and advancing ------------------------------------------------------------------------------------------


def test_it_refuses_strangers_and_half_years(house: ClosingHouse) -> None:
    march = Period.parse("2026-03")
    with pytest.raises(ClosingError, match="不归您办理"):
        closing_request(village=house.village, period=march, by=house.cast["secretary"])
    with pytest.raises(ClosingError, match="只按月、季度和年"):
        closing_request(village=house.village, period=Period.parse("2026-H1"), by=house.cast["staff"])
    assert closing_request(village=house.village, period=march, by=house.cast["staff"]).job == "queued"


def test_it_asks_for_all_missed_months_once(house: ClosingHouse) -> None:
    house.lock("2026-01")
    assert closings_request_due(kind=Kind.MONTH, at=noon(2026, 5, 1)) == 3
    assert closings_request_due(kind=Kind.MONTH, at=noon(2026, 5, 1)) == 0
    asked = Closing.objects.filter(job="queued").order_by("start").values_list("start", flat=True)
    assert list(asked) == [date(2026, month, 1) for month in (2, 3, 4)]


def test_it_advances_by_night_from_computed_to_the_quarter(house: ClosingHouse) -> None:
    for month in ("2026-01", "2026-02"):
        house.lock(month)
    house.compute("2026-03")
    assert closings_advance(noon(2026, 4, 1)) == 1
    assert closings_advance(noon(2026, 4, 5)) == 0
    assert closings_advance(noon(2026, 4, 6)) == 2
    assert house.closing("2026-03").state == Closing.State.LOCKED
    assert house.closing("2026-Q1").job == Closing.Job.QUEUED


def test_it_shows_anew_by_night_what_a_late_entry_changed(house: ClosingHouse) -> None:
    closing = house.publish("2026-03")
    house.enter("S1", MARCH)
    assert closings_advance(noon(2026, 4, 5)) == 0, "a running notice is taken down by people"
    assert closings_advance(noon(2026, 4, 6)) == 1
    closing.refresh_from_db()
    assert closing.notice is not None
    assert (closing.state, closing.notice.closes_on) == ("noticed", date(2026, 4, 10))
    assert closing.notice.rows[0][4] == "65"


def test_it_leaves_open_objections_to_people(house: ClosingHouse) -> None:
    objection = object_to(house.publish("2026-03"))
    assert closings_advance(noon(2026, 4, 6)) == 0
    assert house.closing("2026-03").job == Closing.Job.IDLE
    answer(house, objection, upheld=True)
    assert closings_advance(noon(2026, 4, 7)) == 0, "nothing was corrected that could be shown anew"
    house.enter("S1", MARCH)
    assert closings_advance(noon(2026, 4, 8)) == 1
    assert house.closing("2026-03").notice.opens_on == date(2026, 4, 8)  # type: ignore[union-attr]


def test_it_goes_on_with_the_others_when_one_is_refused(house: ClosingHouse) -> None:
    other = make_village(house.township, "桥坝村委会", "511923102202")
    make_household(other)
    Unit.objects.filter(pk=settlement_of(house.village).pk).update(name="13800000000院")
    house.compute("2026-03")
    house.compute("2026-03", village=other)
    assert closings_advance(noon(2026, 4, 1)) == 1
    assert house.closing("2026-03").job_error == "公示内容不能含电话号码或身份证号。"
    assert house.closing("2026-03", other).state == Closing.State.NOTICED


# --- races ---------------------------------------------------------------------------------------------------------


class Racer(threading.Thread):
    """Acts in a thread of its own; `outcome` is "done" or the code of the refusal."""

    def __init__(self, act: Callable[[], object], barrier: threading.Barrier | None = None) -> None:
        super().__init__()
        self.act, self.barrier, self.outcome = act, barrier, ""

    def run(self) -> None:
        try:
            if self.barrier:
                self.barrier.wait()
            self.act()
            self.outcome = "done"
        except DomainError as error:
            self.outcome = error.code
        finally:
            connections.close_all()


def post(house: ClosingHouse, on: date) -> Entry:
    deed = Deed.objects.select_related("rule_set").get(code="S1")
    return entry_post(
        account=house.accounts[0], deed=deed, occurred_on=on, by=house.cast["staff"], source_key=f"race:{on}"
    )


@pytest.mark.django_db(transaction=True)
def test_it_never_locks_a_month_without_one_of_its_entries() -> None:
    house = ClosingHouse(households=1)
    for month in range(1, 9):
        closing, on = house.publish(f"2026-{month:02}"), date(2026, month, 2)
        barrier, at = threading.Barrier(2), noon_after(closing.period) + timedelta(days=5)
        poster = Racer(lambda on=on: post(house, on), barrier)  # type: ignore[misc]
        locker = Racer(lambda closing=closing, at=at: closing_lock(closing=closing, at=at), barrier)  # type: ignore[misc]
        for racer in (poster, locker):
            racer.start()
        for racer in (poster, locker):
            racer.join()
        assert (poster.outcome, locker.outcome) in {("done", "stale"), ("locked", "done")}
        closing.refresh_from_db()
        posted = Entry.objects.filter(month=on.replace(day=1)).count()
        assert (closing.state, posted) in {("locked", 0), ("noticed", 1)}


@pytest.mark.django_db(transaction=True)
def test_it_waits_with_the_lock_for_an_entry_that_is_being_posted() -> None:
    house = ClosingHouse(households=1)
    closing = house.publish("2026-03")
    locker = Racer(lambda: closing_lock(closing=closing, at=noon(2026, 4, 6)))
    with transaction.atomic():
        post(house, MARCH)
        locker.start()
        assert poll(_somebody_waits, alive=locker.is_alive, seconds=180), "the lock did not wait for the posting"
    locker.join()
    assert locker.outcome == "stale"
    assert house.closing("2026-03").state == Closing.State.NOTICED


def _somebody_waits() -> bool:
    """Whether a backend stands before a lock; asked outside the test's own transaction's snapshot."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return bool(cursor.fetchone()[0])
