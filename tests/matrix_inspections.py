"""The part of the matrix that belongs to inspections: its URLs, and one object of each kind in the house's village."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone

from governance.accounts.duties import Action
from inspections.models import ChecklistItem, Reply, Round, Scorecard, Team, TeamMember
from tests.inspections.house import make_card
from tests.matrix import Page

_OWN = (("team_pk", "team"),)

INSPECTIONS: dict[str, Page] = {
    "desk:fact-list": Page(Action.ROUND_VIEW),
    "desk:fact-list-export": Page(Action.EXPORT),
    "desk:fact-detail": Page(Action.ROUND_VIEW, answers=(200, 302), arguments=(("code", "events_in_time"),)),
    "desk:fact-export": Page(Action.EXPORT, answers=(200, 302), arguments=(("code", "events_in_time"),)),
    "desk:round-list": Page(Action.PLAN_VIEW),
    "desk:round-create": Page(Action.ROUND_PLAN),
    "desk:round-detail": Page(Action.PLAN_VIEW, "round"),
    "desk:round-plan": Page(Action.ROUND_PLAN, "round"),
    "desk:team-create": Page(Action.ROUND_PLAN, "round"),
    "desk:team-change": Page(Action.ROUND_PLAN, "round", arguments=_OWN),
    "desk:recusal-create": Page(Action.ROUND_PLAN, "round"),
    "desk:round-decide": Page(Action.ROUND_DECIDE, "round"),
    "desk:round-send-back": Page(Action.ROUND_DECIDE, "round"),
    "desk:round-step": Page(Action.ROUND_DECIDE, "round", "post", (302,), arguments=(("step", "lock"),)),
}


def add_inspections(house: Any) -> None:
    """Objects of 督查 in 八一村, named as `Page.shows` names them; `house` is the matrix's House."""
    staff, now = house.cast["staff"], timezone.now()
    house.checklist = make_card(house.township, staff)
    house.round = Round.objects.create(
        township=house.township, quarter=date(2026, 1, 1), name="一季度督查", checklist=house.checklist, seed="1",
        opens_on=date(2026, 4, 8), closes_on=date(2026, 4, 10), planned_by=staff, planned_at=now, state="scoring",
    )  # fmt: skip
    house.team = Team.objects.create(round=house.round, name="第一组")
    TeamMember.objects.create(team=house.team, user=house.cast["supervisor"], is_head=True)
    house.card = Scorecard.objects.create(round=house.round, village=house.village, team=house.team)
    item = ChecklistItem.objects.filter(section__checklist=house.checklist)[0]
    house.reply = Reply.objects.create(card=house.card, item=item, text="x", asked_by=house.cast["secretary"], asked_at=now)
