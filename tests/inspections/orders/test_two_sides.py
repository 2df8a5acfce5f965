"""Two sides of an order are two people, and each of its countdowns stands beside its own date."""

from __future__ import annotations

import re
from datetime import date

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from governance.accounts.duties import MATRIX, TOWN_OFFICES, Action, Duty
from governance.accounts.models import User
from inspections.models import Order
from inspections.orders.services import order_ask_extension, order_report, order_sign
from tests.inspections.orders.house import AFTER_SIGN, ISSUED, REPORTED, SIGNED, OrderHouse
from tests.inspections.rounds.test_rounds import refused
from tests.pages import read
from villages.models import Post

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> OrderHouse:
    """The issuer is of the village, too: their second post is what makes the question."""
    house = OrderHouse()
    Post.objects.create(kind=Duty.CADRE, unit=house.village, user=house.staff, appointed_on=date(2026, 1, 1))
    house.staff = User.objects.get(pk=house.staff.pk)  # reads the posts anew
    return house


def test_signing_and_reporting_are_the_villages_own_duty() -> None:
    assert [duty for duty in TOWN_OFFICES if Action.ORDER_FIX in MATRIX[duty]] == []


def test_the_issuer_neither_signs_nor_reports_nor_asks_for_more_time(house: OrderHouse) -> None:
    order = house.issue()
    assert "村里的另一个人" in refused("another", order_sign, order=order, by=house.staff, at=SIGNED)
    order_sign(order=order, by=house.secretary, at=SIGNED)
    call = {"order": order, "until": date(2026, 5, 8), "reason": "下雨"}
    assert "村里的另一个人" in refused("another", order_ask_extension, **call, by=house.staff, at=SIGNED)
    assert "村里的另一个人" in refused("another", order_report, order=order, text="好了", by=house.staff, at=REPORTED)
    assert order_report(order=order, text="好了", by=house.cadre, at=REPORTED).state == Order.State.REPORTED


def test_the_database_takes_no_step_of_the_village_from_the_issuer(house: OrderHouse) -> None:
    order, staff, secretary = house.issue(), house.staff.pk, house.secretary.pk
    taken = "'2026-04-21 01:00+00'"
    statements = [
        f"UPDATE inspections_order SET state = 'signed', signed_by_id = {staff}, signed_at = {taken} WHERE id = {order.pk}",
        f"UPDATE inspections_order SET state = 'reported', signed_by_id = {secretary}, signed_at = {taken}, reported_by_id = {staff}, "
        f"reported_at = {taken}, report = 'x' WHERE id = {order.pk}",
        "INSERT INTO inspections_order (township_id, village_id, kind, number, found_on, requirement, issued_by_id, issued_at, "
        "sign_due_on, fix_due_on, state, signed_by_id, signed_at, report, opinion, misses) "
        f"SELECT township_id, village_id, kind, 'x', found_on, requirement, {staff}, issued_at, sign_due_on, fix_due_on, 'signed', "
        f"{staff}, {taken}, '', '', 0 FROM inspections_order WHERE id = {order.pk}",
        "INSERT INTO inspections_orderextension (order_id, until, reason, asked_by_id, asked_at, state) "
        f"VALUES ({order.pk}, '2026-05-08', 'x', {staff}, {taken}, 'asked')",
    ]
    for statement in statements:
        with pytest.raises(IntegrityError, match="签发人不能代村里"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statements[0].replace(f"= {staff},", f"= {secretary},"))


def test_the_issuer_is_offered_none_of_these_steps(house: OrderHouse, client: Client) -> None:
    order = house.issue()
    path = reverse("inspections:order-detail", args=[order.pk])
    with time_machine.travel(SIGNED, tick=False):
        page = read(client, house.staff, path)
        assert ">签收</button>" not in page and "签收、报告整改和申请延期要由村里的另一个人办" in page
        assert ">签收</button>" in read(client, house.secretary, path)
        client.force_login(house.staff, backend="django.contrib.auth.backends.ModelBackend")
        assert "村里的另一个人" in client.post(reverse("inspections:order-sign", args=[order.pk]), follow=True).content.decode()


def test_every_countdown_of_an_order_stands_beside_its_own_date(client: Client) -> None:
    """Signing until 4-21, putting right until 4-29; whatever runs, the other date stands alone."""
    house = OrderHouse()
    order = house.issue()
    for at, running in ((ISSUED, "sign"), (SIGNED, "fix"), (REPORTED, ""), (AFTER_SIGN, "fix")):
        if at == SIGNED:
            order_sign(order=order, by=house.secretary, at=at)
        elif at == REPORTED:
            order_report(order=order, text="好了", by=house.secretary, at=at)
        elif at == AFTER_SIGN:
            Order.objects.update(state="failed")
        with time_machine.travel(at, tick=False):
            page = read(client, house.staff, reverse("inspections:order-detail", args=[order.pk]))
            listed = read(client, house.staff, reverse("inspections:order-list"))
        assert counted(page, r"<dt>(签收期限|整改期限)</dt>\s*<dd>(.*?)</dd>") == expected(running), at
        assert counted(listed, r'data-label="(签收期限|整改期限)"[^>]*>(.*?)</td>') == expected(running), at
        assert page.count("剩 ") == listed.count("剩 ") == bool(running), "and nowhere else"


def counted(page: str, cell: str) -> dict[str, tuple[str, bool]]:
    """Label → the date of its cell, and whether a countdown stands in it."""
    return {label: (re.findall(r"2026-\d\d-\d\d", text)[0], "剩 " in text) for label, text in re.findall(cell, page, re.DOTALL)}


def expected(running: str) -> dict[str, tuple[str, bool]]:
    return {"签收期限": ("2026-04-21", running == "sign"), "整改期限": ("2026-04-29", running == "fix")}
