"""The pages of 述职评议 and 季度目标考核: who sees what, what is typed is kept, ledgers, and as many statements whatever the villages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from governance.accounts.models import AccessLog, User
from governance.sheets.reader import Cell, read_workbook
from inspections.models import Ballot, Recusal, Review, Round
from inspections.reviews.reviewing import Counts
from inspections.reviews.services import review_lock
from tests.answers import streamed
from tests.inspections.reviews.house import YEAR, ReviewHouse
from tests.pages import neighbour, queries, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> ReviewHouse:
    house = ReviewHouse()
    house.open()
    return house


def address(name: str, house: ReviewHouse, query: str = "") -> str:
    return reverse(f"inspections:{name}", args=[house.review.pk]) + query


def status(client: Client, user: User, path: str) -> int:
    client.force_login(user)
    return client.get(path).status_code


def post(client: Client, user: User, path: str, data: Mapping[str, object]) -> tuple[int, str]:
    """Status and page after the way back, if there was one."""
    client.force_login(user)
    answer = client.post(path, data, follow=True)
    return answer.status_code, answer.content.decode()


def typed(**groups: tuple[int, int, int, int]) -> dict[str, object]:
    columns = ("good", "fair", "passing", "poor")
    return {
        f"{group}-{column}": value
        for group, values in groups.items()
        for column, value in zip(columns, values, strict=True)
    }


def cells(client: Client, user: User, path: str) -> list[list[Cell]]:
    client.force_login(user)
    answer = client.get(path)
    assert answer.status_code == 200
    (sheet,) = read_workbook(streamed(answer), "a.xlsx")
    return [sheet.rows[number] for number in sorted(sheet.rows)][1:]


def test_it_opens_a_year_by_form(house: ReviewHouse, client: Client) -> None:
    said = {"township": house.township.pk, "year": YEAR}
    code, page = post(client, house.first, reverse("inspections:review-create"), said)
    assert (code, "这一年已有评议" in page) == (422, True)
    code, page = post(client, house.first, reverse("inspections:review-create"), {**said, "year": YEAR + 1})
    assert code == 200 and "可以录入测评票" in page and "八一村" in page and Review.objects.count() == 2
    page = read(client, house.first, reverse("inspections:review-list") + f"?year={YEAR}")
    assert "共 1 年" in page and "西兴镇2025年述职评议" in page and "西兴镇2026年述职评议" not in page


def test_it_enters_a_villages_ballots_and_goes_on_to_the_next(house: ReviewHouse, client: Client) -> None:
    path = address("review-ballots", house, "?pass=1")
    assert "八一村" in read(client, house.first, path)
    said = typed(leaders=(8, 2, 0, 0), members=(20, 15, 4, 1))
    said["leaders-poor"] = ""
    code, page = post(client, house.first, f"{path}&village={house.villages[0].pk}", said)
    assert code == 200 and "八一村第一遍已保存" in page
    assert Ballot.objects.count() == 2, "the group left empty is not entered"
    assert "群众票</legend>" in page and "2 / 3" in page
    post(client, house.first, f"{path}&village={house.villages[0].pk}", typed(residents=(1, 0, 0, 0)))
    assert "马鞍村 " in read(client, house.first, path), "the next village that waits"
    page = read(client, house.second, f"{path}&village={house.villages[0].pk}")
    assert "第一遍由" in page and 'value="8"' not in page and "<legend>" not in page


def test_it_keeps_what_was_typed_wrong(house: ReviewHouse, client: Client) -> None:
    path = address("review-ballots", house, f"?pass=1&village={house.villages[0].pk}")
    code, page = post(client, house.first, path, {**typed(leaders=(8, 2, 0, 0)), "members-good": "-3", "members-fair": "很多"})
    assert code == 422 and "不能是负数" in page and "请填整数" in page
    assert 'value="8"' in page and 'value="-3"' in page and not Ballot.objects.exists()
    code, page = post(client, house.first, path, {"leaders-good": ""})
    assert code == 422 and "请填票数" in page
    code, page = post(client, house.first, path, {**typed(leaders=(8, 2, 0, 0)), **typed(members=(0, 0, 0, 0))})
    assert code == 422 and "党员、村民代表票一张也没有" in page and not Ballot.objects.exists(), "all groups or none"


def test_it_says_that_the_second_pass_is_anothers(house: ReviewHouse, client: Client) -> None:
    house.enter(0, "leaders", 1, house.first)
    path = address("review-ballots", house, f"?pass=2&village={house.villages[0].pk}")
    assert "第一遍是您录入的，第二遍须由另一个人录入" in read(client, house.first, path)
    Recusal.objects.create(
        user=house.second, village=house.villages[0], reason="亲戚", by=house.first, at=house.review.history.first().history_date
    )
    page = read(client, house.second, path)
    assert "已登记回避八一村" in page and "<legend>" not in page
    assert post(client, house.second, path, typed(leaders=(8, 2, 0, 0)))[0] == 422 and Ballot.objects.count() == 1
    far = address("review-ballots", house, "?pass=1&village=999999")
    assert status(client, house.first, far) == 404


def test_it_marks_what_differs_and_hides_a_pass_that_stands_alone(house: ReviewHouse, client: Client) -> None:
    house.enter(0, "leaders", 1, house.first)
    house.enter(0, "leaders", 2, house.second, Counts(7, 3, 0, 0))
    house.enter(0, "members", 1, house.first, Counts(77, 0, 0, 0))
    page = read(client, house.second, address("review-compare", house))
    shown = re.sub(r"<[^>]*>", " ", page).split()
    assert "8 ≠ 7" in page and "2 ≠ 3" in page and "77" not in shown and "共 6 类票" in page
    assert f"?pass=2&amp;village={house.villages[0].pk}" in page
    assert f"?pass=1&amp;village={house.villages[0].pk}" in read(client, house.first, address("review-compare", house))
    assert "共 1 类票" in read(client, house.first, address("review-compare", house, "?show=differ"))
    assert "共 5 类票" in read(client, house.first, address("review-compare", house, "?show=absent"))


def test_it_shows_the_table_with_what_is_missing(house: ReviewHouse, client: Client) -> None:
    house.vote(0)
    page = read(client, house.cast["leader"], address("review-detail", house))
    assert "91.91" in page and "镇领导票没有录入" in page and "共 2 个村" in page and "确定结果" not in page
    assert "共 1 个村" in read(client, house.first, address("review-detail", house, "?show=missing"))
    assert "没有这样的村" in read(client, house.first, address("review-detail", house, "?show=poor"))
    page = post(client, house.first, reverse("inspections:review-step", args=[house.review.pk, "lock"]), {})[1]
    assert "还不能确定：马鞍村缺镇领导票没有录入" in page
    assert "已汇总" in post(client, house.first, reverse("inspections:review-step", args=[house.review.pk, "compute"]), {})[1]
    assert post(client, house.first, reverse("inspections:review-step", args=[house.review.pk, "open"]), {})[0] == 404


def test_it_changes_weights_and_keeps_what_does_not_sum(house: ReviewHouse, client: Client) -> None:
    path = address("review-weights", house)
    said = {
        "quarters_weight": "70", "ballot_weight": "40", "leaders_weight": "40", "members_weight": "30",
        "residents_weight": "30", "good": "100", "fair": "85", "passing": "70", "poor": "50",
    }  # fmt: skip
    code, page = post(client, house.first, path, said)
    assert code == 422 and "权重之和须为 100" in page and 'value="70"' in page
    code, page = post(client, house.first, path, {**said, "ballot_weight": "30"})
    assert code == 200 and "季度均分 × 70%" in page
    assert Review.objects.get().history.first().history_user == house.first


def test_it_explains_each_point_and_the_counts_only_to_who_counts(house: ReviewHouse, client: Client) -> None:
    house.vote()
    statement = reverse("inspections:statement-detail", args=[house.statement().pk])
    secretary = house.cast["secretary"]
    assert status(client, secretary, statement) == 404, "not before it is settled"
    assert "还没有确定" in read(client, secretary, address("review-detail", house))
    assert "暂算" in read(client, house.first, statement)
    review_lock(review=house.review, by=house.first)
    page = read(client, secretary, statement)
    assert "总分 = 91.13 × 60% + 93.08 × 40% = 91.91" in page and "镇领导票 10 张，折合 97.00 分" in page
    assert "8 × 100" not in page and "暂算" not in page
    assert "镇领导票 =（8 × 100 + 2 × 85 + 0 × 70 + 0 × 50）÷ 10 = 97.00" in read(client, house.second, statement)
    own = read(client, secretary, address("review-detail", house))
    assert "八一村" in own and "马鞍村" not in own and "录票" not in own
    other = reverse("inspections:statement-detail", args=[house.statement(1).pk])
    assert status(client, secretary, other) == 404


def test_it_is_nothing_to_another_township(house: ReviewHouse, client: Client) -> None:
    strangers = neighbour()
    for name in ("review-detail", "review-export", "review-print", "review-weights", "review-ballots", "review-compare"):
        assert status(client, strangers["staff"], address(name, house)) == 404, name
    assert status(client, strangers["staff"], reverse("inspections:statement-detail", args=[house.statement().pk])) == 404
    assert "共 0 年" in read(client, strangers["staff"], reverse("inspections:review-list"))
    assert "还没有考核结果" in read(client, strangers["staff"], reverse("inspections:quarter-list"))


def test_it_exports_and_prints_the_ledger(house: ReviewHouse, client: Client) -> None:
    house.vote(0)
    heading, first, second, *_ = cells(client, house.first, address("review-export", house))
    assert heading == [
        "序号", "村（社区）", "书记", "一季度", "二季度", "三季度", "四季度", "季度均分", "镇领导票", "党员代表票", "群众票",
        "测评得分", "总分", "等次",
    ]  # fmt: skip
    assert first == [
        1, "八一村", house.cast["secretary"].name, 92, 88, 90.5, 94, 91.13, 97, 90.13, 90.8, 93.08, 91.91, "好"
    ]  # fmt: skip
    assert second[:4] == [2, "马鞍村", "shuji-511923102202", 88] and len(second) == 8, "the mean is the last cell"
    page = read(client, house.first, address("review-print", house))
    assert "91.91" in page and "审核人" in page and "None" not in page
    assert AccessLog.objects.filter(kind="export", detail__contains="述职评议").count() == 2
    own = cells(client, house.cast["secretary"], address("review-export", house))
    assert len([row for row in own if isinstance(row[0], int)]) == 0, "nothing before it is settled"


def test_it_lists_a_quarter_with_ranks_only_as_decided(client: Client) -> None:
    house = ReviewHouse(quarters=0)
    house.quarter(1)
    open_one = house.quarter(2, vetoed=house.villages[1], ranks_shown=True, lock=False)
    path = reverse("inspections:quarter-list")
    page = read(client, house.first, path)
    assert "2025年第2季度目标考核" in page and "差（一票否决）" in page and "+1.5" in page and "共 2 个村" in page
    assert "共 1 个村" in read(client, house.first, f"{path}?quarter=2025-Q2&grade=poor")
    secretary = house.cast["secretary"]
    first = read(client, secretary, f"{path}?quarter=2025-Q1")
    assert "共 1 个村" in first and 'data-label="名次"><div>—' in first and "马鞍村" not in first
    assert 'data-label="名次"><div>1' in read(client, secretary, f"{path}?quarter=2025-Q2")
    assert 'data-label="名次"><div>1' in read(client, house.first, f"{path}?quarter=2025-Q1")
    Round.objects.filter(pk=open_one.pk).update(
        state="scoring", decided_at=None, decided_by=None, meeting_on=None, handed_at=None, reply_due_at=None
    )
    page = read(client, secretary, f"{path}?quarter=2025-Q2")
    assert "筛选条件有误" in page and "第2季度" not in page, "not before the card is handed over"
    assert "2025年第1季度目标考核" in read(client, secretary, path)
    assert "2025年第2季度目标考核" in read(client, house.first, path)


def test_it_exports_a_quarter_with_the_users_own_sight(client: Client) -> None:
    house = ReviewHouse(quarters=1)
    path = reverse("inspections:quarter-export") + "?quarter=2025-Q1"
    heading, first, second, *_ = cells(client, house.first, path)
    assert heading == ["序号", "村（社区）", "得分", "等次", "比上季度", "名次", "系统编号"]
    assert first[:-1] == [1, "八一村", 92, "好", 1.5, 1] and second[:3] == [2, "马鞍村", 88]
    assert cells(client, house.cast["secretary"], path)[1][:5] == [1, "八一村", 92, "好", 1.5]
    page = read(client, house.first, reverse("inspections:quarter-list") + "?quarter=2025-Q1")
    assert 'data-label="得分"><div><strong>92.00' in page and 'data-label="比上季度"><div>+1.50' in page, "as many places in both columns"
    assert status(client, house.cast["overseer"], path) == 404
    printed = read(client, house.first, reverse("inspections:quarter-print") + "?quarter=2025-Q1")
    assert "2025年第1季度目标考核" in printed and "92.00" in printed


def test_it_edits_weights_in_the_admin_while_open(house: ReviewHouse, client: Client) -> None:
    change = reverse("admin:inspections_review_change", args=[house.review.pk])
    assert "季度督查权重" in read(client, house.first, change)
    said = {
        "quarters_weight": "50", "ballot_weight": "50", "leaders_weight": "40", "members_weight": "30",
        "residents_weight": "30", "good": "100", "fair": "85", "passing": "70", "poor": "50",
    }  # fmt: skip
    assert post(client, house.first, change, {**said, "ballot_weight": "40"})[1].count("之和须为 100")
    post(client, house.first, change, said)
    assert Review.objects.get().quarters_weight == Decimal(50)
    house.vote()
    review_lock(review=house.review, by=house.first)
    client.force_login(house.first)
    assert client.post(change, {**said, "quarters_weight": "60", "ballot_weight": "40"}).status_code in (302, 403, 404)
    assert Review.objects.get().quarters_weight == Decimal(50)


def test_it_reads_pages_in_as_many_statements_whatever_the_villages(client: Client) -> None:
    counts = []
    for villages, code in ((1, "511923104"), (4, "511923105")):
        house = ReviewHouse(villages, code)
        house.open()
        house.vote()
        paths = [address(name, house) for name in ("review-detail", "review-ballots", "review-print")]
        paths += [address("review-compare", house, "?show=all"), reverse("inspections:review-list"), reverse("inspections:quarter-list")]
        paths.append(reverse("inspections:statement-detail", args=[house.statement().pk]))
        counts.append([queries(client, house.first, path) for path in paths])
    assert counts[0] == counts[1]


@pytest.mark.parametrize("query", ["?grade=zzz", "?quarter=zzz"])
@pytest.mark.parametrize(("name", "doing"), [("quarter-export", "导出"), ("quarter-print", "打印")])
def test_it_says_that_a_filter_is_wrong_and_keeps_it(client: Client, name: str, doing: str, query: str) -> None:
    house = ReviewHouse(quarters=1)
    client.force_login(house.first)
    answer = client.get(reverse(f"inspections:{name}") + query, follow=True)
    page = answer.content.decode()
    assert f"筛选条件有误，没有{doing}" in page and "没有可以" not in page
    assert answer.redirect_chain == [(reverse("inspections:quarter-list") + query, 302)]
