"""质询: residents ask about a published list; the village answers once, by the day that was promised (domain.md §4)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.disclosure.affairs.models import Affair, AffairQuestion
from governance.disclosure.errors import DisclosureError
from governance.disclosure.masked import texts_check
from governance.disclosure.saying import answer_checked, said_checked, said_promised

NUMBER_LETTERS = "ZX"


def question_ask(
    *, affair: Affair, name: str, phone: str, text: str, by: User | None = None, at: datetime | None = None
) -> AffairQuestion:
    """Take a question while the list hangs; `by` is who wrote it down. One that was sent before is given back with its number."""
    said = {"affair": affair, **said_checked(name=name, phone=phone, text=text, what="质询")}
    with transaction.atomic():
        locked = Affair.objects.select_for_update(of=("self",)).select_related("turn__village__parent").get(pk=affair.pk)
        if not locked.is_open_to_questions:
            raise DisclosureError("这份内容已不在公开期内，请到村便民服务点问。", "window")
        if stored := AffairQuestion.objects.filter(**said).first():
            return stored
        now = at or timezone.now()
        promised = said_promised(unit=locked.turn.village, letters=NUMBER_LETTERS, at=now)
        return AffairQuestion.objects.create(received_by=by, received_at=now, **promised, **said)


def question_answer(*, question: AffairQuestion, answer: str, by: User, at: datetime | None = None) -> AffairQuestion:
    words = answer_checked(answer, "质询")
    with transaction.atomic():
        rows = AffairQuestion.objects.select_for_update(of=("self",)).select_related("affair__turn__village")
        question = rows.get(pk=question.pk)
        if not by.may(Action.AFFAIR_EDIT, question.affair.turn.village.path):
            raise DisclosureError("这条质询不归您答复。", "scope")
        if question.answered_at is not None:
            raise DisclosureError("这条质询已经答复。", "state")
        texts_check(question.affair.turn.village, [words])
        question.answer, question.answered_by, question.answered_at = words, by, at or timezone.now()
        question.save(update_fields=["answer", "answered_by", "answered_at"])
    return question
