"""Plain builders and a fixed cast for all tests. Persons are invented; phones begin with 154, ID numbers with 511929."""

from __future__ import annotations

import itertools
from datetime import date
from functools import cache
from typing import Any

from django.contrib.auth.hashers import MD5PasswordHasher
from django.utils import timezone
from simple_history.utils import bulk_create_with_history

from governance.accounts.duties import Duty
from governance.accounts.models import User
from governance.disclosure.models import Notice
from moral_bank.models import Account, Closing, Entry
from moral_bank.rules.models import Deed, Head, RuleHead, RuleSet
from villages.models import Household, Placement, Post, Resident, Unit
from villages.units.loading import unit_draft, units_insert

PASSWORD = "Xiangzhi-2026"
FOUNDED = date(2020, 6, 1)
HEADS = {
    Head.LAW: (20, 20),
    Head.SERVICE: (5, 20),
    Head.SANITATION: (15, 20),
    Head.PARTICIPATION: (8, 20),
    Head.CIVILITY: (12, 20),
}
_serial = itertools.count(1)


@cache
def hashed_password() -> str:
    """PASSWORD hashed once for all, as `fast_passwords` checks it, also where a module's world is built before that."""
    return MD5PasswordHasher().encode(PASSWORD, MD5PasswordHasher().salt())


def make_unit(level: str, name: str, code: str, parent: Unit | None = None, **fields: Any) -> Unit:
    return units_insert([new_unit(level, name, code, parent, **fields)], None)[0]


def new_unit(level: str, name: str, code: str, parent: Unit | None = None, **fields: Any) -> Unit:
    """A unit that stands since FOUNDED, not saved yet."""
    return unit_draft(level=level, name=name, code=code, parent=parent, **{"valid_from": FOUNDED, **fields})


def make_township(code: str = "511923102") -> Unit:
    """平昌县 (made once) with a township under it."""
    county = Unit.objects.filter(code="511923000000").first() or make_unit("county", "平昌县", "511923000000")
    return make_unit("township", "西兴镇", f"{code}000", county)


def make_village(township: Unit, name: str = "八一村委会", code: str = "511923102201") -> Unit:
    """A village with one group and one settlement (`make_settlement` gives the settlement)."""
    village = make_unit("village", name, code, township)
    group = make_unit("group", "第一村民小组", f"{code}001", village)
    make_unit("settlement", "柏树院", f"{code}001001", group)
    return village


def settlement_of(village: Unit) -> Unit:
    return Unit.objects.get(level="settlement", path__startswith=village.path)


def new_user(username: str, **fields: Any) -> User:
    """An account that has already changed its first password, not saved yet."""
    return User(username=username, **{"name": username, "must_change_password": False, "password": hashed_password(), **fields})


def make_user(username: str, duty: str | None = None, unit: Unit | None = None, **fields: Any) -> User:
    """Such an account, holding `duty` at `unit` if given."""
    user = new_user(username, **fields)
    user.save()
    if duty and unit:
        Post.objects.create(kind=duty, unit=unit, user=user, appointed_on=date(2026, 1, 1))
    return user


def make_cast(township: Unit, village: Unit, vacant: str = "") -> dict[str, User]:
    """One user for each duty and each of 三员 but `vacant`; town duties at `township`, the others at `village` or its settlement."""
    places = {Duty.STAFF: township, Duty.LEADER: township, Duty.SUPERVISOR: township, Duty.ID_KEEPER: township}
    yard = settlement_of(village)
    own = dict.fromkeys((Duty.SECRETARY, Duty.CADRE, Duty.OVERSEER), village)
    units = {duty.value: places.get(duty) or own.get(duty, yard) for duty in Duty}
    guards = [guard for guard in ("system", "security", "audit") if guard != vacant]
    drafts = [new_user(f"{name}-{village.code}", guard=name if name in guards else "") for name in (*units, *guards)]
    cast = dict(zip((*units, *guards), User.objects.bulk_create(drafts), strict=True))
    posts = [Post(kind=duty, unit=unit, user=cast[duty], appointed_on=date(2026, 1, 1)) for duty, unit in units.items()]
    bulk_create_with_history(posts, Post)
    return cast


def make_household(village: Unit, head_name: str = "王小明", **fields: Any) -> Household:
    """A household in the village's settlement with an open placement since 2020."""
    unit = fields.pop("unit", None) or settlement_of(village)
    number = fields.pop("number", f"{next(_serial):04d}")
    household = Household.objects.create(
        number=number, head_name=head_name, head_pinyin="wangxiaoming", village=village, unit=unit, **fields
    )
    Placement.objects.create(household=household, village=village, unit=unit, valid_from=FOUNDED)
    return household


def end_household(household_id: int, on: date) -> None:
    """The household and its open placement end on a day, past the service."""
    Household.objects.filter(pk=household_id).update(ended_on=on)
    Placement.objects.filter(household=household_id, valid_to=None).update(valid_to=on)


def make_resident(household: Household, name: str = "王小明", id_number: str = "", **fields: Any) -> Resident:
    resident = Resident(household=household, name=name, name_pinyin="wangxiaoming", **fields)
    resident.set_id_number(id_number)
    resident.save()
    return resident


def make_account(household: Household) -> Account:
    township = household.village.parent
    assert township is not None
    return Account.objects.create(household=household, township=township, opened_on=FOUNDED)


def make_rule_set(township: Unit, adopted: bool = True, **fields: Any) -> RuleSet:
    """Version 1 in force since 2026-01-01 with the default heads and three deeds: S1 +5, L1 −10, V1 veto; J1 judged 1–10."""
    rule_set = RuleSet.objects.create(
        township=township, **{"name": "道德银行积分细则", "version": 1, "valid_from": date(2026, 1, 1), **fields}
    )
    for head, (base, maximum) in HEADS.items():
        RuleHead.objects.create(rule_set=rule_set, head=head, base=base, maximum=maximum)
    make_deed(rule_set, "S1", Head.SERVICE, "参加志愿服务", 5, points=5)
    make_deed(rule_set, "L1", Head.LAW, "参与赌博", -10)
    make_deed(rule_set, "V1", Head.LAW, "虐待老人", -20, is_veto=True)
    make_deed(rule_set, "J1", Head.SANITATION, "庭院整洁", 1, score_high=10, verifier=Duty.SANITATION)
    if adopted:
        rule_set.state, rule_set.adopted_at = RuleSet.State.ADOPTED, timezone.now()
        rule_set.save()
    return rule_set


def make_deed(rule_set: RuleSet, code: str, head: str, name: str, score: int, **fields: Any) -> Deed:
    return Deed.objects.create(rule_set=rule_set, code=code, head=head, name=name, score=score, **fields)


def make_entry(account: Account, deed: Deed, occurred_on: date, by: User, **fields: Any) -> Entry:
    """Posted through the model, so that the database's own rules apply but the service's do not."""
    score = fields.pop("score", deed.score)
    entry = Entry(
        account=account,
        township_id=account.township_id,
        village_id=account.household.village_id,
        deed=deed,
        head=deed.head,
        veto=deed.is_veto,
        memo=deed.name,
        score=score,
        points=deed.points_for(score),
        occurred_on=occurred_on,
        month=occurred_on.replace(day=1),
        source_key=fields.pop("source_key", f"test:{next(_serial)}"),
        posted_by=by,
        posted_at=timezone.now(),
        **fields,
    )
    entry.save()
    return entry


def make_locked_month(village: Unit, rule_set: RuleSet, start: date) -> Closing:
    """A locked closing without ratings, as the database alone sees it."""
    notice = Notice.objects.create(unit=village, kind="rating", title="公示", opens_on=start, closes_on=start)
    now = timezone.now()
    return Closing.objects.create(
        village=village,
        kind="month",
        start=start,
        state="locked",
        rule_set=rule_set,
        computed_at=now,
        notice=notice,
        locked_at=now,
    )
