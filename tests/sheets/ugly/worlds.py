"""What must stand in the portal before each kind of ledger comes in, and how its register is read afterwards."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils import timezone

from governance.accounts.models import User
from governance.cases.categories.setting_up import cases_set_up
from governance.cases.disputes.sheet_import import DISPUTE_IMPORT
from governance.cases.models import Case, CaseStep, Dispute, Party, ReturnVisit
from governance.periods import SHANGHAI
from inspections.cards.setting_up import checklists_set_up
from inspections.checks.sheet_import import CHECK_IMPORT
from inspections.models import HouseholdCheck
from moral_bank.claims.sheet_import import CLAIM_IMPORT
from moral_bank.models import Claim
from moral_bank.rules.models import Head, RuleSet
from tests.builders import (
    FOUNDED,
    make_deed,
    make_rule_set,
    make_township,
    make_unit,
    make_user,
    make_village,
    new_unit,
    settlement_of,
)
from tests.sheets.ugly import care, checks, hours, officers, points
from tests.sheets.ugly.disputes import MEDIATORS
from tests.sheets.ugly.kit import VILLAGES
from tests.sheets.ugly.measure import Ident, World
from tests.sheets.ugly.people import Family
from villages.models import Household, Placement, Post, Resident, Unit
from villages.posts.officer_import import OFFICER_IMPORT
from villages.roster.services import ROSTER_IMPORT
from villages.units.loading import units_insert
from volunteers.care.setting_up import care_set_up
from volunteers.care.sheet_import import CARE_IMPORT
from volunteers.models import CareNote, CareRecord, Hours, ServiceMember, ServiceTeam, Volunteer
from volunteers.people.sheet_import import HOURS_IMPORT


def town(bare: bool = False) -> tuple[Unit, User]:
    """西兴镇 with three villages, which have a group and a settlement each unless they are `bare`, and who keeps its lists."""
    township = make_township()
    for code, name in VILLAGES.items():
        if bare:
            make_unit("village", name, code, township)
        else:
            make_village(township, name, code)
    return township, make_user("staff", "staff", township)


def settle(families: list[Family]) -> None:
    """Register the households with everybody in them, each in its village's settlement."""
    villages = {code: Unit.objects.get(code=code) for code in VILLAGES}
    yards = {code: settlement_of(village) for code, village in villages.items()}
    homes = [
        Household(number=one.number, head_name=one.head.name, head_pinyin="x", village=villages[one.village], unit=yards[one.village])
        for one in families
    ]
    _place(homes)
    people = []
    for home, family in zip(homes, families, strict=True):
        for human in family.people:
            sex = Resident.Sex.MALE if human.sex == "男" else Resident.Sex.FEMALE
            one = Resident(household=home, name=human.name, name_pinyin="x", sex=sex, birth_date=human.born, relation=human.relation)
            one.set_id_number(human.number)
            people.append(one)
    Resident.objects.bulk_create(people)


def _place(homes: list[Household]) -> None:
    Household.objects.bulk_create(homes)
    places = [Placement(household=home, village=home.village, unit=home.unit, valid_from=FOUNDED) for home in homes]
    Placement.objects.bulk_create(places)


def roster_world(size: int) -> World:
    township, staff = town(bare=True)
    return World(ROSTER_IMPORT, staff, {"township": township}, _residents, (Unit, Household, Resident, Placement))


def _residents() -> dict[Ident, dict[str, Any]]:
    found: dict[Ident, dict[str, Any]] = {}
    for one in Resident.objects.select_related("household__village", "household__unit__parent"):
        home, unit = one.household, one.household.unit
        yard, group = (unit, unit.parent) if unit.level == "settlement" else (None, unit)
        found[home.village.code, home.number, one.name] = {
            "address": home.address, "head": home.head_name, "group": group.name if group else "", "yard": yard.name if yard else None,
            "sex": {"M": "男", "F": "女"}.get(one.sex, one.sex), "born": one.birth_date, "id": one.id_number or "", "phone": one.phone,
            "relation": one.relation, "status": one.status, "note": one.note,
        }  # fmt: skip
    return found


def dispute_world(size: int) -> World:
    township, staff = town()
    cases_set_up(township=township)
    for code, name in MEDIATORS.items():
        make_user(f"mediator-{code}", "mediator", settlement_of(Unit.objects.get(code=code)), name=name)
    return World(DISPUTE_IMPORT, staff, {"township": township}, _disputes, (Case, Dispute, Party, ReturnVisit, CaseStep))


def _disputes() -> dict[Ident, dict[str, Any]]:
    found: dict[Ident, dict[str, Any]] = {}
    rows = Case.objects.select_related("village", "category", "dispute__mediator__user").prefetch_related("dispute__parties",
        "return_visits")
    for one in rows:
        parties, visits = list(one.dispute.parties.all()), list(one.return_visits.all())
        found[(one.text,)] = {
            "old": one.old_number, "village": one.village.code, "day": _day(one.logged_at), "ended": _day(one.finished_at),
            "parties": tuple(party.name for party in parties), "phones": tuple(party.phone for party in parties),
            "outcome": one.dispute.outcome, "risk": one.dispute.risk, "source": one.source, "category": one.category.code,
            "leader": one.dispute.leader, "mediator": one.dispute.mediator.holder_name if one.dispute.mediator else "",
            "visited": visits[0].done_on if visits else None, "filed": one.filed_at is not None,
        }  # fmt: skip
    return found


def _day(at: datetime | None) -> date | None:
    return at.astimezone(SHANGHAI).date() if at else None


def point_world(size: int) -> World:
    """Declared by one cadre of all villages."""
    township, _ = town()
    rules = make_rule_set(township, adopted=False)
    rules.deeds.all().delete()
    for code, (name, gives, counted) in points.DEEDS.items():
        judged = {"score_high": 10} if gives is None else {"by_quantity": counted}
        make_deed(rules, code, Head.SERVICE, name, gives or 1, **judged)
    rules.state, rules.adopted_at = RuleSet.State.ADOPTED, timezone.now()
    rules.save()
    settle(points.known(size))
    cadre = make_user("cadre")
    for village in Unit.objects.villages():
        Post.objects.create(kind="cadre", unit=village, user=cadre, appointed_on=date(2026, 1, 1))
    return World(CLAIM_IMPORT, cadre, {}, _claims, (Claim,))


def _claims() -> dict[Ident, dict[str, Any]]:
    found: dict[Ident, dict[str, Any]] = {}
    for one in Claim.objects.select_related("account__household__village", "deed"):
        home, words = one.account.household, one.note.split("；")
        found[(words[-1],)] = {
            "home": (home.village.code, home.number), "deed": one.deed.code, "day": one.occurred_on, "score": one.score,
            "quantity": one.quantity, "applicant": one.applicant, "opinion": next((word for word in words if word in ("属实", "同意加分")),
                ""),
        }  # fmt: skip
    return found


def care_world(size: int) -> World:
    township, staff = town()
    Post.objects.create(kind="child_town", unit=township, user=staff, appointed_on=date(2026, 1, 1))
    care_set_up(township=township)
    settle(care.known(size))
    for code, name in care.HELPERS.items():
        make_user(f"helper-{code}", "cadre", Unit.objects.get(code=code), name=name)
    return World(CARE_IMPORT, staff, {"township": township}, _records, (CareRecord, CareNote))


def _records() -> dict[Ident, dict[str, Any]]:
    found: dict[Ident, dict[str, Any]] = {}
    needing = set(CareNote.objects.exclude(need="").values_list("resident", flat=True))
    for one in CareRecord.objects.select_related("resident", "category", "helper"):
        guardian, words = one.private_words
        found[(one.resident.id_number,)] = {
            "category": one.category.name, "tier": one.tier, "helper": one.helper.name if one.helper else "", "last": one.last_on,
            "needs": one.needs, "guardian": guardian, "words": words, "found": one.resident_id in needing,
        }  # fmt: skip
    return found


def check_world(size: int) -> World:
    """The shipped card in force; the months are over, so that nothing is posted."""
    township, staff = town()
    checklists_set_up(township=township)
    settle(checks.known(size))
    return World(CHECK_IMPORT, staff, {"township": township}, _checks, (HouseholdCheck,))


def _checks() -> dict[Ident, dict[str, Any]]:
    rows = HouseholdCheck.objects.select_related("household")
    return {(one.household.number, one.month): {"score": one.score, "plate": one.plate} for one in rows}


def officer_world(size: int) -> World:
    """Everybody of a settlement in a household of their own."""
    township, staff = town(bare=True)
    yards, villages = officers.known(size), {code: Unit.objects.get(code=code) for code in VILLAGES}
    groups = {code: new_unit("group", f"{int(code[-3:])}组", code,
        villages[code[:12]]) for code in sorted({one.code[:15] for one in yards})}
    groups = dict(zip(groups, units_insert(list(groups.values()), None), strict=True))
    units = units_insert([new_unit("settlement", one.name, one.code, groups[one.code[:15]]) for one in yards], None)
    homes = [
        Household(number=number, head_name=name, head_pinyin="x", village=villages[yard.village], unit=unit)
        for yard, unit in zip(yards, units, strict=True)
        for name, number in yard.people.values()
    ]
    _place(homes)
    Resident.objects.bulk_create(Resident(household=home, name=home.head_name, name_pinyin="x") for home in homes)
    return World(OFFICER_IMPORT, staff, {"township": township}, _posts, (Post,))


def _posts() -> dict[Ident, dict[str, Any]]:
    rows = Post.objects.filter(ended_on=None, unit__level="settlement").select_related("unit", "resident__household")
    return {
        (one.unit.code, one.kind): {
            "name": one.holder_name, "number": one.resident.household.number, "since": one.appointed_on, "until": one.term_end,
        }
        for one in rows
        if one.resident
    }  # fmt: skip


def hour_world(size: int) -> World:
    township, staff = town()
    settle(hours.known(size))
    phones = {human.number: human.phone for _, human in hours.volunteers(size)}
    people = [one for one in Resident.objects.select_related("household__village") if one.id_number in phones]
    Volunteer.objects.bulk_create(
        Volunteer(
            township=township, village=one.household.village, resident=one, name=one.name, name_pinyin="x",
            phone=phones[str(one.id_number)],
            adult_on=date(2020, 1, 1), state=Volunteer.State.ACTIVE, joined_on=date(2025, 1, 1),
        )
        for one in people
    )  # fmt: skip
    return World(HOURS_IMPORT, staff, {"township": township}, _hours, (Hours, Volunteer, ServiceTeam, ServiceMember))


def _hours() -> dict[Ident, dict[str, Any]]:
    return {
        (one.text,): {
            "who": one.volunteer.resident.id_number if one.volunteer.resident else "", "day": one.served_on, "minutes": one.minutes,
            "village": one.village.code,
        }
        for one in Hours.objects.select_related("volunteer__resident", "village")
    }  # fmt: skip
