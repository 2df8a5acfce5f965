"""开通进度: what is missing is said, defaults come by one press, and the card goes when all is there."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from governance.cases.models import Category, Office, ReturnRule, ServiceKind
from governance.frame.needs import Need, Step
from inspections.models import Checklist
from moral_bank.models import PanelMember
from moral_bank.rules.models import RuleSet
from moral_bank.rules.services import Meeting, RuleError, rule_set_adopt
from moral_bank.rules.setting_up import rules_set_up, shipped_rules
from tests.builders import make_cast, make_household, make_resident, make_township, make_user, make_village
from tests.pages import read
from villages.setting_up import services
from villages.setting_up.services import SetUpError, default_load, progress_of, unfinished_of
from volunteers.models import CareCategory, Project, StarRule

pytestmark = pytest.mark.django_db


class Town:
    """A township with one village and nothing else, and its staff."""

    def __init__(self) -> None:
        cache.clear()
        self.township = make_township()
        self.village = make_village(self.township)
        self.staff = make_user("clerk", "staff", self.township)

    def lines(self) -> dict[str, Need]:
        return {need.key: need for need in progress_of(self.staff, self.township).needs}


def test_it_says_what_is_there_and_what_is_missing() -> None:
    town = Town()
    lines = town.lines()
    done = {key for key, need in lines.items() if need.done}
    assert done == {"villages", "yards", "calendar"}
    past = {key.removeprefix("past-") for key in lines if key.startswith("past-")}
    assert past == {"points", "disputes", "hours", "care", "checks"}
    assert [need.step for need in progress_of(town.staff, town.township).needs] == sorted(
        (need.step for need in lines.values()), key=list(Step).index
    )
    progress = progress_of(town.staff, town.township)
    assert progress.next and progress.next.key == "register"
    assert (progress.done, progress.total) == (3, sum(not need.optional for need in lines.values()))


def test_one_press_puts_up_all_defaults_and_the_next_changes_nothing() -> None:
    town = Town()
    assert default_load(township=town.township, key="", by=town.staff) > 0
    for model in (Category, Office, ServiceKind, ReturnRule, Project, StarRule, CareCategory):
        assert model._default_manager.filter(township=town.township).exists(), model
    assert Checklist.objects.filter(township=town.township, state="adopted").count() == 4
    rule_set = RuleSet.objects.get(township=town.township)
    assert (rule_set.state, rule_set.deeds.count(), rule_set.heads.count()) == ("draft", len(shipped_rules()), 5)
    waiting = [need.key for need in progress_of(town.staff, town.township).needs if need.waits and need.load]
    assert waiting == []
    with pytest.raises(SetUpError):
        default_load(township=town.township, key="", by=town.staff)
    assert default_load(township=town.township, key="cases", by=town.staff) == 0


@time_machine.travel("2026-04-02T10:00:00+08:00")
def test_the_draft_of_the_rules_comes_into_force_by_a_meeting_only() -> None:
    town = Town()
    rules_set_up(township=town.township, by=town.staff)
    assert not town.lines()["adopted"].done
    rule_set = RuleSet.objects.get(township=town.township)
    assert rule_set.valid_from == date(2026, 1, 1)
    rule_set_adopt(rule_set=rule_set, meeting=Meeting(date(2026, 3, 30), "镇人大主席团会议", "通过"), by=town.staff)
    assert town.lines()["adopted"].done
    assert rules_set_up(township=town.township, by=town.staff) == 0, "a township with a version keeps it"


def test_defaults_are_for_the_townships_own_staff() -> None:
    town = Town()
    stranger = make_user("stranger", "staff", make_township("511923103"))
    with pytest.raises(SetUpError):
        default_load(township=town.township, key="", by=stranger)
    with pytest.raises(RuleError):
        rules_set_up(township=town.township, by=stranger)
    with pytest.raises(SetUpError):
        default_load(township=town.township, key="villages", by=town.staff)


def finished() -> Town:
    """A township that has everything."""
    town = Town()
    make_cast(town.township, town.village)
    household = make_household(town.village)
    for number in range(3):
        resident = make_resident(household, f"王小{number}")
        PanelMember.objects.create(
            village=town.village, resident=resident, appointed_on=date(2026, 1, 1), appointed_by=town.staff
        )
    default_load(township=town.township, key="", by=town.staff)
    RuleSet.objects.update(state="adopted", adopted_at="2026-01-01T00:00Z")
    return town


def test_the_card_leads_to_the_next_step_and_goes_when_all_is_there(client: Client) -> None:
    bare = Town()
    page = read(client, bare.staff, "/")
    assert "西兴镇开通进度" in page
    assert "有住户的村" in page
    default_load(township=bare.township, key="", by=bare.staff)
    assert "开通进度" in read(client, bare.staff, "/"), "people are missing still"


def test_a_finished_township_shows_no_card(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    town = finished()
    assert [need.key for need in progress_of(town.staff, town.township).needs if need.waits] == []
    assert "继续开通" not in read(client, town.staff, "/")
    monkeypatch.setattr(services, "progress_of", None)
    assert unfinished_of(town.staff) is None, "it is not counted again"


def test_the_page_shows_every_line_and_takes_its_button(client: Client) -> None:
    town = Town()
    page = read(client, town.staff, "/setting-up/")
    assert "已完成 3 / " in page
    assert "全部采用默认（10 项）" in page
    keys = ("rules", "cases", "projects", "stars", "care", "checklists", "bodies", "decisions", "affairs", "powers")
    assert [f'name="key" value="{key}"' in page for key in keys] == [True] * 10
    answer = client.post(f"/setting-up/{town.township.pk}/load/", {"key": "projects"}, follow=True)
    assert "已采用自带的内容" in answer.content.decode()
    assert town.lines()["projects"].done
    assert not town.lines()["care"].done
    assert client.post(f"/setting-up/{town.township.pk}/load/", {"key": "none"}, follow=True).status_code == 200
    other = make_township("511923103")
    assert client.post(f"/setting-up/{other.pk}/load/", {}).status_code == 404
