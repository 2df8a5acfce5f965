"""What a served order earns: verified claims of the volunteers' households, or the village's word (mission M29)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from governance.cases.models import Case, Category
from moral_bank.claims.services import may_verify
from moral_bank.models import Claim
from moral_bank.rules.models import Deed, RuleSet
from tests.builders import make_deed, make_locked_month
from tests.cases.house import MORNING
from tests.volunteers.orders.house import ServiceHouse
from volunteers.models import Hours, ServiceOrder
from volunteers.orders.climbing import orders_tick
from volunteers.orders.points import row_key_of
from volunteers.orders.services import (
    OrderError,
    hours_correct,
    judge_by_phone,
    judge_by_slip,
    points_release,
    points_withhold,
    slip_issue,
    steps_for,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> ServiceHouse:
    return ServiceHouse()


def judged(house: ServiceHouse, order: ServiceOrder, rating: str = "satisfied") -> ServiceOrder:
    return judge_by_phone(order=order, rating=rating, by=house.user("yard_head"), at=MORNING)


def test_it_brings_a_claim_that_waits_for_the_panel(house: ServiceHouse) -> None:
    order = judged(house, house.done(house.one, house.three))
    claim = Claim.objects.get()
    resident = house.one.resident
    assert resident is not None and claim.account.household == resident.household, "the outsider has no household to earn"
    assert (claim.state, claim.source, claim.decided_by, claim.declared_by) == ("verified", "service", None, house.user("yard_head"))
    assert claim.occurred_on == date(2026, 3, 10) and claim.row_key == row_key_of(order.pk, house.one)
    assert not may_verify(claim, house.user("secretary")) or claim.state != "declared"


def test_it_earns_nothing_where_there_is_nothing_to_earn(house: ServiceHouse) -> None:
    plain = house.project("huanjing", "环境")
    assert judged(house, house.done(house.one, project=plain)).points == ""
    assert judged(house, house.done(house.three), "unsatisfied").points == ""
    assert not Claim.objects.exists()


def test_unsatisfied_waits_for_the_village_and_opens_a_case(house: ServiceHouse) -> None:
    order = house.done(house.one)
    token = slip_issue(order=order, by=house.user("cadre"), at=MORNING)
    order = judge_by_slip(token=token, rating="unsatisfied", words="甲剪得太短", at=MORNING)
    assert order.points == "open" and not Claim.objects.exists()
    case = Case.objects.get()
    assert order.complaint == case and case.private and order.number in case.text
    assert "甲" not in case.text and order.name not in case.text
    with pytest.raises(OrderError, match="须写明原因"):
        points_release(order=order, reason=" ", by=house.user("cadre"), at=MORNING)
    released = points_release(order=order, reason="查明服务到位", by=house.user("cadre"), at=MORNING)
    assert (released.points, released.points_reason, Claim.objects.count()) == ("released", "查明服务到位", 1)
    with pytest.raises(OrderError, match="已经定过"):
        points_withhold(order=order, reason="反悔", by=house.user("cadre"), at=MORNING)


def test_it_tells_the_secretary_where_no_case_can_be_opened(house: ServiceHouse) -> None:
    Category.objects.all().update(is_active=False)
    order = judged(house, house.done(house.one), "unsatisfied")
    assert order.complaint is None and not Case.objects.exists()
    assert house.user("secretary").messages.filter(text__contains="评单不满意").exists()


def test_unrated_is_no_praise(house: ServiceHouse) -> None:
    order = house.done(house.one)
    assert order.judge_due_at is not None
    orders_tick(order.judge_due_at + timedelta(seconds=1))
    order.refresh_from_db()
    assert (order.state, order.rating, order.points) == ("unrated", "", "open")
    withheld = points_withhold(order=order, reason="联系不上服务对象", by=house.user("secretary"), at=MORNING)
    assert withheld.points == "withheld" and not Claim.objects.exists()


def test_a_locked_month_leaves_them_open_with_the_reason(house: ServiceHouse) -> None:
    order = house.done(house.one, house.two)
    make_locked_month(house.village, house.rules, date(2026, 3, 1))
    order = judged(house, order)
    assert order.points == "open" and "已锁定" in order.points_reason and not Claim.objects.exists()
    assert house.user("cadre").messages.filter(text__contains="积分没有计入").exists()
    with pytest.raises(OrderError, match="已锁定"):
        points_release(order=order, reason="补记", by=house.user("cadre"), at=MORNING)
    order.refresh_from_db()
    assert order.points == "open"


def test_rules_without_the_deed_leave_them_open(house: ServiceHouse) -> None:
    order = judged(house, house.done(house.one, project=house.project("x", "旧项目", deed_code="Z9")))
    assert order.points == "open" and "没有编号 Z9" in order.points_reason


@pytest.mark.parametrize(("by_quantity", "scores"), [(False, (5, 5)), (True, (5, 15))])
def test_a_correction_counts_only_where_the_deed_does(house: ServiceHouse, by_quantity: bool, scores: tuple[int, int]) -> None:
    if by_quantity:
        rules = RuleSet.objects.create(township=house.township, name="细则", version=2, valid_from=date(2026, 2, 1))
        make_deed(rules, "S1", "service", "志愿服务每小时", 5, points=5, by_quantity=True)
        RuleSet.objects.filter(pk=rules.pk).update(state="adopted", adopted_at=MORNING)
    order = judged(house, house.done(house.one))
    assert Claim.objects.get().score == scores[0] and Deed.objects.filter(code="S1").exists()
    new = hours_correct(hours=Hours.objects.get(), minutes=200, reason="记错", by=house.user("cadre"), at=MORNING)
    assert Claim.objects.get().score == scores[1] and order.points == "released"
    assert sorted(Hours.objects.values_list("minutes", flat=True)) == [-60, 60, 200]
    with pytest.raises(OrderError, match="已经更正过"):
        hours_correct(hours=Hours.objects.get(minutes=60), minutes=30, reason="记错", by=house.user("cadre"), at=MORNING)
    with pytest.raises(OrderError, match="与原来的不同"):
        hours_correct(hours=new, minutes=200, reason="记错", by=house.user("cadre"), at=MORNING)


def test_nobody_decides_about_what_they_served(house: ServiceHouse) -> None:
    """A cadre who is a volunteer, too."""
    cadre = house.user("cadre")
    house.two.user = cadre
    house.two.save()
    order = house.done(house.two)
    for attempt in (
        lambda: slip_issue(order=order, by=cadre, at=MORNING),
        lambda: judge_by_phone(order=order, rating="satisfied", by=cadre, at=MORNING),
        lambda: hours_correct(hours=Hours.objects.get(), minutes=90, reason="记错", by=cadre, at=MORNING),
    ):
        with pytest.raises(OrderError, match="您参加了这一单"):
            attempt()
    assert steps_for(order, cadre) == []
    token = slip_issue(order=order, by=house.user("secretary"), at=MORNING)
    with pytest.raises(OrderError, match="您参加了这一单"):
        judge_by_slip(token=token, rating="satisfied", by=cadre, at=MORNING)
    order = judge_by_slip(token=token, rating="unsatisfied", by=None, at=MORNING)
    with pytest.raises(OrderError, match="您参加了这一单"):
        points_release(order=order, reason="我很好", by=cadre, at=MORNING)
    assert [one.label for one in steps_for(order, house.user("secretary"))] == ["同意计分", "不予计分", "更正时长"]


def test_a_new_slip_voids_the_old(house: ServiceHouse) -> None:
    order = house.done(house.one)
    old, new = (slip_issue(order=order, by=house.user("cadre"), at=MORNING) for _ in range(2))
    with pytest.raises(OrderError, match="不能用"):
        judge_by_slip(token=old, rating="satisfied", at=MORNING)
    order.refresh_from_db()
    assert new not in order.slip_hash and judge_by_slip(token=new, rating="satisfied", at=MORNING).slip_used_at == MORNING
