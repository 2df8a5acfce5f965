"""最美家庭 through its services: who nominates, how the village votes, when the township may confirm."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.disclosure.models import Notice
from governance.disclosure.notices import objection_answer, objection_file
from governance.periods import Period, today
from moral_bank.awards.candidates import candidates, nomination_propose
from moral_bank.awards.services import (
    AwardError,
    confirm_blockers,
    halves_open,
    kin_posts,
    nomination_correct,
    nomination_refuse,
    nominations_withdraw,
    publish_blockers,
)
from moral_bank.ledger.services import entry_reverse
from moral_bank.models import Honour, Nomination
from tests.answers import the
from tests.builders import (
    end_household,
    make_account,
    make_cast,
    make_household,
    make_resident,
    make_township,
    make_village,
    settlement_of,
)
from tests.moral_bank.awards.house import AFTER, HALF, NOW, AwardHouse
from tests.moral_bank.ledger.test_ledger import race
from villages.households.services import household_move
from villages.models import Post
from villages.units.services import units_merge


@pytest.fixture
def house(db: None) -> AwardHouse:
    return AwardHouse()


def refused(code: str) -> pytest.RaisesExc[AwardError]:
    return pytest.raises(AwardError, check=lambda error: error.code == code)


def test_it_takes_a_nomination_with_who_said_so(house: AwardHouse) -> None:
    row = house.nominate(story=" 照顾老人 ")
    assert (row.state, row.nominator, row.story, row.half) == ("nominated", "李四", "照顾老人", date(2026, 1, 1))
    own = house.nominate(house.accounts[1], source="self", nominator="")
    assert own.nominator == house.accounts[1].household.head_name
    with refused("need"):
        house.nominate(house.accounts[2], source="body", nominator=" ")
    with refused("invalid"):
        house.nominate(house.accounts[2], story=" ")


def test_it_refuses_a_second_nomination_in_the_half(house: AwardHouse) -> None:
    house.nominate()
    with refused("once"):
        house.nominate(by="yard_head", source="self")
    assert house.nominate(half=HALF.next()).half == date(2026, 7, 1)


def test_it_takes_no_nomination_behind_the_notice(house: AwardHouse) -> None:
    _, notice = house.noticed()
    with pytest.raises(AwardError, match="^八一村2026年上半年的最美家庭已经公示，不再受理提名。$"):
        house.nominate(house.accounts[1])
    assert halves_open(today(NOW), house.village) == [HALF.next()]
    Notice.objects.filter(pk=notice.pk).update(withdrawn_at=NOW, withdrawn_reason="更正", withdrawn_by=house.cast["staff"])
    assert halves_open(today(NOW), house.village) == halves_open(today(NOW)) == [HALF, HALF.next()]
    assert house.nominate(house.accounts[1]).pk


@pytest.mark.django_db(transaction=True)
def test_it_nominates_once_however_often_it_is_tapped() -> None:
    house = AwardHouse()

    def tap(number: int) -> bool:
        try:
            house.nominate()
        except AwardError as error:
            assert error.code == "once"
            return False
        return True

    assert race(8, 8, tap) == 1


def test_it_refuses_other_halves_and_other_places(house: AwardHouse) -> None:
    for half in (HALF.previous(), HALF.next().next()):
        with refused("half"):
            house.nominate(half=half)
    house.cast["cadre"] = make_cast(house.township, make_village(house.township, "马鞍村委会", "511923102202"))["cadre"]
    with refused("scope"):
        house.nominate()


def test_it_refuses_a_household_with_a_standing_veto(house: AwardHouse) -> None:
    veto = house.enter("V1", date(2026, 6, 30))
    with refused("veto"):
        house.nominate()
    assert house.nominate(half=HALF.next()).pk
    entry_reverse(entry=veto, reason="查无此事", by=house.cast["staff"], at=NOW)
    assert house.nominate().pk


@pytest.mark.django_db
def test_it_heeds_a_veto_that_waits_for_its_month() -> None:
    house = AwardHouse(members=3)
    house.lock("2026-01")
    (row,), _ = house.noticed(house.accounts[0])
    for account in house.accounts[:2]:
        house.vetoed(account)
    assert confirm_blockers(row, AFTER) == ["本半年有一票否决记录，请不予通过"]
    with refused("blocked"):
        house.confirm(row)
    Notice.objects.update(withdrawn_at=NOW, withdrawn_reason="更正", withdrawn_by=house.cast["staff"])
    assert "一票否决" in publish_blockers(house.village, HALF)[0]
    with refused("veto"):
        house.nominate(house.accounts[1])
    assert house.accounts[1].household not in [one.household for one in candidates(house.village, HALF)]
    assert house.nominate(house.accounts[1], half=HALF.next()).pk


def test_it_corrects_words_until_the_village_has_judged(house: AwardHouse) -> None:
    row = nomination_correct(nomination=house.nominate(), nominator="王五", story="改", by=house.cast["yard_head"])
    assert (row.nominator, row.story) == ("王五", "改")
    house.judge(row)
    with refused("state"):
        nomination_correct(nomination=row, nominator="王五", story="再改", by=house.cast["cadre"])


@pytest.mark.parametrize(
    ("present", "yes", "no", "state"),
    [(9, 5, 4, "recommended"), (8, 4, 4, "refused"), (3, 2, 0, "recommended"), (4, 2, 0, "refused"), (3, 0, 3, "refused")],
)
def test_it_recommends_by_more_than_half_of_those_present(
    house: AwardHouse, present: int, yes: int, no: int, state: str
) -> None:
    row = house.judge(house.nominate(), yes, no, present=present)
    assert (row.state, bool(row.reason)) == (state, state == "refused")


def test_it_refuses_votes_that_cannot_be(house: AwardHouse) -> None:
    row = house.nominate()
    for fields, code in (
        ({"present": 2, "yes": 2, "no": 0}, "need"),
        ({"present": 5, "yes": 4, "no": 2}, "need"),
        ({"held_on": date(2026, 7, 7)}, "date"),
        ({"held_on": date(2025, 12, 31)}, "date"),
    ):
        with refused(code):
            house.judge(row, **fields)
    house.judge(row)
    with refused("state"):
        house.judge(row)


def test_it_asks_for_the_recusal_of_kin_in_office(house: AwardHouse) -> None:
    row = house.nominate()
    son = make_resident(row.account.household, "王小强")
    post = Post.objects.create(kind="group_head", unit=house.village, resident=son, appointed_on=date(2026, 1, 1))
    assert kin_posts(row, date(2026, 7, 6)) == [post]
    for words in ("", "王小", "李四、王大强"):
        with refused("kin"):
            house.judge(row, recused=words)
    assert house.judge(row, recused="李四(主任、书记)、王小强（村民小组长）").state == "recommended"
    post.ended_on = date(2026, 7, 6)
    post.save()
    assert kin_posts(row, date(2026, 7, 6)) == []


def test_it_takes_the_vote_of_a_meeting_before_the_nomination_was_typed(house: AwardHouse) -> None:
    assert house.judge(house.nominate(), held_on=date(2026, 7, 2)).judged_on == date(2026, 7, 2)


def test_it_stays_with_the_village_that_nominated(house: AwardHouse) -> None:
    row = house.nominate()
    son = make_resident(row.account.household, "王小强")
    post = Post.objects.create(kind="group_head", unit=house.village, resident=son, appointed_on=date(2026, 1, 1))
    other = make_village(house.township, "马鞍村委会", "511923102202")
    strangers = make_cast(house.township, other)
    household_move(household=row.account.household, unit=settlement_of(other), by=house.cast["staff"], on=today())
    own, house.cast["secretary"] = house.cast["secretary"], strangers["secretary"]
    assert not Nomination.objects.visible_to(strangers["secretary"]).exists()
    with refused("scope"):
        house.judge(row, recused="王小强")
    house.cast["secretary"] = own
    assert kin_posts(row, today()) == [post]
    with refused("kin"):
        house.judge(row)
    assert house.judge(row, recused="王小强").village == house.village


def test_it_recuses_kin_of_the_village_that_took_over(house: AwardHouse) -> None:
    row, other = house.nominate(), make_village(house.township, "马鞍村委会", "511923102202")
    units_merge(sources=[house.village], into=other, on=today(), by=house.cast["staff"])
    son = make_resident(row.account.household, "王小强")
    post = Post.objects.create(kind="cadre", unit=other, resident=son, appointed_on=today())
    row.village.refresh_from_db()
    assert kin_posts(row, today()) == [post]


def test_it_shows_one_masked_notice_for_village_and_half(house: AwardHouse) -> None:
    rows = [house.judge(house.nominate(account, story="王小明 15400000001")) for account in house.accounts[:2]]
    house.judge(house.nominate(house.accounts[2]), 1, 8)
    notice = house.publish()
    assert (notice.kind, notice.opens_on, notice.closes_on) == ("award", date(2026, 7, 6), date(2026, 7, 8))
    numbers = sorted(row.account.household.number for row in rows)
    assert notice.rows == [[str(i), number, "王**", "邻居推荐", "到会 9 人，同意 8 票"] for i, number in enumerate(numbers, 1)]
    assert set(Nomination.objects.filter(notice=notice).values_list("state", flat=True)) == {"noticed"}
    assert Nomination.history.filter(state="noticed", history_user=house.cast["staff"]).count() == 2
    with refused("blocked"):
        house.publish()


def test_it_waits_with_the_notice_for_all_votes_and_without_vetoes(house: AwardHouse) -> None:
    assert publish_blockers(house.village, HALF) == ["没有村评议通过、待公示的户"]
    house.judge(house.nominate())
    house.nominate(house.accounts[1])
    assert publish_blockers(house.village, HALF) == ["还有 1 户待村评议"]
    house.judge(Nomination.objects.get(state="nominated"))
    house.enter("V1", date(2026, 6, 1))
    assert "一票否决" in publish_blockers(house.village, HALF)[0]


def test_it_notices_with_as_many_queries_for_many_as_for_one(house: AwardHouse) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            notice = house.publish()
        Notice.objects.filter(pk=notice.pk).update(withdrawn_at=NOW, withdrawn_reason="更正", withdrawn_by=house.cast["staff"])
        return len(captured)

    house.judge(house.nominate())
    assert house.cast["staff"].grants
    first = count()
    for account in house.accounts[1:]:
        house.judge(house.nominate(account))
    assert count() == first


def test_it_confirms_after_the_window_and_makes_the_honour(house: AwardHouse) -> None:
    (row,), notice = house.noticed()
    assert confirm_blockers(row, AFTER - timedelta(days=1)) == ["公示期到 2026-07-08 为止"]
    with refused("blocked"):
        house.confirm(row, at=AFTER - timedelta(days=1))
    honour = house.confirm(row)
    assert (honour.kind, honour.period, honour.number) == ("family", "2026-H1", "西兴镇2026上美0001")
    assert (honour.granted_on, honour.account, the(honour.nomination).state) == (date(2026, 7, 9), row.account, "confirmed")
    with refused("state"):
        house.confirm(row)
    assert Honour.objects.count() == 1


def test_it_is_confirmed_by_another_than_who_nominated(house: AwardHouse) -> None:
    row = house.judge(house.nominate(by="staff"))
    house.publish()
    with refused("another"):
        house.confirm(row)
    with refused("scope"):
        house.confirm(row, by="secretary")


def test_it_heeds_objections_to_its_row_and_to_the_list(house: AwardHouse) -> None:
    rows, notice = house.noticed(*house.accounts)
    said: dict[str, Any] = {"name": "赵六", "phone": "15400000009", "text": "不实", "at": NOW}
    mine = objection_file(notice=notice, row_number=1, **said)
    assert [bool(confirm_blockers(row, AFTER)) for row in rows] == [True, False, False]
    objection_answer(objection=mine, upheld=True, answer="属实", by=house.cast["staff"])
    assert confirm_blockers(rows[0], AFTER) == ["异议成立，请不予通过"]
    whole = objection_file(notice=notice, row_number=None, **said)
    assert confirm_blockers(rows[1], AFTER) == ["有 1 条异议待答复"]
    objection_answer(objection=whole, upheld=False, answer="已核实", by=house.cast["staff"])
    assert house.confirm(rows[1]).pk
    with refused("blocked"):
        house.confirm(rows[0])
    refusal = nomination_refuse(nomination=rows[0], reason="异议成立", by=house.cast["staff"], at=AFTER)
    assert (refusal.state, refusal.reason, refusal.decided_by) == ("refused", "异议成立", house.cast["staff"])


def test_it_is_shown_anew_after_an_objection_to_the_whole_list(house: AwardHouse) -> None:
    (first, second), notice = house.noticed(*house.accounts[:2])
    said: dict[str, Any] = {"name": "赵六", "phone": "15400000009", "text": "没有开会", "at": NOW}
    whole = objection_file(notice=notice, row_number=None, **said)
    objection_answer(objection=whole, upheld=True, answer="属实", by=house.cast["staff"])
    assert confirm_blockers(first, AFTER) == ["对整个名单的异议成立，请撤回这个公示，更正后重新公示"]
    assert "请先撤回这个公示" in publish_blockers(house.village, HALF)[0]
    with refused("scope"):
        nominations_withdraw(nomination=first, reason="更正", by=house.cast["secretary"])
    assert nominations_withdraw(nomination=first, reason="没有开会", by=house.cast["staff"]).withdrawn_at
    house.judge(house.nominate(house.accounts[2]))
    assert len(house.publish().rows) == 3
    assert house.confirm(first).pk
    with refused("state"):
        nominations_withdraw(nomination=second, reason="更正", by=house.cast["staff"])


def test_it_stops_at_a_household_that_ended(house: AwardHouse) -> None:
    (row,), notice = house.noticed()
    end_household(row.account.household_id, today())
    row.refresh_from_db()
    assert confirm_blockers(row, AFTER) == ["这一户已销户，请不予通过"]
    with refused("blocked"):
        house.confirm(row)
    Notice.objects.filter(pk=notice.pk).update(withdrawn_at=NOW, withdrawn_reason="更正", withdrawn_by=house.cast["staff"])
    assert publish_blockers(house.village, HALF) == ["王小明户已销户，请先不予通过"]


def test_it_stops_at_a_veto_that_came_later(house: AwardHouse) -> None:
    (row,), _ = house.noticed()
    house.enter("V1", date(2026, 6, 1))
    with refused("blocked"):
        house.confirm(row)


def test_it_is_shown_anew_after_its_notice_was_withdrawn(house: AwardHouse) -> None:
    (row,), notice = house.noticed()
    Notice.objects.filter(pk=notice.pk).update(withdrawn_at=NOW, withdrawn_reason="更正", withdrawn_by=house.cast["staff"])
    row.refresh_from_db()
    assert confirm_blockers(row, AFTER) == ["公示已撤回，请重新公示"]
    assert house.publish() != notice


def test_it_refuses_with_a_reason_only(house: AwardHouse) -> None:
    row = house.nominate()
    with refused("need"):
        nomination_refuse(nomination=row, reason=" ", by=house.cast["staff"])
    with refused("scope"):
        nomination_refuse(nomination=row, reason="误登", by=house.cast["secretary"])
    assert nomination_refuse(nomination=row, reason="误登", by=house.cast["staff"]).state == "refused"


def test_it_proposes_the_best_of_the_locked_months(house: AwardHouse) -> None:
    best, vetoed, plain = house.accounts
    house.enter("S1", date(2026, 1, 5), best)
    house.enter("S1", date(2026, 1, 5), vetoed)
    house.enter("V1", date(2026, 2, 5), vetoed)
    for month in ("2026-01", "2026-02"):
        house.lock(month)
    newcomer = make_account(make_household(house.village))
    house.enter("J1", date(2026, 3, 5), newcomer, score=10)
    found = candidates(house.village, HALF)
    assert [(one.household, one.place, str(one.mean)) for one in found] == [
        (best.household, 1, "62.5"),
        (plain.household, 2, "60"),
    ]
    assert [str(rating.closing.period) for rating in found[0].ratings] == ["2026-01", "2026-02"]
    row = nomination_propose(household=best.household, half=HALF, by=house.cast["cadre"], at=NOW)
    assert (row.source, row.nominator, row.story) == (
        "score",
        house.cast["cadre"].name,
        "2026年上半年月评平均 62.5 分（1月 65 分、2月 60 分）",
    )
    assert [one.household for one in candidates(house.village, HALF)] == [plain.household]
    with refused("blocked"):
        nomination_propose(household=vetoed.household, half=HALF, by=house.cast["cadre"], at=NOW)


def test_it_proposes_nobody_before_a_month_is_locked(house: AwardHouse) -> None:
    assert candidates(house.village, HALF) == []
    assert candidates(make_village(make_township("511923103"), "九龙村委会", "511923103201"), Period.parse("2026-H2")) == []


def test_it_reads_candidates_in_a_fixed_number_of_queries(house: AwardHouse) -> None:
    house.lock("2026-01")

    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            candidates(house.village, HALF)
        return len(captured)

    few = count()
    for _ in range(5):
        make_account(make_household(house.village))
    house.lock("2026-02")
    assert count() == few
