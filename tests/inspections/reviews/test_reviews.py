"""Opening, weights, ballots in two passes, what blocks the lock, what never changes after it (plan §四(三); mission M35)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from governance.accounts.duties import Duty
from governance.accounts.inbox_models import Message
from inspections.errors import InspectionError
from inspections.models import Ballot, Recusal, Review, Round, Scorecard, Statement
from inspections.reviews.reviewing import Counts, Weights
from inspections.reviews.rows import Pair, ballot_pairs, review_rows, statements_of, weights_of
from inspections.reviews.services import (
    ballot_enter,
    review_blockers,
    review_compute,
    review_lock,
    review_open,
    review_weights,
)
from tests.builders import make_household, make_resident, make_user, make_village
from tests.inspections.house import ZONE
from tests.inspections.reviews.house import BALLOTS, YEAR, ReviewHouse
from villages.models import Post

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> ReviewHouse:
    return ReviewHouse()


def refused(code: str, call: object, **arguments: object) -> str:
    with pytest.raises(InspectionError) as caught:
        call(**arguments)  # type: ignore[operator]
    assert caught.value.code == code, caught.value.message
    return caught.value.message


def test_it_opens_once_a_year_with_the_villages_and_secretaries_of_its_end(house: ReviewHouse) -> None:
    make_village(house.township, "新村委会", "511923102209")
    new = Post.objects.filter(unit=house.villages[1], kind=Duty.SECRETARY).get()
    new.ended_on = date(YEAR, 6, 1)
    new.save()
    gone = make_village(house.township, "撤了村委会", "511923102208")
    gone.valid_to = date(YEAR, 12, 31)
    gone.save()
    house.open()
    names = [(str(row.village), row.secretary_name) for row in statements_of(house.review)]
    assert names == [("八一村", house.cast["secretary"].name), ("马鞍村", "书记空缺"), ("新村", "书记空缺")]
    assert "已有评议" in refused("invalid", review_open, township=house.township, year=YEAR, by=house.first)


def test_it_opens_for_staff_alone_and_for_no_year_to_come(house: ReviewHouse) -> None:
    for user in (house.cast["leader"], house.cast["secretary"], house.second):
        refused("scope", review_open, township=house.township, year=YEAR, by=user)
    at = datetime(2025, 12, 31, 23, 59, tzinfo=ZONE)
    assert "到 2025 之间" in refused("date", review_open, township=house.township, year=2026, by=house.first, at=at)
    review = review_open(township=house.township, year=2026, by=house.first, at=datetime(2026, 1, 1, 0, 1, tzinfo=ZONE))
    assert review.statements.count() == 2


def test_it_changes_weights_only_to_what_sums(house: ReviewHouse) -> None:
    review = house.open()
    weights = Weights(quarters_weight=Decimal(70), ballot_weight=Decimal(30), good=Decimal(95))
    review_weights(review=review, weights=weights, by=house.first)
    review.refresh_from_db()
    assert weights_of(review) == weights and review.history.count() == 2
    wrong = replace(weights, leaders_weight=Decimal(50))
    assert "三类票的权重之和须为 100" in refused("invalid", review_weights, review=review, weights=wrong, by=house.first)
    wrong = replace(weights, quarters_weight=Decimal(60))
    assert "权重之和须为 100" in refused("invalid", review_weights, review=review, weights=wrong, by=house.first)
    wrong = replace(weights, fair=Decimal(96))
    assert "依次降低" in refused("invalid", review_weights, review=review, weights=wrong, by=house.first)
    refused("scope", review_weights, review=review, weights=weights, by=house.second)
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.update(ballot_weight=50)


def test_it_takes_the_second_pass_from_another_person_only(house: ReviewHouse) -> None:
    house.open()
    house.enter(0, "leaders", 1, house.first)
    call = {"statement": house.statement(), "group": "leaders", "counts": BALLOTS["leaders"]}
    assert "第二遍须由另一个人录入" in refused("another", ballot_enter, **call, pass_number=2, by=house.first)
    assert "第一遍由" in refused("another", ballot_enter, **call, pass_number=1, by=house.second)
    with pytest.raises(IntegrityError), transaction.atomic():
        Ballot.objects.create(
            statement=house.statement(), group="leaders", pass_number=2, by=house.first, at=datetime.now(ZONE)
        )
    house.enter(0, "leaders", 2, house.second)
    assert Ballot.objects.count() == 2


def differing(house: ReviewHouse) -> list[Pair]:
    return [pair for pair in ballot_pairs(statements_of(house.review)) if pair.lack]


def test_it_lists_each_number_that_differs_and_lets_its_enterer_correct_it(house: ReviewHouse) -> None:
    house.open()
    house.enter(0, "leaders", 1, house.first)
    house.enter(0, "leaders", 2, house.second, Counts(7, 3, 0, 0))
    house.enter(0, "members", 1, house.first)
    found = {(str(pair.statement.village), pair.group): pair for pair in differing(house)}
    assert len(found) == 6
    pair = found["八一村", "leaders"]
    assert [(column.label, column.first, column.second) for column in pair.columns if column.differs] == [
        ("好", 8, 7), ("较好", 2, 3)
    ]  # fmt: skip
    assert found["八一村", "members"].lack == "党员、村民代表票缺第二遍"
    assert found["马鞍村", "residents"].lack == "群众票没有录入"
    house.enter(0, "leaders", 2, house.second)
    ballot = Ballot.objects.get(group="leaders", pass_number=2)
    assert list(ballot.history.order_by("history_id").values_list("good", flat=True)) == [7, 8]
    assert ballot.history.first().history_user == house.second
    assert len(differing(house)) == 5
    call = {"statement": house.statement(), "group": "leaders", "pass_number": 2, "counts": Counts(1, 0, 0, 0)}
    assert "已经确认" in refused("locked", ballot_enter, **call, by=house.second)


def test_it_does_nothing_for_the_same_numbers_and_refuses_none(house: ReviewHouse) -> None:
    house.open()
    for _ in range(2):
        house.enter(0, "leaders", 1, house.first)
    assert Ballot.history.count() == 1
    call = {"statement": house.statement(), "group": "members", "pass_number": 1, "by": house.first}
    assert "一张也没有" in refused("need", ballot_enter, **call, counts=Counts())
    assert "之间" in refused("need", ballot_enter, **call, counts=Counts(-1, 2))
    assert "请刷新" in refused("need", ballot_enter, **{**call, "group": "x"}, counts=Counts(1))


def test_it_keeps_the_villages_own_people_and_their_kin_from_the_count(house: ReviewHouse) -> None:
    house.open()
    call = {"group": "leaders", "pass_number": 1, "counts": BALLOTS["leaders"]}
    said = refused("scope", ballot_enter, **call, statement=house.statement(), by=house.cast["secretary"])
    assert "不归您录入" in said
    home = make_household(house.villages[0], "周家")
    Post.objects.filter(user=house.second).update(resident=make_resident(home, "周敏"))
    Post.objects.create(
        kind=Duty.CADRE, unit=house.villages[0], resident=make_resident(home, "周强"), appointed_on=date(2026, 1, 1)
    )
    assert "亲属周强在八一村任" in refused("kin", ballot_enter, **call, statement=house.statement(), by=house.second)
    house.enter(1, "leaders", 1, house.second)
    Recusal.objects.create(
        user=house.first, village=house.villages[1], reason="妹夫是书记", by=house.second, at=datetime.now(ZONE)
    )
    assert "妹夫是书记" in refused("kin", ballot_enter, **{**call, "pass_number": 2}, statement=house.statement(1), by=house.first)
    for village in (0, 1):
        by = (house.second, house.first)[village]
        with pytest.raises(IntegrityError, match="亲属"), transaction.atomic():
            Ballot.objects.create(
                statement=house.statement(village), group="members", pass_number=1, good=1, by=by, at=datetime.now(ZONE)
            )


def test_it_computes_what_is_there_and_says_what_is_missing(house: ReviewHouse) -> None:
    house.open()
    house.vote(0)
    house.enter(1, "leaders", 1, house.first)
    rows = review_compute(review=house.review, by=house.first)
    first = house.statement()
    assert (first.quarters_mean, first.ballot_score, first.score, first.grade) == (
        Decimal("91.13"), Decimal("93.08"), Decimal("91.91"), "good",
    )  # fmt: skip
    assert sum(Decimal(line["amount"]) for line in first.trail) == first.score
    second = house.statement(1)
    assert (second.quarters_mean, second.score, second.grade) == (Decimal("80.00"), None, "")
    assert review_blockers(rows) == ["马鞍村缺镇领导票缺第二遍、党员、村民代表票没有录入、群众票没有录入"]
    assert "马鞍村缺镇领导票" in refused("blocked", review_lock, review=house.review, by=house.first)


def test_it_counts_only_locked_quarters_as_per_cent_of_their_full_marks() -> None:
    house = ReviewHouse(quarters=3)
    open_round = house.quarter(4, lock=False)
    Scorecard.objects.filter(round=open_round).update(
        score=Decimal(150), sections=[{"key": 1, "name": "x", "sort": "normal", "points": "160", "score": "150"}]
    )
    house.open()
    house.vote()
    rows = review_rows(house.review, statements_of(house.review))
    assert rows[0].missing == ["四季度督查得分"] and rows[0].result.quarters_mean == Decimal("90.17")
    assert "八一村缺四季度督查得分" in refused("blocked", review_lock, review=house.review, by=house.first)
    house.lock(open_round)
    row = review_compute(review=house.review, by=house.first)[0]
    assert row.quarters[3].percent == Decimal("93.75") and not row.missing
    assert row.result.quarters_mean == Decimal("91.06")


def test_it_asks_a_village_only_for_quarters_in_which_it_stood(house: ReviewHouse) -> None:
    young = make_village(house.township, "新村委会", "511923102209")
    young.valid_from = date(YEAR, 11, 1)
    young.save()
    house.open()
    row = next(row for row in review_rows(house.review, statements_of(house.review)) if row.statement.village == young)
    assert [cell.name for cell in row.quarters if cell.expected] == ["四季度"]
    assert row.missing == ["四季度督查得分"], "nobody votes on a vacant post"


def test_it_grades_a_vetoed_year_poor_and_says_so() -> None:
    house = ReviewHouse(quarters=3)
    house.quarter(4, vetoed=house.villages[0])
    house.open()
    house.vote()
    row = review_compute(review=house.review, by=house.first)[0]
    assert (row.result.score, row.grade_text) == (Decimal("91.91"), "差（一票否决）")
    assert house.statement().grade == "poor" and "四季度一票否决" in house.statement().trail[-1]["words"]


def test_it_calls_the_roll_anew_but_keeps_whom_ballots_were_cast_on(house: ReviewHouse) -> None:
    house.open()
    house.enter(0, "leaders", 1, house.first)
    for village in house.villages:
        Post.objects.filter(unit=village, kind=Duty.SECRETARY).update(ended_on=date(YEAR, 12, 1))
    new = make_user("xinren", name="新任")
    for village in house.villages:
        Post.objects.create(kind=Duty.SECRETARY, unit=village, user=new, appointed_on=date(YEAR, 12, 1))
    review_compute(review=house.review, by=house.first)
    assert house.statement(0).secretary_name == house.cast["secretary"].name
    assert house.statement(1).secretary_name == "新任"


def test_it_drops_a_village_that_no_longer_stands_unless_it_has_ballots(house: ReviewHouse) -> None:
    house.open()
    house.enter(0, "leaders", 1, house.first)
    for village in house.villages:
        village.valid_to = date(YEAR, 12, 1)
        village.save()
    review_compute(review=house.review, by=house.first)
    assert [row.village for row in statements_of(house.review)] == house.villages[:1]


def test_it_locks_what_is_whole_and_tells_the_secretaries(house: ReviewHouse) -> None:
    house.open()
    house.vote()
    refused("scope", review_lock, review=house.review, by=house.second)
    before = [row.result for row in review_rows(house.review, statements_of(house.review))]
    review = review_lock(review=house.review, by=house.first)
    assert (review.state, review.locked_by) == ("locked", house.first) and review.locked_at is not None
    after = [row.result for row in review_rows(review, statements_of(review))]
    assert after == before, "what was settled is what was shown"
    assert Message.objects.get(user=house.cast["secretary"]).link == f"/reviews/statements/{house.statement().pk}/"
    for call in (
        lambda: review_weights(review=review, weights=Weights(), by=house.first),
        lambda: review_compute(review=review, by=house.first),
        lambda: review_lock(review=review, by=house.first),
        lambda: house.enter(0, "leaders", 1, house.first),
    ):
        assert "已确定，不能再改动" in refused("locked", call)


def test_it_settles_a_vacant_post_without_ballots(house: ReviewHouse) -> None:
    Post.objects.filter(unit=house.villages[1], kind=Duty.SECRETARY).delete()
    house.open()
    house.vote(0)
    review_lock(review=house.review, by=house.first)
    empty = house.statement(1)
    assert (empty.secretary_name, empty.quarters_mean, empty.score, empty.grade) == ("书记空缺", Decimal("80.00"), None, "")


def test_it_does_not_settle_while_a_group_that_weighs_nothing_differs(house: ReviewHouse) -> None:
    house.open()
    house.vote(0)
    nothing = Weights(leaders_weight=Decimal(0), members_weight=Decimal(60), residents_weight=Decimal(40))
    review_weights(review=house.review, weights=nothing, by=house.first)
    for group in ("members", "residents"):
        house.enter(1, group, 1, house.first)
        house.enter(1, group, 2, house.second)
    house.enter(1, "leaders", 1, house.first)
    assert "马鞍村缺镇领导票缺第二遍" in refused("blocked", review_lock, review=house.review, by=house.first)


def test_it_shows_villages_their_own_statement_once_it_is_settled(house: ReviewHouse) -> None:
    house.open()
    house.vote()
    secretary = house.cast["secretary"]
    assert not Statement.objects.visible_to(secretary).exists()
    assert Statement.objects.visible_to(house.cast["leader"]).count() == 2
    review_lock(review=house.review, by=house.first)
    assert list(Statement.objects.visible_to(secretary)) == [house.statement()]
    assert not Ballot.objects.visible_to(secretary).exists() and Ballot.objects.visible_to(house.second).count() == 12


SOMEBODY = "(SELECT MIN(by_id) FROM inspections_ballot)"
SETTLED = {
    "review": "UPDATE inspections_review SET quarters_weight = 50, ballot_weight = 50",
    "reopen": "UPDATE inspections_review SET state = 'open'",
    "review gone": "DELETE FROM inspections_review",
    "statement": "UPDATE inspections_statement SET score = 100",
    "statement gone": "DELETE FROM inspections_statement",
    "statement new": (
        "INSERT INTO inspections_statement (review_id, village_id, grade, trail) "
        "SELECT r.id, u.id, '', '[]' FROM inspections_review r, villages_unit u WHERE u.level = 'group'"
    ),
    "ballot": "UPDATE inspections_ballot SET good = good + 1",
    "ballot gone": "DELETE FROM inspections_ballot",
    "ballot new": (
        'INSERT INTO inspections_ballot (statement_id, "group", pass_number, good, fair, passing, poor, by_id, at) '
        f"SELECT s.id, 'others', 1, 1, 0, 0, 0, {SOMEBODY}, '2026-01-05' FROM inspections_statement s"
    ),
}
UNSETTLED = {
    "lock with passes apart": (
        f"UPDATE inspections_review SET state = 'locked', locked_at = '2026-01-05', locked_by_id = {SOMEBODY}"
    ),
    "agreed ballots": "UPDATE inspections_ballot SET good = good + 1 WHERE \"group\" = 'leaders'",
    "agreed ballots gone": "DELETE FROM inspections_ballot WHERE \"group\" = 'leaders'",
    "another's name": "UPDATE inspections_ballot SET by_id = by_id + 1 WHERE \"group\" = 'members'",
    "another group": "UPDATE inspections_ballot SET \"group\" = 'residents' WHERE \"group\" = 'members'",
}


def passes(statement: str) -> bool:
    """Whether the database lets a statement pass; its effects are undone."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            transaction.set_rollback(True)
    except DatabaseError:
        return False
    return True


def test_it_keeps_a_settled_review_whoever_writes(house: ReviewHouse) -> None:
    house.open()
    house.vote()
    open_ones = {name for name, statement in SETTLED.items() if passes(statement)}
    assert {"review", "statement", "statement new", "ballot new"} <= open_ones, "the statements themselves are sound"
    review_lock(review=house.review, by=house.first)
    assert [name for name, statement in SETTLED.items() if passes(statement)] == []


def unsettled(house: ReviewHouse) -> None:
    """One group agreed, one apart; every secretary has a score."""
    house.open()
    house.enter(0, "leaders", 1, house.first)
    house.enter(0, "leaders", 2, house.second)
    house.enter(0, "members", 1, house.first)
    house.enter(0, "members", 2, house.second, Counts(1, 1, 1, 1))
    Statement.objects.update(score=80)


def test_it_keeps_agreed_ballots_and_settles_nothing_that_differs_whoever_writes(house: ReviewHouse) -> None:
    unsettled(house)
    assert [name for name, statement in UNSETTLED.items() if passes(statement)] == []
    assert passes("UPDATE inspections_ballot SET good = good + 1 WHERE \"group\" = 'members'")
    house.enter(0, "members", 2, house.second)
    lock = UNSETTLED["lock with passes apart"]
    assert passes(lock)
    assert not passes(lock.replace(", locked_at = '2026-01-05'", ""))
    Statement.objects.filter(village=house.villages[1]).update(score=None)
    assert not passes(lock)


def test_it_reads_rows_in_as_many_statements_whatever_the_villages(django_assert_num_queries: object) -> None:
    for villages, code in ((1, "511923104"), (4, "511923105")):
        house = ReviewHouse(villages, code)
        house.open()
        house.vote()
        with django_assert_num_queries(3):  # type: ignore[operator]
            review_rows(house.review, statements_of(house.review))
    assert Round.objects.count() == 8
