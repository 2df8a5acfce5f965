"""Every ledger of the house names its rows and says which of them still count, so that a sheet that comes back revives nobody."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import models

from governance.cases.engine import exports as cases
from governance.cases.models import Case, Category, Shift, Visit
from governance.councils.bodies.exports import SEATS
from governance.councils.covenants.lists import LEDGER as COVENANTS
from governance.councils.decisions.exports import DECISION_LEDGER
from governance.councils.meetings.exports import MEETINGS, TASKS
from governance.councils.models import Covenant, Decision, Meeting, Seat, Task
from governance.disclosure import exports as disclosure
from governance.disclosure.activities.lists import LEDGER as ACTIVITIES
from governance.disclosure.affairs.lists import CATALOGUE, QUESTION_LEDGER
from governance.disclosure.affairs.lists import LEDGER as AFFAIRS
from governance.disclosure.models import Activity, Affair, AffairKind, AffairQuestion, Notice, Objection, Power
from governance.disclosure.powers.lists import LEDGER as POWERS
from governance.frame.exports import KEY, Ledger
from inspections.checks.exports import CHECKS
from inspections.fronts.exports import FRONTS
from inspections.models import Blame, ChecklistItem, Front, HouseholdCheck, Order
from inspections.orders.exports import NOTICES, OVERSIGHTS
from inspections.orders.lists import BLAME_LEDGER
from inspections.scorecards.exports import SCORE_SHEET
from moral_bank.awards import exports as awards
from moral_bank.claims import exports as claims
from moral_bank.closings.exports import CLOSINGS
from moral_bank.ledger.exports import ENTRIES, RATINGS
from moral_bank.market import exports as market
from moral_bank.models import (
    Appeal,
    Claim,
    Closing,
    CoverDay,
    Deed,
    Entry,
    Expiry,
    FundMove,
    Honour,
    Judgement,
    Move,
    Nomination,
    PanelMember,
    Passbook,
    Rating,
    Reconciliation,
    Redemption,
    Shop,
)
from moral_bank.panel import exports as panel
from moral_bank.passbooks import exports as passbooks
from moral_bank.proof.exports import PROOFS
from moral_bank.rules.exports import DEEDS
from villages.economy.exports import STATEMENTS
from villages.economy.leases.lists import LEDGER as LEASES
from villages.facilities.lists import LEDGER as FACILITIES
from villages.households.exports import HOUSEHOLD_ROSTER, ROSTER, WHOLE_ROSTER
from villages.models import EconomyStatement, Facility, Lease, Overlay, Post, Resident, Unit
from villages.posts.exports import OVERLAYS, POSTS, UNITS
from volunteers.care.exports import CARE_LEDGER
from volunteers.models import CareRecord, Hours, Project, ServiceOrder, Volunteer
from volunteers.orders.exports import SERVICES
from volunteers.people.exports import HOURS_LEDGER, REGISTER
from volunteers.projects.lists import LIBRARY

ROWS: list[tuple[Ledger, type[models.Model]]] = [
    (cases.CASES, Case), (cases.DISPUTES, Case), (cases.ERRANDS, Case), (cases.VISITS, Visit), (cases.SHIFTS, Shift),
    (cases.CATEGORIES, Category), (disclosure.NOTICES, Notice), (disclosure.OBJECTIONS, Objection), (CHECKS, HouseholdCheck),
    (FRONTS, Front), (NOTICES, Order), (OVERSIGHTS, Order), (BLAME_LEDGER, Blame), (SCORE_SHEET, ChecklistItem),
    (awards.NOMINATIONS, Nomination), (awards.HONOURS, Honour), (awards.REMINDERS, Rating), (claims.CLAIMS, Claim),
    (claims.APPEALS, Appeal), (CLOSINGS, Closing), (ENTRIES, Entry), (RATINGS, Rating), (market.REDEMPTIONS, Redemption),
    (market.MOVES, Move), (market.FUND, FundMove), (panel.MEMBERS, PanelMember), (panel.SITTINGS, Judgement),
    (passbooks.PASSBOOKS, Passbook), (passbooks.STATEMENT, Entry), (passbooks.COVERS, Shop), (passbooks.COVER_DAYS, CoverDay),
    (passbooks.EXPIRIES, Expiry), (PROOFS, Reconciliation), (DEEDS, Deed), (HOUSEHOLD_ROSTER, Resident), (ROSTER, Resident),
    (OVERLAYS, Overlay), (POSTS, Post), (UNITS, Unit), (CARE_LEDGER, CareRecord), (HOURS_LEDGER, Hours), (LIBRARY, Project),
    (SERVICES, ServiceOrder), (REGISTER, Volunteer), (WHOLE_ROSTER, Resident), (SEATS, Seat), (COVENANTS, Covenant),
    (DECISION_LEDGER, Decision), (MEETINGS, Meeting), (TASKS, Task), (ACTIVITIES, Activity), (AFFAIRS, Affair), (CATALOGUE, AffairKind),
    (QUESTION_LEDGER, AffairQuestion), (POWERS, Power), (STATEMENTS, EconomyStatement), (LEASES, Lease),
    (FACILITIES, Facility),
]  # fmt: skip
ENDS = {"status", "state", "ended_on", "valid_to", "left_on", "revoked_on", "revoked_at", "withdrawn_at", "is_active", "cancelled_at"}
LABELS = {UNITS.title: "code"}


def ledgers() -> Iterator[Ledger]:
    """All that stand in the house's modules. What fills superiors' forms leaves in their layout, not as a list that could come back."""
    for config in apps.get_app_configs():
        if config.name.partition(".")[0] not in {"governance", "villages", "moral_bank", "volunteers", "inspections"}:
            continue
        for found in pkgutil.walk_packages([config.path], f"{config.name}."):
            if not {"migrations", "management", "tests", "superior"} & set(found.name.split(".")):
                module = importlib.import_module(found.name)
                yield from (value for value in vars(module).values() if isinstance(value, Ledger))


def test_it_knows_every_ledger() -> None:
    known = {id(ledger) for ledger, _ in ROWS}
    assert not {ledger.title for ledger in ledgers() if id(ledger) not in known}


@pytest.mark.parametrize(("ledger", "model"), ROWS, ids=[f"{ledger.title}-{model.__name__}" for ledger, model in ROWS])
def test_it_names_each_row_and_says_whether_it_still_counts(ledger: Ledger, model: type[models.Model]) -> None:
    headings = [column.heading for column in ledger.columns]
    assert headings.count(ledger.key) == 1 and len(set(headings)) == len(headings)
    if ledger.key != KEY.heading:
        assert model._meta.get_field(LABELS[ledger.title]).unique  # type: ignore[union-attr]
    else:
        assert headings[-1] == KEY.heading and ledger.printed == len(headings) - 1
    ends = ENDS & {field.name for field in model._meta.get_fields()}
    assert not ends or ledger.state in headings, ends
