"""户月评: by whom, of which month, what it posts, how it is corrected, and what the database refuses (plan §三.4; M27)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from governance.errors import DomainError
from governance.periods import Period
from inspections.cards.services import checklist_adopt, checklist_copy
from inspections.checks.services import household_check, walk_order_set
from inspections.checks.walk import households_in_walk, same_as_last_month, walk_rows
from inspections.errors import InspectionError
from inspections.models import HouseholdCheck, Plate, PlateDeed, Recusal, Sheet
from inspections.scorecards.sheets_sent import sheet_take
from moral_bank.closings.services import closing_compute
from moral_bank.ledger.services import entry_reverse, points_spend
from moral_bank.models import Closing, Entry, Rating
from tests.builders import end_household, make_household, make_locked_month
from tests.inspections.checks.house import MARCH, NOON, CheckHouse, this_month
from tests.inspections.house import moment

APRIL_2 = moment("2026-04-02 09:00")
Error = InspectionError


@pytest.fixture
def house(db: None) -> CheckHouse:
    return CheckHouse()


@pytest.mark.parametrize(
    ("said", "score", "plate", "points"),
    [
        ({}, 100, Plate.CLEAN, 10),
        ({"衣物乱晾": 2}, 90, Plate.CLEAN, 10),
        ({"衣物乱晾": 3}, 85, Plate.FAIR, None),
        ({"衣物乱晾": 9}, 85, Plate.FAIR, None),
        ({"衣物乱晾": 3, "家禽散养": 2}, 65, Plate.FAIR, None),
        ({"柴草乱堆": 4, "院坝有垃圾": 4, "粪污外流": 1}, 40, Plate.POOR, -5),
    ],
)
def test_it_rates_and_posts_what_the_plate_names(
    house: CheckHouse, said: dict[str, Any], score: int, plate: str, points: int | None
) -> None:
    check = house.check(**said)
    assert (check.score, check.plate, check.revision, check.month) == (Decimal(score), plate, 0, MARCH.start)
    assert check.faults == {str(house.item(name).pk): cases for name, cases in said.items()}
    posted = list(Entry.objects.values_list("score", "head", "occurred_on", "source_key", "memo"))
    expected = [(points, "sanitation", NOON.date(), f"check:{house.homes[0].pk}:2026-03:0", f"2026年3月户月评：{plate.label}")]  # type: ignore[attr-defined]
    assert posted == (expected if points else [])


def test_it_lands_in_the_ratings_of_its_month(house: CheckHouse) -> None:
    house.check(0)
    house.check(1, 柴草乱堆=4, 院坝有垃圾=4, 粪污外流=1)
    row = Closing.objects.create(village=house.village, kind="month", start=MARCH.start)
    closing_compute(row.pk, APRIL_2)
    ratings = Rating.objects.filter(closing=row).order_by("account__household__number")
    assert [rating.sanitation for rating in ratings] == [20, 10], "15 to start with, 20 at most"


def test_it_does_nothing_the_second_time(house: CheckHouse) -> None:
    first = house.check(衣物乱晾=1, note="在改")
    again = house.check(by="cadre", at=moment("2026-03-11 12:00"), 衣物乱晾=1, note=" 在改 ")
    assert (again.pk, again.by, again.at, again.revision) == (first.pk, first.by, first.at, 0)
    assert Entry.objects.count() == 1


def test_it_corrects_by_reversal(house: CheckHouse) -> None:
    first = house.check().entry
    check = house.check(by="cadre", at=moment("2026-03-11 12:00"), 柴草乱堆=4, 院坝有垃圾=4, 粪污外流=1)
    assert (check.plate, check.revision, check.by) == (Plate.POOR, 1, house.user("cadre"))
    assert [(entry.score, entry.reverses) for entry in Entry.objects.order_by("pk")] == [(10, None), (-5, None), (-10, first)]
    assert check.entry == Entry.objects.get(source_key=f"check:{check.household_id}:2026-03:1")
    better = house.check(衣物乱晾=3)
    assert (better.plate, better.revision, better.entry) == (Plate.FAIR, 2, None)
    assert sum(Entry.objects.values_list("score", flat=True)) == 0


def test_it_keeps_the_entry_where_the_plate_stays(house: CheckHouse) -> None:
    entry = house.check().entry
    check = house.check(衣物乱晾=1)
    assert (check.revision, check.entry, Entry.objects.count()) == (1, entry, 1)


def test_it_corrects_last_month_within_last_month(house: CheckHouse) -> None:
    house.check()
    check = house.check(at=APRIL_2, 柴草乱堆=4, 院坝有垃圾=4, 粪污外流=1)
    assert check.month == MARCH.start
    assert set(Entry.objects.values_list("month", flat=True)) == {MARCH.start}
    assert {str(day) for day in Entry.objects.exclude(score=10).values_list("occurred_on", flat=True)} == {"2026-03-31"}
    assert sum(Entry.objects.values_list("score", flat=True)) == -5


def test_it_posts_anew_after_a_reversal_by_hand(house: CheckHouse) -> None:
    entry = house.check().entry
    assert entry is not None
    entry_reverse(entry=entry, reason="记错", by=house.user("staff"), at=NOON)
    assert house.check(衣物乱晾=1).entry != entry
    assert sum(Entry.objects.values_list("score", flat=True)) == 10


def test_it_does_not_take_back_spent_points(house: CheckHouse) -> None:
    entry = house.check().entry
    assert entry is not None
    points_spend(account=entry.account, points=10, memo="兑换", by=house.user("staff"), source_key="x", at=NOON)
    for at in (NOON, APRIL_2):
        with pytest.raises(DomainError, match="积分"):
            house.check(at=at, 衣物乱晾=3)
    assert house.check(衣物乱晾=1).entry == entry, "the same plate asks for none"
    assert HouseholdCheck.objects.get().plate == Plate.CLEAN


@pytest.mark.parametrize(
    ("by", "change", "code"),
    [
        ("overseer", lambda house: None, "scope"),
        ("leader", lambda house: None, "scope"),
        ("sanitation", lambda house: house.kin("sanitation"), "kin"),
        ("sanitation", lambda house: end_household(house.homes[0].pk, NOON.date()), "state"),
        ("sanitation", lambda house: Recusal.objects.create(
            user=house.user("sanitation"), village=house.village, reason="亲戚", by=house.user("staff"), at=NOON
        ), "kin"),
        ("sanitation", lambda house: make_locked_month(house.village, house.rules, MARCH.start), "locked"),
    ],
)  # fmt: skip
def test_it_refuses(house: CheckHouse, by: str, change: Any, code: str) -> None:
    change(house)
    with pytest.raises(Error) as refused:
        house.check(by=by)
    assert refused.value.code == code
    assert not HouseholdCheck.objects.exists() and not Entry.objects.exists()


def test_it_lets_others_judge_the_kin_and_the_kin_judge_others(house: CheckHouse) -> None:
    house.kin("sanitation")
    assert house.check(by="cadre").by == house.user("cadre")
    assert house.check(1).by == house.user("sanitation")
    with pytest.raises(Error, match="请他人评"):
        house.check(衣物乱晾=1)


@pytest.mark.parametrize(("month", "at", "takes"), [
    ("2026-03", "2026-03-31 23:59", True),
    ("2026-03", "2026-04-01 00:00", True),
    ("2026-03", "2026-04-30 23:59", True),
    ("2026-03", "2026-05-01 00:00", False),
    ("2026-04", "2026-03-31 23:59", False),
])  # fmt: skip
def test_it_takes_this_month_and_the_last(house: CheckHouse, month: str, at: str, takes: bool) -> None:
    if takes:
        assert house.check(month=Period.parse(month), at=moment(at)).entry
        return
    with pytest.raises(Error) as refused:
        house.check(month=Period.parse(month), at=moment(at))
    assert refused.value.code == "date"


def test_it_refuses_what_is_not_on_the_card(house: CheckHouse) -> None:
    for faults in ({0: 1}, {house.item("衣物乱晾").pk: 100}, {house.item("衣物乱晾").pk: -1}):
        with pytest.raises(Error) as refused:
            household_check(household=house.homes[0], month=MARCH, faults=faults, by=house.user("cadre"), at=NOON)
        assert refused.value.code == "card"


@pytest.mark.parametrize(("code", "words"), [("J1", "固定分值"), ("S1", "环境卫生评比"), ("X9", "没有编号 X9")])
def test_it_says_what_is_wrong_with_the_deed(house: CheckHouse, code: str, words: str) -> None:
    staff = house.user("staff")
    draft = checklist_copy(checklist=house.checklist, valid_from=MARCH.start, by=staff)
    PlateDeed.objects.filter(checklist=draft, plate=Plate.CLEAN).update(deed_code=code)
    checklist_adopt(checklist=draft, by=staff, at=NOON)
    with pytest.raises(Error, match=words):
        house.check()


GUARDED = {
    "kin judges": "UPDATE inspections_householdcheck SET by_id = {kin} WHERE household_id = {home}",
    "kin judges anew": "INSERT INTO inspections_householdcheck (household_id, township_id, month, checklist_id, faults, score, plate, "
    "note, by_id, at, revision) SELECT household_id, township_id, '2026-04-01', checklist_id, faults, score, plate, note, {kin}, at, 0 "
    "FROM inspections_householdcheck WHERE household_id = {home}",
    "given to another township": "UPDATE inspections_householdcheck SET township_id = {village} WHERE household_id = {home}",
    "written for another township": "INSERT INTO inspections_householdcheck (household_id, township_id, month, checklist_id, faults, "
    "score, plate, note, by_id, at, revision) SELECT household_id, {village}, '2026-04-01', checklist_id, faults, score, plate, note, "
    "by_id, at, 0 FROM inspections_householdcheck WHERE household_id = {home}",
    "recused judges": "UPDATE inspections_householdcheck SET by_id = {recused} WHERE household_id = {home}",
    "locked changed": "UPDATE inspections_householdcheck SET plate = 'poor' WHERE household_id = {locked}",
    "locked moved in": "UPDATE inspections_householdcheck SET month = '2026-02-01' WHERE household_id = {home}",
    "locked deleted": "DELETE FROM inspections_householdcheck WHERE household_id = {locked}",
    "second of a month": "UPDATE inspections_householdcheck SET household_id = {home}, month = '2026-03-01'",
}


def guarded() -> dict[str, str]:
    """Statements that no database may let pass: kin, recusal, and a locked February."""
    house = CheckHouse()
    february = Period.parse("2026-02")
    house.check(0)
    house.check(1, month=february, at=moment("2026-02-10 12:00"))
    house.kin("sanitation")
    recused = house.user("cadre")
    Recusal.objects.create(user=recused, village=house.village, reason="亲戚", by=house.user("staff"), at=NOON)
    make_locked_month(house.village, house.rules, february.start)
    ids = {
        "home": house.homes[0].pk, "locked": house.homes[1].pk, "kin": house.user("sanitation").pk, "recused": recused.pk,
        "village": house.village.pk,
    }  # fmt: skip
    return {name: statement.format(**ids) for name, statement in GUARDED.items()}


def passes(statement: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            transaction.set_rollback(True)
    except DatabaseError:
        return False
    return True


@pytest.mark.django_db
def test_it_is_refused_by_the_database_too() -> None:
    assert [name for name, statement in guarded().items() if passes(statement)] == []


@pytest.mark.django_db
def test_it_lets_pass_what_another_person_writes() -> None:
    house = CheckHouse()
    house.check()
    assert passes(f"UPDATE inspections_householdcheck SET by_id = {house.user('secretary').pk}")


def test_it_walks_in_the_order_that_was_set(house: CheckHouse) -> None:
    third = make_household(house.village, "王十", number="010")
    user, first, second = house.user("sanitation"), *house.homes
    assert list(households_in_walk(user, house.yard, MARCH)) == [first, second, third]
    assert walk_order_set(unit=house.yard, households=[third, first], by=user) == 2
    assert list(households_in_walk(user, house.yard, MARCH)) == [third, first, second]
    assert walk_order_set(unit=house.yard, households=[second], by=user) == 1
    assert list(households_in_walk(user, house.yard, MARCH)) == [second, first, third]
    with pytest.raises(Error, match="不归您"):
        walk_order_set(unit=house.yard, households=[], by=house.user("overseer"))
    with pytest.raises(Error, match="不在"):
        walk_order_set(unit=house.village, households=[first], by=house.user("cadre"))


def test_it_carries_last_months_faults_over_to_a_new_card(house: CheckHouse) -> None:
    last = house.check(衣物乱晾=2)
    assert same_as_last_month([last], house.checklist) == {last.pk: house.faults(衣物乱晾=2)}
    staff = house.user("staff")
    draft = checklist_copy(checklist=house.checklist, valid_from=Period.parse("2026-04").start, by=staff)
    checklist_adopt(checklist=draft, by=staff, at=NOON)
    house.checklist = draft
    assert same_as_last_month([last], draft) == {last.pk: house.faults(衣物乱晾=2)}
    rows = walk_rows(house.user("sanitation"), house.yard, Period.parse("2026-04"), draft)
    assert [(row.check, row.last, row.again) for row in rows] == [(None, last, house.faults(衣物乱晾=2)), (None, None, None)]


# --- what phones send -----------------------------------------------------------------------------------------------------


def send(client: Client, key: UUID, status: int, **fields: Any) -> dict[str, Any]:
    fields = {"month": str(this_month()), **{name.replace("_", "-"): str(value) for name, value in fields.items()}}
    answer = client.post("/log/send/", {"form": "check", "key": str(key), "fields": fields}, content_type="application/json")
    assert answer.status_code == status, answer.content.decode()
    told: dict[str, Any] = answer.json()
    return told


def test_it_takes_a_form_once_and_its_correction(house: CheckHouse, client: Client) -> None:
    key, home, fault = uuid4(), house.homes[0].pk, f"fault_{house.item('衣物乱晾').pk}"
    client.force_login(house.user("sanitation"))
    said = send(client, key, 201, household=home)
    assert (said["status"], said["plate"], said["score"]) == ("created", "清洁", "100")
    assert send(client, key, 200, household=home)["status"] == "same"
    said = send(client, key, 200, household=home, **{fault: 3})
    assert (said["status"], said["plate"], said["score"]) == ("amended", "比较清洁", "85")
    assert HouseholdCheck.objects.get().revision == 1 and Sheet.objects.get().target == home
    client.force_login(house.user("cadre"))
    assert "提交号" in send(client, key, 422, household=home)["detail"]
    assert "提交号" in send(client, key, 422, household=house.homes[1].pk)["detail"]


def test_it_says_why_a_form_is_not_taken(house: CheckHouse, client: Client) -> None:
    house.kin("sanitation")
    home, other = house.homes[0].pk, house.homes[1].pk
    client.force_login(house.user("sanitation"))
    assert "请他人评" in send(client, uuid4(), 422, household=home)["detail"]
    assert "对不上" in send(client, uuid4(), 422, household=other, fault_0=1)["detail"]
    assert "整数" in send(client, uuid4(), 422, household=other, **{f"fault_{house.item('衣物乱晾').pk}": "x"})["detail"]
    assert "本月和上月" in send(client, uuid4(), 422, household=other, month="2020-01")["detail"]
    send(client, uuid4(), 422, household=other, month="2020")
    send(client, uuid4(), 422, household=other, month="?")
    assert not Sheet.objects.exists(), "a form that was refused may come again under its key"
    client.force_login(house.user("overseer"))
    answer = client.post("/log/send/", {"form": "check", "key": str(uuid4()), "fields": {}}, content_type="application/json")
    assert answer.status_code == 404


@pytest.mark.django_db(transaction=True)
def test_it_takes_one_of_two_forms_that_come_at_once() -> None:
    house, made, barrier, key = CheckHouse(), [], Barrier(2), uuid4()

    def job(_: int) -> str:
        try:
            barrier.wait()
            return sheet_take(
                key=key, form="check", target=house.homes[0].pk, payload={"a": "b"}, by=house.user("cadre"),
                make=lambda: made.append(house.check(by="cadre")), at=NOON,
            )  # fmt: skip
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(job, range(2))) == ["created", "same"]
    assert (Sheet.objects.count(), len(made), Entry.objects.count()) == (1, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_it_judges_a_household_once_by_two_at_once() -> None:
    house, barrier = CheckHouse(), Barrier(2)

    def job(by: str) -> HouseholdCheck:
        try:
            barrier.wait()
            return house.check(by=by)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(job, ("cadre", "sanitation"))
    assert first.pk == second.pk and Entry.objects.count() == 1
