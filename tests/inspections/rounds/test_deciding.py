"""Hand-over, right of reply, the committee, the lock; and what the databases refuse after it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from governance.accounts.inbox_models import Message
from inspections.models import Answer, Reply, Round, Sample, Scorecard, Team
from inspections.rounds.computing import round_compute
from inspections.rounds.deciding import (
    reply_add,
    reply_decide,
    round_decide,
    round_hand_over,
    round_lock,
    round_send_back,
    villages_missing,
)
from inspections.rounds.services import Plan, round_plan, round_start
from inspections.scorecards.answers import Judged, answers_save
from tests.inspections.house import AFTER_REPLIES, HANDED, ON_SITE, Q1, RoundHouse, moment
from tests.inspections.rounds.test_rounds import refused
from tests.pages import read
from tests.trial import run_in_trial_mode

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> RoundHouse:
    return RoundHouse()


def test_it_hands_over_when_every_village_is_scored_and_gives_three_working_days(house: RoundHouse) -> None:
    inspection_round = house.scoring()
    house.judge(0)
    assert "还没有评完：马鞍村、千溪村" in refused("blocked", round_hand_over, inspection_round=inspection_round, by=house.staff)
    house.judge(1), house.judge(2)
    inspection_round = house.hand_over()
    assert inspection_round.reply_due_at == moment("2026-04-16 17:30"), "three working days from the day after Monday"
    assert set(Message.objects.values_list("user", flat=True)) == {
        house.cast["cadre"].pk, *(user.pk for user in house.secretaries.values())
    }  # fmt: skip


def test_it_answers_a_reply_by_another_and_moves_the_score(house: RoundHouse) -> None:
    house.scoring()
    house.judge(0, 房前屋后乱堆乱放=5), house.judge(1), house.judge(2)
    house.hand_over()
    card, item = house.card(), house.item("房前屋后乱堆乱放")
    assert (card.score, card.rank) == (Decimal(90), 3)
    secretary = house.cast["secretary"]
    reply = reply_add(card=card, item=item, text="有两处是邻村的", by=secretary, at=HANDED)
    assert "已有一件申辩" in refused("invalid", reply_add, card=card, item=item, text="再说", by=secretary, at=HANDED)
    call = {"reply": reply, "upheld": True, "answer": "核实两处属邻村", "at": HANDED}
    assert "不归您答复" in refused("scope", reply_decide, **call, by=secretary, value=Decimal(3))
    assert "请写更正后" in refused("need", reply_decide, **call, by=house.staff)
    reply_decide(**call, by=house.staff, value=Decimal(3))  # type: ignore[arg-type]
    card.refresh_from_db()
    assert card.score == 94
    line = next(line for line in card.trail if line["item"] == item.pk)
    assert line["amount"] == "-6.00" and sum(Decimal(line["amount"]) for line in card.trail) == card.score
    history = Answer.objects.get(card=card, item=item, side="site").history
    assert list(history.order_by("history_id").values_list("value", flat=True)) == [5, 3]
    with pytest.raises(IntegrityError, match="reply_decided_by_another"), transaction.atomic():
        Reply.objects.update(decided_by=secretary)


def test_it_lets_nobody_decide_the_own_reply(house: RoundHouse) -> None:
    house.replying()
    call = {"card": house.card(), "item": house.item("白色垃圾"), "text": "代村里提出", "at": HANDED}
    assert "由村里提出" in refused("scope", reply_add, **call, by=house.staff)
    reply = Reply.objects.create(
        card=house.card(), item=house.item("白色垃圾"), text="从前代提的", asked_by=house.staff, asked_at=HANDED
    )
    said = refused("another", reply_decide, reply=reply, upheld=False, answer="不成立", by=house.staff, at=HANDED)
    assert "自己的申辩" in said


def test_it_takes_no_reply_after_the_three_days_and_no_score_after_the_hand_over(house: RoundHouse) -> None:
    house.replying()
    late = moment("2026-04-16 17:31")
    call = {"card": house.card(), "item": house.item("白色垃圾"), "text": "晚了", "by": house.cast["secretary"]}
    assert "不在申辩期" in refused("state", reply_add, **call, at=late)
    judged = {house.item("白色垃圾").pk: Judged(Decimal(1))}
    assert "不能再改现场评分" in refused("state", answers_save, card=house.card(), judged=judged, by=house.supervisor)


def test_it_is_decided_by_a_leader_after_the_replies(house: RoundHouse) -> None:
    inspection_round = house.replying()
    call = {"inspection_round": inspection_round, "meeting_on": date(2026, 4, 17), "decision": "同意", "ranks_shown": True}
    assert "不归您办理" in refused("scope", round_decide, **call, by=house.staff, at=AFTER_REPLIES)
    assert "申辩期还没有过" in refused("blocked", round_decide, **call, by=house.leader, at=HANDED)
    reply_add(card=house.card(1), item=house.item("白色垃圾"), text="请核", by=house.secretaries[house.villages[1].pk], at=HANDED)
    assert "没有答复：马鞍村" in refused("blocked", round_decide, **call, by=house.leader, at=AFTER_REPLIES)
    reply_decide(reply=Reply.objects.get(), upheld=False, answer="照片为证", by=house.staff, at=HANDED)
    before = {**call, "meeting_on": date(2026, 4, 12)}
    assert "党委会日期" in refused("date", round_decide, **before, by=house.leader, at=AFTER_REPLIES)
    assert house.decide(ranks_shown=True).state == Round.State.DECIDED


def test_it_goes_back_to_scoring_if_the_committee_wants(house: RoundHouse) -> None:
    house.replying()
    inspection_round = round_send_back(inspection_round=house.round, reason="请复核马鞍村", by=house.leader)  # type: ignore[arg-type]
    assert (inspection_round.state, inspection_round.handed_at) == (Round.State.SCORING, None)
    house.judge(1, 白色垃圾=2)
    assert house.hand_over().state == Round.State.REPLYING


def test_it_names_the_village_that_is_missing_at_the_lock(house: RoundHouse) -> None:
    house.replying()
    house.decide()
    Scorecard.objects.filter(village=house.villages[2]).update(score=None, grade="", rank=None, change=None)
    assert "还缺千溪村的评分" in refused("blocked", round_lock, inspection_round=house.round, by=house.leader)
    assert villages_missing(house.round) == [house.villages[2]]  # type: ignore[arg-type]


def test_it_ranks_ties_alike_and_vetoes_last(house: RoundHouse) -> None:
    house.scoring()
    house.judge(0, 发生重大安全责任事故=1), house.judge(1, 房前屋后乱堆乱放=15), house.judge(2, 房前屋后乱堆乱放=15)
    house.hand_over()
    found = [(card.score, card.grade, card.rank) for card in Scorecard.objects.order_by("village__path")]
    assert found == [(Decimal(100), "poor", 3), (Decimal(70), "passing", 1), (Decimal(70), "passing", 1)]


def test_it_changes_nothing_by_a_rerun(house: RoundHouse) -> None:
    house.replying()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, ctid, xmin FROM inspections_scorecard ORDER BY id")
        before = cursor.fetchall()
        round_compute(house.round.pk, HANDED + timedelta(hours=1))  # type: ignore[union-attr]
        cursor.execute("SELECT id, ctid, xmin FROM inspections_scorecard ORDER BY id")
        assert cursor.fetchall() == before


def locked_statements(house: RoundHouse) -> list[str]:
    """SQL that goes around the code once a round is locked."""
    card, inspection_round = house.card().pk, house.round.pk  # type: ignore[union-attr]
    answer, sample = Answer.objects.filter(card=card)[0].pk, Sample.objects.filter(card=card)[0].pk
    item, team, by = house.item("白色垃圾").pk, Team.objects.get().pk, house.supervisor.pk
    return [
        f"UPDATE inspections_answer SET value = 0, note = 'x' WHERE id = {answer}",
        f"DELETE FROM inspections_answer WHERE id = {answer}",
        "INSERT INTO inspections_answer (card_id, item_id, side, value, applies, note, reason, by_id, at) "
        f"VALUES ({card}, {item}, 'self', 0, true, '', '', {by}, '2026-04-09')",
        f"UPDATE inspections_scorecard SET score = 1 WHERE id = {card}",
        f"DELETE FROM inspections_scorecard WHERE id = {card}",
        f"UPDATE inspections_sample SET seen = 'x' WHERE id = {sample}",
        f"DELETE FROM inspections_sample WHERE id = {sample}",
        "INSERT INTO inspections_measure (card_id, indicator, good, \"of\", enough, taken_at, good_keys, missed_keys) "
        f"VALUES ({card}, 'x', 1, 1, true, '2026-04-09', '[1]', '[]')",
        "INSERT INTO inspections_reply (card_id, item_id, text, asked_by_id, asked_at, state, answer) "
        f"VALUES ({card}, {item}, 'x', {by}, '2026-04-09', 'open', '')",
        f"INSERT INTO inspections_teammember (team_id, user_id, is_head) VALUES ({team}, {house.staff.pk}, false)",
        f"DELETE FROM inspections_team WHERE id = {team}",
        f"INSERT INTO inspections_team (round_id, name) VALUES ({inspection_round}, 'x')",
        f"UPDATE inspections_round SET state = 'decided', locked_at = NULL WHERE id = {inspection_round}",
        f"DELETE FROM inspections_round WHERE id = {inspection_round}",
    ]


def refusals(house: RoundHouse) -> list[str]:
    """What each statement is told."""
    told = []
    for statement in locked_statements(house):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
            told.append(f"went through: {statement}")
        except IntegrityError as error:
            told.append(str(error).split("\n")[0])
    return told


def on_sqlite() -> list[str]:
    """The same statements in the trial mode."""
    house = RoundHouse()
    house.replying()
    house.decide()
    house.lock()
    return refusals(house)


def test_it_refuses_every_change_after_the_lock_whoever_writes(house: RoundHouse) -> None:
    house.replying()
    house.decide()
    house.lock()
    assert [told for told in refusals(house) if "已锁定" not in told] == []
    judged = {house.item("白色垃圾").pk: Judged(Decimal(1))}
    assert "已锁定" in refused("locked", answers_save, card=house.card(), judged=judged, by=house.supervisor, at=ON_SITE)
    with pytest.raises(Exception, match="不能计算"):
        round_compute(house.round.pk)  # type: ignore[union-attr]


def test_it_refuses_them_in_the_trial_mode_too(tmp_path: object) -> None:
    told = run_in_trial_mode("tests.inspections.rounds.test_deciding:on_sqlite", tmp_path)  # type: ignore[arg-type]
    assert len(told) == 14 and [one for one in told if "已锁定" not in one] == []


def test_the_comparison_follows_when_the_quarter_before_is_locked() -> None:
    house = RoundHouse(1)
    house.replying()
    house.decide()
    first = house.round
    house.round = None
    with time_machine.travel(moment("2026-07-09 10:00"), tick=False):
        plan = Plan(house.checklist, date(2026, 7, 8), date(2026, 7, 10))
        house.round = round_plan(township=house.township, quarter=Q1.next(), plan=plan, by=house.staff)
        house.team()
        house.round = round_start(inspection_round=house.round, by=house.staff)
        house.judge(0, at=timezone.now(), 白色垃圾=3)
        round_compute(house.round.pk)
        assert house.card().score == 97 and house.card().change is None
        round_lock(inspection_round=first, by=house.leader)  # type: ignore[arg-type]
        assert house.card().change == -3 and house.card().change_words == "−3.00"


def test_an_answered_reply_shows_its_answer_and_is_told(house: RoundHouse, client: Client) -> None:
    house.replying()
    item, secretary = house.item("白色垃圾"), house.cast["secretary"]
    reply = reply_add(card=house.card(), item=item, text="不在本村", by=secretary, at=HANDED)
    path = f"/rounds/{house.round.pk}/"  # type: ignore[union-attr]
    assert "待答复" in read(client, house.staff, path)
    reply_decide(reply=reply, upheld=False, answer="照片为证，在本村", by=house.staff, at=HANDED)
    page = read(client, house.staff, path)
    assert "不采纳" in page and "照片为证，在本村" in page and f"/cards/{reply.card_id}/#line-{item.pk}" in page
    assert Message.objects.filter(user=secretary, text__startswith="申辩已答复（不采纳）").exists()
