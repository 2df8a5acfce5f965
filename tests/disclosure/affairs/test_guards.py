"""What the databases refuse of what is disclosed, whoever asks them, on PostgreSQL and on SQLite."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from governance.disclosure.affairs import guards
from governance.disclosure.affairs.questions import question_answer, question_ask
from governance.disclosure.models import Affair, AffairQuestion, AffairTurn
from governance.guards import refused_by
from tests.disclosure.affairs.house import AffairHouse
from tests.trial import run_in_trial_mode
from tests.worlds import module_world

pytestmark = pytest.mark.django_db


class Filled(AffairHouse):
    """A list in each state of its way, a question that was answered."""

    def __init__(self) -> None:
        super().__init__()
        self.states: dict[str, Affair] = {
            "draft": self.draft(self.turn(period="2025-Q1")),
            "review": self.submitted(self.turn(period="2025-Q2")),
            "reviewed": self.reviewed(self.turn(period="2025-Q3")),
            "published": self.published(self.turn(period="2025-Q4")),
        }
        asked: dict[str, Any] = {"name": "李秀英", "phone": "15400000002", "text": "为什么"}
        question = question_ask(affair=self.states["published"], **asked)
        self.question = question_answer(question=question, answer="天热", by=self.cast["cadre"])

    def of(self, state: str) -> Any:
        return Affair.objects.filter(pk=self.states[state].pk)

    def copy(self, **fields: Any) -> Affair:
        given = {"turn": self.turn(period="2024-Q1"), "title": "x", "drafted_by": self.cast["cadre"], "edited_by": self.cast["cadre"]}
        return Affair.objects.create(**{**given, "drafted_at": timezone.now(), **fields})


house = module_world(Filled)


def reviewed(house: Filled, duty: str = "overseer") -> dict[str, Any]:
    return {"reviewed_by": house.cast[duty], "reviewed_at": timezone.now()}


PUBLISHED = {"published_at": timezone.now(), "hangs_until": date(2026, 9, 1)}
TRIES: dict[str, tuple[str, Callable[[Filled], Any]]] = {
    "made as published": (guards.BEGINS, lambda h: h.copy(state="published", **reviewed(h), published_by=h.cast["cadre"], **PUBLISHED)),
    "draft → published": (guards.STEPS, lambda h: h.of("draft").update(state="published")),
    "draft → reviewed": (guards.STEPS, lambda h: h.of("draft").update(state="reviewed", **reviewed(h))),
    "review → published": (guards.STEPS, lambda h: h.of("review").update(state="published")),
    "published → draft": (guards.STEPS, lambda h: h.of("published").update(state="draft")),
    "rows while it is looked at": (guards.WRITTEN, lambda h: h.of("review").update(rows=[["别的", "1", "2"]])),
    "title of what was looked at": (guards.WRITTEN, lambda h: h.of("reviewed").update(title="别的")),
    "rows of what is public": (guards.WRITTEN, lambda h: h.of("published").update(rows=[])),
    "its columns": (guards.WRITTEN, lambda h: h.of("published").update(columns=[])),
    "its note": (guards.WRITTEN, lambda h: h.of("published").update(note="别的")),
    "its reviewer": (guards.KEPT, lambda h: h.of("published").update(reviewed_by=h.cast["leader"])),
    "its day": (guards.KEPT, lambda h: h.of("published").update(hangs_until=date(2030, 1, 1))),
    "what is public, deleted": (guards.KEPT, lambda h: h.of("review").delete()),
    "the day by which": (guards.TURN, lambda h: AffairTurn.objects.filter(affairs__state="draft").update(due_on=date(2030, 1, 1))),
    "the day of publication": (guards.TURN, lambda h: AffairTurn.objects.filter(period="2025-Q4").update(met_on=date(2025, 1, 1))),
    "the question's words": (guards.ANSWERED, lambda h: AffairQuestion.objects.update(text="别的")),
    "the promised day": (guards.ANSWERED, lambda h: AffairQuestion.objects.update(answer_by=date(2030, 1, 1))),
    "the answer": (guards.ANSWERED, lambda h: AffairQuestion.objects.update(answer="别的")),
    "the question, deleted": (guards.ANSWERED, lambda h: AffairQuestion.objects.all().delete()),
    "reviewed by its author": (
        "affair_reviewed_by_another", lambda h: h.of("review").update(state="reviewed", **reviewed(h, "cadre"))
    ),
    "reviewed by nobody": ("affair_reviewed_before_shown", lambda h: h.of("review").update(state="reviewed")),
    "published by nobody": ("affair_published_by_somebody", lambda h: h.of("reviewed").update(state="published")),
    "withdrawn without a reason": (
        "affair_withdrawn_with_reason",
        lambda h: h.of("published").update(state="withdrawn", withdrawn_by=h.cast["cadre"], withdrawn_at=timezone.now()),
    ),
    "a second draft": ("affair_one_draft", lambda h: h.copy(turn=h.states["draft"].turn, version=2)),
    "a period twice": ("affair_turn_once", lambda h: h.turn(period="2025-Q1")),
    "neither period nor event": ("affair_turn_of_period_or_event", lambda h: h.turn(period="")),
    "cancelled without a reason": (
        "affair_turn_cancelled_with_reason",
        lambda h: AffairTurn.objects.filter(period="2025-Q1").update(cancelled_at=timezone.now()),
    ),
}  # fmt: skip


def refused(house: Filled, what: str) -> str:
    """What refused the attempt, "" where it passed; nothing of it is kept."""
    try:
        with transaction.atomic():
            TRIES[what][1](house)
            transaction.set_rollback(True)
    except IntegrityError as error:
        return refused_by(error)
    return ""


@pytest.mark.parametrize("what", sorted(TRIES))
def test_the_database_refuses(house: Filled, what: str) -> None:
    assert refused(house, what) == TRIES[what][0]


def test_what_is_allowed_passes(house: Filled) -> None:
    house.of("draft").update(rows=[["改", "1", "2"]])
    house.of("review").update(state="draft")
    assert house.of("draft").delete()[0] == 1
    house.of("published").update(state="archived")
    house.of("published").update(state="corrected")


def wrong() -> dict[str, str]:
    """What is refused by something else than it should, or not at all."""
    house = Filled()
    found = {what: refused(house, what) for what in TRIES}
    return {what: rule for what, rule in found.items() if rule != TRIES[what][0]}


def test_sqlite_refuses_the_same(tmp_path: Path) -> None:
    assert run_in_trial_mode("tests.disclosure.affairs.test_guards:wrong", tmp_path) == {}
