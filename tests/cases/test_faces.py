"""The same refusals by admin and API as by page and import; lists and ledgers whose cost does not grow."""

from __future__ import annotations

import io

import pytest
from django.test import Client
from django.urls import reverse

from governance.cases.engine.flow import Step
from governance.cases.models import Case, ReturnVisit
from governance.sheets.reader import read_workbook
from tests.builders import make_resident
from tests.cases.disputes.test_disputes import DisputeHouse
from tests.pages import queries
from villages.models import Post

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def house() -> DisputeHouse:
    house = DisputeHouse()
    house.log_more = lambda count: [house.log(by="cadre", text="电线") for _ in range(count)]  # type: ignore[attr-defined]
    return house


def kin(house: DisputeHouse) -> Post:
    """The mediator is made a member of a party's household."""
    Post.objects.filter(pk=house.post.pk).update(resident=make_resident(house.household, "王二"))
    return Post.objects.get(pk=house.post.pk)


def test_it_refuses_kin_and_early_filing_in_the_admin(house: DisputeHouse, client: Client) -> None:
    client.force_login(house.user("staff"), backend=BACKEND)
    press = reverse("admin:cases_case_changelist") + f"{house.case.pk}/"
    assert "同户，应当回避" in client.post(f"{press}mediator/", {"mediator": kin(house).pk}).content.decode()
    Post.objects.filter(pk=house.post.pk).update(resident=house.other)
    house.settle()
    assert "还有 2 次回访未完成" in client.post(f"{press}file/").content.decode()
    assert Case.objects.get().state == "visiting"
    for visit in ReturnVisit.objects.all():
        house.visit(visit)
    client.post(f"{press}file/")
    assert Case.objects.get().state == "filed"


def test_it_refuses_kin_and_early_filing_by_the_api(house: DisputeHouse, client: Client) -> None:
    client.force_login(house.user("secretary"), backend=BACKEND)
    press = f"/api/v1/cases/{house.case.pk}/"
    answer = client.post(f"{press}mediator/", {"post": kin(house).pk}, "application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, ["kin"] if isinstance(answer.json()["code"], list) else "kin")
    Post.objects.filter(pk=house.post.pk).update(resident=house.other)
    house.settle()
    answer = client.post(f"{press}step/", {"step": "file"}, "application/json")
    assert answer.status_code == 400 and "次回访未完成" in answer.content.decode()
    for visit in ReturnVisit.objects.all():
        said = {"done_on": str(visit.due_on), "finding": "settled", "note": "和睦"}
        assert client.post(f"/api/v1/return-visits/{visit.pk}/done/", said, "application/json").status_code == 200
    assert client.post(f"{press}step/", {"step": "file"}, "application/json").json()["state"] == "filed"


def test_it_logs_by_the_api_once(house: DisputeHouse, client: Client) -> None:
    client.force_login(house.user("cadre"), backend=BACKEND)
    said = {
        "category": house.category("dianli").pk,
        "unit": house.yard.pk,
        "text": "电线垂下来了",
    }
    codes = [client.post("/api/v1/cases/", {**said, "text": text}, "application/json", headers={"Idempotency-Key": "1"}).status_code
             for text in ("电线垂下来了", "电线垂下来了", "又改了")]
    assert codes == [201, 201, 422]
    assert client.get("/api/v1/cases/").json()["count"] == 2


def test_it_shows_private_cases_to_no_stranger_by_any_face(house: DisputeHouse, client: Client) -> None:
    case = house.log("xinfang", by="informant", private=True, text="独一无二")
    for role in ("cadre", "leader", "supervisor"):
        client.force_login(house.user(role), backend=BACKEND)
        for path in (f"/cases/{case.pk}/", f"/api/v1/cases/{case.pk}/"):
            assert client.get(path).status_code == 404, (role, path)
        for path in ("/cases/?tab=all", "/api/v1/cases/", "/ledgers/events/print/"):
            assert "独一无二" not in client.get(path).content.decode(), (role, path)


def test_it_reads_lists_in_as_many_statements_whatever_their_length(house: DisputeHouse, client: Client) -> None:
    paths = ["/", "/cases/", "/cases/?tab=all", "/cases/?tab=queue", "/visits/", "/ledgers/disputes/print/", "/api/v1/cases/"]
    user = house.user("cadre")
    house.log_more(2)  # type: ignore[attr-defined]
    house.log("linli", by="cadre", parties=("甲", "乙"))
    before = [queries(client, user, path) for path in paths]
    house.log_more(12)  # type: ignore[attr-defined]
    for _ in range(3):
        house.log("linli", by="cadre", parties=("甲", "乙"))
    assert [queries(client, user, path) for path in paths] == before


def test_it_writes_the_usual_headings_and_every_cell_as_text(house: DisputeHouse, client: Client) -> None:
    house.settle()
    for visit in ReturnVisit.objects.all():
        house.visit(visit)
    client.force_login(house.user("secretary"), backend=BACKEND)
    answer = client.get("/ledgers/disputes/xlsx/?period=2026")
    rows = read_workbook(b"".join(answer.streaming_content), "x.xlsx")[0].rows  # type: ignore[attr-defined]
    assert "|".join(map(str, rows[2])) == (
        "序号|受理日期|来源|纠纷类型|当事人|基本情况|风险等级|责任领导|责任人|调处措施|办理时限|调处结果|履行情况|回访日期|回访情况|备注|村（社区）|编号|状态|系统编号"
    )
    assert {type(cell) for cell in rows[3][:-1] if cell} == {str}
    assert rows[3][1] == "2026-03-10" and "2026-03-18" in str(rows[3][13])
    for name in ("events", "errands", "visits", "shifts"):
        body = io.BytesIO(b"".join(client.get(f"/ledgers/{name}/xlsx/").streaming_content))  # type: ignore[attr-defined]
        assert read_workbook(body.getvalue(), "x.xlsx")[0].rows[2]


def test_it_takes_no_step_twice_on_the_page(house: DisputeHouse, client: Client) -> None:
    case = house.log(by="informant")
    client.force_login(house.user("cadre"), backend=BACKEND)
    path = f"/cases/{case.pk}/step/{Step.ACCEPT}/"
    assert client.post(path).status_code == 302
    page = client.post(path, follow=True).content.decode()
    assert "不能受理" in page


def test_it_lets_clerks_say_who_sits_in_an_office(house: DisputeHouse, client: Client) -> None:
    client.force_login(house.user("staff"), backend=BACKEND)
    office = house.category("dianfei").office
    assert office is not None
    path = reverse("admin:cases_office_change", args=[office.pk])
    page = client.get(path).content.decode()
    member, leader = office.members.get(), house.user("leader")
    assert f'value="{member.user_id}" selected' in page and f'value="{leader.pk}"' in page
    assert f'value="{house.user("cadre").pk}"' not in page, "the township's own people"
    said = {
        "name": office.name, "phone": "0827-1", "members-TOTAL_FORMS": "2", "members-INITIAL_FORMS": "1",
        "members-0-id": member.pk, "members-0-office": office.pk, "members-0-user": member.user_id,
        "members-1-office": office.pk, "members-1-user": leader.pk,
    }  # fmt: skip
    assert client.post(path, said).status_code == 302
    assert set(office.members.values_list("user", flat=True)) == {member.user_id, leader.pk}


def test_it_has_no_mediator_without_a_dispute(house: DisputeHouse, client: Client) -> None:
    case = house.log("dianli")
    client.force_login(house.user("staff"), backend=BACKEND)
    assert client.get(reverse("admin:cases_case_changelist") + f"{case.pk}/mediator/").status_code == 404


def test_a_step_is_named_after_its_case(house: DisputeHouse, client: Client) -> None:
    client.force_login(house.user("secretary"), backend=BACKEND)
    case = house.log("dianli", by="secretary")
    page = client.get(f"/cases/{case.pk}/step/transfer/").content.decode()
    assert f"<title>转办：{case.number} · 乡治</title>" in page
