"""People in care since January, with a visit for almost every day that was due (plan §三.2 特殊困难群体台账)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from governance.accounts.models import User
from governance.cases.models import Visit
from governance.demo.households import Home
from governance.demo.loading import create
from governance.demo.posts import BAYI, secretary_login
from governance.demo.rulebook import FIRST_DAY
from governance.demo.sources import TOWNSHIP
from governance.periods import SHANGHAI, today
from villages.models import Resident, Unit
from volunteers.care.setting_up import care_set_up
from volunteers.care.tiers import next_due
from volunteers.models import CareCategory, CareNote, CareRecord, CareTurn, RiskHousehold

PEOPLE, CHILDREN = 108, 12
LATE, MISSED_NOW = 0.05, 0.08
SEEN = ("身体还好，饭菜正常", "天冷了，被子够", "血压药按时吃着", "孩子打来电话，家里平安", "屋里收拾得干净，煤气阀门关好")
HELPERS = ("bayi-ganbu", "bayi-yuanzhang", "bayi-zhiyuan")


@dataclass
class _Story:
    """A record to be, and the days by which somebody came, with the days on which they did."""

    record: CareRecord
    home: Home
    turns: list[tuple[date, date]] = field(default_factory=list)


def load_care(rng: Random, units: dict[str, Unit], homes: list[Home], users: dict[str, User], now: datetime) -> None:
    township = units[TOWNSHIP]
    care_set_up(township=township)
    categories = {row.code: row for row in CareCategory.objects.filter(township=township)}
    stories = [_story(rng, *one, categories, users, now) for one in _people(rng, homes)]
    create([story.record for story in stories], users["zhenban"])
    visits = create(_visit(rng, story, came) for story in stories for _, came in story.turns)
    notes = CareNote.objects.bulk_create(
        [_note(visit, story) for visit, story in zip(visits, (story for story in stories for _ in story.turns), strict=True)],
        batch_size=2000,
    )
    met = ((story.record, due, came) for story in stories for due, came in story.turns)
    CareTurn.objects.bulk_create(
        [CareTurn(record=record, due_on=due, met_on=came, note=note) for note, (record, due, came) in zip(notes, met, strict=True)],
        batch_size=2000,
    )
    _risks(homes, users)


def _people(rng: Random, homes: list[Home]) -> Iterator[tuple[Home, Resident, str, str]]:
    """(home, person, code of category, tier): the oldest of the township, half in 八一村, and some children."""
    taken: set[int] = set()
    for among, most in (([home for home in homes if home.village.code == BAYI], PEOPLE // 2), (homes, PEOPLE)):
        old = [(home, one) for home in among for one in home.residents if _age(one) >= 70 and one.pk not in taken]
        for number, (home, person) in enumerate(rng.sample(old, min(most - len(taken), len(old)))):
            taken.add(person.pk)
            code = "shineng" if number % 9 == 0 else "duju" if len(home.residents) == 1 else "kongchao"
            yield home, person, code, "high" if code == "shineng" else "key" if code == "duju" else "normal"
    young = [(home, one) for home in homes for one in home.residents if 4 <= _age(one) < 16]
    for home, person in rng.sample(young, min(CHILDREN, len(young))):
        yield home, person, "liushou", "key"


def _age(person: Resident) -> int:
    gone = person.status != Resident.Status.PRESENT or person.birth_date is None
    return -1 if gone or person.birth_date is None else FIRST_DAY.year - person.birth_date.year


def _story(
    rng: Random,
    home: Home,
    person: Resident,
    code: str,
    tier: str,
    categories: dict[str, CareCategory],
    users: dict[str, User],
    now: datetime,
) -> _Story:
    category, here = categories[code], home.village.code == BAYI
    helper = users["bayi-ertong" if category.is_child else rng.choice(HELPERS)] if here else users[secretary_login(home.village)]
    record = CareRecord(
        township=category.township,
        village=home.village,
        unit=home.settlement,
        resident=person,
        category=category,
        tier=tier,
        tier_reason=f"{category.name}，入户看过",
        helper=helper,
        consent=CareRecord.Consent.GUARDIAN if category.is_child else CareRecord.Consent.SELF,
        consented_on=FIRST_DAY,
        entered_on=FIRST_DAY,
        entered_by=users["zhenban"],
        judged_on=FIRST_DAY,
        due_on=next_due(None, FIRST_DAY, category.days_of(tier)),
    )
    record.set_private("外出务工的父母，爷爷奶奶照看" if category.is_child else "", "" if category.is_child else "高血压")
    story = _Story(record, home)
    _come(rng, story, today(now))
    return story


def _come(rng: Random, story: _Story, day: date) -> None:
    """Come by each day that is due until `day`, seldom late, and here and there not yet."""
    record = story.record
    assert record.due_on is not None
    while record.due_on <= day and not (record.due_on > day - timedelta(days=4) and rng.random() < MISSED_NOW):
        due = record.due_on
        came = due + timedelta(days=rng.randrange(1, 3)) if rng.random() < LATE else due - timedelta(days=rng.randrange(3))
        came = min(came, day)
        story.turns.append((due, came))
        record.last_on, record.due_on = came, next_due(came, record.entered_on, record.category.days_of(record.tier))


def _visit(rng: Random, story: _Story, came: date) -> Visit:
    at = datetime.combine(came, time(9, rng.randrange(60)), SHANGHAI)
    record = story.record
    visit = Visit(
        kind=Visit.Kind.PHONE if rng.random() < 0.2 else Visit.Kind.CALL,
        township=record.township,
        village=story.home.village,
        unit=story.home.settlement,
        household=story.home.household,
        went_at=at,
        seen=rng.choice(SEEN),
        by=record.helper,
        logged_at=at,
    )
    visit._history_date = at  # type: ignore[attr-defined]
    return visit


def _note(visit: Visit, story: _Story) -> CareNote:
    return CareNote(visit=visit, resident=story.record.resident, condition=CareNote.Condition.WELL, by=visit.by, at=visit.logged_at)


def _risks(homes: list[Home], users: dict[str, User]) -> None:
    """Three households of 八一村 that are moved when it pours."""
    its = [home for home in homes if home.village.code == BAYI][:3]
    risks = (RiskHousehold.Risk.SLOPE, RiskHousehold.Risk.LOW, RiskHousehold.Risk.UNSAFE)
    create(
        RiskHousehold(household=home.household, risk=risk, shelter="八一村党群服务中心", keeper=users["bayi-ganbu"], since=FIRST_DAY)
        for home, risk in zip(its, risks, strict=True)
    )
