"""Mediation from registration to filing, and everything a dispute refuses (plan §三.3)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from governance.cases.disputes import services as disputes
from governance.cases.engine import return_visits
from governance.cases.engine.flow import Step
from governance.cases.errors import CaseError
from governance.cases.models import Case, Dispute, Party, Recusal, ReturnVisit
from tests.builders import make_household, make_resident
from tests.cases.house import CaseHouse, moment
from villages.models import Post

pytestmark = pytest.mark.django_db
START, ENDED = moment("2026-03-10 09:00"), moment("2026-03-11 10:00")


class DisputeHouse(CaseHouse):
    """A quarrel over a path between 王小明 and an outsider, in the hands of the mediator, who is 李和 of another household."""

    def __init__(self) -> None:
        super().__init__()
        self.household, self.resident = self.family("王小明")
        self.other = make_resident(make_household(self.village, "李和"), "李和")
        self.post: Post = self.user("mediator").posts.get()
        Post.objects.filter(pk=self.post.pk).update(resident=self.other)
        self.post.refresh_from_db()
        self.case = self.log("linli", by="mediator", at=START, resident=self.resident, text="为院边过路争吵")

    def do(self, service: str, *, by: str = "mediator", at: Any = START, **said: Any) -> Any:
        return getattr(disputes, service)(case=self.case, by=self.cast[by], at=at, **said)

    def sit(self, outcome: str = "again", **said: Any) -> Any:
        words = {"held_at": START, "place": "村委会", "present": "双方当事人", "content": "各说各的", "outcome": outcome}
        return self.do("sitting_add", **{**words, **said})

    def agree(self, **said: Any) -> Any:
        words = {"signed_on": date(2026, 3, 10), "facts": "院边道路归谁用", "terms": "道路共用，各让半米"}
        return self.do("agreement_make", **{**words, **said})

    def prepare(self) -> None:
        """Two parties, a mediator, two sittings."""
        self.do("party_add", name="赵六", phone="15400000009")
        self.do("mediator_set", post=self.post)
        self.sit()
        self.sit("agreed")

    def settle(self, at: Any = ENDED) -> None:
        """Agreed, performed and ended."""
        self.prepare()
        self.agree()
        self.do("performance_set", performance="full", on=date(2026, 3, 10))
        self.case = self.step(self.case, Step.FINISH, by="mediator", result="双方和好", at=at)

    def visit(self, visit: ReturnVisit, finding: str = "settled", **said: Any) -> ReturnVisit:
        words = {"done_on": visit.due_on, "note": "两家和睦", "by": self.cast["mediator"], "at": moment("2026-06-01 09:00")}
        return return_visits.return_visit_done(visit=visit, finding=finding, **{**words, **said})

    def file(self) -> Case:
        return self.step(self.case, Step.FILE, by="mediator", at=moment("2026-06-02 09:00"))


@pytest.fixture
def house() -> DisputeHouse:
    return DisputeHouse()


def refused(code: str, call: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(CaseError) as caught:
        call(*args, **kwargs)
    assert caught.value.code == code, caught.value.message
    return caught.value.message


def test_it_runs_from_registration_to_filing(house: DisputeHouse) -> None:
    house.settle()
    assert house.case.state == Case.State.VISITING
    visits = list(house.case.return_visits.all())
    assert [(visit.day, visit.due_on) for visit in visits] == [(7, date(2026, 3, 18)), (30, date(2026, 4, 10))]
    assert "2 次回访未完成（2026-03-18、2026-04-10）" in refused("visits", house.file)
    for visit in visits:
        house.visit(visit)
    assert house.file().state == Case.State.FILED
    assert [step.step for step in house.case.steps.all()] == [
        "log", "accept", "note", "note", "mediate", "mediate", "agree", "perform", "finish", "visit", "visit", "file",
    ]  # fmt: skip


def test_it_names_everything_that_is_missing_before_an_end(house: DisputeHouse) -> None:
    said = refused("need", house.step, house.case, Step.FINISH, by="mediator", result="好了")
    for text in ("当事人不足两方", "还没有确定调解员", "还没有调解记录", "还没有调处结果"):
        assert text in said


def test_it_visits_red_cases_four_times_and_more_when_the_risk_is_raised(house: DisputeHouse) -> None:
    house.settle()
    house.do("risk_set", risk="red", leader="镇长")
    assert [visit.day for visit in house.case.return_visits.order_by("day")] == [1, 3, 7, 30]


def test_it_refuses_kin_as_mediator_and_says_why(house: DisputeHouse) -> None:
    house.do("party_add", name="赵六")
    Post.objects.filter(pk=house.post.pk).update(resident=make_resident(house.household, "王二"))
    assert "同户" in refused("kin", house.do, "mediator_set", post=Post.objects.get(pk=house.post.pk))
    Post.objects.filter(pk=house.post.pk).update(resident=house.resident)
    assert "是当事人" in refused("kin", house.do, "mediator_set", post=Post.objects.get(pk=house.post.pk))
    Post.objects.filter(pk=house.post.pk).update(resident=house.other)
    house.do("recusal_add", post=house.post, reason="是赵六的舅舅")
    assert "舅舅" in refused("kin", house.do, "mediator_set", post=Post.objects.get(pk=house.post.pk))
    assert house.do("mediator_set", post=house.user("secretary").posts.get()).mediator.kind == "secretary"


def test_it_refuses_a_party_of_the_mediators_household(house: DisputeHouse) -> None:
    house.do("mediator_set", post=house.post)
    assert "同户" in refused("kin", house.do, "party_add", resident=make_resident(house.other.household, "李二"))
    assert "先换调解员" in refused("kin", house.do, "recusal_add", post=house.post, reason="亲戚")


def test_it_refuses_mediators_from_elsewhere(house: DisputeHouse) -> None:
    refused("holder", house.do, "mediator_set", post=house.user("staff").posts.get())
    house.step(house.case, Step.REFER, by="mediator", note="村里调不下来", at=START)
    house.step(house.case, Step.ACCEPT, by="staff", at=START)
    assert house.do("mediator_set", by="staff", post=house.user("staff").posts.get()).tier == Dispute.Tier.TOWNSHIP


def test_it_is_referred_to_the_township_once_and_then_guided_to_court(house: DisputeHouse) -> None:
    house.prepare()
    case = house.step(house.case, Step.REFER, by="mediator", note="村里调不下来", at=START)
    assert case.office is not None and case.office.code == "tiaojie"
    house.step(case, Step.ACCEPT, by="staff", at=START)
    refused("state", house.step, case, Step.REFER, by="staff", note="再移交", at=START)
    guided = house.step(case, Step.GUIDE, by="staff", note="告知可到法庭起诉", at=START)
    assert (guided.state, guided.dispute.outcome) == (Case.State.ACCEPTED, "failed")


def test_it_asks_for_the_mediator_before_a_sitting_and_a_sitting_before_an_agreement(house: DisputeHouse) -> None:
    refused("need", house.sit)
    house.do("party_add", name="赵六")
    refused("need", house.agree)
    house.do("mediator_set", post=house.post)
    refused("date", house.sit, held_at=moment("2026-03-10 09:01"))
    house.sit()
    house.agree()
    refused("state", house.agree)


def test_it_keeps_one_outcome(house: DisputeHouse) -> None:
    house.prepare()
    house.sit("failed")
    assert Dispute.objects.get().outcome == "failed"
    house.agree()
    assert Dispute.objects.get().outcome == "agreed"


def test_it_files_nothing_whose_agreement_is_not_settled(house: DisputeHouse) -> None:
    house.prepare()
    house.agree()
    house.case = house.step(house.case, Step.FINISH, by="mediator", result="已签协议", at=START)
    for visit in house.case.return_visits.all():
        house.visit(visit)
    assert "履行情况" in refused("need", house.file)
    refused("need", house.do, "performance_set", performance="broken")
    house.do("performance_set", performance="broken", note="对方外出未付")
    assert house.file().state == Case.State.FILED


def test_it_reopens_the_same_number_on_a_relapse(house: DisputeHouse) -> None:
    house.settle()
    first, second = house.case.return_visits.all()
    house.visit(first, "relapse", note="又吵起来")
    again = Case.objects.get()
    assert (again.number, again.round, again.state) == (house.case.number, 2, Case.State.ACCEPTED)
    second.refresh_from_db()
    assert second.state == ReturnVisit.State.DROPPED
    refused("need", house.step, again, Step.FINISH, by="mediator", result="x")


def test_it_visits_after_the_end_once_and_in_words(house: DisputeHouse) -> None:
    house.settle()
    visit = house.case.return_visits.first()
    assert visit is not None
    refused("need", house.visit, visit, note=" ")
    refused("date", house.visit, visit, done_on=date(2026, 3, 1))
    refused("date", house.visit, visit, done_on=date(2026, 6, 2))
    assert (visit.due_on, visit.opens_on) == (date(2026, 3, 18), date(2026, 3, 16))
    refused("date", house.visit, visit, done_on=date(2026, 3, 15))
    early = {"state": "done", "done_on": date(2026, 3, 15), "done_by": house.cast["mediator"], "finding": "settled", "note": "x"}
    with pytest.raises(IntegrityError, match="不能早于规定的日子"), transaction.atomic():
        ReturnVisit.objects.filter(pk=visit.pk).update(**early)
    with pytest.raises(IntegrityError, match="不能早于规定的日子"), transaction.atomic():
        ReturnVisit.objects.create(case=house.case, round=9, day=30, due_on=date(2026, 4, 10), **{**early, "done_on": date(2026, 4, 6)})
    house.visit(visit, done_on=date(2026, 3, 16))
    refused("state", house.visit, visit)


def test_it_confirms_within_thirty_days(house: DisputeHouse) -> None:
    house.prepare()
    house.agree()
    said = refused("date", house.do, "confirmation_set", confirmation="asked", at=moment("2026-04-10 00:00"))
    assert "2026-04-09" in said
    house.do("confirmation_set", confirmation="asked", at=moment("2026-04-09 23:59"))


def test_it_lets_only_those_who_handle_it_write(house: DisputeHouse) -> None:
    for role in ("informant", "leader", "overseer"):
        refused("holder", house.do, "party_add", name="赵六", by=role)
    assert house.do("party_add", name="赵六", by="secretary").name == "赵六"


def test_it_reminds_of_visits_and_of_the_court_once(house: DisputeHouse) -> None:
    house.settle()
    assert return_visits.visits_remind(moment("2026-03-17 09:00")) == 0
    for _ in range(2):
        return_visits.visits_remind(moment("2026-03-18 09:00"))
        return_visits.confirmations_remind(moment("2026-03-30 09:00"))
    texts = list(house.user("mediator").messages.order_by("id").values_list("text", flat=True))
    assert ["到期" in text or "共同申请" in text for text in texts[-2:]] == [True, True]
    assert sum("第7天回访" in text for text in texts) == 1 and sum("共同申请" in text for text in texts) == 1


def test_it_is_kept_by_the_database_too(house: DisputeHouse) -> None:
    house.settle()
    own = make_resident(house.household, "王二")
    relative = Post.objects.create(
        kind="yard_head", unit=house.village, resident=own, appointed_on="2026-01-01", ended_on="2026-02-01"
    )
    dispute = Dispute.objects.get()
    Recusal.objects.create(
        dispute=dispute, post=house.user("secretary").posts.get(), reason="亲戚", by=house.user("staff"), at=START
    )
    wrong = [
        "UPDATE cases_case SET state = 'filed', filed_at = '2026-06-02'",
        f"UPDATE cases_dispute SET mediator_id = {relative.pk}",
        f"UPDATE cases_dispute SET mediator_id = {house.user('secretary').posts.get().pk}",
        f"UPDATE cases_party SET resident_id = {house.other.pk} WHERE resident_id IS NULL",
        f"INSERT INTO cases_recusal (dispute_id, post_id, reason, by_id, at) VALUES "
        f"({dispute.pk}, {house.post.pk}, 'x', {house.user('staff').pk}, '2026-03-01')",
    ]
    for statement in wrong:
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    for visit in house.case.return_visits.all():
        house.visit(visit)
    house.file()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE cases_returnvisit SET state = 'open'")


def test_it_takes_a_party_back_until_there_is_an_agreement(house: DisputeHouse) -> None:
    party = house.do("party_add", name="赵六")
    disputes.party_remove(party=party, by=house.user("mediator"), at=START)
    assert Party.objects.count() == 1
    house.prepare()
    house.agree()
    refused("state", disputes.party_remove, party=Party.objects.last(), by=house.user("mediator"), at=START)
