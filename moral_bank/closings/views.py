"""Closings: where each village stands in a period, its steps 计算 → 公示 → 异议 → 锁定, and all villages at once."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.disclosure.forms import AnswerForm
from governance.disclosure.models import Objection
from governance.disclosure.notices import objection_answer
from governance.frame.act import act, form_page, press, sent
from governance.frame.lists import To, list_page
from governance.periods import today
from moral_bank.claims.posting import claim_strike, claims_by_objection, claims_of, may_strike
from moral_bank.closings.checks import hangs, unchanged
from moral_bank.closings.forms import StrikeForm
from moral_bank.closings.lists import CLOSINGS
from moral_bank.closings.notice import title_of
from moral_bank.closings.services import closing_blockers, closing_lock, closing_publish, closing_request
from moral_bank.models import Claim, Closing, Rating
from villages.models import Unit
from villages.scope import get_visible_or_404

STEP_LABELS = ("计算", "公示", "异议", "锁定")
REACHED: dict[str, int] = {Closing.State.OPEN: 0, Closing.State.COMPUTED: 1, Closing.State.NOTICED: 2, Closing.State.LOCKED: 4}
NEXT_STEP: dict[str, str] = {Closing.State.OPEN: "计算", Closing.State.COMPUTED: "公示", Closing.State.NOTICED: "锁定"}


@duty_required(Action.CLOSING_VIEW)
def closing_list(request: UserRequest) -> HttpResponse:
    return list_page(request, CLOSINGS, Unit.objects.all(), "moral_bank/closings/list.html")


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
    if step == "compute" and hangs(closing) and not unchanged([closing]):
        return redirect(reverse("moral_bank:closing-take-down", query={"period": closing.period}))
    press(request, STEPS[step], str, closing=closing, by=request.user)
    return redirect("moral_bank:closing-detail", pk=pk)


@duty_required(Action.OBJECTION_ANSWER)
def strike(request: UserRequest, pk: int, objection_pk: int) -> HttpResponse:
    """撤销: one of the month's claims that an upheld objection is about; the month is computed again after it."""
    closing = _closing(request, pk, Action.OBJECTION_ANSWER)
    objection = _objection(request, closing, objection_pk)
    claims = claims_by_objection(closing, [objection])[objection.pk].claims
    form = StrikeForm(**sent(request), claims=claims)
    if act(request, form, claim_strike, "已撤销该申报，请重新计算后再公示。", objection=objection, by=request.user):
        return redirect("moral_bank:closing-detail", pk=pk)
    context = {"title": "撤销申报", "button": "撤销该申报", "up": To(str(closing), "moral_bank:closing-detail", (pk,))}
    return form_page(request, form, "moral_bank/closings/strike.html", objection=objection, claims=claims, **context)


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
    if form.is_valid() and _answered(request, objection, **form.cleaned_data):
        return redirect("moral_bank:closing-detail", pk=closing.pk)
    return render(request, "moral_bank/closings/detail.html", _detail(user, closing, form, objection.pk), status=422)


def _answered(request: UserRequest, objection: Objection, upheld: str, answer: str) -> bool:
    fixed = {"objection": objection, "upheld": upheld == "1", "answer": answer, "by": request.user}
    return press(request, objection_answer, "已答复。", **fixed) is not None
