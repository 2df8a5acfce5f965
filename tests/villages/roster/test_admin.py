"""The roster import's pages: upload, look, match columns, commit, take the rest back, all within the scope."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from governance.accounts.models import AccessLog, User
from governance.rooms import grouped
from governance.sheets.reader import read_workbook
from tests.builders import make_township, make_unit, make_user, make_village
from villages.models import Post, Resident, RosterImport, Unit

pytestmark = pytest.mark.django_db
NUMBER = "511929198503070019"
CSV = f"""村,组,户号,户主,姓名,与户主关系,公民身份号码,乡亲叫法
八一村,1组,0101,王小明,王小明,户主,{NUMBER},老王
八一村,1组,0101,王小明,李四,配偶,511929198503070018,李嫂
"""


@pytest.fixture
def village() -> Unit:
    return make_village(make_township())


@pytest.fixture
def desk(client: Client, village: Unit) -> Client:
    client.force_login(make_user("staff", "staff", village.parent))
    return client


def upload(desk: Client, village: Unit, text: str = CSV) -> RosterImport:
    file = SimpleUploadedFile("名册.csv", text.encode())
    answer = desk.post(reverse("admin:villages_rosterimport_add"), {"township": village.parent_id, "file": file})
    assert answer.status_code == 302, answer.content.decode()
    return RosterImport.objects.get()


def press(roster: RosterImport, name: str) -> str:
    return f"{reverse('admin:villages_rosterimport_changelist')}{roster.pk}/{name}/"


def test_the_only_township_is_chosen_already(desk: Client, village: Unit) -> None:
    add = reverse("admin:villages_rosterimport_add")
    assert f'<option value="{village.parent_id}" selected>' in desk.get(add).content.decode()
    other = make_township("511923103")
    Post.objects.create(unit=other, kind="staff", user=User.objects.get(username="staff"), appointed_on=date(2026, 1, 1))
    page = desk.get(add).content.decode()
    assert f'value="{other.pk}"' in page and not re.search(r'value="\d+" selected', page)


def test_it_shows_every_row_with_verdict_and_reason_before_anything_is_written(desk: Client, village: Unit) -> None:
    roster = upload(desk, village)
    assert not Resident.objects.exists()
    address = reverse("admin:villages_rosterimport_change", args=[roster.pk])
    text = desk.get(address).content.decode()
    assert "王小明" in text and "校验" in text and "不能导入" in text
    assert "，将新增 1 人" in text and "连同" not in text
    assert "名册.csv" in text and "“”" not in text, "the message names what was added"
    assert "<td>八一村</td>" in text, "the village by its name"
    assert f"{roster.pk}/history/" not in text, "no way to a history that is not kept"
    assert not re.search(r"\d{14}", re.sub(r"<[^>]*>", " ", text).replace(NUMBER[:6], ""))
    refused = desk.get(address + "?verdict=refuse").content.decode()
    assert "李四" in refused and ">老王<" not in refused


def test_it_commits_the_good_rows_and_hands_the_rest_back(desk: Client, village: Unit) -> None:
    roster = upload(desk, village)
    assert desk.post(press(roster, "commit"), {"sent": "1"}).status_code == 302
    assert list(Resident.objects.values_list("name", flat=True)) == ["王小明"]
    rejects = desk.get(press(roster, "rejects"))
    (sheet,) = read_workbook(b"".join(rejects.streaming_content), "a.xlsx")  # type: ignore[attr-defined]
    assert any("李四" in map(str, row) for row in sheet.rows.values())
    assert AccessLog.objects.filter(kind="export", detail__contains="退回").exists()


def test_it_leads_to_the_columns_where_one_is_missing(desk: Client, village: Unit) -> None:
    file = SimpleUploadedFile("名册.csv", CSV.replace(",姓名,", ",大名,").encode("gb18030"))
    sent = {"township": village.parent_id, "file": file, "encoding": "gb18030"}
    answer = desk.post(reverse("admin:villages_rosterimport_add"), sent, follow=True)
    roster = RosterImport.objects.get()
    assert answer.redirect_chain[-1][0] == press(roster, "remap")
    assert "大名" in answer.content.decode() and "成功" not in answer.content.decode(), "nothing has been imported yet"
    page = desk.get(reverse("admin:villages_rosterimport_change", args=[roster.pk])).content.decode()
    assert "还没有读到“姓名”" in page and press(roster, "remap") in page and press(roster, "commit") not in page


def test_it_says_that_what_is_to_come_counts_the_rows_to_look_at(desk: Client, village: Unit) -> None:
    roster = upload(desk, village, CSV.replace("511929198503070018", ""))
    page = desk.get(reverse("admin:villages_rosterimport_change", args=[roster.pk])).content.decode()
    assert "导入 1 行" in page and "连同“需要核对”的，将新增 2 人" in page


def test_it_counts_on_the_tabs_and_leaves_out_empty_columns(desk: Client, village: Unit) -> None:
    roster = upload(desk, village)
    page = desk.get(reverse("admin:villages_rosterimport_change", args=[roster.pk])).content.decode()
    assert "全部 2" in page and "不能导入 1" in page and "需要核对 " not in page.split("house-tabs")[1].split("</p>")[0]
    assert "读到 2 行：可导入 1 行，需要核对 0 行，不能导入 1 行，跳过 0 行。" in page and "乡亲叫法 2 格" in page
    assert "<th>聚居点</th>" not in page and "<th>原因</th>" in page
    assert "1 行可导入" in desk.get(press(roster, "commit")).content.decode()


def test_it_judges_anew_with_other_columns(desk: Client, village: Unit) -> None:
    roster = upload(desk, village)
    page = desk.get(press(roster, "remap")).content.decode()
    assert "乡亲叫法" in page
    keys = ["village", "group", "household_no", "head_name", "", "relation", "id_number", "name"]
    assert desk.post(press(roster, "remap"), {f"h{n}": key for n, key in enumerate(keys)}).status_code == 302
    address = reverse("admin:villages_rosterimport_change", args=[roster.pk])
    assert "老王" in desk.get(address).content.decode()


def test_it_tells_what_is_wrong_with_a_file(desk: Client, village: Unit) -> None:
    file = SimpleUploadedFile("名册.xlsx", b"nothing")
    answer = desk.post(reverse("admin:villages_rosterimport_add"), {"township": village.parent_id, "file": file})
    assert answer.status_code == 200 and not RosterImport.objects.exists()
    assert "没有找到表头" in answer.content.decode()


def test_it_hides_the_imports_of_another_township(desk: Client, client: Client, village: Unit) -> None:
    roster = upload(desk, village)
    assert village.parent is not None
    other = make_unit("township", "高峰镇", "511923103000", village.parent.parent)
    client.force_login(make_user("other", "staff", other))
    assert client.get(reverse("admin:villages_rosterimport_change", args=[roster.pk])).status_code == 404
    for name in ("commit", "remap", "rejects", "discard"):
        assert client.post(press(roster, name), {"sent": "1"}).status_code == 404


def test_it_lists_every_icon_in_the_font() -> None:
    root = Path(settings.BASE_DIR)
    listed = set((root / "static/unfold/fonts/material-symbols/icons.txt").read_text(encoding="utf-8").split())
    code = "".join(
        path.read_text(encoding="utf-8")
        for path in sorted(root.rglob("*admin.py"))
        if ".venv" not in path.parts
    )
    used = set(re.findall(r'@object_button\(\s*(?:Action\.\w+|None),\s*"[^"]+",\s*"(\w+)"', code))
    used |= {symbol for links in grouped("menu").values() for _, symbol, _, _ in links}
    assert len(used) > 30 and used <= listed
