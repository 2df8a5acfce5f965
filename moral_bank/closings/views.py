"""Closings: where each village stands in a period, its steps 计算 → 公示 → 异议 → 锁定, and all villages at once."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.disclosure.forms import AnswerForm
from governance.disclosure.models import Objection
from governance.disclosure.notices import objection_answer
from governance.errors import DomainError
from governance.periods import today
from moral_bank.claims.posting import claim_strike, claims_by_objection, claims_of, may_strike
from moral_bank.closings.forms import ClosingFilter
from moral_bank.closings.notice import title_of
from moral_bank.closings.rows import closing_rows
from moral_bank.closings.services import closing_blockers, closing_lock, closing_publish, closing_request
from moral_bank.models import Claim, Closing, Rating
from moral_bank.panel.forms import StrikeForm
from villages.scope import get_visible_or_404

STEP_LABELS = ("计算", "公示", "异议", "锁定")
REACHED: dict[str, int] = {Closing.State.OPEN: 0, Closing.State.COMPUTED: 1, Closing.State.NOTICED: 2, Closing.State.LOCKED: 4}
NEXT_STEP: dict[str, str] = {Closing.State.OPEN: "计算", Closing.State.COMPUTED: "公示", Closing.State.NOTICED: "锁定"}


@duty_required(Action.CLOSING_VIEW)
def closing_list(request: UserRequest) -> HttpResponse:
    form = ClosingFilter(request.GET if "period" in request.GET else None)
    period = form.chosen()
    rows = closing_rows(request.user, period)
    state = form.cleaned_data["state"] if form.is_bound and form.is_valid() else ""
    if state:
        rows = [row for row in rows if row.state == state]
    context = {"form": form, "period": period, "rows": rows, "may_run": request.user.may(Action.CLOSING_RUN)}
    return render(request, "moral_bank/closings/list.html", context)


@duty_required(Action.CLOSING_VIEW)
def closing_detail(request: UserRequest, pk: int) -> HttpResponse:
    closing = _closing(request, pk)
    partial = "#state" if request.htmx and not request.htmx.boosted else ""
    return render(request, f"moral_bank/closings/detail.html{partial}", _detail(request.user, closing, AnswerForm()))


def _closing(request: UserRequest, pk: int, action: Action = Action.CLOSING_VIEW) -> Closing:
    closings = Closing.objects.select_related("village__parent", "rule_set", "notice")
    return get_visible_or_404(closings, request.user, action, pk=pk)


def _detail(user: User, closing: Closing, form: AnswerForm, answering: int | None = None) -> dict[str, object]:
    """What the closing's page shows; `form` is bound to the objection `answering` where an answer was refused."""
    ratings = Rating.objects.visible_to(user).filter(closing=closing)
    shown = Q(notice__unit=closing.village, notice__title=title_of(closing))
    objections = list(Objection.objects.visible_to(user).filter(shown).select_related("notice", "answered_by"))
    suspects = claims_by_objection(closing, objections)
    return {
        "closing": closing,
        "period_text": str(closing.period),
        "steps": _steps(closing),
        "next_step": NEXT_STEP.get(closing.state, ""),
        "notice_is_public": closing.notice is not None and closing.notice.is_public(today()),
        "blockers": closing_blockers(closing),
        "objections": [(one, suspects[one.pk]) for one in objections],
        **_claims(user, closing),
        "stars": ratings.exclude(stars=None).values("stars").annotate(households=Count("id")).order_by("-stars"),
        "form": form,
        "answering": answering,
        "may_run": user.may(Action.CLOSING_RUN, closing.village.path),
        "may_strike": may_strike(user, closing),
        "may_answer": user.may(Action.OBJECTION_ANSWER, closing.village.path),
    }


def _claims(user: User, closing: Closing) -> dict[str, int]:
    """How many claims of the period are on which step."""
    within = {"occurred_on__gte": closing.start, "occurred_on__lt": closing.period.end}
    claims = Claim.objects.visible_to(user).filter(account__household__village=closing.village, **within)
    return {
        "claims": claims.filter(state=Claim.State.DECLARED).count(),
        "to_judge": claims.filter(state=Claim.State.VERIFIED).count(),
        "shown_claims": claims_of(closing).count(),
        "posted_claims": Claim.objects.filter(closing=closing, state=Claim.State.POSTED).count(),
    }


def _steps(closing: Closing) -> list[tuple[str, str]]:
    """The four steps with `done`, `now` or '' each; objections are taken while the notice runs."""
    reached = REACHED[closing.state]
    marks = ["done"] * reached + ["now"] * (reached < len(STEP_LABELS))
    return [(label, marks[index] if index < len(marks) else "") for index, label in enumerate(STEP_LABELS)]


def _compute(closing: Closing, by: User) -> str:
    closing_request(village=closing.village, period=closing.period, by=by)
    return "已交后台计算。"


def _publish(closing: Closing, by: User) -> str:
    notice = closing_publish(closing=closing, by=by)
    return f"已公示，公示至 {notice.closes_on:%Y年%-m月%-d日}。"


def _lock(closing: Closing, by: User) -> str:
    closing_lock(closing=closing, by=by)
    return "已锁定，此后不再变动。"


STEPS: dict[str, Callable[[Closing, User], str]] = {"compute": _compute, "publish": _publish, "lock": _lock}


@require_POST
@duty_required(Action.CLOSING_RUN)
def closing_step(request: UserRequest, pk: int, step: str) -> HttpResponse:
    if step not in STEPS:
        raise Http404
    closing = _closing(request, pk, Action.CLOSING_RUN)
    try:
        messages.success(request, STEPS[step](closing, request.user))
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("moral_bank:closing-detail", pk=pk)


@duty_required(Action.OBJECTION_ANSWER)
def strike(request: UserRequest, pk: int, objection_pk: int) -> HttpResponse:
    """撤销: one of the month's claims that an upheld objection is about; the month is computed again after it."""
    closing = _closing(request, pk, Action.OBJECTION_ANSWER)
    objection = _objection(request, closing, objection_pk)
    claims = claims_by_objection(closing, [objection])[objection.pk].claims
    form = StrikeForm(request.POST if request.method == "POST" else None, claims=claims)
    if request.method == "POST" and form.is_valid():
        try:
            claim_strike(
                claim=form.cleaned_data["claim"], objection=objection, reason=form.cleaned_data["reason"], by=request.user
            )
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "已撤销该申报，请重新计算后再公示。")
            return redirect("moral_bank:closing-detail", pk=pk)
    context = {"closing": closing, "objection": objection, "claims": claims, "form": form}
    return render(request, "moral_bank/closings/strike.html", context, status=422 if form.errors else 200)


def _objection(request: UserRequest, closing: Closing, pk: int) -> Objection:
    """An objection to the closing's notice, or to one that it showed before."""
    objections = Objection.objects.filter(notice__unit=closing.village, notice__title=title_of(closing))
    return get_visible_or_404(objections.select_related("notice"), request.user, Action.OBJECTION_ANSWER, pk=pk)


@require_POST
@duty_required(Action.OBJECTION_ANSWER)
def answer(request: UserRequest, pk: int, objection_pk: int) -> HttpResponse:
    user = request.user
    closing = _closing(request, pk, Action.OBJECTION_ANSWER)
    objection = _objection(request, closing, objection_pk)
    form = AnswerForm(request.POST)
    if form.is_valid():
        try:
            objection_answer(
                objection=objection, upheld=form.cleaned_data["upheld"] == "1", answer=form.cleaned_data["answer"], by=user
            )
        except DomainError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, "已答复。")
            return redirect("moral_bank:closing-detail", pk=closing.pk)
    return render(request, "moral_bank/closings/detail.html", _detail(user, closing, form, objection.pk), status=422)
