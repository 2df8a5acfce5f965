"""质询 on the desk: what residents ask, each with its day, and the answer."""

from __future__ import annotations

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.disclosure.affairs.due import ANSWERED
from governance.disclosure.affairs.lists import QUESTION_LEDGER, QUESTIONS
from governance.disclosure.affairs.models import AffairQuestion
from governance.disclosure.affairs.questions import question_answer
from governance.disclosure.forms import WordsForm
from governance.frame.act import act, form_page, sent
from governance.frame.lists import To, list_export, list_page
from villages.scope import get_visible_or_404

RELATED = ("affair__turn__village", "affair__turn__kind", "received_by", "answered_by")


@duty_required(Action.AFFAIR_VIEW)
def question_list(request: UserRequest) -> HttpResponse:
    rows = AffairQuestion.objects.visible_to(request.user).select_related("affair__turn__village")
    return list_page(request, QUESTIONS, rows.defer("affair__rows", "affair__columns"))


@require_safe
@duty_required(Action.EXPORT)
def question_export(request: UserRequest) -> HttpResponseBase:
    rows = AffairQuestion.objects.visible_to(request.user, Action.EXPORT)
    return list_export(request, QUESTIONS, rows, QUESTION_LEDGER, "disclosure:affair-question-list")


@never_cache
@duty_required(Action.AFFAIR_VIEW)
def question_detail(request: UserRequest, pk: int) -> HttpResponse:
    """What was asked and answered; the form for the answer is the village's and the office's."""
    question = get_visible_or_404(AffairQuestion.objects.select_related(*RELATED), request.user, pk=pk)
    may_answer = request.user.may(Action.AFFAIR_EDIT, question.affair.turn.village.path)
    if request.method == "POST" and not may_answer:
        raise Http404
    form = WordsForm(**sent(request))
    if act(request, form, question_answer, "已答复，提出人凭受理编号可以查到。", question=question, by=request.user):
        return redirect("disclosure:affair-question", pk=pk)
    context = {
        "question": question,
        "may_see": may_answer,
        "may_answer": may_answer and question.answered_at is None,
        "due": ANSWERED.due(question, timezone.now()) if question.answered_at is None else None,
    }
    up = To("质询", "disclosure:affair-question-list")
    return form_page(request, form, "disclosure/affairs/question.html", title=question.number, up=up, button="答复", **context)
