"""One visit feeds every ledger, conflicts for whoever sent them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.test import Client

from governance.cases.engine.alike import cases_alike, metres
from governance.cases.engine.flow import Step
from governance.cases.engine.services import Report
from governance.cases.errors import CaseError
from governance.cases.models import Case, Conflict, Visit
from governance.cases.sending import conflicts
from governance.cases.sending.services import case_send
from governance.cases.visits import lists
from governance.cases.visits.services import VisitError, VisitReport, visit_log
from governance.desk.todo import todo_of
from governance.frame.characters import Holds
from governance.periods import today
from tests.builders import make_account, make_rule_set, make_township, make_village
from tests.cases.house import MORNING, CaseHouse, moment
from villages.models import Household

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def house() -> CaseHouse:
    return CaseHouse()


def test_it_is_in_a_village_of_its_township(house: CaseHouse) -> None:
    row = visit(house)
    assert row.township == house.township
    far = make_village(make_township("511923103"), "九龙村委会", "511923103201")
    kept = {field.column for field in Visit._meta.concrete_fields if field.column} - {"id", "village_id"}
    columns = ", ".join(sorted(kept))
    statements = (
        f"UPDATE cases_visit SET village_id = {far.pk}",
        f"INSERT INTO cases_visit (village_id, {columns}) SELECT {far.pk}, {columns} FROM cases_visit",
    )
    for statement in statements:
        with pytest.raises(DatabaseError, match="不在它的乡镇"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def visit(house: CaseHouse, by: str = "informant", **said: object) -> Visit:
    household, _ = house.family()
    fields: dict[str, Any] = {"unit": house.village, "household": household, "seen": "老人独自在家", **said}
    report = VisitReport(kind="call", **fields)
    return visit_log(report=report, by=house.user(by), at=MORNING)


@pytest.mark.parametrize("few", [0, 1000])
def test_it_is_found_by_its_household_s_head_and_by_what_was_seen(
    house: CaseHouse, client: Client, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    """Whether the households that match stand in the statement or are sought by it."""
    monkeypatch.setattr(lists, "FEW", few)
    found = visit(house)
    assert found.household
    client.force_login(house.user("informant"), backend=BACKEND)
    for words, count in ((found.household.head_name[1:], 1), ("独自", 1), ("没有的字", 0)):
        page = client.get("/visits/", {"q": words})
        assert len(page.context["page"]) == count, words


def test_heads_are_found_with_any_dot(house: CaseHouse, client: Client) -> None:
    household, _ = house.family("阿卜杜热西提·买买提")
    visit(house, household=household)
    client.force_login(house.cast["staff"], backend=BACKEND)
    assert len(client.get("/visits/", {"q": "热西提•买"}).context["page"]) == 1


def test_heads_are_sought_by_an_index_of_characters(house: CaseHouse) -> None:
    house.family()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = Household.objects.filter(Holds(F("head_name"), "小明")).order_by().explain()
    assert "household_head_characters" in plan


def test_it_stands_where_the_household_is(house: CaseHouse) -> None:
    found = visit(house)
    assert (found.village, found.unit, found.went_at) == (house.village, house.yard, MORNING)


def test_it_refuses_other_places_empty_words_and_the_future(house: CaseHouse) -> None:
    other = make_village(house.township, "马鞍村委会", "511923102202")
    for said in (
        {"household": None, "unit": other},
        {"seen": " "},
        {"went_at": MORNING + timedelta(minutes=1)},
    ):
        with pytest.raises(VisitError):
            visit(house, **said)
    with pytest.raises(VisitError):
        visit(house, by="overseer")


def test_it_opens_every_form_filled_in(house: CaseHouse, client: Client) -> None:
    found = visit(house, by="cadre")
    make_rule_set(house.township)
    assert found.household is not None
    make_account(found.household)
    client.force_login(house.user("cadre"), backend=BACKEND)
    for kind in ("event", "dispute", "errand"):
        page = client.get(f"/log/?visit={found.pk}&kind={kind}").content.decode()
        assert "老人独自在家" in page and f'name="visit" value="{found.pk}"' in page
        assert f'id="unit-{house.yard.pk}" value="{house.yard.pk}" checked' in page
    claim = client.get(f"/households/{found.household.pk}/log/?visit={found.pk}")
    assert claim.context["form"]["occurred_on"].value() == today(found.went_at)
    assert "老人独自在家" not in claim.content.decode(), "the day, not what was seen at home"
    assert client.get(f"/visits/{found.pk}/care/").status_code == 200
    said = {"client_key": str(uuid4()), "category": house.category("yinshui").pk, "unit": house.yard.pk,
            "text": "水缸漏了", "visit": found.pk, "source": "visit"}
    client.post("/log/", {key: str(value) for key, value in said.items()})
    assert Case.objects.get().visit == found
    assert Case.objects.get().number in client.get(f"/visits/{found.pk}/").content.decode()


def test_it_puts_what_is_due_first(house: CaseHouse) -> None:
    later = house.log(by="cadre", at=MORNING)
    urgent = house.log("xiaofang", by="informant", at=MORNING)
    found = todo_of(house.user("cadre"), moment("2026-03-10 09:30"))
    assert [todo.link for todo in found] == [f"/cases/{urgent.pk}/", f"/cases/{later.pk}/"]
    assert (found[0].due.words, found[0].due.tone, found[0].mark) == ("已逾期 20 分钟", "late", "八一村村“两委”干部")  # type: ignore[union-attr]
    assert found[1].mark == "", "mine in person"


def test_it_hints_at_what_may_be_the_same(house: CaseHouse) -> None:
    here, near, far = (Decimal("31.55000"), Decimal("107.10000")), (Decimal("31.55100"), Decimal("107.10000")), (
        Decimal("31.55300"), Decimal("107.10000"))
    assert 100 < metres(here, near) < 120 and metres(here, far) > 300
    group = house.yard.parent
    assert group is not None
    there = house.log(by="cadre", unit=group, point=near)
    house.log(by="cadre", unit=group, point=far)
    same_yard = house.log(by="cadre")
    house.log("yinshui", by="cadre")
    house.log(by="cadre", at=MORNING - timedelta(days=15))
    void = house.log(by="cadre")
    house.step(void, Step.VOID, by="secretary", note="记重了")
    category = house.category("dianli")
    found = cases_alike(user=house.user("cadre"), category=category, unit=house.yard, point=here, at=MORNING)
    assert found == [same_yard, there]


def sent_twice(house: CaseHouse) -> Conflict:
    key = uuid4()
    for text in ("水管漏水", "水管漏水很大"):
        report = Report(category=house.category("yinshui"), unit=house.yard, text=text, mine=True)
        payload = {"category": str(report.category.pk), "unit": str(house.yard.pk), "text": text}
        case_send(key=key, payload=payload, report=report, by=house.user("cadre"))
    return Conflict.objects.get()


@pytest.mark.parametrize(
    ("outcome", "texts"),
    [("keep", ["水管漏水"]), ("replace", ["水管漏水很大"]), ("separate", ["水管漏水", "水管漏水很大"])],
)
def test_it_settles_a_conflict_as_its_sender_says(house: CaseHouse, client: Client, outcome: str, texts: list[str]) -> None:
    conflict = sent_twice(house)
    client.force_login(house.user("secretary"), backend=BACKEND)
    assert client.get(f"/conflicts/{conflict.pk}/").status_code == 404
    client.force_login(house.user("cadre"), backend=BACKEND)
    assert "水管漏水很大" in client.get(f"/conflicts/{conflict.pk}/").content.decode()
    client.post(f"/conflicts/{conflict.pk}/", {"outcome": outcome})
    conflict.refresh_from_db()
    assert conflict.outcome == outcome
    assert list(Case.objects.order_by("pk").values_list("text", flat=True)) == texts
    with pytest.raises(CaseError, match="已经处理过"):
        conflicts.conflict_keep(conflict=conflict, by=house.user("cadre"))
    if outcome == "replace":
        assert "原为“饮水，柏树院，水管漏水”" in Case.objects.get().steps.last().note  # type: ignore[union-attr]


def test_it_keeps_a_finished_case_as_it_is(house: CaseHouse) -> None:
    conflict = sent_twice(house)
    house.step(Case.objects.get(), Step.FINISH, result="修好了")
    report = Report(category=house.category("yinshui"), unit=house.yard, text="x")
    with pytest.raises(CaseError, match="不能再改"):
        conflicts.conflict_replace(conflict=conflict, report=report, by=house.user("cadre"))
