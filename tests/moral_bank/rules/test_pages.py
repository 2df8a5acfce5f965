"""The pages of rule sets: versions, filters, drafts, comparison, import, trial, the public page, and who may what (M22)."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import openpyxl
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from governance.accounts.models import AccessLog
from governance.periods import today
from moral_bank.models import BankImport
from moral_bank.rules.compare import DEED_LABELS, SETTING_LABELS, DeedLine, Version, compare
from moral_bank.rules.exports import DEEDS
from moral_bank.rules.models import DEED_FIELDS, Deed, Head, RuleSet
from moral_bank.rules.rows import caps_words, comparison_rows, score_words
from moral_bank.rules.services import deed_save, draft_edit, rule_set_copy
from moral_bank.rules.sheet_import import RULE_IMPORT
from tests.builders import make_deed, make_rule_set, make_township, make_user
from tests.pages import Desk, neighbour, queries, read

pytestmark = pytest.mark.django_db
LABELS = {head: str(label) for head, label in Head.choices}


@pytest.fixture
def desk() -> Desk:
    return Desk()


def running(desk: Desk) -> RuleSet:
    return desk.deeds["S1"].rule_set


def draft_of(desk: Desk, valid_from: date = date(2030, 1, 1)) -> RuleSet:
    return rule_set_copy(rule_set=running(desk), valid_from=valid_from, by=desk.cast["staff"])


def sent(client: Client, desk: Desk, path: str, status: int = 302, **values: Any) -> str:
    client.force_login(desk.cast["staff"])
    answer = client.post(path, values)
    assert answer.status_code == status, answer.content.decode()
    return str(answer["Location"]) if status == 302 else answer.content.decode()


def test_it_lists_versions_and_shows_one_by_head(client: Client, desk: Desk) -> None:
    draft_of(desk)
    page = read(client, desk.cast["secretary"], "/rules/")
    assert "共 2 个版本" in page and "正在施行" in page and "草稿" in page
    page = read(client, desk.cast["secretary"], f"/rules/{running(desk).pk}/")
    heads = [page.index(f"<h3>{label}</h3>") for label in ("遵纪守法", "志愿服务", "环境卫生评比")]
    assert heads == sorted(heads)
    assert "+1 至 +10" in page and "−10" in page and "一票否决" in page
    assert "新增事项" not in page and "复制为新版本" not in page, "a village does not edit"
    assert "共 1 项" in read(client, desk.cast["staff"], f"/rules/{running(desk).pk}/?kind=veto")


@pytest.mark.parametrize(
    ("query", "count"),
    [("", 4), ("head=law", 2), ("kind=gain", 2), ("kind=loss", 2), ("kind=judged", 1), ("kind=capped", 0), ("q=志愿", 1), ("q=s1", 1)],
)
def test_it_filters_deeds(client: Client, desk: Desk, query: str, count: int) -> None:
    page = read(client, desk.cast["cadre"], f"/rules/{running(desk).pk}/?{query}")
    assert f"共 {count} 项" in page
    assert ("没有符合的事项" in page) == (count == 0)


def test_it_edits_a_draft_on_forms_that_keep_what_was_typed(client: Client, desk: Desk) -> None:
    draft = draft_of(desk)
    form: dict[str, Any] = {name: getattr(draft, name) for name in SETTING_LABELS if getattr(draft, name) is not None}
    form |= {"name": draft.name, "valid_from": "2030-01-01"}
    for row in draft.heads.all():
        form |= {f"{row.head}_base": row.base, f"{row.head}_maximum": row.maximum}
    sent(client, desk, f"/rules/{draft.pk}/edit/", **{**form, "cap_month": 30, "law_base": 18})
    draft.refresh_from_db()
    assert (draft.cap_month, draft.heads.get(head="law").base) == (30, 18)
    sent(client, desk, f"/rules/{draft.pk}/edit/", **{**form, "law_maximum": form["law_maximum"] + 10})
    assert "五类满分合计现为 110，施行前须改为 100" in read(client, desk.cast["staff"], f"/rules/{draft.pk}/")
    sent(client, desk, f"/rules/{draft.pk}/edit/", **form)
    page = sent(client, desk, f"/rules/{draft.pk}/edit/", 422, **{**form, "five_star": 61, "name": "改了的名字"})
    assert "依次降低" in page and "改了的名字" in page
    deed: dict[str, Any] = {"code": "N1", "head": "service", "name": "新事项", "unit": "小时", "score": 2, "points": 2, "verifier": "cadre"}
    where = sent(client, desk, f"/rules/{draft.pk}/deeds/new/", **{**deed, "by_quantity": "on", "step": "next"})
    assert where.endswith("/deeds/new/")
    added = draft.deeds.get(code="N1")
    assert added.by_quantity and "每小时 +2" in read(client, desk.cast["staff"], f"/rules/{draft.pk}/?q=N1")
    page = sent(client, desk, f"/rules/deeds/{added.pk}/", 422, **{**deed, "code": "S1", "name": "又改"})
    assert "编号已有" in page and "又改" in page
    sent(client, desk, f"/rules/deeds/{added.pk}/", **{**deed, "name": "改过的"})
    sent(client, desk, f"/rules/deeds/{added.pk}/remove/")
    assert not draft.deeds.filter(code="N1").exists()


@pytest.mark.parametrize(
    ("since", "words"),
    [
        ("2026-01-01", "已经过去的 3 个月（2026年1月到2026年3月）也会按它计算、公示"),
        ("2026-03-01", "已经过去的 1 个月（2026年3月）也会"),
        ("2026-04-01", ""),
    ],
)
@time_machine.travel("2026-04-02T10:00:00+08:00")
def test_the_adoption_names_the_months_that_it_reaches_back_to(client: Client, since: str, words: str) -> None:
    desk = Desk()
    draft = make_rule_set(desk.township, adopted=False, version=2, valid_from=date.fromisoformat(since))
    page = read(client, desk.cast["staff"], f"/rules/{draft.pk}/adopt/")
    assert words in page if words else "已经过去" not in page


def test_it_copies_and_adopts_with_a_meeting(client: Client, desk: Desk) -> None:
    sent(client, desk, f"/rules/{running(desk).pk}/copy/", valid_from="2030-01-01")
    draft = RuleSet.objects.get(version=2)
    page = sent(client, desk, f"/rules/{draft.pk}/adopt/", 422, on=today().isoformat(), body="", note="审议通过")
    assert "请写通过的会议" in page and "审议通过" in page
    page = sent(client, desk, f"/rules/{draft.pk}/adopt/", 422, on="2031-01-01", body="镇党委会", note="审议通过")
    assert "晚于今天" in page
    page = sent(client, desk, f"/rules/{draft.pk}/adopt/", 422, on=today().isoformat(), body="镇党委会", note="电话15400000001")
    assert "不能写电话" in page
    sent(client, desk, f"/rules/{draft.pk}/adopt/", on=today().isoformat(), body="镇党委会", note="审议通过")
    draft.refresh_from_db()
    assert (draft.state, draft.meeting_body) == ("adopted", "镇党委会")
    client.force_login(desk.cast["staff"])
    for path in ("edit", "adopt", "deeds/new", "import", "trial"):
        assert client.get(f"/rules/{draft.pk}/{path}/").status_code == 404, path


def test_it_publishes_what_is_adopted_and_nothing_else(client: Client, desk: Desk) -> None:
    rules, draft = running(desk), draft_of(desk)
    RuleSet.objects.filter(pk=draft.pk).update(name="草稿里的名字")
    for code in (desk.township.code, desk.village.code):
        page = client.get(f"/public/{code}/rules/").content.decode()
        assert str(rules) in page and "草稿里的名字" not in page
        assert "参加志愿服务" in page and "虐待老人" in page and "一票否决" in page and "五星 90 分" in page
    assert f"/public/{desk.village.code}/rules/" in client.get(f"/public/{desk.village.code}/").content.decode()
    sent(client, desk, f"/rules/{draft.pk}/adopt/", on=today().isoformat(), body="镇党委会", note="审议通过新版")
    client.logout()
    page = client.get(f"/public/{desk.village.code}/rules/").content.decode()
    assert "草稿里的名字" in page and "审议通过新版" not in page
    page = client.get(f"/public/{desk.village.code}/rules/?version=next").content.decode()
    assert "审议通过新版" in page and "将施行" in page
    assert client.get("/public/999999/rules/").status_code == 404


def test_the_board_tells_whom_a_deed_is_for_and_what_it_lets_spend(client: Client, desk: Desk) -> None:
    draft = draft_of(desk)
    make_deed(draft, "N1", Head.SERVICE, "义务劳动", 2, unit="小时", by_quantity=True, points=1, audience="党员户")
    make_deed(draft, "N2", Head.SERVICE, "捐款", 7)
    sent(client, desk, f"/rules/{draft.pk}/adopt/", on=today().isoformat(), body="镇党委会", note="审议通过")
    page = client.get(f"/public/{desk.village.code}/rules/?version=next").content.decode()
    assert "适用对象：党员户" in page and "可兑积分每小时 1" in page and "可兑积分 0" in page
    assert page.count("可兑积分 ") == 1, "where it is the score, or a loss or judged, nothing is said"


def test_it_compares_field_by_field_and_exports(client: Client, desk: Desk) -> None:
    draft, staff = draft_of(desk), desk.cast["staff"]
    draft_edit(rule_set=draft, values={"five_star": 92, "cap_month": 30}, heads={"law": (18, 20)}, by=staff)
    deed_save(rule_set=draft, deed=draft.deeds.get(code="S1"), values={"score": 6, "verifier": "cadre"}, by=staff)
    make_deed(draft, "N9", Head.CIVILITY, "新增的事", 3)
    draft.deeds.filter(code="L1").delete()
    page = read(client, desk.cast["cadre"], f"/rules/{draft.pk}/compare/")
    for text in ("共 6 处不同", "五星分数线", "<del>90</del>", "<ins>92</ins>", "<del>不限</del>", "<ins>30</ins>"):
        assert text in page, text
    assert "遵纪守法基础分" in page and "<del>+5</del>" in page and "<ins>+6</ins>" in page and "新增的事" in page and "参与赌博" in page
    client.force_login(staff)
    answer = client.get(f"/rules/{draft.pk}/compare/export/")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.getvalue())).active
    found = [[cell or "" for cell in row] for row in sheet.iter_rows(min_row=3, values_only=True)]
    assert ["修改事项", "S1", "参加志愿服务", "评分", "+5", "+6"] in found and ["删去事项", "L1", "参与赌博", "评分", "−10", ""] in found
    assert AccessLog.objects.filter(kind="export", detail__contains="积分细则对照表").exists()
    page = read(client, staff, f"/rules/{draft.pk}/compare/?with={draft_of(desk, date(2030, 2, 1)).pk}")
    assert "共 6 处不同" in page and "<del>92</del>" not in page


def test_it_compares_with_no_other_version_than_the_one_named(client: Client, desk: Desk) -> None:
    draft, staff = draft_of(desk), desk.cast["staff"]
    for key in ("zzz", "0", draft.pk):
        page = read(client, staff, f"/rules/{draft.pk}/compare/?with={key}")
        assert 'class="error"' in page and "筛选条件有误" in page and "处不同" not in page and "导出对照表" not in page
        refused = client.get(f"/rules/{draft.pk}/compare/export/?with={key}", follow=True)
        assert "没有导出" in refused.content.decode() and "筛选条件有误" in refused.content.decode()


@pytest.mark.parametrize(("key", "status"), [("zzz", 400), ("-1", 400), ("9" * 30, 404), ("", 200)])
def test_programs_compare_with_no_other_version_than_the_one_named(client: Client, desk: Desk, key: str, status: int) -> None:
    client.force_login(desk.cast["staff"])
    assert client.get(f"/api/v1/rule-sets/{draft_of(desk).pk}/compare/?with={key}").status_code == status


def test_an_unchanged_version_differs_in_nothing(client: Client, desk: Desk) -> None:
    page = read(client, desk.cast["staff"], f"/rules/{draft_of(desk).pk}/compare/")
    assert "两版完全一样" in page
    assert "没有可以对照的版本" in read(client, desk.cast["staff"], f"/rules/{running(desk).pk}/compare/")


def test_comparing_is_pure() -> None:
    """Matched by code; heads that only one version has are told with None."""
    settings = dict.fromkeys(SETTING_LABELS, 1)
    values: dict[str, Any] = {"name": "甲", "head": "law", "score": 1, "score_high": None}
    old = DeedLine("A", {**dict.fromkeys(DEED_LABELS), **values})
    new = DeedLine("A", {**dict(old.values), "score": 2, "is_veto": True})
    found = compare(
        Version(settings, {"law": (1, 2)}, [old]), Version({**settings, "cap_year": None}, {}, [new]), LABELS
    )
    assert [(change.key, change.old, change.new) for change in found.settings] == [("cap_year", 1, None)]
    assert [(change.key, change.old, change.new) for change in found.heads] == [("law.基础分", 1, None), ("law.满分", 2, None)]
    assert [change.key for change in found.changed[0].changes] == ["score", "is_veto"]
    assert found.count == 4 and len(list(comparison_rows(found))) == 5


def test_it_imports_a_file_and_hands_back_what_it_left_out(client: Client, desk: Desk) -> None:
    draft = draft_of(desk)
    data = "事项,分值,类别\n邻里互助,加5分,志愿服务\n怪事,降B级,\n别的事,+2,国防建设\n".encode()
    where = sent(client, desk, f"/rules/{draft.pk}/import/", file=SimpleUploadedFile("细则.csv", data))
    page = read(client, desk.cast["staff"], where)
    assert "可导入 1 行，请核对 1 行，不能导入 1 行" in page and "B3 “降B级”是等级升降" in page
    assert not draft.deeds.filter(name="邻里互助").exists(), "nothing is written before it is told to"
    assert "共 1 行" in read(client, desk.cast["staff"], f"{where}?show=refuse")
    sent(client, desk, where, step="map", column_0="deed", column_1="points", column_2="")
    assert "请核对 2 行" in read(client, desk.cast["staff"], where)
    sent(client, desk, where, step="map", column_0="deed", column_1="points", column_2="category")
    sent(client, desk, where, step="commit", look="1")
    assert draft.deeds.filter(name__in=["邻里互助", "别的事"]).count() == 2
    client.force_login(desk.cast["staff"])
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(f"{where}rejects/").getvalue())).active
    assert "怪事" in [row[0] for row in sheet.iter_rows(values_only=True)]
    page = sent(client, desk, f"/rules/{draft.pk}/import/", 422, file=SimpleUploadedFile("a.csv", b"a,b\n1,2\n"))
    assert "没有找到表头" in page
    where = sent(client, desk, f"/rules/{draft.pk}/import/", file=SimpleUploadedFile("细则.csv", data))
    sent(client, desk, where, step="discard")
    assert BankImport.objects.latest("pk").state == "discarded"


def test_an_export_can_be_imported_again(client: Client, desk: Desk) -> None:
    """What the portal writes it also reads: another township takes over these rules."""
    staff = desk.cast["staff"]
    source = draft_of(desk)
    hours = {"points": 1, "unit": "小时", "by_quantity": True, "note": "每月最多9分", "cap_month": 8, "cap_year": 40}
    make_deed(source, "N1", Head.SERVICE, "义务劳动", 2, **hours, verifier="mediator")
    make_deed(source, "N2", Head.CIVILITY, "写了两行\n的  事", 0, score_high=5, unit="小时", category="环境", note="每人每年最多5分")
    client.force_login(staff)
    data = client.get(f"/rules/{source.pk}/export/").getvalue()
    target = make_rule_set(desk.township, adopted=False, version=9, valid_from=date(2031, 1, 1))
    target.deeds.all().delete()
    outcome = RULE_IMPORT.commit(
        RULE_IMPORT.read(file=data, filename="a.xlsx", rule_set=target, by=staff), include_look=True, by=staff
    )
    assert (outcome.new, outcome.left_out) == (source.deeds.count(), 0)
    said = [
        [{**row, "name": " ".join(row["name"].split())} for row in rules.deeds.order_by("code").values(*DEED_FIELDS)]
        for rules in (target, source)
    ]
    assert said[0] == said[1]
    again = RULE_IMPORT.read(file=data, filename="a.xlsx", rule_set=source, by=staff)
    assert (again.counts["new"], again.counts["same"]) == (0, source.deeds.count()), "what stands there is known again"


def test_it_tries_a_draft_and_names_who_gains_or_loses(client: Client, desk: Desk) -> None:
    staff = desk.cast["staff"]
    draft = draft_of(desk)
    assert "还没有锁定的季度可以试算" in read(client, staff, f"/rules/{draft.pk}/trial/")
    desk.grow(1)
    desk.enter()
    for text in ("2026-01", "2026-02", "2026-03", "2026-Q1"):
        desk.settled(text)
    page = read(client, staff, f"/rules/{draft.pk}/trial/")
    assert "没有一户的星级会变" in page and "2026年第1季度" in page
    draft_edit(rule_set=draft, values={"five_star": 90, "four_star": 80, "three_star": 61, "two_star": 55}, heads={}, by=staff)
    page = read(client, staff, f"/rules/{draft.pk}/trial/")
    home = desk.accounts[0].household_id
    assert f'href="/households/{home}/"' in page and "三星" in page and "1 户次" in page
    assert "没有符合的户" in read(client, staff, f"/rules/{draft.pk}/trial/?move=loss")
    page = read(client, staff, f"/rules/{draft.pk}/trial/?move=x")
    assert 'class="error"' in page and f'href="/households/{home}/"' not in page and "2026年第1季度</td>" not in page
    assert "筛选条件有误" in page and "导出试算结果" not in page
    client.force_login(staff)
    for query in ("village=zzz", "quarter=2026-Q9", "move=x"):
        refused = client.get(f"/rules/{draft.pk}/trial/export/?{query}", follow=True)
        assert "没有导出" in refused.content.decode() and refused.request["QUERY_STRING"] == query
    assert not AccessLog.objects.filter(kind="export").exists()
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/rules/{draft.pk}/trial/export/").getvalue()))
    assert book.sheetnames == ["星级分布", "升降星户"]
    assert [cell.value for cell in book["升降星户"][3]][2:5] == ["王小明", "二星", "三星"]


def test_strangers_see_nothing(client: Client, desk: Desk) -> None:
    draft, others = draft_of(desk), neighbour()
    for user in (others["staff"], others["secretary"]):
        assert "道德银行积分细则" not in read(client, user, "/rules/")
        for path in ("", "compare/", "edit/", "trial/", "import/", "copy/"):
            assert client.get(f"/rules/{draft.pk}/{path}").status_code == 404
    client.force_login(desk.cast["secretary"])
    for path in ("edit/", "trial/", "import/", "copy/", "adopt/", "deeds/new/"):
        assert client.get(f"/rules/{draft.pk}/{path}").status_code == 404


def test_pages_ask_as_often_for_many_deeds_as_for_few(client: Client, desk: Desk) -> None:
    draft = draft_of(desk)
    paths = [f"/rules/{draft.pk}/", f"/rules/{draft.pk}/compare/", "/rules/", f"/public/{desk.village.code}/rules/"]
    before = [queries(client, desk.cast["staff"], path) for path in paths]
    for number in range(30):
        make_deed(draft, f"X{number}", Head.LAW, f"事项{number}", 1)
    assert [queries(client, desk.cast["staff"], path) for path in paths] == before


def test_the_list_asks_once_for_all_townships(client: Client, desk: Desk) -> None:
    county = make_user("county", "leader", desk.township.parent)
    before = queries(client, county, "/rules/")
    for number in range(3, 6):
        make_rule_set(make_township(f"51192310{number}"))
    assert queries(client, county, "/rules/") == before
    assert read(client, county, "/rules/").count("正在施行") == 4


def test_it_says_scores_and_caps_in_words() -> None:
    deed = Deed(score=5, unit="小时", by_quantity=True, cap_month=10, cap_year=40)
    assert (score_words(deed), caps_words(deed)) == ("每小时 +5", "每月 10 分、每年 40 分")
    assert score_words(Deed(score=-50, score_high=-10)) == "−50 至 −10"


def test_the_api_reads_and_compares(client: Client, desk: Desk) -> None:
    draft = draft_of(desk)
    draft_edit(rule_set=draft, values={"five_star": 92}, heads={}, by=desk.cast["staff"])
    client.force_login(desk.cast["cadre"])
    found = client.get("/api/v1/rule-sets/?state=draft").json()["results"]
    assert [row["id"] for row in found] == [draft.pk] and len(found[0]["heads"]) == 5
    changes = client.get(f"/api/v1/rule-sets/{draft.pk}/compare/").json()
    assert changes == [{"kind": "setting", "deed": "", "name": "", "field": "five_star", "old": "90", "new": "92"}]
    assert client.get(f"/api/v1/deeds/?rule_set={draft.pk}&code=S1").json()["count"] == 1
    assert client.get(f"/api/v1/rule-sets/{running(desk).pk}/compare/").status_code == 400
    client.force_login(neighbour()["staff"])
    assert client.get(f"/api/v1/rule-sets/{draft.pk}/").status_code == 404


def test_it_writes_deeds_in_the_official_columns(client: Client, desk: Desk) -> None:
    client.force_login(desk.cast["staff"])
    answer = client.get(f"/rules/{running(desk).pk}/export/?kind=veto")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.getvalue())).active
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    heading = next(number for number, row in enumerate(rows) if row[0] == "细则版本")
    assert rows[heading][2:7] == ["五类", "编号", "事项", "计分单位", "评分"] and len(rows[heading]) == len(DEEDS.columns)
    (deed,) = [row for row in rows[heading + 1 :] if row[3]]
    assert deed[3] == "V1" and deed[10:12] == ["是", None]
