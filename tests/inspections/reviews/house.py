"""西兴镇 at the end of its year: four locked quarters, a review, and two people who count the ballots."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.utils import timezone

from governance.accounts.duties import Duty
from governance.accounts.models import User
from governance.periods import Period
from inspections.models import Review, Round, Scorecard, Statement
from inspections.reviews.reviewing import Counts
from inspections.reviews.services import ballot_enter, review_open
from tests.builders import make_cast, make_household, make_township, make_user, make_village
from tests.inspections.house import NAMES, judge_all, make_card
from villages.models import Post, Unit

YEAR = 2025
BALLOTS = {"leaders": Counts(8, 2, 0, 0), "members": Counts(20, 15, 4, 1), "residents": Counts(30, 12, 6, 2)}
SCORES = {1: ("92", "88"), 2: ("88", "70"), 3: ("90.5", "80"), 4: ("94", "82")}


class ReviewHouse:
    """Two villages (八一村 scores 92, 88, 90.5, 94; 马鞍村 88, 70, 80, 82), staff as first and a supervisor as second counter."""

    def __init__(self, villages: int = 2, code: str = "511923102", quarters: int = 4) -> None:
        self.township = make_township(code)
        self.villages = [
            make_village(self.township, name, f"{code}2{number:02d}") for number, name in enumerate(NAMES[:villages], 1)
        ]
        self.cast = make_cast(self.township, self.villages[0])
        for village in self.villages[1:]:
            make_user(f"shuji-{village.code}", Duty.SECRETARY, village)
            make_household(village)
        for post in Post.objects.filter(kind=Duty.SECRETARY, unit__in=self.villages):
            post.appointed_on = date(2024, 1, 1)
            post.save()
        self.first, self.second = self.cast["staff"], self.cast["supervisor"]
        self.checklist = make_card(self.township, self.first)
        for number in range(1, quarters + 1):
            self.quarter(number)

    def quarter(self, number: int, *, vetoed: Unit | None = None, ranks_shown: bool = False, lock: bool = True) -> Round:
        """A quarter of the year as it stands after the committee, written past the services."""
        quarter, now = Period.parse(f"{YEAR}-Q{number}"), timezone.now()
        inspection_round = Round.objects.create(
            township=self.township, quarter=quarter.start, name=f"{quarter.label}督查", checklist=self.checklist, seed="1",
            opens_on=quarter.end, closes_on=quarter.end, planned_by=self.first, planned_at=now, state="decided",
            handed_at=now, reply_due_at=now, computed_at=now, decided_at=now, decided_by=self.first,
            meeting_on=quarter.end, decision="同意", ranks_shown=ranks_shown,
        )  # fmt: skip
        for place, village in enumerate(self.villages):
            score = Decimal(SCORES[number][place % 2])
            veto = village == vetoed
            card = Scorecard.objects.create(round=inspection_round, village=village)
            judge_all(card, self.second)
            Scorecard.objects.filter(pk=card.pk).update(
                score=score, grade="poor" if veto else "good", vetoed=veto, rank=place + 1,
                change=Decimal("1.5"), sections=[
                    {"key": 1, "name": "人居环境", "sort": "normal", "points": "60", "score": "60"},
                    {"key": 2, "name": "矛盾平安", "sort": "normal", "points": "40", "score": "30"},
                    {"key": 3, "name": "加分", "sort": "bonus", "points": "5", "score": "0"},
                ],
            )  # fmt: skip
        if lock:
            self.lock(inspection_round)
        return inspection_round

    def lock(self, inspection_round: Round) -> None:
        Round.objects.filter(pk=inspection_round.pk).update(state="locked", locked_at=timezone.now())

    def open(self) -> Review:
        self.review = review_open(township=self.township, year=YEAR, by=self.first)
        return self.review

    def statement(self, number: int = 0) -> Statement:
        return Statement.objects.get(review=self.review, village=self.villages[number])

    def enter(self, number: int, group: str, pass_number: int, by: User, counts: Counts | None = None) -> None:
        ballot_enter(
            statement=self.statement(number), group=group, pass_number=pass_number, counts=counts or BALLOTS[group], by=by
        )

    def vote(self, *numbers: int) -> None:
        """All groups of the villages, both passes alike."""
        for number in numbers or range(len(self.villages)):
            for group in BALLOTS:
                self.enter(number, group, 1, self.first)
                self.enter(number, group, 2, self.second)
