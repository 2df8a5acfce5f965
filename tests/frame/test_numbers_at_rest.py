"""A telephone number that comes in by a sheet, a phone, a search or a message stands nowhere in clear; forms: `test_once.py`."""

from __future__ import annotations

import logging
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from governance.accounts.inbox import texts_send
from governance.accounts.models import ExportJob, ImportJob, Outbox, SavedFilter, UsedKey
from governance.accounts.outbox import outbox_deliver
from governance.cases.disputes.sheet_import import DISPUTE_IMPORT
from governance.cases.models import Conflict, Errand, Party
from governance.frame.imports.background import sheet_read
from tests.builders import make_resident
from tests.dumping import SESSIONS, tables_holding
from tests.sheets.messy import make_id
from tests.volunteers.orders.house import ServiceHouse
from villages.models import Resident
from villages.posts.account_import import ACCOUNT_IMPORT
from villages.roster.services import ROSTER_IMPORT
from volunteers.care.setting_up import care_set_up
from volunteers.care.sheet_import import CARE_IMPORT
from volunteers.models import CareRecord, Volunteer
from volunteers.people.sheet_import import HOURS_IMPORT

pytestmark = pytest.mark.django_db
NUMBER, OTHER = "15400990009", "15400990018"
ID_NUMBER = make_id(date(1980, 1, 1), 12)
SHEETS: dict[str, tuple[Any, str]] = {
    "roster": (ROSTER_IMPORT, f"村,组,户号,户主,姓名,联系电话\n八一村,1组,0101,王小明,王小明,{NUMBER}\n"),
    "accounts": (ACCOUNT_IMPORT, f"姓名,电话,职务,单位\n丁,{NUMBER},镇工作人员,西兴镇\n"),
    "hours": (HOURS_IMPORT, f"村,姓名,服务日期,时长,同意日期,身份证,电话\n八一村,外乡人,2026-03-05,2,2026-03-01,{ID_NUMBER},{NUMBER}\n"),
    "care": (CARE_IMPORT, f"村,姓名,类别,监护人,监护人电话\n八一村,吴老大,独居老人,吴二,{NUMBER}\n"),
    "disputes": (DISPUTE_IMPORT, f"序号,受理日期,纠纷类别,当事人,联系电话,基本情况\n1,2026-03-02,邻里,甲,{NUMBER},争吵\n"),
}


@pytest.fixture
def house() -> ServiceHouse:
    return ServiceHouse()


@pytest.fixture
def desk(client: Client, house: ServiceHouse) -> Client:
    client.force_login(house.user("cadre"))
    return client


def numbers_kept() -> set[str]:
    """What is read again of the numbers that were sealed."""
    rows = [Resident.objects, Volunteer.objects, Party.objects, Errand.objects]
    kept = {number for one in rows for number in one.values_list("phone", flat=True)}
    return kept | {record.private_words[0] for record in CareRecord.objects.all()}


def test_the_dump_finds_what_stands_in_clear(house: ServiceHouse, desk: Client) -> None:
    make_resident(house.one.resident.household, "吴老大", note=NUMBER)  # type: ignore[union-attr]
    session = desk.session
    session["number"] = NUMBER
    session.save()
    ImportJob.objects.create(
        user=house.user("staff"), flow="x", step="read", filename="x", back="/", digest="x", total=0, asked_at=timezone.now(),
        moved_at=timezone.now(), file=NUMBER.encode(),
    )  # fmt: skip
    found = {"villages_resident", "villages_historicalresident", SESSIONS, "accounts_importjob"}
    assert tables_holding(NUMBER) == found and tables_holding(OTHER) == set()


@pytest.mark.parametrize("name", SHEETS)
def test_no_sheet_leaves_a_number(house: ServiceHouse, name: str, settings: Any) -> None:
    flow, text = SHEETS[name]
    house.family("吴老大")
    care_set_up(township=house.township)
    by = house.user("system" if name == "accounts" else "staff")
    about: dict[str, Any] = {} if name == "accounts" else {"township": house.township}
    sheet = flow.read(file=text.encode(), filename="表.csv", by=by, **about)
    assert tables_holding(NUMBER) == set()
    flow.commit(sheet, include_look=True, by=by)
    assert tables_holding(NUMBER) == set()
    settings.IMPORT_BACKGROUND_BYTES = 1
    assert isinstance(sheet_read(flow=flow, back="/", by=by, file=text.encode(), filename="表.csv", **about), ImportJob)
    assert tables_holding(NUMBER) == set()
    if name != "accounts":
        assert [kept for kept in numbers_kept() if NUMBER in kept], "it came in, and can be read"


def test_what_a_phone_sends_twice_is_sealed_and_settled(house: ServiceHouse, desk: Client) -> None:
    key, category = str(uuid4()), house.category("dianfei")
    for number in (OTHER, NUMBER):
        fields = {"category": str(category.pk), "unit": str(house.yard.pk), "text": "医保报销", "client": "王大爷", "phone": number}
        answer = desk.post("/log/send/", {"form": "case", "key": key, "fields": fields}, "application/json")
    assert answer.json()["status"] == "conflict", answer.content
    conflict = Conflict.objects.get()
    assert tables_holding(NUMBER, OTHER) == set()
    assert NUMBER in desk.get(f"/conflicts/{conflict.pk}/").content.decode()
    assert desk.post(f"/conflicts/{conflict.pk}/", {"outcome": "separate"}).status_code == 302
    assert set(Errand.objects.values_list("phone", flat=True)) == {OTHER, NUMBER}
    assert tables_holding(NUMBER, OTHER) == set()


def test_what_is_searched_for_is_sealed(house: ServiceHouse, desk: Client, settings: Any) -> None:
    settings.EXPORT_BACKGROUND_ROWS = 0
    house.one.resident.phone = NUMBER  # type: ignore[union-attr]
    house.one.resident.save()  # type: ignore[union-attr]
    desk.post("/filters/save/", {"path": "/volunteers/", "label": "找人", "query": f"q={NUMBER}"})
    desk.get(f"/volunteers/export/?q={NUMBER}")
    assert (SavedFilter.objects.get().query, NUMBER in ExportJob.objects.get().address) == (f"q={NUMBER}", True)
    assert "找人" in desk.get(f"/volunteers/?q={NUMBER}").content.decode()
    assert tables_holding(NUMBER) == set()


def test_a_message_and_its_log_hold_none(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.NOTIFY_CHANNELS = ["sms"]
    texts_send(phones=[NUMBER], text_out="请接单", key="x", place="")
    with caplog.at_level(logging.DEBUG):
        assert outbox_deliver() == 1
    assert Outbox.objects.get().to == NUMBER and tables_holding(NUMBER) == set()
    assert NUMBER not in caplog.text and "请接单" not in caplog.text


def test_what_tells_two_forms_apart_needs_the_key(house: ServiceHouse, desk: Client, settings: Any) -> None:
    def digest() -> str:
        UsedKey.objects.all().delete()
        desk.post("/inbox/read/", {"once": uuid4().hex, "csrfmiddlewaretoken": "x"})
        return UsedKey.objects.get().digest

    first = digest()
    assert digest() == first
    settings.HASH_KEY = "ab" * 32
    assert digest() != first
