"""The list of rounds: each quarter's inspection and how far it is (plan §四(三))."""

from __future__ import annotations

from governance.accounts.duties import Action
from governance.frame.columns import Col, Tag
from governance.frame.lists import Listing, To
from inspections.models import Round

PLAN = To("编制督查方案", "inspections:round-create", needs=(Action.ROUND_PLAN,))
TONES = {Round.State.LOCKED: "good", Round.State.PLANNED: ""}


def state_tag(inspection_round: Round) -> Tag:
    state = Round.State(inspection_round.state)
    return Tag(state.label, TONES.get(state, "waiting"))


def _window(inspection_round: Round) -> str:
    return f"{inspection_round.opens_on} 至 {inspection_round.closes_on:%m-%d}"


def _scored(inspection_round: Round) -> str:
    return f"{inspection_round.scored_count} / {inspection_round.village_count}"  # type: ignore[attr-defined]


ROUNDS = Listing(
    "季度督查",
    [
        Col("督查", "name", whole=True),
        Col("季度", "period.label"),
        Col("现场时间", _window),
        Col("状态", tags=lambda row: [state_tag(row)]),
        Col("评完的村", _scored, num=True),
    ],
    order=("-quarter", "pk"),
    href="inspections:round-detail",
    unit="次",
    actions=(PLAN,),
    empty="还没有督查。",
    steps=(PLAN, To("由镇工作人员编制督查方案。", "")),
)
