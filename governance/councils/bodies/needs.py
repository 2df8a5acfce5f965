"""What a township needs of bodies: 七会, 院户会 and those of the law in each village."""

from __future__ import annotations

from governance.accounts.models import User
from governance.councils.bodies.services import bodies_set_up
from governance.councils.models import Body
from governance.frame.lists import To
from governance.frame.needs import Need, Step
from governance.periods import today
from villages.models import Unit


def bodies_needs(user: User, township: Unit) -> list[Need]:
    villages = Unit.objects.visible_to(user).villages().on(today()).filter(parent=township)
    standing = Body.objects.visible_to(user).filter(ended_on=None, village__parent=township, kind=Body.Kind.TALK)
    links = (To("议事组织", "councils:body-list"),)
    want = max(villages.count(), 1)
    return [
        Need("bodies", Step.DEFAULTS, "有议事组织（七会、院户会等）的村", standing.count(), want, links, load=bodies_set_up)
    ]
