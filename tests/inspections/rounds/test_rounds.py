"""Plan, teams without kin, samples by a seed, scoring on site, the village's own score."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from governance.accounts.duties import Duty
from governance.accounts.models import User
from inspections.errors import InspectionError
from inspections.models import Answer, Recusal, Sample, Scorecard, TeamMember
from inspections.rounds.computing import round_compute
from inspections.rounds.sampling import draw
from inspections.rounds.services import recusal_add, round_start, team_save
from inspections.scorecards.answers import Judged, answers_save, card_finish, self_answers_save
from tests.builders import make_household, make_resident, make_user
from tests.inspections.house import ON_SITE, PLANNED, RoundHouse, take
from villages.models import Post

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> RoundHouse:
    return RoundHouse()


def refused(code: str, call: object, *given: object, **arguments: object) -> str:
    with pytest.raises(InspectionError) as caught:
        call(*given, **arguments)  # type: ignore[operator]
    assert caught.value.code == code, caught.value.message
    return caught.value.message


def resident_of(user: User, house: RoundHouse, name: str) -> None:
    """The township's post of `user` is held by somebody of the register, in a household of the first village."""
    home = make_household(house.villages[0], name)
    Post.objects.filter(user=user).update(resident=make_resident(home, name))


def test_it_gives_every_village_of_the_quarters_last_day_a_card(house: RoundHouse) -> None:
    gone = house.villages[2]
    gone.valid_to = date(2026, 3, 31)
    gone.save()
    inspection_round = house.plan()
    assert [card.village for card in Scorecard.objects.filter(round=inspection_round)] == house.villages[:2]
    assert len(inspection_round.seed) == 16


def test_it_plans_a_quarter_once_and_on_a_card_in_force(house: RoundHouse) -> None:
    house.plan()
    assert "已有督查" in refused("invalid", house.plan)
    draft = house.checklist
    draft.pk, draft.state, draft.version = None, "draft", 2
    draft.save()
    assert "还没有启用" in refused("card", house.plan, checklist=draft)


def test_it_refuses_who_holds_a_post_in_the_village_or_whose_kin_does(house: RoundHouse) -> None:
    house.plan()
    Post.objects.create(kind=Duty.OVERSEER, unit=house.villages[0], user=house.supervisor, appointed_on=date(2026, 1, 1))
    assert "任村务监督委员会成员" in refused("kin", house.team)
    Post.objects.filter(kind=Duty.OVERSEER, user=house.supervisor).delete()
    resident_of(house.supervisor, house, "周敏")
    home = Post.objects.get(user=house.supervisor).resident.household  # type: ignore[union-attr]
    brother = make_resident(home, "周强")
    Post.objects.create(kind=Duty.GROUP_HEAD, unit=house.villages[1], resident=brother, appointed_on=date(2026, 1, 1))
    assert "亲属周强在马鞍村任村民小组长" in refused("kin", house.team)
    assert house.team(villages=[house.villages[0], house.villages[2]]).members.count() == 2, "own home is no post"


def test_it_refuses_who_is_recused_and_recuses_nobody_from_a_running_team(house: RoundHouse) -> None:
    house.plan()
    village = house.villages[1]
    recusal_add(user=house.second, village=village, reason="妹夫在村里任职", by=house.staff)
    assert "已登记回避马鞍村（妹夫在村里任职）" in refused("kin", house.team)
    house.team(house.supervisor)
    said = refused("state", recusal_add, user=house.supervisor, village=village, reason="有利害关系", by=house.staff)
    assert "先调整督查组" in said


def test_it_keeps_kin_off_the_team_whoever_writes(house: RoundHouse) -> None:
    house.plan()
    team = house.team(house.supervisor)
    Recusal.objects.create(user=house.second, village=house.villages[1], reason="亲属", by=house.staff, at=PLANNED)
    with pytest.raises(IntegrityError, match="应|亲属"), transaction.atomic():
        TeamMember.objects.create(team=team, user=house.second)
    other = house.team(house.second, villages=[], name="第二组")
    with pytest.raises(IntegrityError, match="亲属"), transaction.atomic():
        Scorecard.objects.filter(village=house.villages[1]).update(team=other)
    with pytest.raises(IntegrityError, match="先调整"), transaction.atomic():
        Recusal.objects.create(user=house.supervisor, village=house.villages[0], reason="x", by=house.staff, at=PLANNED)


def test_it_takes_only_the_townships_own_people_once(house: RoundHouse) -> None:
    house.plan()
    assert "不是本乡镇的工作人员" in refused("scope", house.team, house.cast["cadre"], villages=house.villages[1:])
    house.team(villages=house.villages[:1])
    call = {"inspection_round": house.round, "name": "第二组", "members": [house.second], "head": house.second}
    assert "已在别的督查组" in refused("need", team_save, **call, villages=[], by=house.staff)


def test_it_names_villages_without_a_team(house: RoundHouse) -> None:
    inspection_round = house.plan()
    house.team(villages=house.villages[:1])
    assert "马鞍村、千溪村" in refused("need", round_start, inspection_round=inspection_round, by=house.staff)


def test_it_draws_the_same_sample_by_the_same_seed(house: RoundHouse) -> None:
    inspection_round = house.scoring()
    rows = Sample.objects.filter(card=house.card(), kind="household").order_by("position")
    homes = [row.household_id for row in rows]
    again = draw(inspection_round.seed, house.villages[0].code, "household", sorted(homes, reverse=True), 5)
    assert homes == again and len(homes) == 3
    assert Sample.objects.filter(kind="site").count() == 3
    assert draw("a", "1", "household", range(100), 5) != draw("b", "1", "household", range(100), 5)


def test_it_scores_by_the_team_alone_and_while_scoring(house: RoundHouse) -> None:
    house.scoring()
    said = {house.item("白色垃圾").pk: Judged(Decimal(2))}
    stranger = make_user("ducha3", Duty.SUPERVISOR, house.township)
    assert "不在督查八一村的组里" in refused("scope", answers_save, card=house.card(), judged=said, by=stranger)
    assert "不归您评分" in refused("scope", answers_save, card=house.card(), judged=said, by=house.cast["secretary"])
    answers_save(card=house.card(), judged=said, by=house.supervisor, at=ON_SITE)
    Post.objects.create(kind=Duty.CADRE, unit=house.villages[0], user=house.second, appointed_on=date(2026, 1, 1))
    assert "应当回避" in refused("kin", answers_save, card=house.card(), judged=said, by=house.second)
    with pytest.raises(IntegrityError, match="亲属"), transaction.atomic():
        Answer.objects.update(by=house.second)


def test_it_keeps_what_says_the_same_and_the_history_of_what_changed(house: RoundHouse) -> None:
    house.scoring()
    item = house.item("白色垃圾")
    said = {item.pk: Judged(Decimal(2), note="路边两处")}
    first = answers_save(card=house.card(), judged=said, by=house.supervisor, at=ON_SITE)
    assert answers_save(card=house.card(), judged=said, by=house.second, at=ON_SITE) == []
    answers_save(card=house.card(), judged={item.pk: Judged(Decimal(3))}, by=house.second, at=ON_SITE)
    row = Answer.objects.get()
    assert (row.pk, row.value, row.by) == (first[0].pk, Decimal(3), house.second)
    assert list(row.history.order_by("history_id").values_list("value", flat=True)) == [2, 3]


def test_it_asks_a_reason_where_the_judgement_differs_from_the_figure(house: RoundHouse) -> None:
    house.scoring()
    card, item = house.card(), house.item("回访按期完成")
    take(card, 9, 10)
    message = refused("invalid", answers_save, card=card, judged={item.pk: Judged(Decimal(50))}, by=house.supervisor)
    assert "请写明理由" in message
    answers_save(card=card, judged={item.pk: Judged(Decimal(50), reason="有四次是补记的")}, by=house.supervisor)
    assert Answer.objects.get().proposed == 90
    answers_save(card=card, judged={item.pk: Judged(Decimal(90))}, by=house.supervisor)
    with pytest.raises(IntegrityError, match="answer_differs_with_reason"), transaction.atomic():
        Answer.objects.update(value=10)


def test_it_keeps_a_whole_card_in_the_statements_of_one_line(house: RoundHouse) -> None:
    house.scoring()
    names = ("房前屋后乱堆乱放", "白色垃圾", "垃圾收集点正常使用", "发生重大安全责任事故")
    counts = []
    for number, its in enumerate((names[:1], names)):
        judged = {house.item(name).pk: Judged(Decimal(0)) for name in its}
        with CaptureQueriesContext(connection) as queries:
            made = answers_save(card=house.card(number), judged=judged, by=house.supervisor, at=ON_SITE)
        counts.append(len(queries))
        assert [row.pk for row in made] == [row.pk for row in Answer.objects.filter(card=house.card(number)).order_by("item")]
    assert counts[1] <= counts[0]
    assert set(Answer.history.values_list("history_user", "history_type")) == {(house.supervisor.pk, "+")}


def test_it_keeps_none_of_a_card_with_a_line_that_is_refused(house: RoundHouse) -> None:
    house.scoring()
    card = house.card()
    take(card, 9, 10)
    judged = {house.item(name).pk: Judged(Decimal(0)) for name in ("白色垃圾", "回访按期完成")}
    assert "请写明理由" in refused("invalid", answers_save, card=card, judged=judged, by=house.supervisor)
    assert not Answer.objects.exists()
    assert not Answer.history.exists()


def test_it_is_not_finished_while_a_line_is_open(house: RoundHouse) -> None:
    house.scoring()
    card = house.card()
    assert "还有 5 条没有评" in refused("need", card_finish, card=card, by=house.supervisor)
    take(card, 9, 10)
    names = ("房前屋后乱堆乱放", "白色垃圾", "垃圾收集点正常使用", "发生重大安全责任事故")
    answers_save(card=card, judged={house.item(name).pk: Judged(Decimal(0)) for name in names}, by=house.supervisor)
    assert card_finish(card=card, by=house.supervisor).scored_by == house.supervisor
    answers_save(card=card, judged={house.item("白色垃圾").pk: Judged(Decimal(1))}, by=house.supervisor)
    assert house.card().scored_at is None, "a change opens it again"


def test_it_keeps_the_villages_own_score_beside_it(house: RoundHouse) -> None:
    house.scoring()
    said = {house.item("白色垃圾").pk: Judged(Decimal(1))}
    assert "不归您填写" in refused(
        "scope", self_answers_save, card=house.card(1), judged=said, by=house.cast["secretary"]
    )
    self_answers_save(card=house.card(), judged=said, by=house.cast["secretary"])
    assert Answer.objects.get().side == Answer.Side.SELF
    house.judge(0), house.judge(1), house.judge(2)
    round_compute(house.round.pk)  # type: ignore[union-attr]
    assert house.card().self_score is None, "one line is no score"
    rest = house.checklist.sections.values_list("items", flat=True)
    every = {pk: Judged(Decimal(0), applies=pk != house.item("回访按期完成").pk) for pk in rest} | said
    self_answers_save(card=house.card(), judged=every, by=house.cast["secretary"])
    house.hand_over()
    assert house.card().self_score == 99 and house.card().score == 100
    message = refused("state", self_answers_save, card=house.card(), judged=said, by=house.cast["secretary"])
    assert "请申辩" in message


@pytest.mark.parametrize(("value", "words"), [(-1, "不能是负数"), (101, "百分比须在 0 到 100")])
def test_it_refuses_impossible_figures(house: RoundHouse, value: int, words: str) -> None:
    house.scoring()
    name = "回访按期完成" if value > 0 else "白色垃圾"
    judged = {house.item(name).pk: Judged(Decimal(value), reason="x")}
    assert words in refused("need", answers_save, card=house.card(), judged=judged, by=house.supervisor)
