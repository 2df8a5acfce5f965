"""Cards in the database: adopted with figures, copied, set up, and never changed by going around the code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, connection, transaction

from governance.accounts.models import User
from inspections.cards import setting_up
from inspections.cards.services import card_of, checklist_adopt, checklist_copy
from inspections.cards.setting_up import checklists_set_up
from inspections.errors import InspectionError
from inspections.indicators.registry import INDICATORS
from inspections.models import Checklist, ChecklistItem, ChecklistSection, PlateDeed
from inspections.scorecards.scoring import Answer, Kind, score
from tests.builders import make_township, make_user
from tests.inspections.house import make_section
from villages.models import Unit

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 1, 9, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def township() -> Unit:
    return make_township()


@pytest.fixture
def staff(township: Unit) -> User:
    return make_user("staff", "staff", township)


def draft(township: Unit, points: int = 100, **fields: Any) -> Checklist:
    card = Checklist.objects.create(
        township=township, **{"use": "quarter", "name": "评分表", "valid_from": date(2026, 1, 1), **fields}
    )
    make_section(card, 1, "环境", 100, [{"name": "乱堆", "points": points, "per_case": 2}, {"name": "垃圾", "per_case": 1}])
    return card


# --- adopted and copied -----------------------------------------------------------------------------------------------


def test_it_refuses_a_card_that_does_not_add_up_with_the_figures(township: Unit, staff: User) -> None:
    card = draft(township, points=90)
    with pytest.raises(InspectionError, match="“环境”标准分 100，各条之和 90，两者须相等。") as refused:
        checklist_adopt(checklist=card, by=staff)
    assert refused.value.code == "card"
    card.refresh_from_db()
    assert (card.state, card.adopted_at) == ("draft", None)


def test_it_refuses_a_card_whose_sections_do_not_reach_the_full_marks(township: Unit, staff: User) -> None:
    card = draft(township, full=Decimal(120))
    with pytest.raises(InspectionError, match="各项目分值之和须为 120，现为 100。"):
        checklist_adopt(checklist=card, by=staff)


def test_it_adopts_once_by_the_office_of_the_township(township: Unit, staff: User) -> None:
    card = draft(township)
    for other in (make_user("fremd", "staff", make_township("511923103")), make_user("chef", "leader", township)):
        with pytest.raises(InspectionError, match="不归您维护"):
            checklist_adopt(checklist=card, by=other)
    adopted = checklist_adopt(checklist=card, by=staff, at=AT)
    assert (adopted.state, adopted.adopted_at, adopted.adopted_by) == ("adopted", AT, staff)
    with pytest.raises(InspectionError, match="已启用"):
        checklist_adopt(checklist=card, by=staff)


def test_it_copies_all_lines_and_plates_into_the_next_version(township: Unit, staff: User) -> None:
    checklists_set_up(township=township)
    card = Checklist.objects.get(use="household")
    copy = checklist_copy(checklist=card, valid_from=date(2026, 7, 1), by=staff)
    assert (copy.version, copy.state, copy.valid_from) == (2, "draft", date(2026, 7, 1))
    assert lines(copy) == lines(card) and len(lines(card)) == 19
    assert set(copy.plate_deeds.values_list("plate", "deed_code")) == {("clean", "W01"), ("poor", "W11")}
    assert copy.history.get().history_user == staff
    ChecklistItem.objects.filter(section__checklist=copy, name="衣物乱晾").update(per_case=3)
    assert ChecklistItem.objects.get(section__checklist=card, name="衣物乱晾").per_case == 5
    assert checklist_copy(checklist=card, valid_from=date(2026, 8, 1), by=staff).version == 3


def lines(card: Checklist) -> list[tuple[Any, ...]]:
    fields = ("section__name", "section__points", "name", "kind", "points", "per_case", "case_unit", "bands", "exclusive", "indicator")
    items = ChecklistItem.objects.filter(section__checklist=card).order_by("section__position", "position")
    return list(items.values_list(*fields))


def test_it_finds_the_card_in_force_on_a_day(township: Unit, staff: User) -> None:
    first = checklist_adopt(checklist=draft(township), by=staff)
    second = checklist_copy(checklist=first, valid_from=date(2026, 7, 1), by=staff)
    found = [Checklist.objects.in_force(township.pk, "quarter", date(2026, month, 1)) for month in (1, 7)]
    assert found == [first, first], "a draft is not in force"
    checklist_adopt(checklist=second, by=staff)
    days = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1))
    assert [Checklist.objects.in_force(township.pk, "quarter", day) for day in days] == [None, first, first, second]


# --- what ships -------------------------------------------------------------------------------------------------------


def test_it_sets_up_four_cards_in_force_once(township: Unit, staff: User) -> None:
    assert checklists_set_up(township=township, by=staff, at=AT) == 4
    assert checklists_set_up(township=township, by=staff) == 0
    rows = Checklist.objects.filter(township=township)
    assert set(rows.values_list("use", "state", "version", "valid_from", "full")) == {
        (use, "adopted", 1, date(2026, 1, 1), Decimal(100)) for use in Checklist.Use.values
    }
    card = rows.get(use="quarter")
    assert (card.adopted_at, card.adopted_by, card.history.first().history_user) == (AT, staff, staff)
    assert set(PlateDeed.objects.values_list("checklist__use", "plate", "deed_code")) == {
        ("household", "clean", "W01"),
        ("household", "poor", "W11"),
    }
    assert "龙门镇" in rows.get(use="settlement").source


def test_it_leaves_what_a_township_has_and_sets_up_the_others(township: Unit, staff: User) -> None:
    own = draft(township, name="村季度督查评分表")
    assert checklists_set_up(township=township, valid_from=date(2026, 4, 1)) == 3
    assert Checklist.objects.get(township=township, use="quarter") == own
    assert Checklist.objects.get(use="front").valid_from == date(2026, 4, 1)
    other = make_township("511923103")
    assert checklists_set_up(township=other) == 4
    with pytest.raises(InspectionError, match="不归您维护"):
        checklists_set_up(township=other, by=staff)


@pytest.mark.parametrize(
    ("name", "spoilt"),
    [
        ("unread", lambda lines: [*lines[:1], lines[1].replace(",", ",?", 3), *lines[2:]]),
        ("short", lambda lines: lines[:4]),
    ],
)
def test_it_sets_up_no_card_that_is_not_whole(
    township: Unit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, spoilt: Callable[[list[str]], list[str]]
) -> None:
    shipped = setting_up.CARDS[-1]
    lines = (setting_up.FOLDER / shipped.file).read_text(encoding="utf-8").splitlines()
    (tmp_path / f"{name}.csv").write_text("\n".join(spoilt(lines)), encoding="utf-8")
    monkeypatch.setattr(setting_up, "FOLDER", tmp_path)
    monkeypatch.setattr(setting_up, "CARDS", (replace(shipped, file=f"{name}.csv"),))
    with pytest.raises(InspectionError, match=f"{name}.csv："):
        checklists_set_up(township=township)
    assert not Checklist.objects.exists()


def test_it_ships_the_quarterly_card_of_the_plan(township: Unit) -> None:
    checklists_set_up(township=township)
    card = card_of(Checklist.objects.get(use="quarter"))
    assert [(section.name, section.points) for section in card.sections] == [
        ("党建与自治", Decimal(20)),
        ("矛盾平安", Decimal(20)),
        ("服务代办", Decimal(15)),
        ("特殊群体", Decimal(15)),
        ("人居环境", Decimal(20)),
        ("积分文明", Decimal(10)),
        ("加分", Decimal(5)),
        ("一票否决", Decimal(0)),
    ]
    assert card.full == 100
    scored = [item for item in card.items if item.kind not in (Kind.BONUS, Kind.VETO)]
    assert 25 <= len(scored) <= 30 and len([item for item in card.items if item.kind == Kind.VETO]) == 6
    measured = {item.indicator for item in scored if item.indicator}
    assert measured == set(INDICATORS), "every measured figure has its line"
    assert score(card, {}).total == 100
    best = {item.key: Answer(Decimal(9 if item.kind == Kind.BONUS else 0)) for item in card.items if item.kind == Kind.BONUS}
    assert score(card, best).total == 105


def test_it_ships_buttons_that_fit_a_phone(township: Unit) -> None:
    checklists_set_up(township=township)
    weights = {"晾晒": 15, "圈养": 20, "堆码": 20, "院坝": 20, "厨房": 10, "厕所": 15}
    card = card_of(Checklist.objects.get(use="household"))
    assert {section.name: section.points for section in card.sections} == weights
    for section in card.sections:
        assert 2 <= len(section.items) <= 4
        assert all(len(item.name) <= 8 and item.kind in (Kind.EACH, Kind.WHOLE) for item in section.items)
    front = card_of(Checklist.objects.get(use="front"))
    assert {section.name: section.points for section in front.sections} == {"包卫生": 40, "包秩序": 30, "包绿化": 30}
    assert all(len(item.name) <= 8 for item in front.items)


# --- around the code --------------------------------------------------------------------------------------------------

ADOPTED = "(SELECT id FROM inspections_checklist WHERE name = '甲')"
DRAFT = "(SELECT id FROM inspections_checklist WHERE name = '乙')"
SECTION = f"(SELECT id FROM inspections_checklistsection WHERE checklist_id = {ADOPTED})"
OPEN = f"(SELECT id FROM inspections_checklistsection WHERE checklist_id = {DRAFT})"
_SECTION = "INSERT INTO inspections_checklistsection (checklist_id, position, name, sort, points)"
_ITEM = (
    "INSERT INTO inspections_checklistitem (section_id, position, name, kind, per_case, case_unit, bands, exclusive, indicator, basis)"
)
_PLATE = "INSERT INTO inspections_platedeed (checklist_id, plate, deed_code)"
GUARDED = {
    "changed": f"UPDATE inspections_checklist SET \"full\" = 90 WHERE id = {ADOPTED}",
    "taken back": f"UPDATE inspections_checklist SET state = 'draft' WHERE id = {ADOPTED}",
    "deleted": f"DELETE FROM inspections_checklist WHERE id = {ADOPTED}",
    "section added": f"{_SECTION} VALUES ({ADOPTED}, 9, 'x', 'normal', 1)",
    "section changed": f"UPDATE inspections_checklistsection SET points = 90 WHERE id = {SECTION}",
    "section deleted": f"DELETE FROM inspections_checklistsection WHERE id = {SECTION}",
    "section moved out": f"UPDATE inspections_checklistsection SET checklist_id = {DRAFT}, position = 9 WHERE id = {SECTION}",
    "section moved in": f"UPDATE inspections_checklistsection SET checklist_id = {ADOPTED}, position = 9 WHERE id = {OPEN}",
    "item added": f"{_ITEM} VALUES ({SECTION}, 9, 'x', 'each', 1, '处', '[]', false, '', '')",
    "item changed": f"UPDATE inspections_checklistitem SET per_case = 0.5 WHERE section_id = {SECTION}",
    "item deleted": f"DELETE FROM inspections_checklistitem WHERE section_id = {SECTION}",
    "item moved out": f"UPDATE inspections_checklistitem SET section_id = {OPEN}, position = position + 9 WHERE section_id = {SECTION}",
    "item moved in": f"UPDATE inspections_checklistitem SET section_id = {SECTION}, position = position + 9 WHERE section_id = {OPEN}",
    "plate added": f"{_PLATE} VALUES ({ADOPTED}, 'fair', 'W02')",
    "plate changed": f"UPDATE inspections_platedeed SET deed_code = 'W99' WHERE checklist_id = {ADOPTED}",
    "plate deleted": f"DELETE FROM inspections_platedeed WHERE checklist_id = {ADOPTED}",
    "plate moved in": f"UPDATE inspections_platedeed SET checklist_id = {ADOPTED} WHERE checklist_id = {DRAFT}",
}
ALLOWED = {name: sql.replace(ADOPTED, DRAFT).replace("'fair'", "'clean'") for name, sql in GUARDED.items() if "moved" not in name}


def two_cards() -> None:
    """甲 in force and 乙 a draft, each with a section, two items and a plate."""
    township = make_township()
    cards = [draft(township, name=name, use="household") for name in ("甲", "乙")]
    PlateDeed.objects.create(checklist=cards[0], plate="clean", deed_code="W01")
    PlateDeed.objects.create(checklist=cards[1], plate="poor", deed_code="W11")
    checklist_adopt(checklist=cards[0], by=make_user("staff", "staff", township))


def passes(statement: str) -> bool:
    """Whether the database lets a statement through that changes something; it is undone."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            assert cursor.rowcount, statement
            transaction.set_rollback(True)
    except DatabaseError as error:
        return "已启用的检查表不能改动" not in str(error)
    return True


@pytest.mark.parametrize("name", GUARDED)
def test_it_never_changes_a_card_in_force(name: str) -> None:
    two_cards()
    assert not passes(GUARDED[name])


@pytest.mark.parametrize("name", ALLOWED)
def test_it_lets_drafts_be_changed(name: str) -> None:
    """A card with lines is not deleted by SQL alone (foreign keys), so its own deletion is asked of the ORM below."""
    two_cards()
    if name in ("deleted", "section deleted"):
        Checklist.objects.get(name="乙").delete()
        assert not ChecklistSection.objects.filter(checklist__name="乙").exists()
    else:
        with connection.cursor() as cursor:
            cursor.execute(ALLOWED[name])
            assert cursor.rowcount
