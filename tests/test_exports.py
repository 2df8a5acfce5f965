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
from governance.disclosure.models import Notice, Objection
from governance.sheets.reader import read_workbook
from moral_bank.ledger.services import points_spend
from moral_bank.models import Rating
from tests.api.test_api import House
from tests.builders import (
    end_household,
    make_household,
    make_resident,
    make_rule_set,
    make_township,
    make_user,
    make_village,
)
from villages.households.exports import ROSTER
from villages.models import Household, Overlay, OverlayMember, Post, Resident, Unit
from villages.roster.services import ROSTER_IMPORT

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
        "系统编号",
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
            "系统编号",
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
    assert client.get(reverse("admin:moral_bank_ruleset_export")).status_code == 404


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
    roster = ROSTER_IMPORT.read(file=io.BytesIO(data), filename="名册.xlsx", township=house.township, by=house.staff)
    assert roster.counts["refuse"] == 0, roster.counts
    assert (roster.counts["new"], roster.counts["households_new"], roster.counts["units_new"]) == (0, 0, 0)
    assert list(Resident.objects.order_by("pk").values()) == before


def test_it_takes_back_those_who_are_gone_as_gone(desk: Client, house: House) -> None:
    """Somebody who died, somebody who moved away and came back to the same household, and a household that was closed."""
    home, other = Household.objects.all()[:2]
    Resident.objects.update(relation="户主")
    born = date(1950, 5, 1)
    make_resident(home, "张三", "", status="died", status_on=date(2026, 1, 2), birth_date=born)
    make_resident(home, "李四", "", status="moved", status_on=date(2026, 1, 2), birth_date=born)
    make_resident(home, "李四", "", birth_date=born)
    other.residents.update(status="moved", status_on=date(2026, 2, 1))
    end_household(other.pk, date(2026, 2, 1))
    heading, *rows = (answer := table(desk.get(reverse("admin:villages_resident_export"))))
    assert [row[heading.index("状态")] for row in rows if row[5] in ("张三", "李四")] == ["死亡", "迁出", "在册"]
    data = b"".join(desk.get(reverse("admin:villages_resident_export")).streaming_content)  # type: ignore[attr-defined]
    before = list(Resident.objects.order_by("pk").values()), list(Household.objects.order_by("pk").values())
    roster = ROSTER_IMPORT.read(file=io.BytesIO(data), filename="名册.xlsx", township=house.township, by=house.staff)
    assert roster.counts["refuse"] == 0 and roster.counts["new"] == 0, roster.counts
    ROSTER_IMPORT.commit(roster, include_look=True, by=house.staff)
    assert (list(Resident.objects.order_by("pk").values()), list(Household.objects.order_by("pk").values())) == before
    assert len(answer) == Resident.objects.count() + 1


def test_it_writes_no_ledger_of_a_household_that_has_nobody(desk: Client, house: House) -> None:
    Resident.objects.all().delete()
    assert len(export(desk, "villages_household")) == 1


def fill_office(village: Unit, name: str) -> None:
    """One of everything that the office's own ledgers list at `village`."""
    household = make_household(village, name)
    overlay = Overlay.objects.create(kind="grid", name=f"{name}网格", village=village)
    OverlayMember.objects.create(overlay=overlay, household=household, kind="grid")
    Post.objects.create(
        kind="overseer",
        unit=village,
        resident=make_resident(household, name),
        elected_on=date(2026, 1, 1),
        appointed_on=date(2026, 1, 2),
        ended_on=date(2026, 2, 1),
        end_reason="辞职",
    )
    notice = Notice.objects.create(
        unit=village, kind="rating", title=f"{name}公示", opens_on=date(2026, 4, 1), closes_on=date(2026, 4, 5)
    )
    Objection.objects.create(
        notice=notice, number="YY2026-00001", name=name, phone="15400000123", text="少记一次", answer_by=date(2026, 4, 7)
    )


OFFICE: dict[str, tuple[list[str], list[Any]]] = {
    "villages_unit": (
        [
            "乡镇",
            "村（社区）",
            "村民小组",
            "聚居点（院落）",
            "级别",
            "代码",
            "重点领域",
            "直属户数",
            "设立日期",
            "撤销日期",
        ],
        ["西兴镇", "八一村委会", "第一村民小组", "柏树院", "聚居点（院落）", "511923102201001001", None, 2.0],
    ),
    "villages_overlay": (["村（社区）", "类别", "名称", "户数"], ["八一村委会", "网格", "李本地网格", 1.0]),
    "villages_post": (
        ["单位", "职务", "姓名", "推选日期", "聘任日期", "任期至", "卸任日期", "卸任原因"],
        ["八一村", "村务监督委员会成员", "李本地", date(2026, 1, 1), date(2026, 1, 2), None, date(2026, 2, 1), "辞职"],
    ),
    "moral_bank_claim": (
        [
            "序号",
            "村（社区）",
            "户号",
            "户主",
            "申报事项",
            "发生日期",
            "申报人",
            "数量",
            "分值",
            "说明",
            "登记人",
            "登记时间",
            "申报方式",
            "代录同意",
            "状态",
            "核实人",
            "核实时间",
            "评议意见",
            "退回原因",
        ],
        [1.0, "八一村委会"],
    ),
    "moral_bank_closing": (
        ["期间", "村（社区）", "状态", "细则版本", "户数", "记录数", "计算时间", "公示起止", "锁定时间"],
        ["2026年3月", "八一村委会", "已计算", "道德银行积分细则 第1版", 1.0, 1.0],
    ),
    "moral_bank_deed": (
        [
            "细则版本",
            "施行日期",
            "五类",
            "编号",
            "事项",
            "计分单位",
            "评分",
            "评分上限",
            "可兑积分",
            "核实人",
            "一票否决",
            "按数量计分",
            "每户每月上限",
            "每户每季上限",
            "每户每年上限",
            "原类别",
            "适用对象",
            "上限或说明",
            "出处",
            "细则状态",
        ],
        [
            "道德银行积分细则 第1版",
            date(2026, 1, 1),
            "环境卫生评比",
            "J1",
            "庭院整洁",
            "次",
            1.0,
            10.0,
            0.0,
            "环境卫生监督员",
        ],
    ),
    "disclosure_notice": (
        ["单位", "类别", "标题", "公示开始", "公示截止", "异议条数", "发布人", "发布时间", "撤回时间", "撤回原因", "撤回人"],
        ["八一村委会", "评分公示", "李本地公示", date(2026, 4, 1), date(2026, 4, 5), 1.0],
    ),
    "disclosure_objection": (
        [
            "单位",
            "公示",
            "受理编号",
            "名单序号",
            "提出人",
            "联系电话（脱敏）",
            "异议内容",
            "提出时间",
            "最迟答复",
            "代录人",
            "状态",
            "答复",
            "答复人",
            "答复时间",
        ],
        ["八一村委会", "李本地公示", "YY2026-00001", None, "李本地", "154****0123", "少记一次"],
    ),
}


@pytest.mark.parametrize("model", OFFICE)
def test_it_exports_the_office_lists(desk: Client, house: House, model: str) -> None:
    far = make_township("511923103")
    make_rule_set(far, name="别镇细则")
    fill_office(house.villages[0], "李本地")
    fill_office(make_village(far, "九龙村委会", "511923103201"), "张外镇")
    columns, row = OFFICE[model]
    heading, *rows = export(desk, model)
    assert heading == ([*columns, "系统编号"] if model != "villages_unit" else columns)
    assert row in [found[: len(row)] for found in rows]
    assert not [
        found for found in rows for cell in found if any(word in str(cell) for word in ("外镇", "九龙", "别镇"))
    ]
    assert AccessLog.objects.filter(kind="export", user=house.staff).count() == 1
    with CaptureQueriesContext(connection) as few:
        export(desk, model)
    for number in range(3, 6):
        village = make_village(house.township, f"村{number}村委会", f"51192310220{number}")
        house.furnish(village, 2)
        fill_office(village, f"李{number}")
    make_rule_set(house.township, version=2, valid_from=date(2027, 1, 1))
    with CaptureQueriesContext(connection) as many:
        more = export(desk, model)
    assert len(more) > len(rows) + 1 and len(many) == len(few)


@pytest.mark.parametrize("model", OFFICE)
def test_it_keeps_the_office_lists_from_those_who_may_not_export(client: Client, house: House, model: str) -> None:
    for user in (house.cadre, make_user("guard", guard="security"), make_user("leader", "leader", house.township)):
        client.force_login(user)
        assert client.get(reverse(f"admin:{model}_export")).status_code == 404, user
    assert not AccessLog.objects.filter(kind="export").exists()
