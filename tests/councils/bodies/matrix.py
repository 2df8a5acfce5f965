"""The part of the matrix of bodies and their members."""

from __future__ import annotations

from typing import Any

from governance.accounts.duties import Action
from governance.councils.bodies.services import bodies_set_up
from governance.councils.models import Body, Seat
from governance.periods import today
from tests.builders import make_resident
from tests.matrix import MARK, Page, Staff, listed

PAGES: dict[str, Page] = {
    "councils:body-list": Page(Action.COUNCIL_VIEW),
    "councils:seat-export": Page(Action.EXPORT),
    "councils:body-fill": Page(Action.COUNCIL_EDIT),
    "councils:body-detail": Page(Action.COUNCIL_VIEW, "yard_body"),
    "councils:body-edit": Page(Action.COUNCIL_EDIT, "rites_body"),
    "councils:body-end": Page(Action.COUNCIL_EDIT, "rites_body"),
    "councils:seat-add": Page(Action.COUNCIL_EDIT, "rites_body"),
    "councils:seat-load": Page(Action.COUNCIL_EDIT, "rites_body"),
    "councils:seat-end": Page(Action.COUNCIL_EDIT, "council_seat", "post", (302,)),
    **listed(("body", Action.COUNCIL_VIEW, "yard_body")),
}
STAFF = {
    "councils_body": Staff(Action.COUNCIL_VIEW, "yard_body", buttons=(("page", Action.COUNCIL_VIEW),)),
    "councils_seat": Staff(Action.COUNCIL_VIEW, "council_seat", export=True, buttons=(("page", Action.COUNCIL_VIEW),)),
}


def build(house: Any) -> None:
    """What ships, in the house's township; somebody sits in its 红白理事会. `other_yard_body` is of another village."""
    bodies_set_up(township=house.township)
    own = Body.objects.filter(village=house.village)
    house.yard_body, house.rites_body, house.talk_body = (own.get(kind=kind) for kind in ("yard", "rites", "talk"))
    house.council_member = make_resident(house.household, f"{MARK}甲")  # MARK alone names one person of the village
    house.council_seat = Seat.objects.create(body=house.rites_body, resident=house.council_member, since=today())
