"""The list of a quarter's scorecards, and what a card came to, as far as its reader may see it (plan §四(三); mission M34, M35)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.columns import Col, Path, Tag, read
from governance.frame.exports import Ledger
from governance.frame.lists import Listing, To
from governance.periods import Period
from inspections.models import Round, Scorecard
from inspections.rounds.filters import InQuarter
from villages.filters import InVillages

VILLAGE = Col("村（社区）", "village", width=18, whole=True)


class CardFilter(InQuarter, InVillages):
    pass


def card_grade(card: Scorecard) -> str:
    """The card's grade, with the veto that made it."""
    return f"{card.get_grade_display()}{'（一票否决）' if card.vetoed else ''}"


def _score(card: Scorecard) -> Any:
    """A number where there is one, else what it lacks."""
    return card.score if card.score is not None else card.score_words


def card_columns(user: User) -> dict[str, Col]:
    """Score, grade, rank, change and own score: empty where `user` may not see a card's points, or its rank."""

    def seen(value: Path, shows: Callable[[Scorecard, User], bool] = Scorecard.shows_points_to) -> Callable[[Scorecard], Any]:
        return lambda card: read(card, value) if shows(card, user) else None

    return {
        "score": Col("得分", seen(_score), width=10, num=True, strong=True),
        "grade": Col("等次", seen(card_grade), width=16, tone=lambda card: "minus" if card.vetoed else ""),
        "rank": Col("名次", seen("rank", Scorecard.shows_rank_to), width=8, num=True),
        "change": Col("比上季度", seen("change_words"), width=10, num=True),
        "own": Col("自评分", seen("self_score"), width=10, num=True),
    }


def _is_scored(card: Scorecard) -> bool:
    return card.scored_at is not None and card.round.state == Round.State.SCORING


def card_listing(user: User, quarter: Period | None) -> Listing:
    """The cards of a quarter: best first where everybody has a rank to show, else in the order of the tree."""

    def state_tags(card: Scorecard) -> list[Tag]:
        return [Tag("已评完", "good")] if _is_scored(card) and card.shows_points_to(user) else []

    def waits(card: Scorecard) -> str:
        return "" if card.shows_points_to(user) else "移交核对后可以看"

    columns = [VILLAGE, Col("状态", "round.get_state_display", tags=state_tags, hint=waits), *card_columns(user).values()]
    if not user.may(Action.PLAN_VIEW):
        columns.append(Col("", cell="inspections/scorecards/_self.html", go=True, needs=Action.SELF_SCORE))
    ranked = ["rank"] if user.may(Action.PLAN_VIEW) else []
    return Listing(
        "督查评分表",
        columns,
        CardFilter,
        order=("round__township__path", *ranked, "village__path"),
        href="inspections:card-detail",
        hint=quarter.label if quarter else "",
        unit="个村（社区）",
        actions=(To("几个村对比", "inspections:card-compare", query={"quarter": quarter}, needs=(Action.PLAN_VIEW,), first=False),),
        exports=(To("导出得分表", "inspections:card-list-export", needs=(Action.EXPORT,)),),
        empty="还没有评分表。",
        steps=(
            To("到“季度督查”编制方案", "inspections:round-list", needs=(Action.ROUND_PLAN,)),
            To("镇里编制季度督查方案以后，这里会有评分表。", ""),
        ),
    )


def card_ledger(user: User, quarter: Period | None) -> Ledger:
    columns = [VILLAGE, *card_columns(user).values()]
    title = f"{quarter.label if quarter else ''}督查得分表"
    return Ledger.of(title, columns, related=("round", "village"), order=("rank", "village__path"), numbered=True)
