"""按名单登记: the panels of many villages from one list, pasted or uploaded."""

from __future__ import annotations

import io
from datetime import date

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from governance.accounts.models import User
from governance.sheets.limits import SheetError
from governance.sheets.panels import ListedMember, read_members
from moral_bank.models import PanelMember
from moral_bank.panel.seating import NEW, REFUSED, SAME, seats_read, seats_take
from moral_bank.panel.services import PanelError
from tests.builders import make_household, make_resident, make_township, make_user, make_village
from villages.models import Unit

DAY = date(2026, 3, 1)


def test_it_reads_lines_and_tables() -> None:
    lines = [ListedMember(1, "八一村", "王小明"), ListedMember(1, "八一村", "李秀英", "12"), ListedMember(2, "马鞍村", "赵永福")]
    assert read_members("八一村：王小明、李秀英（12）\n马鞍村 赵永福") == lines
    table = "村\t姓名\t户号\n八一村\t王小明\t3\n\t李秀英\t\n马鞍村\t赵永福、钱桂英\t"
    assert [(one.line, one.village, one.name, one.number) for one in read_members(table)] == [
        (2, "八一村", "王小明", "3"), (3, "八一村", "李秀英", ""), (4, "马鞍村", "赵永福", ""), (4, "马鞍村", "钱桂英", ""),
    ]  # fmt: skip
    with pytest.raises(SheetError):
        read_members(" \n")


class Town:
    """Two villages; 王小明 lives in both, 李秀英 twice in the first."""

    def __init__(self) -> None:
        self.township = make_township()
        self.first = make_village(self.township)
        self.second = make_village(self.township, "马鞍村委会", "511923102202")
        self.staff: User = make_user("clerk", "staff", self.township)
        for village, name, number in (
            (self.first, "王小明", "1"), (self.first, "李秀英", "2"), (self.first, "李秀英", "3"), (self.second, "王小明", "1"),
        ):  # fmt: skip
            make_resident(make_household(village, name, number=number), name)

    def outcomes(self, text: str, by: User | None = None) -> list[str]:
        return [line.outcome for line in seats_read(text=text, by=by or self.staff)]

    def seated(self, village: Unit) -> list[tuple[str, str]]:
        rows = PanelMember.objects.filter(village=village).order_by("pk")
        return list(rows.values_list("resident__name", "resident__household__number"))


@pytest.mark.django_db
def test_it_seats_whom_the_register_knows_and_says_who_is_not_found() -> None:
    town = Town()
    text = "西兴镇八一村：王小明、李秀英、李秀英（3）、外乡人\n马鞍村：王小明、王小明\n石门村：王小明"
    assert town.outcomes(text) == [NEW, REFUSED, NEW, REFUSED, NEW, SAME, REFUSED]
    assert seats_take(text=text, appointed_on=DAY, by=town.staff) == 3
    assert town.seated(town.first) == [("王小明", "1"), ("李秀英", "3")] and town.seated(town.second) == [("王小明", "1")]
    assert PanelMember.objects.first().appointed_on == DAY  # type: ignore[union-attr]
    with pytest.raises(PanelError, match="没有可以登记"):
        seats_take(text=text, appointed_on=DAY, by=town.staff)


@pytest.mark.django_db
def test_a_secretary_seats_their_own_village_alone() -> None:
    town = Town()
    secretary = make_user("secretary", "secretary", town.first)
    assert town.outcomes("八一村：王小明\n马鞍村：王小明", secretary) == [NEW, REFUSED]
    with pytest.raises(PanelError, match="晚于今天"):
        seats_take(text="八一村：王小明", appointed_on=date(2999, 1, 1), by=secretary)
    assert not PanelMember.objects.exists()


@pytest.mark.django_db
def test_the_page_shows_the_list_and_takes_it(client: Client) -> None:
    town = Town()
    client.force_login(town.staff)
    book, stream = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for row in (("村", "姓名", "户号"), ("八一村", "王小明", ""), ("", "李秀英", "3"), ("", "外乡人", "")):
        sheet.append(row)
    book.save(stream)
    file = SimpleUploadedFile("名单.xlsx", stream.getvalue())
    shown = client.post("/panels/load/", {"file": file, "appointed_on": "2026-03-01", "step": "check"}).content.decode()
    assert "登记 2 人" in shown and "名册里没有在册的外乡人" in shown and not PanelMember.objects.exists()
    text = "八一村：王小明、李秀英（3）、外乡人"
    sent = {"table": text, "appointed_on": "2026-03-01", "step": "save"}
    assert "已登记 2 名评议小组成员，1 人要改" in client.post("/panels/load/", sent, follow=True).content.decode()
    assert client.post("/panels/load/", {"table": "八一村：外乡人", "appointed_on": "2026-03-01", "step": "save"}).status_code == 422
