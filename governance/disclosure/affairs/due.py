"""What waits of what is disclosed: lists of their day, the overseers' word, corrections, questions (plan §三.1; mission M20)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from governance.accounts.duties import Action, Duty
from governance.accounts.models import User
from governance.disclosure.affairs.models import Affair, AffairQuestion, AffairTurn
from governance.frame.due import Day, DayOf, Due, DueKind, Todo, asked, asked_of_villages, evening, past
from governance.periods import today

SHOWN = Day("due_on", met="met_on")
REVIEWED = DayOf("submitted_at", within=timedelta(days=3))
ANSWERED = Day("answer_by", met="answered_at__date")
TO_LEADERS = Day("answer_by", within=timedelta(days=3))
"""How long a late answer is the office's alone."""


def turn_link(pk: int) -> str:
    return reverse("disclosure:affair-turn", args=[pk])


def shown_due(turn: AffairTurn, now: datetime) -> Due | None:
    """None where it had been public in time and was taken back: it waits again, but nobody was late."""
    return None if _was_in_time(turn) else SHOWN.due(turn, now)


def _was_in_time(turn: AffairTurn) -> bool:
    return turn.met_on is not None and turn.met_on <= turn.due_on


def _not_shown(rows: Any, now: datetime) -> QuerySet[AffairTurn]:
    found: QuerySet[AffairTurn] = rows.filter(SHOWN.past(now)).exclude(SHOWN.kept())
    return found


def _to_show(rows: Any, user: User, now: datetime) -> QuerySet[AffairTurn]:
    """For the village, but for what lies with the overseers."""
    looked_at = Affair.objects.filter(turn=OuterRef("pk"), state=Affair.State.REVIEW)
    return asked_of_villages(rows, user, Action.AFFAIR_EDIT).exclude(Exists(looked_at))


def _show(turn: AffairTurn, now: datetime) -> Todo:
    words = f"{turn.village}　{turn.of}"
    title = "撤回后等重新公开" if _was_in_time(turn) else "应公开"
    return Todo(evening(turn.due_on), f"{title}：{turn.kind.name}", words, turn_link(turn.pk), shown_due(turn, now))


def _to_review(rows: Any, user: User, now: datetime) -> QuerySet[Affair]:
    found: QuerySet[Affair] = rows.visible_to(user, Action.AFFAIR_REVIEW)
    return found.exclude(drafted_by=user).exclude(edited_by=user)


def _affair(word: str) -> Any:
    def line(affair: Affair, now: datetime) -> Todo:
        due = REVIEWED.due(affair, now) if affair.state == Affair.State.REVIEW else None
        at = affair.submitted_at or affair.drafted_at
        return Todo(at, f"{word}：{affair.turn.kind.name}", f"{affair.turn.village}　{affair.title}"[:60], turn_link(affair.turn_id), due)

    return line


def _climbed(rows: Any, user: User, now: datetime) -> QuerySet[AffairQuestion]:
    """A late answer climbs to the office, some days later to the leaders as well."""
    places = Q(pk__in=[])
    for grant in user.grants:
        if grant.duty == Duty.STAFF:
            places |= Q(affair__turn__village__path__startswith=grant.path)
        if grant.duty == Duty.LEADER:
            places |= Q(TO_LEADERS.past(now), affair__turn__village__path__startswith=grant.path)
    found: QuerySet[AffairQuestion] = rows.visible_to(user).filter(ANSWERED.past(now)).filter(places)
    return found


def _question(question: AffairQuestion, now: datetime) -> Todo:
    words = f"{question.affair.title}：{question.text}"[:60]
    link = reverse("disclosure:affair-question", args=[question.pk])
    return Todo(evening(question.answer_by), f"质询待答复：{question.name}", words, link, ANSWERED.due(question, now))


def _open_questions(now: datetime) -> QuerySet[AffairQuestion]:
    return AffairQuestion.objects.filter(answered_at=None)


def _corrections(now: datetime) -> QuerySet[Affair]:
    """Of lists that stand; where none does, the turn itself waits."""
    stands = Affair.objects.filter(turn=OuterRef("turn"), state__in=Affair.STANDING)
    return Affair.objects.filter(Exists(stands), state__in=[Affair.State.DRAFT, Affair.State.REVIEWED])


AFFAIR = DueKind(
    "affair",
    "应公开的事项",
    open=lambda now: AffairTurn.objects.waiting(today(now)),
    held=_to_show,
    line=_show,
    order=("due_on", "pk"),
    related=("kind", "village"),
    late=_not_shown,
    words="{} 项事务公开逾期",
    page=lambda turn: turn_link(turn.pk),
)
QUESTION = DueKind(
    "affair-question",
    "质询待答复",
    open=_open_questions,
    held=asked(Action.AFFAIR_EDIT),
    line=_question,
    order=("answer_by", "pk"),
    related=("affair",),
    late=past(ANSWERED),
    village="affair__turn__village",
    words="{} 条质询逾期未答复",
    page=lambda question: turn_link(question.affair.turn_id),
)
KINDS = [
    AFFAIR,
    DueKind(
        "affair-review",
        "公开内容待审核",
        open=lambda now: Affair.objects.filter(state=Affair.State.REVIEW),
        held=_to_review,
        line=_affair("待审核"),
        order=("submitted_at", "pk"),
        related=("turn__kind", "turn__village"),
        late=past(REVIEWED),
        village="turn__village",
        words="{} 份公开内容逾期未审核",
        page=lambda affair: turn_link(affair.turn_id),
    ),
    DueKind(
        "affair-correction",
        "更正待发布",
        open=_corrections,
        held=asked(Action.AFFAIR_EDIT),
        line=_affair("更正待发布"),
        order=("drafted_at", "pk"),
        related=("turn__kind", "turn__village"),
        village="turn__village",
    ),
    QUESTION,
    DueKind(
        "affair-question-climbed",
        "质询逾期未答复",
        open=_open_questions,
        held=_climbed,
        line=_question,
        order=("answer_by", "pk"),
        related=("affair",),
        late=past(ANSWERED),
        village="affair__turn__village",
    ),
]
