"""The pages of covenants."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone

from governance.accounts.duties import Action
from governance.councils.models import Clause, Covenant, CovenantVersion
from tests.matrix import MARK, PUBLIC, Page, Staff, listed

_RUN = Action.DECISION_RUN
PAGES: dict[str, Page] = {
    "councils:covenant-list": Page(Action.COUNCIL_VIEW),
    "councils:covenant-export": Page(Action.EXPORT),
    "councils:covenant-create": Page(_RUN),
    "councils:covenant-detail": Page(Action.COUNCIL_VIEW, "covenant"),
    "councils:covenant-draft": Page(_RUN, "covenant"),
    "councils:covenant-begin": Page(_RUN, "covenant", "post", (302,)),
    "councils:covenant-compare": Page(Action.COUNCIL_VIEW, "covenant"),
    "councils:covenant-record": Page(Action.DECISION_CHECK, "covenant_first"),
    "councils:covenant-mark": Page(Action.DECISION_CHECK, "covenant_version"),
    "councils:covenant-set": Page(_RUN, "covenant_version"),
    "councils:covenant-answer": Page(Action.DECISION_CHECK, "covenant_version"),
    "councils:covenant-cite": Page(_RUN, "covenant_version"),
    "councils:covenant-print": Page(Action.COUNCIL_VIEW, "covenant_version"),
    "public:covenants": Page(PUBLIC),
    "public:covenant": Page(PUBLIC, "covenant"),
    **listed(("covenant", Action.COUNCIL_VIEW, "covenant")),
}

STAFF = {
    "councils_covenant": Staff(Action.COUNCIL_VIEW, "covenant", history=False, buttons=(("page", Action.COUNCIL_VIEW),)),
}


def build(house: Any) -> None:
    """A rule of the village in force, and the draft of its next version with a clause that is marked; another's first draft."""
    by, now = house.cast["staff"], timezone.now()
    house.covenant = Covenant.objects.create(
        unit=house.village, kind="rule", title=f"{MARK}走访制度", topic="visits", made_by=by, made_at=now
    )
    first = CovenantVersion.objects.create(covenant=house.covenant, number=1, note="初次订立", made_by=by, made_at=now)
    Clause.objects.create(version=first, number=1, text="每月走访一次。")
    CovenantVersion.objects.filter(pk=first.pk).update(valid_from=date(2026, 1, 1), set_by=by)
    house.covenant_version = CovenantVersion.objects.create(
        covenant=house.covenant, number=2, note="增加一条", made_by=by, made_at=now
    )
    Clause.objects.create(version=house.covenant_version, number=1, text="不走访的罚款十元。", marks="fine")
    habit = Covenant.objects.create(unit=house.village, kind="rule", title="值班制度", made_by=by, made_at=now)
    house.covenant_first = CovenantVersion.objects.create(covenant=habit, number=1, note="初次订立", made_by=by, made_at=now)
    Clause.objects.create(version=house.covenant_first, number=1, text="每天一人值班。")
