"""Care notes are for those who help."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client

from governance.cases.models import Case, Visit
from governance.cases.visits.services import VisitError, VisitReport, visit_log
from governance.desk.todo import todo_of
from tests.builders import make_resident
from tests.cases.house import MORNING, CaseHouse, moment
from volunteers.care.notes import care_note_add
from volunteers.care.setting_up import care_set_up
from volunteers.models import CareNote

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def house() -> CaseHouse:
    return CaseHouse()


def visit(house: CaseHouse, by: str = "informant", **said: object) -> Visit:
    household, _ = house.family()
    fields: dict[str, Any] = {"unit": house.village, "household": household, "seen": "老人独自在家", **said}
    report = VisitReport(kind="call", **fields)
    return visit_log(report=report, by=house.user(by), at=MORNING)


def test_it_keeps_care_notes_from_those_who_do_not_help(house: CaseHouse, client: Client) -> None:
    found = visit(house, by="cadre")
    resident = found.household.residents.get()  # type: ignore[union-attr]
    said: dict[str, Any] = {"visit": found, "resident": resident, "by": house.user("cadre"), "at": MORNING}
    with pytest.raises(VisitError, match="需要什么"):
        care_note_add(**said, condition="needs")
    note = care_note_add(**said, condition="urgent", need="断粮独一无二", again_on=date(2026, 3, 11))
    with pytest.raises(VisitError, match="已经记过"):
        care_note_add(**said, condition="well")
    seen = {role for role, user in house.cast.items() if CareNote.objects.visible_to(user).exists()}
    assert not seen & {"supervisor", "leader", "overseer", "system"} and {"cadre", "secretary", "yard_head"} <= seen
    client.force_login(house.user("supervisor"), backend=BACKEND)
    assert "断粮独一无二" not in client.get(f"/visits/{found.pk}/").content.decode()
    assert house.user("secretary").messages.filter(text__contains="情况紧急").exists()
    assert "断粮" not in house.user("secretary").messages.get().text
    due = [todo.title for todo in todo_of(house.user("cadre"), moment("2026-03-11 09:00"))]
    assert due == ["情况紧急", "再去看望"]
    again = visit(house, by="cadre", household=found.household)
    care_note_add(visit=again, resident=resident, condition="well", by=house.user("cadre"), at=moment("2026-03-11 10:00"))
    note.refresh_from_db()
    assert note.again_by == again and todo_of(house.user("cadre"), moment("2026-03-11 11:00")) == []


def test_it_tells_the_village_of_a_need_until_something_comes_of_it(house: CaseHouse) -> None:
    def wanting(role: str, hour: str = "2026-03-10 18:00") -> list[str]:
        return [todo.title for todo in todo_of(house.user(role), moment(hour)) if todo.title == "需要帮助"]

    care_set_up(township=house.township)
    found = visit(house, by="cadre")
    resident = found.household.residents.get()  # type: ignore[union-attr]
    written: dict[str, Any] = {"resident": resident, "condition": "needs", "need": "缺米", "by": house.user("cadre")}
    care_note_add(visit=found, at=MORNING, **written)
    assert "需要帮助" in house.user("secretary").messages.get().text and not house.user("cadre").messages.exists()
    assert [wanting(role) for role in ("secretary", "cadre", "staff", "yard_head")] == [["需要帮助"], ["需要帮助"], [], []]
    case = house.log(visit=found)
    assert wanting("cadre") == []
    Case.objects.filter(pk=case.pk).update(visit=None)
    assert wanting("cadre") == ["需要帮助"]
    again = visit(house, by="cadre", household=found.household)
    Visit.objects.filter(pk=again.pk).update(went_at=moment("2026-03-10 12:00"))
    care_note_add(visit=again, at=moment("2026-03-10 12:00"), **{**written, "condition": "well", "need": ""})
    assert wanting("cadre") == []


def test_it_tells_of_a_child_those_who_answer_for_children(house: CaseHouse) -> None:
    care_set_up(township=house.township)
    found = visit(house, by="secretary")
    child = make_resident(found.household, "独一童", birth_date=date(2016, 5, 1))  # type: ignore[arg-type]
    care_note_add(visit=found, resident=child, condition="urgent", need="没人照看", by=house.user("secretary"), at=MORNING)
    assert house.user("child_head").messages.filter(text__contains="情况紧急").exists()
    assert not house.user("cadre").messages.exists()
