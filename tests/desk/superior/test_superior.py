"""A superior's form: read, mapped, filled in its own layout; the next month is one click; what is missing is said."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from openpyxl import Workbook, load_workbook

from governance.accounts.models import AccessLog, User
from governance.desk.models import Filling, SuperiorForm
from governance.desk.superior.layout import MISSING, Part, SuperiorError
from governance.desk.superior.models import opened
from governance.desk.superior.services import form_fill, form_keep, form_lay_out, form_map, form_replace, parts_of
from governance.desk.superior.sources import proposed
from governance.desk.superior.writing import YELLOW, Sheets
from governance.periods import Period
from governance.sheets.limits import SheetError
from tests.builders import make_household, make_resident, make_village, settlement_of
from tests.cases.house import CaseHouse
from tests.desk.superior.templates import far_away, monthly_report, saved, village_figures
from tests.pages import neighbour, read
from tests.sheets.messy import make_id
from tests.worlds import module_world
from villages.models import Household, Post, Resident
from volunteers.models import CareCategory

pytestmark = pytest.mark.django_db
MARCH, APRIL = Period.parse("2026-03"), Period.parse("2026-04")
NUMBERS = [make_id(date(1950, 1, 1), 121), make_id(date(1990, 2, 2), 122), make_id(date(2015, 3, 3), 123)]
NOW = "2026-04-20T09:00:00+08:00"


class Town:
    """Two villages: one with two households and four people, one with none; 2026-04-20."""

    def __init__(self) -> None:
        self.house = CaseHouse()
        self.township, self.village = self.house.township, self.house.village
        self.other = make_village(self.township, "力胜社区居民委员会", "511923102002")
        self.staff: User = self.house.cast["staff"]
        for name in ("独居老人", "失能人员", "留守儿童"):
            CareCategory.objects.create(township=self.township, code=name, name=name)
        home = make_household(self.village, "王大山", number="0701", unit=settlement_of(self.village))
        for name, number, sex in zip(("王大山", "李秀英", "王小宝"), NUMBERS, "MFM", strict=True):
            born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
            make_resident(home, name, number, sex=sex, birth_date=born, phone="15400000701" if name == "王大山" else "")
        odd = make_household(self.village, "赵一", number="0702")
        make_resident(odd, '=HYPERLINK("http://x")', sex="F", relation="\x07妻")
        make_resident(odd, "赵一")
        self.form = self.keep(name="样表")
        self.book = self.fill(self.form)

    def keep(self, file: bytes | None = None, name: str = "治理月报", **fields: Any) -> SuperiorForm:
        file = monthly_report("八一村", "力胜社区") if file is None else file
        asked = {"township": self.township, "office": "县农业农村局", "filename": "表.xlsx", "by": self.staff, **fields}
        return form_keep(name=name, file=file, **asked)

    def fill(self, form: SuperiorForm, period: Period = MARCH, by: User | None = None) -> Workbook:
        return book_of(form_fill(form=form, period=period, by=by or self.staff))


def book_of(filling: Filling) -> Workbook:
    return load_workbook(BytesIO(opened(filling.result)))


def _town() -> Town:
    with time_machine.travel(NOW, tick=False):
        return Town()


town = module_world(_town)


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def test_it_knows_the_headings_of_thirty_columns(town: Town) -> None:
    wide, roll, cells = parts_of(form := town.form)
    assert (wide.kind, wide.first, wide.last, wide.body, wide.place, len(wide.headings)) == ("units", 3, 5, 7, "B", 30)
    assert (roll.kind, roll.ledger, roll.first, roll.last, roll.body) == ("records", "residents", 3, 5, 6)
    assert cells.kind == "cells" and set(cells.headings) == {"B2", "D2", "B3", "D3", "B4"}
    chosen = form.choices["汇总表"]
    assert {place: chosen[place] for place in ("A", "B", "C", "E", "J", "L", "M", "P", "U", "X", "Y")} == {
        "A": "serial", "B": "unit.name", "C": "figure.homes", "E": "figure.people.men", "J": "figure.people.old65",
        "L": "figure.rows.disputes", "M": "figure.done.dispute", "P": "figure.done.errand", "U": "figure.care.留守儿童",
        "X": "figure.rows.service-hours", "Y": "figure.rate.disputes_in_time",
    }  # fmt: skip
    assert set(wide.headings) - {place for place, key in chosen.items() if key} == {"V", "Z", "AA", "AB", "AC", "AD"}, "男 of 60岁以上"
    assert form.choices["人员花名册"] == {
        "A": "serial", "B": "field.村（社区）", "C": "field.村民小组", "D": "field.户号", "E": "field.姓名", "F": "field.性别",
        "G": "field.身份证号（脱敏）", "H": "field.出生日期", "I": "field.年龄", "J": "field.联系电话",
    }  # fmt: skip
    assert (form.columns, form.held) == (30 + 11 + 5, 24 + 10 + 4)


@pytest.mark.parametrize(
    ("heading", "key"),
    [
        ("户数", "figure.homes"), ("户数（单位：户）", "figure.homes"), ("户数（低保）", ""), ("人口/性别/男", "figure.people.men"),
        ("60岁以上/男", ""), ("低保/人数", ""), ("矛盾纠纷/排查数", "figure.rows.disputes"), ("信访/排查数", ""),
    ],
)  # fmt: skip
def test_a_heading_means_a_figure_only_where_nothing_narrows_it(town: Town, heading: str, key: str) -> None:
    part = Part("表", "units", headings={"B": heading})
    assert proposed(part, town.township, {}).get("B", "") == key


def test_it_fills_each_village_and_leaves_what_is_not_held(town: Town) -> None:
    sheet = town.book["汇总表"]
    people = [sheet.cell(7, column).value for column in range(1, 12)]
    assert people == [1, "八一村", *town_figures(town)]
    assert [sheet.cell(8, column).value for column in range(1, 5)] == [2, "力胜社区", 0, 0]
    assert (sheet["Z7"].value, sheet["C9"].value, sheet["E9"].value) == ("=E7+F7", "=SUM(C7:C8)", people[4])
    assert all(sheet[f"{letters}{row}"].fill.fgColor.rgb == YELLOW.fgColor.rgb for letters in ("V", "AB", "AD") for row in (7, 8))
    assert sheet["C7"].fill.fill_type is None and sheet["Y7"].fill.fgColor.rgb == YELLOW.fgColor.rgb, "too few for a rate"


def test_a_total_is_that_of_the_villages_that_the_form_lists(town: Town) -> None:
    sheet = town.fill(town.keep(monthly_report("力胜社区"), "一个村"))["汇总表"]
    assert (sheet["B7"].value, sheet["E7"].value, sheet["A8"].value, sheet["E8"].value) == ("力胜社区", 0, "合计", 0)


def town_figures(town: Town) -> list[int]:
    """Households; people, men, women; below 18, 18 to 59, 60, 65, 80 and more, of the first village, counted by hand."""
    people = list(Resident.objects.filter(household__village=town.village, status="present"))
    ages = [(date(2026, 4, 1) - person.birth_date).days / 365.25 for person in people if person.birth_date]
    homes = Household.objects.filter(village=town.village, ended_on=None).count()
    tests = (lambda age: age < 18, lambda age: 18 <= age < 60, lambda age: age >= 60, lambda age: age >= 65, lambda age: age >= 80)
    sexes = [sum(person.sex == sex for person in people) for sex in "MF"]
    return [homes, len(people), *sexes, *(sum(map(test, ages)) for test in tests)]


def test_a_roll_gets_rows_in_the_style_of_the_last(town: Town) -> None:
    made = town.book["人员花名册"]
    model = load_workbook(BytesIO(monthly_report("八一村", "力胜社区")))["人员花名册"]
    names = [made.cell(row, 5).value for row in range(6, made.max_row + 1) if made.cell(row, 5).value]
    count = len(names)
    assert count > 3 and "王小宝" in names
    row = 6 + names.index("王大山")
    assert [made.cell(row, column).value for column in range(2, 11)] == [
        "八一村", "第一村民小组", "0701", "王大山", "男", "511929**********" + NUMBERS[0][-2:], made.cell(row, 8).value, 76, "15400000701",
    ]
    assert made.cell(row, 8).value == "1950-01-01" and cells_of_roll_with_dates(town)[row].date() == date(1950, 1, 1)
    grown = count - 3
    assert (made.cell(9 + grown, 1).value, made[f"I{9 + grown}"].value) == ("平均年龄", f"=AVERAGE(I6:I{8 + grown})")
    assert f"A{10 + grown}:K{10 + grown}" in {str(area) for area in made.merged_cells.ranges}
    assert made.row_dimensions[10 + grown].height == 40 and made.row_dimensions[5 + count].height == 21
    assert made.cell(5 + count, 3).border.left.style == "thin"
    assert {str(area) for area in model.merged_cells.ranges if area.max_row < 6} == {
        str(area) for area in made.merged_cells.ranges if area.max_row < 6
    }


def cells_of_roll_with_dates(town: Town) -> dict[int, Any]:
    """Row → birth date of the roll, where the template's column has the form of a day."""
    book = load_workbook(BytesIO(monthly_report("八一村")))
    for row in (6, 7, 8):
        book["人员花名册"].cell(row, 8).number_format = "yyyy/m/d"
    made = town.fill(town.keep(saved(book), "有日期格式的"))["人员花名册"]
    return {cell.row: cell.value for cell in made["H"]}


def test_the_next_month_is_one_click_and_the_layout_stays(client: Client, town: Town) -> None:
    template = monthly_report("八一村", "力胜社区")
    form = town.keep(template)
    client.force_login(town.staff)
    page = client.get(f"/superior/{form.pk}/").content.decode()
    assert 'name="period" value="2026-04"' in page and "填这个月" in page
    for month in ("2026-03", "2026-04"):
        answer = client.post(f"/superior/{form.pk}/fill/", {"period": month})
        assert answer.status_code == 302
    assert "本年要了 2 次" in read(client, town.staff, "/superior/") and "上级报表" in read(client, town.staff, "/more/")
    second, first = (load_workbook(BytesIO(download(client, filling))) for filling in form.fillings.all())
    assert second["汇总表"]["D7"].value == first["汇总表"]["D7"].value == town_figures(town)[1]
    model = load_workbook(BytesIO(template))
    assert second.sheetnames == [*model.sheetnames, MISSING]
    for name in ("汇总表", "基本情况"):
        same_layout(model[name], second[name])
    assert AccessLog.objects.filter(kind=AccessLog.Kind.EXPORT, detail__contains="治理月报").count() == 4
    assert "还没有填过" in read(client, town.house.cast["cadre"], f"/superior/{form.pk}/"), "others' fillings are theirs"


def download(client: Client, filling: Filling) -> bytes:
    answer: Any = client.get(f"/superior/filled/{filling.pk}/")
    return b"".join(answer.streaming_content)


def same_layout(model: Any, made: Any) -> None:
    """Merged ranges, sizes, fixed panes; of each cell its border, font, number format, and its fill unless it is marked."""
    assert {str(area) for area in made.merged_cells.ranges} == {str(area) for area in model.merged_cells.ranges}
    assert made.freeze_panes == model.freeze_panes
    for row in model.iter_rows():
        for cell in row:
            other = made[cell.coordinate]
            for name in ("border", "font", "alignment", "fill"):
                marked = name == "fill" and other.fill.fgColor.rgb == YELLOW.fgColor.rgb
                assert marked or repr(getattr(other, name)) == repr(getattr(cell, name)), (cell.coordinate, name)
            if cell.value is not None:
                assert other.value == cell.value or cell.row == 6, cell.coordinate


def test_it_says_what_could_not_be_filled_and_why(town: Town) -> None:
    missing = [[cell.value for cell in row] for row in town.book[MISSING].iter_rows()]
    assert missing[0] == ["工作表", "位置", "栏目", "原因"]
    assert ["汇总表", "AB 列", "村集体经济收入（万元）", "本系统没有对应的数据"] in missing
    assert ["人员花名册", "G 列", "本人情况/证件/公民身份号码", "只填了脱敏号码。要完整号码的，请由有权的人另行导出。"] in missing
    assert ["基本情况", "B4", "党员人数", "本系统没有对应的数据"] in missing
    assert ["汇总表", "Y7", "志愿服务/矛盾纠纷按时办结率", "样本不足，算不出"] in missing
    assert any(line[0] == "人员花名册" and line[2] == "本人情况/联系电话" for line in missing)


def test_single_cells_are_filled(town: Town) -> None:
    cells = town.book["基本情况"]
    homes, people = town_figures(town)[:2]
    assert [cells[place].value for place in ("B2", "B3", "D3")] == ["西兴镇", homes, people]
    assert cells["D2"].value == "2026-04-20"


def test_a_village_fills_its_own_rows_alone(client: Client, town: Town) -> None:
    cadre = town.house.cast["cadre"]
    form = town.form
    whole = form.fillings.get()
    own = form_fill(form=form, period=MARCH, by=cadre)
    sheet = book_of(own)["汇总表"]
    assert sheet["D7"].value == town_figures(town)[1] and sheet["D8"].value is None
    missing = [[cell.value for cell in row] for row in book_of(own)[MISSING].iter_rows()]
    assert ["汇总表", "B8", "力胜社区", "表里的这一行不是您范围内的村（社区）"] in missing
    client.force_login(cadre)
    assert client.get(f"/superior/filled/{own.pk}/").status_code == 200
    assert client.get(f"/superior/filled/{whole.pk}/").status_code == 404, "it holds the other village's people"
    with pytest.raises(SuperiorError, match="只有上传的人"):
        form_map(form=form, choices={}, by=cadre)
    stranger = neighbour()["staff"]
    client.force_login(stranger)
    assert client.get(f"/superior/{form.pk}/").status_code == client.get(f"/superior/filled/{whole.pk}/").status_code == 404
    with pytest.raises(SuperiorError, match="不能为这个乡镇"):
        town.keep(name="别镇的", by=stranger)


def test_who_serves_another_village_now_opens_the_old_one_s_no_more(client: Client, town: Town) -> None:
    cadre = town.house.cast["cadre"]
    own = form_fill(form=town.form, period=MARCH, by=cadre)
    Post.objects.filter(user=cadre, kind="cadre").update(unit=town.other)
    for user, status in ((cadre, 404), (town.staff, 200)):
        client.force_login(user)
        assert client.get(f"/superior/filled/{own.pk}/").status_code == status
    later = form_fill(form=town.form, period=MARCH, by=User.objects.get(pk=cadre.pk))
    client.force_login(cadre)
    assert client.get(f"/superior/filled/{later.pk}/").status_code == 200


def test_empty_rows_are_filled_with_the_villages(town: Town) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["单位", "总户数", "总人口"])
    for row in (2, 3):
        sheet.cell(row, 3).number_format = "0"
    made = town.fill(town.keep(saved(book), "空行表"))["Sheet"]
    assert [[cell.value for cell in row] for row in made.iter_rows(min_row=2, max_col=3)] == [
        ["力胜社区", 0, 0], ["八一村", *town_figures(town)[:2]],
    ]  # fmt: skip


def test_what_was_chosen_once_holds_for_the_same_heading(town: Town) -> None:
    form = town.keep()
    chosen = {sheet: dict(choices) for sheet, choices in form.choices.items()}
    chosen["汇总表"]["AD"] = "text.user"
    form_map(form=form, choices=chosen, by=town.staff)
    assert town.keep(name="另一张").choices["汇总表"]["AD"] == "text.user"
    assert form_replace(form=form, file=monthly_report("八一村"), filename="新.xlsx", by=town.staff).choices["汇总表"]["AD"] == "text.user"
    with pytest.raises(SuperiorError, match="已经没有了"):
        form_map(form=form, choices={"汇总表": {"AD": "figure.nothing"}}, by=town.staff)


def test_it_walks_from_upload_to_download(client: Client, town: Town) -> None:
    client.force_login(town.staff)
    file = SimpleUploadedFile("月报.xlsx", village_figures())
    answer = client.post("/superior/new/", {"name": "人口月报", "office": "县统计局", "file": file}, follow=True)
    form = SuperiorForm.objects.get(name="人口月报")
    assert answer.redirect_chain == [(f"/superior/{form.pk}/layout/", 302)] and "工作表“月报”" in answer.content.decode()
    answer = client.post(f"/superior/{form.pk}/layout/", {"kind-0": "units", "first-0": "1", "last-0": "1"}, follow=True)
    assert answer.redirect_chain == [(f"/superior/{form.pk}/map/", 302)] and "低保人数" in answer.content.decode()
    answer = client.post(f"/superior/{form.pk}/map/", {"0-A": "unit.name", "0-B": "figure.homes", "0-C": "", "0-D": ""}, follow=True)
    assert "要了 4 列，2 列本系统已有，本年还没有填过" in answer.content.decode()
    answer = client.post(f"/superior/{form.pk}/fill/", {"period": "2026-04"}, follow=True)
    assert "2026年4月已填好：填了 1 格，2 格没有填上，已标黄" in answer.content.decode()
    assert client.post(f"/superior/{form.pk}/fill/", {"period": "2030-01"}).status_code == 422
    assert client.post(f"/superior/{form.pk}/layout/", {"kind-0": "units", "first-0": "3", "last-0": "1"}).status_code == 422
    assert "不能恢复" in read(client, town.staff, f"/superior/{form.pk}/delete/")
    assert "已删除“人口月报”" in client.post(f"/superior/{form.pk}/delete/", follow=True).content.decode()
    assert not Filling.objects.exclude(form=town.form).exists()


def test_the_list_says_what_is_asked_again_and_again(client: Client, town: Town) -> None:
    for name in ("甲表", "乙表"):
        form = town.keep(village_figures(), name)
        form_fill(form=form, period=MARCH, by=town.staff)
    form_fill(form=form, period=APRIL, by=town.staff)
    page = read(client, town.staff, "/superior/")
    assert "3 张表共要了 54 列" in page and "共要了 4 次" in page and "要了 4 列，3 列本系统已有，本年要了 2 次" in page
    assert "还被反复要的" in page and 'class="num">3</td><td data-label="本年要了几次" class="num">4</td>' in page


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le") + b"\0" * 600, "另存为 .xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600, "密码"),
        ("村,人数\n八一村,1\n".encode(), "另存为 .xlsx"),
        (b"PK\x03\x04broken", "已损坏"),
        (saved(Workbook()), "没有找到表头"),
        (far_away(merged="A100:XFD1048576"), "合并单元格范围过大"),
        (far_away(formula="Z99999"), "范围太大"),
        (far_away(picture=(60_000, 60_000)), "打不开"),
        (far_away(picture=(9_000, 9_000)), "尺寸太大的图片"),
    ],
)
def test_what_cannot_be_given_back_is_refused_in_words(client: Client, town: Town, file: bytes, words: str) -> None:
    client.force_login(town.staff)
    answer = client.post("/superior/new/", {"name": "表", "office": "某局", "file": SimpleUploadedFile("表.xls", file)})
    assert answer.status_code == 422 and words in answer.content.decode() and SuperiorForm.objects.get() == town.form
    with pytest.raises((SuperiorError, SheetError)):
        town.keep(file)


def test_a_format_of_whole_columns_makes_no_template_of_a_million_rows() -> None:
    sheet = Sheets.open(far_away(styled="D1048576")).book["月报"]
    assert (sheet.max_row, sheet.max_column) == (2, 4)


def test_text_that_looks_like_a_formula_stays_text(town: Town) -> None:
    cell = next(cell for cell in town.book["人员花名册"]["E"] if str(cell.value).startswith("=HYPER"))
    assert cell.data_type == "s"


def test_a_form_says_how_a_sheet_is_to_be_read(town: Town) -> None:
    form = town.keep(village_figures(), "人口月报")
    form_lay_out(form=form, sheets={"月报": ("records", "households", 1, 1)}, by=town.staff)
    assert form.choices["月报"] == {"A": "field.村（社区）"}, "总人口 is no column of households"
    with pytest.raises(SuperiorError, match="没有空行"):
        form_fill(form=form, period=MARCH, by=town.staff)
    form_lay_out(form=form, sheets={"月报": ("", "", 0, 0)}, by=town.staff)
    assert (form.columns, form.held) == (0, 0)
    with pytest.raises(SuperiorError, match="还没有对应"):
        form_fill(form=form, period=MARCH, by=town.staff)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE desk_superiorform SET held = columns + 1",
        "UPDATE desk_superiorform SET name = (SELECT min(name) FROM desk_superiorform)",
        "UPDATE desk_filling SET kind = 'week'",
    ],
)
def test_the_database_refuses_what_cannot_be(town: Town, change: str) -> None:
    town.keep(village_figures(), "甲")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


def test_no_more_than_one_statement_a_figure(town: Town, django_assert_max_num_queries: Any) -> None:
    form = town.form
    with django_assert_max_num_queries(70):
        form_fill(form=form, period=APRIL, by=town.staff)


def test_only_who_exports_in_the_township_opens_its_pages(client: Client, town: Town) -> None:
    """The matrix cannot tell a neighbour village's cadre, who may, from those who may not."""
    pages = ["", "layout/", "map/", "replace/", "delete/"]
    addresses = ["/superior/", "/superior/new/", *(f"/superior/{town.form.pk}/{page}" for page in pages)]
    for role in ("yard_head", "overseer", "system", "volunteer"):
        client.force_login(town.house.cast[role])
        assert {client.get(address).status_code for address in addresses} == {404}, role
        assert client.post(f"/superior/{town.form.pk}/fill/", {"period": "2026-03"}).status_code == 404
    client.force_login(town.house.cast["secretary"])
    assert {client.get(address).status_code for address in addresses} == {200}
