"""Levels × roles on list, page, export, search and API; children are nobody's but whose duty they are."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from governance.accounts.models import AccessLog
from tests.answers import ClientAnswer, streamed
from tests.volunteers.care.house import BORN, ENTERED, CareHouse
from tests.worlds import module_world
from volunteers.care.errors import CareError
from volunteers.care.levels import Level, care_reveal, level_of, with_levels
from volunteers.models import CareNote, CareRecord

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
GROWN, CHILD = "独一甲", "独一童"
SECRETS = ("监护乙", "癫痫丙")
GUARDIAN = f"{SECRETS[0]} 15400009999"
# Whom each role's duty opens: (the grown-up's level, the child's).
LEVELS = {
    "staff": (3, 3), "secretary": (3, 3), "cadre": (2, 0), "yard_head": (1, 0), "group_head": (1, 0), "informant": (1, 0),
    "child_head": (0, 3), "child_town": (0, 3), "leader": (0, 0), "supervisor": (0, 0), "overseer": (0, 0), "volunteer": (2, 2),
    "system": (0, 0),
}  # fmt: skip


class LevelHouse(CareHouse):
    """One grown-up and one child in care, both helped by the volunteer."""

    def __init__(self) -> None:
        super().__init__()
        helper = self.cast["volunteer"]
        private: dict[str, Any] = {"guardian": GUARDIAN, "words": SECRETS[1]}
        self.grown = self.enter(resident=self.person(GROWN), helper=helper, **private)
        self.child = self.enter("liushou", resident=self.person(CHILD, birth_date=BORN), helper=helper, consent="guardian", **private)


house = module_world(LevelHouse)


def page(client: Client, house: LevelHouse, role: str, name: str, *args: int | str, query: str = "") -> ClientAnswer:
    client.force_login(house.cast[role], backend=BACKEND)
    answer: ClientAnswer = client.get(reverse(name, args=args) + query)
    return answer


def text_of(answer: ClientAnswer) -> str:
    if answer.status_code != 200:
        return ""
    return (streamed(answer) if answer.streaming else answer.content).decode(errors="ignore")


@pytest.mark.parametrize("role", sorted(LEVELS))
def test_it_opens_to_each_role_its_own_level(house: LevelHouse, role: str) -> None:
    user = house.cast[role]
    seen = {row.pk: row.level_seen for row in with_levels(CareRecord.objects.visible_to(user), user)}
    for record, level in zip((house.grown, house.child), LEVELS[role], strict=True):
        assert level_of(user, record) == level, record
        assert seen.get(record.pk, 0) == level, record
        if level < Level.PRIVATE:
            with pytest.raises(CareError):
                care_reveal(record=record, by=user)


@pytest.mark.parametrize("role", ["staff", "secretary", "cadre", "yard_head", "child_head", "overseer", "volunteer"])
def test_it_shows_no_page_more_than_its_reader_may_see(house: LevelHouse, client: Client, role: str) -> None:
    grown, child = LEVELS[role]
    held = role != "volunteer"  # who helps somebody finds them among the own people, not in lists
    for query in ("?tab=all", f"?tab=all&q={CHILD[:2]}", "?tab=due", ""):
        text = text_of(page(client, house, role, "volunteers:care-list", query=query))
        assert (CHILD in text) <= (child > 0 and held) and (GROWN in text) <= (grown > 0 and held), query
        assert not any(secret in text for secret in SECRETS)
    everybody = text_of(page(client, house, role, "volunteers:care-list", query="?tab=all"))
    assert (CHILD in everybody) == (child > 0 and held) and (GROWN in everybody) == (grown > 0 and held)
    assert (f"共 {int(grown > 0) + int(child > 0)} 人" in everybody) == held or not everybody
    for record, level in ((house.grown, grown), (house.child, child)):
        text = text_of(page(client, house, role, "volunteers:care-detail", record.pk))
        assert bool(text) == (level > 0) and ("15400001234" in text) == (level >= 2)
        assert not any(secret in text for secret in SECRETS)
    answer = text_of(page(client, house, role, "api:carerecord-list"))
    assert (GROWN in answer) == (grown > 0 and held and role != "child_head"), "the API is for those with care.view"
    assert (CHILD in answer) == (role in ("staff", "secretary")) and not any(secret in answer for secret in SECRETS)
    assert ("15400001234" in answer) == (role in ("staff", "secretary", "cadre"))


@pytest.mark.parametrize("role", ["staff", "secretary", "cadre", "leader"])
def test_it_exports_guardians_and_children_only_to_those_who_hold_them(house: LevelHouse, client: Client, role: str) -> None:
    answer = page(client, house, role, "volunteers:care-export")
    rows = list(load_workbook(BytesIO(streamed(answer)), read_only=True).active.values)
    cells = {str(row[1]): row for row in rows if row[1] in (GROWN, CHILD)}
    grown, child = LEVELS[role]
    assert set(cells) == {name for name, level in ((GROWN, grown), (CHILD, child)) if level}
    for row in cells.values():
        assert row[4] == "15400001234" and row[5] == (GUARDIAN if grown == 3 else None)
    assert not any(SECRETS[1] in str(row) for row in rows)
    desk = page(client, house, role, "desk:ledger-print", "care")
    assert (GROWN in text_of(desk)) == (grown > 0) and (CHILD in text_of(desk)) == (child > 0)
    assert not any(secret in text_of(desk) for secret in SECRETS)
    assert CareRecord.objects.get(pk=house.grown.pk).reveals == int(grown == 3)


def test_it_logs_and_counts_each_look_at_private_words(house: LevelHouse, client: Client) -> None:
    client.force_login(house.cast["secretary"], backend=BACKEND)
    for _ in range(2):
        text = client.post(reverse("volunteers:care-reveal", args=[house.child.pk])).content.decode()
        assert all(secret in text for secret in SECRETS) and 'href="tel:15400009999"' in text
    house.child.refresh_from_db()
    assert house.child.reveals == 2 == AccessLog.objects.filter(kind="reveal", user=house.cast["secretary"]).count()
    client.force_login(house.cast["volunteer"], backend=BACKEND)
    answer = client.post(reverse("volunteers:care-reveal", args=[house.child.pk]), follow=True)
    assert "敏感项" in answer.content.decode() and not any(secret in answer.content.decode() for secret in SECRETS)


def test_it_lists_children_alone_under_their_own_link(house: LevelHouse, client: Client) -> None:
    for role in ("staff", "child_head"):
        text = text_of(page(client, house, role, "volunteers:care-children", query="?tab=all"))
        assert CHILD in text and GROWN not in text and "共 1 人" in text
        assert reverse("volunteers:care-children") in text_of(page(client, house, role, "desk:more"))
    assert page(client, house, "cadre", "volunteers:care-children").status_code in (403, 404)


def test_it_names_the_button_that_adds_missing_categories(house: LevelHouse, client: Client) -> None:
    assert "补齐常用的类别" in text_of(page(client, house, "staff", "admin:volunteers_carecategory_changelist"))


def test_it_keeps_notes_of_children_from_those_without_their_level(house: LevelHouse, client: Client) -> None:
    note = house.contact(house.child, ENTERED, condition="needs", need="缺过冬衣服", by="child_head")
    seen = {role for role, user in house.cast.items() if CareNote.objects.visible_to(user).filter(pk=note.pk).exists()}
    assert seen == {"staff", "secretary", "child_head", "child_town", "volunteer"}
    for role in ("cadre", "yard_head"):
        assert "缺过冬衣服" not in text_of(page(client, house, role, "cases:visit-detail", note.visit_id))
        assert CHILD in text_of(page(client, house, role, "volunteers:care-note", note.visit_id))
        home = text_of(page(client, house, role, "villages:household-detail", house.child.resident.household_id))
        assert "留守儿童" not in home and home
    assert "缺过冬衣服" in text_of(page(client, house, "child_head", "cases:visit-detail", note.visit_id))
