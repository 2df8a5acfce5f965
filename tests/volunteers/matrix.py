"""The volunteers' part of the matrix."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone

from governance.accounts.duties import Action
from tests.builders import make_household, make_resident
from tests.matrix import MARK, Page, Staff, listed
from volunteers.care.rounds import round_start
from volunteers.care.services import CareDetails, care_enter
from volunteers.care.setting_up import care_set_up
from volunteers.models import CareCategory, CareRoundPerson, RiskHousehold

# Children's care is also theirs, of children alone.
_CHILD = frozenset({"child_head", "child_town"})

PAGES: dict[str, Page] = {
    "volunteers:care-list": Page(Action.CARE_VIEW, also=_CHILD),
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
    **listed(("carerecord", Action.CARE_VIEW, "care")),
}
STAFF = {
    "volunteers_carecategory": Staff(Action.CARE_VIEW, "care_category", add=True),
    "volunteers_carerecord": Staff(Action.CARE_VIEW, "care", buttons=(("page", Action.CARE_VIEW),)),
}


def build(house: Any) -> None:
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
    house.round_person = CareRoundPerson.objects.filter(round=house.care_round).first()
