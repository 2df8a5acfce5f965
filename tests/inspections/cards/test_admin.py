"""Staff pages of the cards: paste or upload, look, write, edit, put in force, copy, print; all within the scope."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from governance.accounts.models import AccessLog, User
from governance.sheets.reader import read_workbook
from inspections.cards.services import card_of
from inspections.cards.setting_up import checklists_set_up
from inspections.models import Checklist, ChecklistItem, ChecklistSection, PlateDeed
from tests.answers import ClientAnswer
from tests.browser import REFUSED, log_in, shot, walking
from tests.builders import make_deed, make_rule_set, make_township, make_user, make_village
from tests.inspections.cards.test_cards import draft
from tests.inspections.cards.test_import import TEXT, workbook
from tests.pages import queries
from villages.models import Unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def township() -> Unit:
    township = make_township()
    make_village(township)
    return township


@pytest.fixture
def staff(township: Unit) -> User:
    return make_user("staff", "staff", township)


@pytest.fixture
def desk(client: Client, staff: User) -> Client:
    client.force_login(staff)
    return client


def page(view: str, *args: Any, model: str = "checklist") -> str:
    return reverse(f"admin:inspections_{model}_{view}", args=args)


def sent(township: Unit, **fields: Any) -> dict[str, Any]:
    return {
        "township": township.pk,
        "use": "quarter",
        "name": "评分表",
        "valid_from": "2026-01-01",
        "source": "",
        "step": "check",
        **fields,
    }


def text(answer: ClientAnswer, status: int = 200) -> str:
    assert answer.status_code == status
    return answer.content.decode()


# --- paste and upload -------------------------------------------------------------------------------------------------


def test_it_shows_every_row_before_anything_is_written(desk: Client, township: Unit) -> None:
    shown = text(desk.post(page("import"), sent(township, table=TEXT)))
    assert not Checklist.objects.exists()
    assert "1 行看不懂" in shown and "E3 “酌情”没有写定扣多少分" in shown
    assert "“环境”标准分 60，各条之和 40，两者须相等。" in shown
    assert "95%得40分，85%得30.5分" in shown and "每处扣1分，扣完为止" in shown
    assert "乱堆\t40" in shown, "what was pasted stays"


def test_it_writes_what_can_be_read_only_when_told_to(desk: Client, township: Unit, staff: User) -> None:
    refused = text(desk.post(page("import"), sent(township, table=TEXT, step="save")), 422)
    assert "有 1 行看不懂" in refused and "酌情扣" in refused and not Checklist.objects.exists()
    answer = desk.post(page("import"), sent(township, table=TEXT, step="save", good_only="on"))
    card = Checklist.objects.get()
    assert answer.status_code == 302 and answer["Location"] == page("change", card.pk)
    assert ChecklistItem.objects.filter(section__checklist=card).count() == 2
    assert "还不能启用" in text(desk.get(page("change", card.pk)))


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"table": "  "}, "请粘贴表格，或选一个文件。"),
        ({"table": "随便写的"}, "没有找到表头"),
        ({"table": TEXT, "name": ""}, "该字段是必填项。"),
        ({"table": TEXT, "use": "x"}, "x 不在可用的选项中"),
    ],
)
def test_it_keeps_what_was_typed_when_it_is_refused(desk: Client, township: Unit, fields: dict[str, str], told: str) -> None:
    shown = text(desk.post(page("import"), sent(township, **fields)), 422)
    assert told in shown
    assert fields["table"].strip()[:4] in shown and "2026-01-01" in shown


def test_it_reads_an_upload_into_the_table_where_it_can_be_put_right(desk: Client, township: Unit) -> None:
    file = SimpleUploadedFile("卡.xlsx", workbook())
    shown = text(desk.post(page("import"), sent(township, file=file)))
    assert "都看得懂" in shown and "第 7 行是说明，没有读" in shown and "环境整治\t15\t房前屋后" in shown
    assert "还不能启用" not in shown and not Checklist.objects.exists()
    broken = SimpleUploadedFile("卡.xlsx", b"PK\x03\x04 nothing")
    assert "文件无法读取" in text(desk.post(page("import"), sent(township, file=broken)), 422)


def test_it_is_closed_to_all_but_the_office(client: Client, township: Unit) -> None:
    client.force_login(make_user("dudao", "supervisor", township))
    assert client.get(page("import")).status_code == 404
    client.force_login(make_user("fremd", "staff", make_township("511923103")))
    shown = text(client.post(page("import"), sent(township, table=TEXT, step="save")), 422)
    assert "该选择不在可用的选项中" in shown and not Checklist.objects.exists()


# --- edited by hand ---------------------------------------------------------------------------------------------------


def section_rows(card: Checklist, **changed: Any) -> dict[str, Any]:
    rows = list(card.sections.order_by("position"))
    sent: dict[str, Any] = {"sections-TOTAL_FORMS": len(rows) + 1, "sections-INITIAL_FORMS": len(rows)}
    for n, row in enumerate(rows):
        said = {"id": row.pk, "checklist": card.pk, "position": row.position, "name": row.name, "sort": row.sort, "points": row.points}
        sent |= {f"sections-{n}-{key}": value for key, value in said.items()}
    added = {"id": "", "checklist": card.pk, "position": "", "name": "", "sort": "normal", "points": "0", **changed}
    return sent | {f"sections-{len(rows)}-{key}": value for key, value in added.items()}


def head(card: Checklist, **changed: Any) -> dict[str, Any]:
    kept = {name: getattr(card, name) for name in ("name", "full", "good", "fair", "passing", "source")}
    return {**kept, "valid_from": "2026-01-01", **changed}


def test_it_starts_a_card_by_hand_and_adds_sections_and_lines(desk: Client, township: Unit) -> None:
    added = {"township": township.pk, "use": "front", "name": "巡查表", "valid_from": "2026-01-01"}
    marks = {"full": "20", "good": "90", "fair": "80", "passing": "60", "source": ""}
    assert desk.post(page("add"), {**added, **marks}).status_code == 302
    card = Checklist.objects.get()
    assert (card.version, card.state) == (1, "draft")
    new = section_rows(card, position=1, name="包卫生", points=20)
    assert desk.post(page("change", card.pk), {**head(card), **new}).status_code == 302
    section = ChecklistSection.objects.get(checklist=card)
    assert f"{page('change', section.pk, model='checklistsection')}" in text(desk.get(page("change", card.pk)))
    line = {"position": 1, "name": "群众满意", "kind": "band", "points": "20", "per_case": "0", "case_unit": "处",
            "bands": "95%得20分，80%得12.5分", "indicator": "fronts_rechecked", "basis": ""}  # fmt: skip
    form = {"position": 1, "name": "包卫生", "sort": "normal", "points": "20", "items-TOTAL_FORMS": 1, "items-INITIAL_FORMS": 0}
    address = page("change", section.pk, model="checklistsection")
    wrong = {f"items-0-{key}": value for key, value in {**line, "bands": "差不多"}.items()}
    assert "看不懂" in text(desk.post(address, {**form, **wrong}))
    right = {f"items-0-{key}": value for key, value in line.items()}
    answer = desk.post(address, {**form, **right})
    assert answer.status_code == 302 and answer["Location"] == page("change", card.pk)
    assert ChecklistItem.objects.get(section=section).bands == [[95, 20], [80, 12.5]]
    shown = text(desk.get(address))
    assert "95%得20分，80%得12.5分" in shown and "门前三包按期复查" in shown
    assert desk.post(f"{page('changelist')}{card.pk}/adopt/").status_code == 302
    card.refresh_from_db()
    assert card.state == "adopted"


def test_it_puts_no_card_in_force_that_does_not_add_up(desk: Client, township: Unit) -> None:
    card = draft(township, points=90)
    shown = text(desk.post(f"{page('changelist')}{card.pk}/adopt/"))
    assert "“环境”标准分 100，各条之和 90，两者须相等。" in shown
    card.refresh_from_db()
    assert card.state == "draft"


def test_it_only_shows_a_card_in_force_and_edits_its_copy(desk: Client, township: Unit) -> None:
    checklists_set_up(township=township)
    card = Checklist.objects.get(use="household")
    section = card.sections.order_by("position")[0]
    shown = text(desk.get(page("change", card.pk)))
    assert 'name="name"' not in shown and "全表（19 条）" in shown and "每处扣5分" in shown
    assert 'name="items-0-name"' not in text(desk.get(page("change", section.pk, model="checklistsection")))
    for address in (page("change", card.pk), page("change", section.pk, model="checklistsection"), page("delete", card.pk)):
        assert desk.post(address, {"name": "改", "post": "yes"}).status_code in (403, 404)
    assert desk.post(f"{page('changelist')}{card.pk}/copy/", {"valid_from": "2026-07-01"}).status_code == 302
    copy = Checklist.objects.get(version=2)
    assert 'name="name"' in text(desk.get(page("change", copy.pk)))
    assert desk.post(page("delete", copy.pk), {"post": "yes"}).status_code == 302
    assert not Checklist.objects.filter(version=2).exists()


def test_it_chooses_the_deed_of_a_plate_from_the_points_rules(desk: Client, township: Unit) -> None:
    rules = make_rule_set(township, adopted=False)
    make_deed(rules, "W01", "sanitation", "庭院评比达到整洁", 10, points=10)
    card = draft(township, use="household", name="月评表")
    shown = text(desk.get(page("change", card.pk)))
    assert "W01 庭院评比达到整洁（+10）" in shown
    plates = {"plate_deeds-TOTAL_FORMS": 1, "plate_deeds-INITIAL_FORMS": 0, "plate_deeds-0-plate": "clean"}
    given = {**head(card), **section_rows(card), **plates}
    assert "W99" in text(desk.post(page("change", card.pk), {**given, "plate_deeds-0-deed_code": "W99"}))
    assert desk.post(page("change", card.pk), {**given, "plate_deeds-0-deed_code": "W01"}).status_code == 302
    assert PlateDeed.objects.get(checklist=card).deed_code == "W01"
    other = draft(township, name="督查表")
    assert "plate_deeds" not in text(desk.get(page("change", other.pk)))


# --- set up, list, print ----------------------------------------------------------------------------------------------


def test_it_sets_up_what_is_missing(desk: Client, township: Unit) -> None:
    assert "补齐自带的检查表" in text(desk.get(page("changelist")))
    assert "新增 4 张" in text(desk.post(page("set_up"), follow=True))
    assert "新增 0 张" in text(desk.post(page("set_up"), follow=True))
    assert Checklist.objects.filter(township=township, state="adopted").count() == 4
    assert desk.get(page("set_up")).status_code == 404


def test_it_lists_use_version_state_and_counts(desk: Client, township: Unit) -> None:
    checklists_set_up(township=township)
    draft(make_township("511923103"), name="别镇的表")
    shown = text(desk.get(page("changelist")))
    for words in ("村季度督查", "村季度督查评分表 第1版", "已启用", ">38<", ">8<"):
        assert words in shown, words
    assert "别镇的表" not in shown
    assert "门前三包巡查评分表" not in text(desk.get(page("changelist") + "?use__exact=quarter"))


def test_it_counts_no_more_queries_with_more_cards_and_lines(client: Client, township: Unit, staff: User) -> None:
    card = draft(township)
    addresses = (page("changelist"), page("change", card.pk), page("change", card.sections.get().pk, model="checklistsection"))
    before = [queries(client, staff, address) for address in addresses]
    checklists_set_up(township=township)
    section = card.sections.get()
    for place in range(3, 9):
        ChecklistItem.objects.create(section=section, position=place, name=f"第{place}条", per_case=1)
        ChecklistSection.objects.create(checklist=card, position=place, name=f"项目{place}", points=1)
    assert [queries(client, staff, address) for address in addresses] == before


def table(answer: HttpResponseBase) -> list[list[Any]]:
    assert answer.status_code == 200
    (sheet,) = read_workbook(b"".join(answer.streaming_content), "a.xlsx")  # type: ignore[attr-defined]
    return [sheet.rows[number] for number in sorted(sheet.rows)]


def test_it_prints_the_official_columns(desk: Client, township: Unit) -> None:
    checklists_set_up(township=township)
    card = Checklist.objects.get(use="settlement")
    title, heading, *rows = table(desk.get(f"{page('changelist')}{card.pk}/sheet/"))
    assert title[0] == "考核计分表"
    assert heading[1:7] == ["考核项目", "考核内容", "标准分", "评分方式", "自评分", "考核分"]
    assert rows[0][1:5] == ["环境整治", "房前屋后杂物脏乱差或乱堆乱放", 10.0, "每处扣1"]
    assert rows[1][3] is None and rows[5][4] == "未完成按比例扣工作补贴" and len(rows) == 21
    assert AccessLog.objects.filter(kind="export", detail="考核计分表 1 行").exists()
    assert len(table(desk.get(page("export")))) == 2 + 20 + 38 + 19 + 11 + 1


@pytest.mark.parametrize("use", Checklist.Use.values)
def test_it_reads_its_own_print_back_as_the_same_card(desk: Client, township: Unit, use: str) -> None:
    checklists_set_up(township=township)
    card = Checklist.objects.get(use=use)
    printed = b"".join(desk.get(f"{page('changelist')}{card.pk}/sheet/").streaming_content)  # type: ignore[attr-defined]
    file = SimpleUploadedFile("表.xlsx", printed)
    assert desk.post(page("import"), sent(township, use=use, name="读回", file=file, step="save")).status_code == 302
    again = Checklist.objects.get(name="读回")
    assert [plain(part) for part in (again, card)] == [plain(card)] * 2


def plain(card: Checklist) -> list[Any]:
    found: list[tuple[object, ...]] = []
    for part in card_of(card).sections:
        found.append((part.name, part.points, part.sort))
        found += [(i.name, i.kind, i.points, i.per_case, i.bands, i.exclusive, i.indicator) for i in part.items]
    units = ChecklistItem.objects.filter(section__checklist=card).order_by("section__position", "position")
    return [*found, *units.values_list("case_unit", flat=True)]


def test_it_prints_what_a_line_does_where_its_old_words_say_otherwise(desk: Client, township: Unit) -> None:
    card = draft(township)
    ChecklistItem.objects.filter(section__checklist=card, name="乱堆").update(basis="每处扣5分")
    rows = table(desk.get(f"{page('changelist')}{card.pk}/sheet/"))
    assert rows[2][4] == "每处扣2分，扣完为止"


# --- in a browser -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", ["phone", "desktop"])
def test_it_walks_from_a_paste_to_a_card_in_force(width: str, browser: Browser, live_server: LiveServer) -> None:
    township = make_township()
    make_village(township)
    make_user("wangfang", "staff", township)
    with walking(browser, live_server.url, width, forgives=REFUSED) as web:
        log_in(web, "wangfang")
        web.goto(page("changelist"))
        web.get_by_role("button", name="补齐自带的检查表").click()
        web.get_by_text("新增 4 张").wait_for()
        shot(web, "card-list")
        web.get_by_role("link", name="粘贴或上传检查表").click()
        web.get_by_label("名称").fill("镇季度督查评分表")
        web.get_by_label("或者粘贴表格").fill(TEXT)
        web.get_by_role("button", name="核对").click()
        web.get_by_text("E3 “酌情”没有写定扣多少分").wait_for()
        shot(web, "card-import-errors")
        web.get_by_role("button", name="写入草稿").click()
        web.get_by_text("有 1 行看不懂，请改正").wait_for()
        web.get_by_label("或者粘贴表格").fill(TEXT.replace("酌情扣", "每处扣2分"))
        web.get_by_role("button", name="核对").click()
        web.get_by_text("都看得懂").wait_for()
        shot(web, "card-import-good")
        web.get_by_role("button", name="写入草稿").click()
        web.get_by_text("已写入镇季度督查评分表 第1版（草稿）").wait_for()
        shot(web, "card-draft")
        web.get_by_role("link", name="2 条，打开").first.click()
        web.locator("input[name='items-0-name']").wait_for()
        shot(web, "card-section")
        web.go_back()
        if width == "phone":
            web.get_by_role("link", name="more_horiz").click()
        web.locator("a[href$='/adopt/']").click()
        web.get_by_role("button", name="确定").click()
        web.get_by_text("已启用，自").wait_for()
        shot(web, "card-adopted")
    card = Checklist.objects.get(name="镇季度督查评分表")
    assert card.state == "adopted" and card.sections.count() == 2
