"""Official ledgers: the columns, the sums, the scope, the log, and the roster that comes back as it went out."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponseBase
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.accounts.models import AccessLog
from governance.sheets.reader import read_workbook
from moral_bank.ledger import points_spend
from moral_bank.models import Rating
from tests.api.test_api import House
from tests.builders import make_resident
from villages.exports import ROSTER
from villages.models import Household, Resident
from villages.roster import roster_read

pytestmark = pytest.mark.django_db
NUMBER = "511929198503070019"


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def desk(client: Client, house: House) -> Client:
    client.force_login(house.staff)
    return client


def table(answer: HttpResponseBase) -> list[list[Any]]:
    """Heading and rows of a downloaded ledger, without its title."""
    assert answer.status_code == 200
    data = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    (sheet,) = read_workbook(data, "a.xlsx")
    return [sheet.rows[number] for number in sorted(sheet.rows)][1:]


def export(client: Client, model: str, query: str = "") -> list[list[Any]]:
    return table(client.get(reverse(f"admin:{model}_export") + query))


def test_it_exports_the_points_ledger(desk: Client, house: House) -> None:
    account = house.accounts[0]
    points_spend(account=account, points=3, memo="=兑换", by=house.staff, source_key="market:1")
    heading, *rows = export(desk, "moral_bank_entry", f"?village={house.villages[0].pk}")
    assert heading == [
        "序号",
        "村（社区）",
        "户号",
        "户主",
        "积分事由",
        "发生日期",
        "申报人",
        "分值",
        "积分",
        "公示起止",
        "累计积分",
    ]
    assert [row[0] for row in rows[:2]] == [1.0, 2.0] and len(rows) == 3
    assert rows[0][4:9] == ["参加志愿服务", date(2026, 3, 5), "staff", 5.0, 5.0]
    assert [rows[0][10], rows[1][10]] == [5.0, 2.0] and rows[1][4] == "=兑换"


def test_it_counts_the_running_total_also_over_rows_filtered_out(desk: Client, house: House) -> None:
    points_spend(account=house.accounts[0], points=3, memo="兑换", by=house.staff, source_key="market:1")
    rows = export(desk, "moral_bank_entry", "?q=兑换")
    assert rows[1][4] == "兑换" and rows[1][10] == 2.0


def test_it_exports_ratings(desk: Client, house: House) -> None:
    heading, *rows = export(desk, "moral_bank_rating", "?period=2026-03")
    assert heading == (
        [
            "序号",
            "期间",
            "村（社区）",
            "组（院）",
            "户号",
            "户主",
            "遵纪守法",
            "志愿服务",
            "环境卫生评比",
            "参与小区治理",
            "文明创建",
            "得分",
            "名次",
            "星级",
            "评优",
        ]
    )
    assert rows[0][:4] == [1.0, "2026年3月", "八一村委会", "第一村民小组 柏树院"]
    assert rows[0][6:13] == [20.0, 10.0, 15.0, 8.0, 12.0, 65.0, 1.0]
    assert len(rows) == Rating.objects.count() + 1


def test_it_logs_every_export(desk: Client, house: House) -> None:
    for model in ("moral_bank_entry", "moral_bank_rating", "villages_household", "villages_resident"):
        export(desk, model)
    logged = AccessLog.objects.filter(kind="export", user=house.staff)
    assert logged.count() == 4 and logged.filter(detail="评分与星级 2 行").exists()


@pytest.mark.parametrize("model", ["moral_bank_entry", "moral_bank_rating", "villages_household", "villages_resident"])
def test_it_is_404_for_a_village_cadre_and_where_there_is_no_ledger(client: Client, house: House, model: str) -> None:
    client.force_login(house.cadre)
    assert client.get(reverse(f"admin:{model}_export")).status_code == 404
    client.force_login(house.staff)
    assert client.get(reverse("admin:villages_unit_export")).status_code == 404


def test_it_exports_with_a_fixed_number_of_queries(desk: Client, house: House) -> None:
    for model in ("moral_bank_entry", "moral_bank_rating", "villages_household"):
        counts = []
        for more in (1, 12):
            house.furnish(house.villages[0], more)
            with CaptureQueriesContext(connection) as queries:
                export(desk, model)
            counts.append(len(queries))
        assert counts[0] == counts[1], model


def test_it_masks_id_numbers_in_the_roster(desk: Client, house: House) -> None:
    make_resident(Household.objects.all()[0], "李四", NUMBER)
    heading, *rows = export(desk, "villages_resident", "?q=李四")
    assert heading == [column.heading for column in ROSTER.columns]
    assert rows[0][9] == "511929**********19"


def test_it_takes_its_own_roster_back_without_a_change(desk: Client, house: House) -> None:
    home = Household.objects.all()[0]
    make_resident(home, "李四", NUMBER, relation="配偶", sex="F", phone="15400000001")
    Resident.objects.filter(household=home, name="王小明").update(relation="户主")
    answer = desk.get(reverse("admin:villages_household_export"))
    data = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    before = list(Resident.objects.order_by("pk").values())
    roster = roster_read(file=io.BytesIO(data), filename="名册.xlsx", township=house.township, by=house.staff)
    assert roster.counts["refuse"] == 0, roster.counts
    assert (roster.counts["new"], roster.counts["households_new"], roster.counts["units_new"]) == (0, 0, 0)
    assert list(Resident.objects.order_by("pk").values()) == before


def test_it_writes_no_ledger_of_a_household_that_has_nobody(desk: Client, house: House) -> None:
    Resident.objects.all().delete()
    assert len(export(desk, "villages_household")) == 1
