"""The volunteers' part of the matrix."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

from django.utils import timezone

from governance.accounts.duties import Action
from governance.sheets.cells import LEVELS
from tests.builders import make_household, make_resident
from tests.matrix import MARK, PUBLIC, Page, Staff, listed
from volunteers.care.rounds import round_start
from volunteers.care.services import CareDetails, care_enter
from volunteers.care.setting_up import care_set_up
from volunteers.models import (
    CareCategory,
    CareImport,
    CareRoundPerson,
    Certificate,
    Hours,
    HoursImport,
    Project,
    RiskHousehold,
    Run,
    ServiceMember,
    ServiceTeam,
    StarRule,
)
from volunteers.orders.services import Ask, offer_accept, order_ask, order_offer, run_finish
from volunteers.people.services import VolunteerDetails, volunteer_admit, volunteer_register
from volunteers.people.setting_up import stars_set_up
from volunteers.projects.setting_up import projects_set_up

_EDIT = Action.VOLUNTEER_EDIT
# Children's care is also theirs, of children alone.
_CHILD = frozenset({"child_head", "child_town"})
PAGES: dict[str, Page] = {
    "volunteers:order-list": Page(Action.SERVICE_VIEW),
    "volunteers:order-export": Page(Action.EXPORT),
    "volunteers:order-board": Page(Action.SERVICE_VIEW),
    "volunteers:order-month": Page(Action.SERVICE_VIEW),
    "volunteers:order-log": Page(Action.SERVICE_LOG),
    "volunteers:order-detail": Page(Action.SERVICE_VIEW, "service_order"),
    "volunteers:order-dispatch": Page(Action.SERVICE_DISPATCH, "service_order"),
    "volunteers:order-step": Page(Action.SERVICE_LOG, "service_order", answers=(200, 302), arguments=(("step", "cancel"),)),
    "volunteers:order-slip": Page(Action.SERVICE_LOG, "served_order", "post", answers=(200, 302)),
    "volunteers:my-orders": Page(Action.SERVICE_RUN),
    "volunteers:my-order-detail": Page(Action.SERVICE_RUN, "offered_order", answers=(200, 404)),
    "volunteers:my-order-step": Page(Action.SERVICE_RUN, "offered_order", answers=(200, 404), arguments=(("step", "decline"),)),
    "public:order-ask": Page(PUBLIC, "village"),
    "public:order-judge": Page(PUBLIC, answers=(404,), arguments=(("token", "unknown"),)),
    "api:serviceorder-call-back": Page(Action.SERVICE_LOG, "service_order", "post", (400,)),
    "api:serviceorder-cancel": Page(Action.SERVICE_LOG, "service_order", "post", (400,)),
    "api:serviceorder-judge": Page(Action.SERVICE_LOG, "service_order", "post", (400,)),
    "volunteers:volunteer-list": Page(Action.VOLUNTEER_VIEW),
    "volunteers:volunteer-export": Page(Action.EXPORT),
    "volunteers:volunteer-register": Page(_EDIT),
    "volunteers:volunteer-detail": Page(Action.VOLUNTEER_VIEW, "volunteer"),
    "volunteers:volunteer-change": Page(_EDIT, "volunteer"),
    "volunteers:volunteer-admit": Page(_EDIT, "applicant"),
    "volunteers:volunteer-pause": Page(_EDIT, "volunteer"),
    "volunteers:volunteer-resume": Page(_EDIT, "volunteer", "post", (302,)),
    "volunteers:volunteer-leave": Page(_EDIT, "volunteer"),
    "volunteers:volunteer-reveal": Page(Action.RESIDENT_REVEAL, "volunteer", "post"),
    "volunteers:team-list": Page(Action.VOLUNTEER_VIEW),
    "volunteers:team-create": Page(_EDIT),
    "volunteers:team-detail": Page(Action.VOLUNTEER_VIEW, "service_team", answers=(200, 404)),
    "volunteers:team-change": Page(_EDIT, "service_team"),
    "volunteers:team-join": Page(_EDIT, "service_team", "post", (422,)),
    "volunteers:team-part": Page(_EDIT, "service_member", "post", (302,)),
    "volunteers:hours-list": Page(Action.VOLUNTEER_VIEW),
    "volunteers:hours-export": Page(Action.EXPORT),
    "volunteers:hours-reverse": Page(_EDIT, "hours"),
    "volunteers:star-list": Page(Action.VOLUNTEER_VIEW),
    "volunteers:certificate-list": Page(Action.VOLUNTEER_VIEW),
    "volunteers:certificate-create": Page(_EDIT, "volunteer"),
    "volunteers:certificate-print": Page(Action.VOLUNTEER_VIEW, "service_certificate"),
    "volunteers:certificate-docx": Page(Action.VOLUNTEER_VIEW, "service_certificate"),
    "volunteers:my-service": Page(Action.SERVICE_RUN),
    "volunteers:project-list": Page(Action.VOLUNTEER_VIEW),
    "volunteers:project-export": Page(Action.EXPORT),
    "public:volunteer-services": Page(PUBLIC, "village", arguments=(("code", "511923102201"),)),
    "admin:volunteers_project_set_up": Page(Action.PROJECT_EDIT, method="post", answers=(302,)),
    "admin:volunteers_starrule_set_up": Page(Action.PROJECT_EDIT, method="post", answers=(302,)),
    "volunteers:care-list": Page(Action.CARE_VIEW, also=_CHILD),
    "volunteers:care-children": Page(Action.CARE_CHILD),
    "volunteers:care-export": Page(Action.EXPORT),
    "volunteers:care-create": Page(Action.CARE_EDIT, also=_CHILD),
    "volunteers:care-proposals": Page(Action.CARE_EDIT, also=_CHILD),
    "volunteers:care-decline": Page(Action.CARE_EDIT, "old_person", arguments=(("category_pk", "care_category"),)),
    "volunteers:care-detail": Page(Action.CARE_VIEW, "care"),
    "volunteers:care-reveal": Page(Action.CARE_VIEW, "care", "post", (200, 302)),
    "volunteers:care-change": Page(Action.CARE_EDIT, "care"),
    "volunteers:care-judge": Page(Action.CARE_EDIT, "care"),
    "volunteers:care-hand": Page(Action.CARE_EDIT, "care"),
    "volunteers:care-leave": Page(Action.CARE_EDIT, "care"),
    "volunteers:my-care": Page(Action.SERVICE_RUN),
    "volunteers:care-note": Page(Action.VISIT_LOG, "visit"),
    "volunteers:round-list": Page(Action.CARE_VIEW),
    "volunteers:round-start": Page(Action.CARE_EDIT),
    "volunteers:round-detail": Page(Action.CARE_VIEW, "care_round", answers=(200, 404)),
    "volunteers:round-print": Page(Action.CARE_EDIT, "care_round"),
    "volunteers:round-answered": Page(Action.CARE_VIEW, "round_person", "post", (302, 404)),
    "volunteers:round-moved": Page(Action.CARE_VIEW, "round_person", "post", (302, 404)),
    "volunteers:risk-list": Page(Action.CARE_VIEW),
    "volunteers:risk-create": Page(Action.CARE_EDIT),
    "volunteers:risk-print": Page(Action.CARE_EDIT),
    "volunteers:risk-detail": Page(Action.CARE_VIEW, "risk"),
    "volunteers:risk-end": Page(Action.CARE_EDIT, "risk", "post", (302,)),
    "admin:volunteers_carecategory_set_up": Page(Action.CARE_EDIT, method="post", answers=(302,)),
    "api:project-list": Page(Action.VOLUNTEER_VIEW),
    "api:project-detail": Page(Action.VOLUNTEER_VIEW, answers=(200, 404), arguments=(("pk", "project"),)),
    **listed(
        ("serviceorder", Action.SERVICE_VIEW, "service_order"),
        ("volunteer", Action.VOLUNTEER_VIEW, "volunteer"),
        ("hours", Action.VOLUNTEER_VIEW, "hours"),
        ("carerecord", Action.CARE_VIEW, "care"),
    ),
}
STAFF = {
    "volunteers_serviceorder": Staff(
        Action.SERVICE_VIEW, "service_order", history=False, buttons=(("page", Action.SERVICE_VIEW),)
    ),
    "volunteers_project": Staff(Action.VOLUNTEER_VIEW, "project", add=True, export=True),
    "volunteers_starrule": Staff(Action.VOLUNTEER_VIEW, "star_rule", add=True, delete=True),
    "volunteers_hoursimport": Staff(
        Action.VOLUNTEER_IMPORT,
        "hours_import",
        add=True,
        history=False,
        buttons=tuple((name, Action.VOLUNTEER_IMPORT) for name in ("commit", "remap", "rejects", "discard")),
    ),
    "volunteers_careimport": Staff(
        Action.CARE_IMPORT,
        "care_import",
        add=True,
        history=False,
        buttons=tuple((name, Action.CARE_IMPORT) for name in ("commit", "remap", "rejects", "discard")),
    ),
    "volunteers_carecategory": Staff(Action.CARE_VIEW, "care_category", add=True),
    "volunteers_carerecord": Staff(Action.CARE_VIEW, "care", buttons=(("page", Action.CARE_VIEW),)),
}


def build(house: Any) -> None:
    """One object of each kind, by feature."""
    _people(house)
    _orders(house)
    _care(house)


def _people(house: Any) -> None:
    """The library and the stars; a volunteer with a team, hours and a certificate, one who has applied, an import."""
    clerk, village, now = house.cast["staff"], house.village, timezone.now()
    projects_set_up(township=house.township)
    stars_set_up(township=house.township)
    StarRule.objects.filter(township=house.township).update(is_active=True, hours=1)
    house.project = Project.objects.get(township=house.township, code="linli")
    house.star_rule = StarRule.objects.get(township=house.township, stars=1)
    for name, called in (("applicant", f"{MARK}者"), ("volunteer", MARK)):
        resident = make_resident(make_household(village, called), called, phone="15400000031", birth_date=date(1980, 5, 1))
        user = house.cast["volunteer"] if name == "volunteer" else None
        details = VolunteerDetails(village=village, resident=resident, user=user, agreed_on=date(2026, 3, 1), agreed_how="signed")
        setattr(house, name, volunteer_register(details=details, by=clerk))
    house.volunteer = volunteer_admit(volunteer=house.volunteer, by=clerk, on=date(2026, 3, 2))
    house.service_team = ServiceTeam.objects.create(village=village, name=MARK)
    house.service_member = ServiceMember.objects.create(team=house.service_team, volunteer=house.volunteer, since=date(2026, 3, 2))
    house.hours = Hours.objects.create(
        volunteer=house.volunteer, village=village, served_on=date(2026, 3, 3), minutes=120, text=MARK, at=now, by=clerk,
        row_key=uuid4(),
    )  # fmt: skip
    house.service_certificate = Certificate.objects.create(
        volunteer=house.volunteer, number=f"ZM2025-{house.village.code}", since=date(2026, 1, 1), until=date(2026, 3, 31), minutes=120,
        services=[{"name": MARK, "times": 1, "minutes": 120}], issuer=f"平昌县西兴镇{house.village.name}", issued_by=clerk, issued_at=now,
    )  # fmt: skip
    house.hours_import = HoursImport.objects.create(township=house.township, uploaded_by=clerk, filename="表.csv")


def _orders(house: Any) -> None:
    """An order that waits, one that was done by the volunteer, and one that they are asked to take."""
    cadre, runner = house.cast["cadre"], house.cast["volunteer"]
    house.errand_project = Project.objects.get(township=house.township, code="daiban")
    ask = Ask(project=house.errand_project, unit=house.yard, name=f"李{MARK}", phone="15400000008", text="想买米")
    house.service_order = order_ask(ask=ask, by=cadre)
    house.served_order, house.offered_order = order_ask(ask=ask, by=cadre), order_ask(ask=ask, by=cadre)
    for order in (house.served_order, house.offered_order):
        order_offer(order=order, volunteers=[house.volunteer], by=cadre)
    offer_accept(order=house.served_order, volunteer=house.volunteer, by=runner)
    run_finish(run=Run.objects.get(order=house.served_order), by=runner, at=timezone.now())
    house.served_order.refresh_from_db()


def _care(house: Any) -> None:
    """Somebody in care, somebody who is proposed, a round, a household at risk."""
    clerk, now = house.cast["staff"], timezone.now()
    care_set_up(township=house.township)
    house.care_category = CareCategory.objects.get(township=house.township, code="duju")
    born: dict[str, Any] = {"birth_date": date(1940, 5, 1), "phone": "15400000009"}
    person, house.old_person = (make_resident(make_household(house.village, name), name, **born) for name in (MARK, "孙大娘"))
    details = CareDetails(
        resident=person, category=house.care_category, tier="high", tier_reason=MARK, helper=house.cast["yard_head"],
        guardian=MARK, words=MARK, consented_on=date(2026, 3, 1),
    )  # fmt: skip
    house.care = care_enter(details=details, by=clerk, at=now)
    house.risk = RiskHousehold.objects.create(
        household=house.old_person.household, risk="slope", shelter=MARK, keeper=clerk, since=date(2026, 3, 1)
    )
    house.care_round = round_start(village=house.village, kind="weather", name=MARK, by=clerk, at=now)
    none = dict.fromkeys(LEVELS, 0)
    house.care_import = CareImport.objects.create(township=house.township, uploaded_by=clerk, filename="表.csv", counts=none)
    house.round_person = CareRoundPerson.objects.filter(round=house.care_round).first()
