"""Orders from finding to 销号: numbers, days, extensions, re-checks by another person, misses, and what is refused."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction

from governance.accounts.duties import Duty
from governance.accounts.inbox_models import Message
from governance.accounts.models import User
from governance.cases.models import Photo
from inspections.errors import InspectionError
from inspections.models import Evidence, Finding, Order, OrderExtension, OrderStep, Recusal
from inspections.orders.clock import orders_sweep
from inspections.orders.rights import barred_q
from inspections.orders.services import order_check, order_decide_extension, order_issue, order_report, order_sign
from inspections.rounds.services import recusal_add
from tests.builders import make_household, make_resident, make_user
from tests.inspections.house import moment
from tests.inspections.orders.house import AFTER_FIX, AFTER_SIGN, CHECKED, ISSUED, REPORTED, SIGNED, OrderHouse, picture
from villages.models import Post

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> OrderHouse:
    return OrderHouse()


def refused(code: str, run: Callable[..., Any], *arguments: Any, **named: Any) -> str:
    """The words with which `run` refuses, under `code`."""
    with pytest.raises(InspectionError) as caught:
        run(*arguments, **named)
    assert caught.value.code == code, caught.value.message
    return caught.value.message


def steps(order: Order) -> list[str]:
    return list(order.steps.order_by("pk").values_list("step", flat=True))


def make_kin(house: OrderHouse, user: User) -> None:
    """`user` lives in the household of somebody who holds a post in 八一村."""
    home = make_household(house.villages[1])
    Post.objects.create(kind=Duty.OVERSEER, unit=house.village, resident=make_resident(home, "王五"), appointed_on=date(2026, 1, 1))
    own = make_resident(home, "王六")
    Post.objects.create(kind=Duty.CADRE, unit=house.villages[1], user=user, resident=own, appointed_on=date(2026, 1, 1))


def test_it_issues_with_a_number_and_two_days(house: OrderHouse) -> None:
    first = house.issue(house.finding("垃圾池满溢"), house.finding("柴堆占道"))
    second = house.issue(house.finding("沟渠堵塞"), kind=Order.Kind.OVERSIGHT)
    third = house.issue(house.finding("路灯不亮", 1), number=1)
    assert [order.number for order in (first, second, third)] == ["ZG2026-00001", "DD2026-00001", "ZG2026-00002"]
    assert house.issue(at=moment("2027-01-04 09:00")).number == "ZG2027-00001"
    assert (first.sign_due_on, first.fix_due_on) == (date(2026, 4, 21), date(2026, 4, 29))
    assert (first.found_on, first.state, first.findings.count()) == (date(2026, 4, 20), "issued", 2)
    assert steps(first) == ["issue"]
    told = set(Message.objects.filter(link=f"/orders/{first.pk}/").values_list("user", flat=True))
    assert told == {house.secretary.pk, house.cadre.pk}


def test_it_counts_working_days_over_a_holiday(house: OrderHouse) -> None:
    """Issued on Thursday before 劳动节 (1–5 May off, Saturday 9 May worked in exchange)."""
    order = house.issue(at=moment("2026-04-30 10:00"))
    assert (order.sign_due_on, order.fix_due_on) == (date(2026, 5, 6), date(2026, 5, 13))


def test_it_refuses_what_cannot_be_issued(house: OrderHouse) -> None:
    finding, other = house.finding(), house.finding("路灯不亮", 1)
    said = {"village": house.village, "kind": "notice", "requirement": "清理", "findings": [finding], "by": house.staff, "at": ISSUED}
    assert "不归您签发" in refused("scope", order_issue, **{**said, "by": house.supervisor})
    assert "不归您签发" in refused("scope", order_issue, **{**said, "by": house.secretary})
    assert "整改要求" in refused("need", order_issue, **{**said, "requirement": " "})
    assert "整改通知书或督办单" in refused("need", order_issue, **{**said, "kind": "letter"})
    assert "先选" in refused("need", order_issue, **{**said, "findings": []})
    assert "一个村" in refused("card", order_issue, **{**said, "findings": [finding, other]})
    order_issue(**said)  # type: ignore[arg-type]
    assert "已写进ZG2026-00001" in refused("state", order_issue, **said)
    assert Order.objects.count() == 1


def test_it_writes_findings_down_until_the_round_is_locked(house: OrderHouse) -> None:
    house.scoring()
    item = house.item("白色垃圾")
    finding = house.finding("路边白色垃圾", card=house.card(), item=item)
    assert (finding.card, finding.item, finding.found_by) == (house.card(), item, house.supervisor)
    assert "不归您登记" in refused("scope", house.finding, by=house.secretary)
    assert "写明" in refused("need", house.finding, " ")
    assert "不是八一村的" in refused("card", house.finding, card=house.card(1))
    assert "一起选" in refused("card", house.finding, item=item)
    assert "村（社区）" in refused("need", house.finding, village=house.township)
    for number in range(2):
        house.judge(number)
    house.hand_over()
    house.decide()
    house.lock()
    assert "已锁定" in refused("locked", house.finding, card=house.card())
    assert house.issue(finding).card == house.card()


def test_it_goes_to_its_closing_by_another_person(house: OrderHouse) -> None:
    order = house.closed()
    order.refresh_from_db()
    assert (order.state, order.closed_on, order.checked_by, order.misses) == ("closed", date(2026, 4, 24), house.supervisor, 0)
    assert steps(order) == ["issue", "sign", "report", "close"]
    assert "不能复核" in refused("state", house.checked, order, True, by=house.second)


def test_it_lets_only_the_village_fix(house: OrderHouse) -> None:
    order = house.issue()
    stranger = house.secretaries[house.villages[1].pk]
    for user in (stranger, house.supervisor, house.leader, house.staff, house.cast["overseer"]):
        refused("scope", order_sign, order=order, by=user, at=SIGNED)
    refused("state", house.reported, order)
    order_sign(order=order, by=house.cadre, at=SIGNED)
    assert "写明整改情况" in refused("need", order_report, order=order, text=" ", by=house.secretary, at=REPORTED)
    refused("scope", order_report, order=order, text="好了", by=house.cast["overseer"], at=REPORTED)


def test_it_refuses_a_re_check_by_the_reporter_or_the_issuer(house: OrderHouse) -> None:
    order = house.reported(by=house.doubled())
    assert "签发人" in refused("another", house.checked, order, True, by=house.staff)
    assert "报告整改的人" in refused("another", house.checked, order, True, by=order.reported_by)
    assert "不归您办理" in refused("scope", house.checked, order, True, by=house.secretary)
    assert "不归您办理" in refused("scope", house.checked, order, True, by=house.leader)
    assert "复核意见" in refused("need", order_check, order=order, passed=True, opinion="", by=house.supervisor, at=CHECKED)
    order = house.checked(order, False)
    house.reported(order)
    first = User.objects.get(username="daiban")
    assert "报告整改的人" in refused("another", house.checked, order, True, by=first), "who reported it the first time"


def test_it_refuses_a_re_check_by_people_of_the_village_and_kin(house: OrderHouse) -> None:
    order = house.reported()
    own = make_user("own", Duty.SUPERVISOR, house.township)
    Post.objects.create(kind=Duty.OVERSEER, unit=house.village, user=own, appointed_on=date(2026, 1, 1))
    assert "在八一村任" in refused("kin", house.checked, order, True, by=own)
    make_kin(house, house.second)
    assert "亲属王五在八一村任" in refused("kin", house.checked, order, True, by=house.second)
    recusal_add(user=house.supervisor, village=house.village, reason="连襟任职", by=house.staff, at=CHECKED)
    assert "回避" in refused("kin", house.checked, order, True)
    Recusal.objects.all().delete()
    assert house.checked(order, True).state == "closed"


def test_a_village_makes_nobody_kin_by_the_post_of_a_volunteer(house: OrderHouse) -> None:
    order = house.reported()
    Post.objects.create(kind=Duty.VOLUNTEER, unit=house.village, user=house.supervisor, appointed_on=date(2026, 1, 1))
    assert Order.objects.exclude(barred_q(house.supervisor, CHECKED.date())).get() == order
    assert house.checked(order, True).state == "closed"


def test_it_gives_seven_more_days_after_a_failed_re_check(house: OrderHouse) -> None:
    order = house.checked(house.reported(), False)
    assert (order.state, order.misses, order.fix_due_on) == ("failed", 1, date(2026, 5, 8))
    assert not Message.objects.filter(user=house.leader).exists()
    order = house.checked(house.reported(order), False)
    assert order.misses == 2 and steps(order)[-2:] == ["fail", "talk"]
    assert Message.objects.get(user=house.leader).text == "建议约谈：八一村两次未按要求整改（ZG2026-00001）"
    order = house.checked(house.reported(order), False)
    assert order.misses == 3 and steps(order).count("talk") == 1
    assert house.checked(house.reported(order), True).state == "closed"


def test_it_extends_before_the_day_is_over_and_once(house: OrderHouse) -> None:
    order = house.signed()
    late = moment("2026-04-30 08:00")
    assert "已过" in refused("date", house.asked, order, at=late)
    assert "晚于" in refused("date", house.asked, order, "2026-04-29")
    asked = house.asked(order, at=moment("2026-04-29 23:50"))
    refused("invalid", house.asked, order, "2026-05-09")
    assert "自己申请" in refused("another", order_decide_extension, extension=house.asked(_own(house)), granted=True, by=house.secretary)
    refused("scope", house.granted, asked, house.supervisor)
    assert "写明原因" in refused("need", order_decide_extension, extension=asked, granted=False, by=house.leader, at=late)
    house.granted(asked, at=late)
    order.refresh_from_db()
    assert order.fix_due_on == date(2026, 5, 8) and steps(order)[-2:] == ["ask", "grant"]
    assert "已经答复" in refused("state", house.granted, asked)
    assert "只能延期一次" in refused("invalid", house.asked, order, "2026-05-20")


def _own(house: OrderHouse) -> Order:
    """An order whose extension is asked for by somebody who is of the office, too."""
    house.secretary = house.doubled()
    return order_sign(order=house.issue(house.finding("路灯不亮")), by=house.secretary, at=SIGNED)


def test_it_may_ask_again_after_a_refusal_and_drops_what_is_no_longer_needed(house: OrderHouse) -> None:
    asked = house.asked()
    order_decide_extension(extension=asked, granted=False, reason="天气已转好", by=house.leader, at=SIGNED)
    again = house.asked(asked.order)
    order = house.reported(asked.order)
    again.refresh_from_db()
    assert (again.state, again.decided_by) == ("denied", None)
    assert steps(order)[-2:] == ["report", "deny"]
    make_kin(house, house.leader)
    order = house.checked(order, False)
    assert "回避" in refused("kin", house.granted, house.asked(order, "2026-05-20"))


def test_it_keeps_photos_of_a_report(house: OrderHouse) -> None:
    order = order_report(order=house.signed(), text="已清理", by=house.secretary, photos=[picture(), picture()], at=REPORTED)
    assert Evidence.objects.filter(order=order, photo__kept=True, photo__state="ready").count() == 2
    other = order_sign(order=house.issue(), by=house.secretary, at=SIGNED)
    broken = SimpleUploadedFile("x.jpg", b"not a picture")
    words = refused("photo", order_report, order=other, text="已清理", by=house.secretary, photos=[picture(), broken])
    assert "照片“x.jpg”没有存下：照片无法读取" in words
    other.refresh_from_db()
    assert other.state == "signed" and Photo.objects.count() == 2


def test_it_counts_each_day_let_pass_once(house: OrderHouse) -> None:
    order = house.issue()
    assert orders_sweep(moment("2026-04-21 23:59")) == 0
    assert (orders_sweep(AFTER_SIGN), orders_sweep(AFTER_SIGN)) == (1, 0)
    order.refresh_from_db()
    assert (order.misses, order.missed_on, steps(order)) == (1, date(2026, 4, 21), ["issue", "miss"])
    order_sign(order=order, by=house.secretary, at=AFTER_SIGN)
    assert orders_sweep(moment("2026-04-29 23:59")) == 0
    assert (orders_sweep(AFTER_FIX), orders_sweep(AFTER_FIX)) == (1, 0)
    order.refresh_from_db()
    assert (order.misses, steps(order)) == (2, ["issue", "miss", "sign", "miss", "talk"])
    assert Message.objects.filter(user=house.leader, text__contains="建议约谈").count() == 1
    assert Message.objects.filter(user=house.secretary, text__contains="已逾期").count() == 2
    order_report(order=order, text="已清理", by=house.secretary, at=AFTER_FIX)
    assert orders_sweep(moment("2026-06-30 00:15")) == 0, "what waits for its re-check is nobody's miss"


def test_it_counts_late_steps_even_where_the_clock_did_not_run(house: OrderHouse) -> None:
    order = order_sign(order=house.issue(), by=house.secretary, at=AFTER_SIGN)
    assert (order.misses, steps(order)) == (1, ["issue", "miss", "sign"])
    order = order_report(order=order, text="已清理", by=house.secretary, at=AFTER_FIX)
    assert (order.misses, order.state) == (2, "reported")
    both = house.issue(house.finding("路灯不亮"))
    assert orders_sweep(AFTER_FIX) == 1
    both.refresh_from_db()
    assert both.misses == 2 and steps(both) == ["issue", "miss", "miss", "talk"]


def test_it_waits_for_the_answer_to_an_extension(house: OrderHouse) -> None:
    asked = house.asked()
    assert orders_sweep(AFTER_FIX) == 0
    house.granted(asked, at=AFTER_FIX)
    assert orders_sweep(AFTER_FIX) == 0
    assert orders_sweep(moment("2026-05-09 00:15")) == 1
    assert Order.objects.get().missed_on == date(2026, 5, 8)


@pytest.mark.django_db(transaction=True)
def test_it_gives_no_number_twice_to_two_who_issue_at_once() -> None:
    house = OrderHouse()
    findings = [house.finding(f"问题{number}") for number in range(4)]
    barrier, faults = threading.Barrier(4), list[Exception]()

    def issue(finding: Finding) -> None:
        try:
            barrier.wait()
            house.issue(finding)
        except Exception as error:
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=issue, args=[finding]) for finding in findings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    numbers = sorted(Order.objects.values_list("number", flat=True))
    assert numbers == [f"ZG2026-0000{number}" for number in range(1, 5)]


@pytest.mark.django_db(transaction=True)
def test_it_takes_one_of_two_re_checks_at_once() -> None:
    house = OrderHouse()
    order = house.reported()
    barrier, said = threading.Barrier(2), list[str]()

    def check(user: User, passed: bool) -> None:
        try:
            barrier.wait()
            said.append(house.checked(Order.objects.get(pk=order.pk), passed, by=user).state)
        except InspectionError as error:
            said.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=check, args=pair) for pair in ((house.supervisor, True), (house.second, False))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) in (["closed", "state"], ["failed", "state"])
    assert order.steps.filter(step__in=["close", "fail"]).count() == 1


# What goes around the services: SQL on a closed order with its steps, and on one that was reported.
GUARDED = {
    "reopened": "UPDATE inspections_order SET state = 'reported', closed_on = NULL WHERE state = 'closed'",
    "closed rewritten": "UPDATE inspections_order SET report = '没有问题' WHERE state = 'closed'",
    "deleted": "DELETE FROM inspections_order",
    "other number": "UPDATE inspections_order SET number = 'ZG2026-09999' WHERE state = 'reported'",
    "other issuer": "UPDATE inspections_order SET issued_by_id = signed_by_id WHERE state = 'reported'",
    "other village": "UPDATE inspections_order SET village_id = {other_village} WHERE state = 'reported'",
    "found earlier": "UPDATE inspections_order SET found_on = '2026-01-01' WHERE state = 'reported'",
    "milder": "UPDATE inspections_order SET requirement = '注意' WHERE state = 'reported'",
    "misses forgotten": "UPDATE inspections_order SET misses = 0 WHERE misses > 0",
    "checked by its reporter": "UPDATE inspections_order SET checked_by_id = reported_by_id WHERE state = 'reported'",
    "checked by its issuer": "UPDATE inspections_order SET checked_by_id = issued_by_id WHERE state = 'reported'",
    "checked by the first reporter": "UPDATE inspections_order SET checked_by_id = {first_reporter} WHERE state = 'reported'",
    "checked by the village": "UPDATE inspections_order SET checked_by_id = {cadre} WHERE state = 'reported'",
    "checked by kin": "UPDATE inspections_order SET checked_by_id = {kin} WHERE state = 'reported'",
    "checked by the recused": "UPDATE inspections_order SET checked_by_id = {recused} WHERE state = 'reported'",
    "closed without opinion": "UPDATE inspections_order SET state = 'closed', closed_on = '2026-05-05' WHERE state = 'reported'",
    "step rewritten": "UPDATE inspections_orderstep SET note = ''",
    "step deleted": "DELETE FROM inspections_orderstep",
    "extension taken back": "UPDATE inspections_orderextension SET state = 'asked' WHERE state = 'granted'",
    "extended by its asker": "UPDATE inspections_orderextension SET decided_by_id = asked_by_id WHERE state = 'asked'",
    "extended by kin": "UPDATE inspections_orderextension SET decided_by_id = {kin} WHERE state = 'asked'",
    "extension deleted": "DELETE FROM inspections_orderextension",
    "finding rewritten": "UPDATE inspections_finding SET text = '没有问题' WHERE order_id IS NULL",
    "finding taken off": "UPDATE inspections_finding SET order_id = NULL WHERE order_id IS NOT NULL",
    "finding of an order deleted": "DELETE FROM inspections_finding WHERE order_id IS NOT NULL",
    "finding on another village's order": "UPDATE inspections_finding SET order_id = {order} WHERE village_id = {other_village}",
}
ALLOWED = {
    "checked by another": "UPDATE inspections_order SET checked_by_id = {supervisor} WHERE state = 'reported'",
    "finding deleted": "DELETE FROM inspections_finding WHERE order_id IS NULL",
}


def names_for_guards() -> dict[str, int]:
    """A closed order; one reported twice, with a miss; a granted and an asked extension; and the ids that GUARDED names."""
    house = OrderHouse()
    closed = house.signed()
    house.granted(house.asked(closed))
    house.checked(house.reported(closed), True)
    first = house.doubled()
    order = order_sign(order=house.issue(), by=house.secretary, at=SIGNED)
    house.reported(house.checked(house.reported(order, by=first), False))
    Post.objects.filter(user=first, kind=Duty.CADRE).delete()
    house.asked(order_sign(order=house.issue(), by=house.secretary, at=SIGNED))
    house.finding("路灯不亮", 1)
    kin, recused = (make_user(name, Duty.SUPERVISOR, house.township) for name in ("kin", "recused"))
    make_kin(house, kin)
    Recusal.objects.create(user=recused, village=house.village, reason="连襟任职", by=house.staff, at=CHECKED)
    people = {"first_reporter": first, "cadre": house.cadre, "kin": kin, "recused": recused, "supervisor": house.second}
    return {name: user.pk for name, user in people.items()} | {"order": order.pk, "other_village": house.villages[1].pk}


def passes(statement: str) -> bool:
    """Whether the database lets a statement through; it is undone."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            assert cursor.rowcount, statement
            transaction.set_rollback(True)
    except DatabaseError:
        return False
    return True


def test_it_is_kept_by_the_database_too() -> None:
    names = names_for_guards()
    assert [name for name, statement in GUARDED.items() if passes(statement.format(**names))] == []
    assert [name for name, statement in ALLOWED.items() if not passes(statement.format(**names))] == []


def test_it_writes_no_finding_on_a_locked_card_around_the_service(house: OrderHouse) -> None:
    house.replying()
    house.decide()
    card = house.card()
    Finding.objects.create(village=house.village, card=card, text="晚一步", found_by=house.staff, found_at=ISSUED)
    house.lock()
    with pytest.raises(DatabaseError, match="已锁定"):
        Finding.objects.create(village=house.village, card=card, text="太晚", found_by=house.staff, found_at=ISSUED)


def test_it_shows_an_order_and_its_parts_to_those_of_its_place(house: OrderHouse) -> None:
    asked = house.asked()
    stranger = house.secretaries[house.villages[1].pk]
    for seen in (Order, OrderStep, OrderExtension, Finding):
        assert seen.objects.visible_to(house.secretary).exists(), seen
        assert not seen.objects.visible_to(stranger).exists(), seen
    assert asked.order.village == house.village
