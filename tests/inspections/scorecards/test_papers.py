"""Papers drawn from real rows: what stands in them and in what order, who gets them, and that no resident is named."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponseBase
from django.test import Client
from django.test.utils import CaptureQueriesContext
from docx import Document

from governance.accounts.models import AccessLog, User
from governance.documents.official import Heading, Official, Paragraph, Table
from inspections.models import Finding, Order, Round, Scorecard
from inspections.rounds.computing import round_compute
from inspections.scorecards.answers import Judged, self_answers_save
from inspections.scorecards.form_papers import order_paper, sheet_paper
from inspections.scorecards.free_text import masked
from inspections.scorecards.papers import bulletin_paper, plan_paper
from tests.builders import make_household, make_resident
from tests.inspections.house import ON_SITE, PLANNED, RoundHouse, moment
from villages.models import Unit

pytestmark = pytest.mark.django_db

RESIDENT, PHONE, ID_NUMBER = "欧阳明月", "15400001234", "511929199001011234"


@pytest.fixture
def house() -> RoundHouse:
    return RoundHouse()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def lines(paper: Official) -> list[str]:
    """Headings and paragraphs in order; a table as its columns."""
    return ["|".join(block.columns) if isinstance(block, Table) else block.text for block in paper.blocks]


def tables(paper: Official) -> list[Table]:
    return [block for block in paper.blocks if isinstance(block, Table)]


def words(paper: Official) -> str:
    """Everything that a paper says."""
    said = [paper.title, paper.to, paper.signed_by, paper.number, *lines(paper)]
    return "\n".join(said + [cell or "" for table in tables(paper) for row in table.rows for cell in row])


def read(answer: HttpResponseBase) -> Any:
    return Document(BytesIO(answer.getvalue()))


def reads(client: Client, path: str) -> int:
    """How many statements a paper takes."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def make_finding(card: Scorecard, text: str, by: User, order: Order | None = None) -> Finding:
    return Finding.objects.create(card=card, village=card.village, text=text, found_by=by, found_at=ON_SITE, order=order)


def make_order(house: RoundHouse, kind: str = "notice", number: int = 0, **fields: object) -> Order:
    said = {
        "township": house.township, "village": house.villages[number], "kind": kind, "number": f"2026-{kind}-{number}",
        "found_on": date(2026, 4, 9), "requirement": "七个工作日内清理完毕", "issued_by": house.staff,
        "issued_at": moment("2026-04-20 09:00"), "sign_due_on": date(2026, 4, 21), "fix_due_on": date(2026, 4, 29),
    }  # fmt: skip
    return Order.objects.create(**{**said, **fields})


def register(village: Unit) -> None:
    make_resident(make_household(village, RESIDENT), RESIDENT, ID_NUMBER, phone=PHONE)


def decided(house: RoundHouse, ranks_shown: bool = False) -> Round:
    """八一村 95 with a bonus, 马鞍村 46 and found faulty, 千溪村 vetoed."""
    house.scoring()
    house.judge(0, 房前屋后乱堆乱放=4, 经验被县级推广=1)
    house.judge(1, 房前屋后乱堆乱放=17, 垃圾收集点正常使用=1)
    house.judge(2, 发生重大安全责任事故=1)
    register(house.villages[1])
    for text in ("2组垃圾池满溢", f"{RESIDENT}门前柴堆占道，电话{PHONE}，身份证{ID_NUMBER}"):
        make_finding(house.card(1), text, house.supervisor)
    house.hand_over()
    return house.decide(ranks_shown)


def test_it_draws_the_plan_with_teams_villages_card_and_samples(house: RoundHouse) -> None:
    inspection_round = house.plan(focus=f"一看人居环境\n二看矛盾调处，有事拨打{PHONE}", household_count=7, site_count=1, case_count=4)
    house.team(villages=house.villages[:2])
    paper = plan_paper(inspection_round, house.staff)
    assert [line for line in lines(paper) if line[1] == "、"] == [
        "一、督查目的", "二、督查重点", "三、督查时间", "四、督查分组", "五、督查内容", "六、抽查办法", "七、评定办法", "八、工作要求",
    ]  # fmt: skip
    teams, sections = tables(paper)
    assert teams.rows == (("第一组", house.supervisor.name, house.second.name, "八一村、马鞍村"),)
    assert sections.rows[0] == ("人居环境", "计分", "60", "3") and sections.rows[3] == ("一票否决", "一票否决", "—", "1")
    said = lines(paper)
    assert {"一看人居环境", "二看矛盾调处，有事拨打154****1234", "2026年4月8日至2026年4月10日。", "尚未分组：千溪村。"} <= set(said)
    assert any("抽查7户、1个聚居点、4件事项" in line for line in said)
    assert any("得分率90%以上评为“好”" in line for line in said) and any("3个工作日内申辩" in line for line in said)
    assert (paper.signed_by, paper.dated) == ("中共平昌县西兴镇委员会", PLANNED.date())


def test_it_draws_the_bulletin_in_the_order_good_found_rated(house: RoundHouse) -> None:
    paper = bulletin_paper(decided(house), house.leader)
    said = lines(paper)
    assert said[0].startswith("2026年4月8日至2026年4月10日，镇党委组织督查组对全镇3个村（社区）")
    assert "已经2026年4月17日镇党委会议审定" in said[0]
    assert [block.text for block in paper.blocks if isinstance(block, Heading)] == [
        "一、较好方面", "二、发现的问题", "（一）马鞍村", "三、综合评定"
    ]  # fmt: skip
    good = said[said.index("一、较好方面") + 1 : said.index("二、发现的问题")]
    assert good == [
        "1. 矛盾平安：全镇平均得分率100.0%；八一村、马鞍村得分率在90%以上。",
        "2. 加分：八一村（3分）。",
    ]
    found = said[said.index("二、发现的问题") + 1 : said.index("三、综合评定")]
    assert found == [
        "人居环境得分率不足60%的：马鞍村（10.0%）。",
        "（一）马鞍村",
        "1. 2组垃圾池满溢。",
        "2. 欧阳**门前柴堆占道，电话154****1234，身份证511929**********34。",
        "八一村、千溪村本次现场督查没有记录需要整改的问题。",
    ]
    assert (paper.number, paper.to, paper.dated) == ("〔2026〕　号", "各村（社区）", date(2026, 4, 17))
    assert paper.organ == "中共平昌县西兴镇委员会文件"


def test_it_names_the_vetoed_village_and_keeps_ranks_unless_they_are_shown(house: RoundHouse) -> None:
    inspection_round = decided(house)
    paper = bulletin_paper(inspection_round, house.leader)
    (table,) = tables(paper)
    assert table.columns == ("村（社区）", "得分", "等次", "比上季度")
    assert table.rows == (("八一村", "95", "好", "—"), ("马鞍村", "46", "差", "—"), ("千溪村", "100", "差", "—"))
    assert "千溪村因“发生重大安全责任事故”被一票否决，等次为“差”。" in lines(paper)
    assert "“好”1个：八一村；“差”2个：马鞍村、千溪村。" in lines(paper)
    assert "名次" not in words(paper)

    Round.objects.filter(pk=inspection_round.pk).update(ranks_shown=True)
    inspection_round.refresh_from_db()
    (table,) = tables(bulletin_paper(inspection_round, house.leader))
    assert table.columns[0] == "名次"
    assert [row[:2] for row in table.rows] == [("1", "八一村"), ("2", "马鞍村"), ("3", "千溪村")]


def test_it_says_so_where_nothing_is_good_and_nothing_was_found(house: RoundHouse) -> None:
    house.scoring()
    faults = {"房前屋后乱堆乱放": 20, "垃圾收集点正常使用": 1, "回访按期完成": 80}
    for number in range(3):
        house.judge(number, named=faults)
    house.hand_over()
    said = lines(bulletin_paper(house.decide(), house.leader))
    assert "本季度没有得分率达到90%的项目。" in said
    assert "各村（社区）本次现场督查没有记录需要整改的问题。" in said


def test_it_reads_as_many_times_for_few_and_many_villages() -> None:
    counts = []
    for villages, code in ((2, "511923102"), (4, "511923103")):
        house = RoundHouse(villages, code)
        house.scoring()
        for number in range(villages):
            house.judge(number)
            make_finding(house.card(number), "垃圾池满溢", house.supervisor)
        house.hand_over()
        inspection_round = house.decide()
        paths = [f"/rounds/{inspection_round.pk}/papers/plan/", f"/rounds/{inspection_round.pk}/papers/bulletin/"]
        counts.append([reads(signed_in(house.leader), path) for path in paths])
    assert counts[0] == counts[1]


def test_it_draws_the_sheet_with_the_villages_own_score_beside_the_teams(house: RoundHouse) -> None:
    house.scoring()
    faultless = ("白色垃圾", "垃圾收集点正常使用", "发生重大安全责任事故")
    values = {"房前屋后乱堆乱放": 1, "回访按期完成": 100, **dict.fromkeys(faultless, 0)}
    own = {house.item(name).pk: Judged(Decimal(value)) for name, value in values.items()}
    self_answers_save(card=house.card(), judged=own, by=house.cast["secretary"], at=PLANNED)
    house.judge(0, 房前屋后乱堆乱放=5, 白色垃圾=3, 回访按期完成=90, 经验被县级推广=2), house.judge(1), house.judge(2)
    house.hand_over()
    paper = sheet_paper(house.card())
    (table,) = tables(paper)
    assert table.columns == ("考核项目", "考核内容", "标准分", "自评分", "考核分")
    assert table.rows == (
        ("人居环境", "房前屋后乱堆乱放", "40", "38", "27"),
        (None, "白色垃圾", None, None, None),
        (None, "垃圾收集点正常使用", "20", "20", "20"),
        ("矛盾平安", "回访按期完成", "40", "40", "30"),
        ("加分", "经验被县级推广", "加分，最多5", "0", "5"),
        ("一票否决", "发生重大安全责任事故", "—", "", ""),
        ("合计", "", "100", "98", "82"),
    )
    assert sum(Decimal(row[4] or 0) for row in table.rows[:-1]) == house.card().score
    said = lines(paper)
    assert "考核得分82分，等次“较好”。" in said
    assert "1. 房前屋后乱堆乱放：5 × −2，扣10分。" in said
    assert "4. 经验被县级推广：2 × +3，加5分（按办法应加6分，以该项分值为限或只计重的一条）。" in said


def test_it_leaves_the_sheet_blank_where_nothing_is_judged(house: RoundHouse) -> None:
    house.plan()
    (table,) = tables(sheet_paper(house.card()))
    assert {(row[3], row[4]) for row in table.rows if row[3] is not None} == {("", "")}


def test_it_marks_a_veto_on_the_sheet(house: RoundHouse) -> None:
    decided(house)
    paper = sheet_paper(house.card(2))
    assert tables(paper)[0].rows[-2] == ("一票否决", "发生重大安全责任事故", "—", "", "否决")
    assert "考核得分100分，等次“差”（一票否决）。" in lines(paper)


def test_it_fills_the_notice_with_what_was_found_and_no_resident(house: RoundHouse) -> None:
    house.plan()
    register(house.villages[0])
    order = make_order(house, card=house.card(), requirement=f"请{RESIDENT}搬走柴堆")
    make_finding(house.card(), "垃圾池满溢", house.supervisor, order)
    make_finding(house.card(), f"{RESIDENT}（{PHONE}）柴堆占道", house.supervisor, order)
    paper = order_paper(order, house.staff)
    (table,) = tables(paper)
    assert table.columns == () and table.rows == (
        ("编号", "2026-notice-0"),
        ("被通知单位", "八一村"),
        ("检查时间", "2026年4月9日"),
        ("存在问题", "1. 垃圾池满溢\n2. 欧阳**（154****1234）柴堆占道"),
        ("整改要求", "请欧阳**搬走柴堆"),
        ("整改期限", "2026年4月29日"),
        ("签收人", ""),
        ("签收时间", ""),
    )
    assert (paper.title, paper.to, paper.dated) == ("整改通知书", "八一村", date(2026, 4, 20))


def test_it_fills_the_oversight_order_to_its_closing(house: RoundHouse) -> None:
    secretary = house.cast["secretary"]
    order = make_order(
        house, "oversight", state="closed", signed_by=secretary, signed_at=moment("2026-04-21 10:00"),
        reported_by=secretary, reported_at=moment("2026-04-28 16:00"), report="已清运", checked_by=house.supervisor,
        checked_at=moment("2026-04-29 10:00"), opinion="现场已整改到位", closed_on=date(2026, 4, 29),
    )  # fmt: skip
    Finding.objects.create(
        village=house.villages[0], text="垃圾池满溢", found_by=house.supervisor, found_at=ON_SITE, order=order
    )
    (table,) = tables(order_paper(order, house.staff))
    assert table.rows == (
        ("编号", "2026-oversight-0"),
        ("签发日期", "2026年4月20日"),
        ("承办单位", "八一村"),
        ("督办事项", "垃圾池满溢"),
        ("整改要求", "七个工作日内清理完毕"),
        ("完成时限", "2026年4月29日"),
        ("办理情况", "已清运"),
        ("承办人", secretary.name),
        ("复核意见", "现场已整改到位"),
        ("销号日期", "2026年4月29日"),
    )


@pytest.mark.parametrize(
    "text, shown",
    [
        ("王小明、王小明亮", "王**、王**亮"),
        ("欧阳明月家", "欧阳**家"),
        ("电话154-0000-1234。", "电话154****1234。"),
        ("0827-6212345", "082****2345"),
        ("编号15400001234567", "编号15400001234567"),
        ("2026年4月7日，3组12户", "2026年4月7日，3组12户"),
    ],
)
def test_it_masks_names_of_the_register_and_numbers(text: str, shown: str) -> None:
    assert masked(text, {"王小明", "欧阳明月", "王"}) == shown


def test_it_hands_out_the_plan_as_a_word_file_and_logs_it(house: RoundHouse) -> None:
    inspection_round = house.plan()
    answer = signed_in(house.staff).get(f"/rounds/{inspection_round.pk}/papers/plan/")
    assert answer.status_code == 200
    assert answer["Content-Type"].endswith("wordprocessingml.document")
    name = "%E8%A5%BF%E5%85%B4%E9%95%872026%E5%B9%B4%E7%AC%AC1%E5%AD%A3%E5%BA%A6"
    assert answer["Content-Disposition"].startswith(f"attachment; filename*=utf-8''{name}")
    assert "no-store" in answer["Cache-Control"]
    document = read(answer)
    assert document.paragraphs[0].text == "西兴镇2026年第1季度\n城乡基层治理专项督查方案"
    row = AccessLog.objects.filter(kind="export").get()
    assert (row.user, row.detail) == (house.staff, "西兴镇2026年第1季度城乡基层治理专项督查方案")


def test_it_gives_no_bulletin_before_the_committee_has_decided(house: RoundHouse) -> None:
    inspection_round = house.replying()
    client = signed_in(house.leader)
    answer = client.get(f"/rounds/{inspection_round.pk}/papers/bulletin/", follow=True)
    assert answer.redirect_chain == [(f"/rounds/{inspection_round.pk}/", 302)]
    assert "党委审定以后才能出通报" in answer.content.decode()
    assert not AccessLog.objects.filter(kind="export").exists()
    house.decide()
    assert client.get(f"/rounds/{inspection_round.pk}/papers/bulletin/").status_code == 200
    assert client.get(f"/rounds/{inspection_round.pk}/papers/other/").status_code == 404
    assert client.post(f"/rounds/{inspection_round.pk}/papers/plan/").status_code == 405


def test_it_gives_a_village_its_own_sheet_once_handed_over(house: RoundHouse) -> None:
    house.scoring()
    for number in range(3):
        house.judge(number)
    assert house.round is not None
    round_compute(house.round.pk, ON_SITE)
    secretary, staff = signed_in(house.cast["secretary"]), signed_in(house.staff)
    own, other = (f"/cards/{house.card(number).pk}/papers/sheet/" for number in (0, 1))
    refused = secretary.get(own)
    assert (refused.status_code, refused["Location"]) == (302, f"/cards/{house.card().pk}/")
    assert staff.get(own).status_code == 200, "the township sees points as they come"
    house.hand_over()
    answer = secretary.get(own)
    assert answer.status_code == 200 and "合计" in [cell.text for cell in read(answer).tables[0].column_cells(0)]
    assert secretary.get(other).status_code == 404
    assert secretary.get(f"/rounds/{house.round.pk}/papers/plan/").status_code == 404, "the plan is the township's"


def test_it_gives_an_order_by_its_own_kind_to_those_who_see_it(house: RoundHouse) -> None:
    notice, oversight = make_order(house), make_order(house, "oversight")
    secretary, stranger = signed_in(house.cast["secretary"]), signed_in(house.secretaries[house.villages[1].pk])
    answer = secretary.get(f"/orders/{notice.pk}/papers/notice/")
    assert answer.status_code == 200 and read(answer).tables[0].cell(0, 1).text == "2026-notice-0"
    assert secretary.get(f"/orders/{oversight.pk}/papers/oversight/").status_code == 200
    assert secretary.get(f"/orders/{notice.pk}/papers/oversight/").status_code == 404
    assert stranger.get(f"/orders/{notice.pk}/papers/notice/").status_code == 404
    assert AccessLog.objects.filter(kind="export").count() == 2


def test_it_names_no_resident_in_any_paper(house: RoundHouse) -> None:
    inspection_round = decided(house)
    order = make_order(house, number=1, card=house.card(1), report=f"{RESIDENT}已搬")
    house.card(1).findings.update(order=order)
    papers = [plan_paper(inspection_round, house.staff), bulletin_paper(inspection_round, house.staff), order_paper(order, house.staff)]
    papers += [sheet_paper(house.card(number)) for number in range(3)]
    for paper in papers:
        for secret in (RESIDENT, PHONE, ID_NUMBER, "王小明"):
            assert secret not in words(paper), (paper.title, secret)
    assert any("欧阳**" in words(paper) for paper in papers)
    assert all(isinstance(block, Heading | Paragraph | Table) for paper in papers for block in paper.blocks)
