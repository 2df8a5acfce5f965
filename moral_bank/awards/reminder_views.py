"""整改提醒: households without a star after a locked quarter, told in private (domain.md §7; mission M24)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.errors import DomainError
from governance.frame.exports import ledger_response
from governance.frame.paging import page_of
from moral_bank.awards.exports import REMINDERS
from moral_bank.awards.forms import ReminderFilter, ToldForm
from moral_bank.awards.reminders import lowered_by, ratings_to_remind, reminder_tell
from moral_bank.closings.explain import star_rule
from moral_bank.models import Rating, Reminder
from villages.scope import get_visible_or_404

PRINTED = 100
RELATED = ("closing__village__parent", "closing__rule_set", "account__household__unit", "account__household__village")


@duty_required(Action.REMINDER_VIEW)
def reminder_list(request: UserRequest) -> HttpResponse:
    user, form = request.user, ReminderFilter(request.GET, user=request.user)
    rows = form.rows(user).select_related("closing__village", "account__household__unit", "reminder__told_by")
    page = page_of(request, rows.order_by("closing__village__path", "account__household__number", "pk"))
    context = {
        "form": form,
        "page": page,
        "quarter": form.quarter(),
        "asked": any(request.GET.get(name) for name in form.fields),
        "may_export": user.may(Action.EXPORT),
    }
    return render(request, "moral_bank/awards/reminder_list.html", context)


@duty_required(Action.EXPORT)
def reminder_export(request: UserRequest) -> HttpResponseBase:
    """For those who both speak to the households and export."""
    allowed = Rating.objects.visible_to(request.user, Action.EXPORT).order_by().values("pk")
    rows = ReminderFilter(request.GET, user=request.user).rows(request.user).filter(pk__in=allowed)
    try:
        return ledger_response(REMINDERS, rows, request=request)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("moral_bank:reminder-list")


@duty_required(Action.REMINDER_VIEW)
def reminder_detail(request: UserRequest, pk: int) -> HttpResponse:
    return _detail(request, _rating(request, pk), ToldForm())


def _detail(request: UserRequest, rating: Rating, form: ToldForm) -> HttpResponse:
    context = {
        **_slip(rating),
        "household": rating.account.household,
        "reminder": Reminder.objects.filter(rating=rating).select_related("told_by").first(),
        "form": form,
    }
    return render(request, "moral_bank/awards/reminder_detail.html", context, status=422 if form.errors else 200)


@require_POST
@duty_required(Action.REMINDER_VIEW)
def reminder_told(request: UserRequest, pk: int) -> HttpResponse:
    rating, form = _rating(request, pk), ToldForm(request.POST)
    if form.is_valid():
        try:
            reminder_tell(
                rating=rating, told_on=form.cleaned_data["told_on"], note=form.cleaned_data["note"], by=request.user
            )
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"已记下提醒{rating.account.household.head_name}户。")
            return redirect("moral_bank:reminder-detail", pk=pk)
    return _detail(request, rating, form)


@duty_required(Action.REMINDER_VIEW)
def reminder_slip(request: UserRequest, pk: int) -> HttpResponse:
    """The private slip of one household, to fold."""
    context = {"slips": [_slip(_rating(request, pk))], "back": reverse("moral_bank:reminder-detail", args=[pk]), "cut": 0}
    return render(request, "moral_bank/awards/reminder_slip.html", context)


@duty_required(Action.REMINDER_VIEW)
def reminder_print(request: UserRequest) -> HttpResponse:
    """The slips of a filtered quarter, at most PRINTED at once."""
    form = ReminderFilter(request.GET, user=request.user)
    rows = form.rows(request.user).select_related(*RELATED)
    ratings = list(rows.order_by("closing__village__path", "account__household__number", "pk")[: PRINTED + 1])
    quarter = form.quarter()
    why = lowered_by(ratings[:PRINTED], quarter) if quarter else {}
    context = {
        "slips": [{"rating": rating, "why": why[rating.pk], "two_star": _two_star(rating)} for rating in ratings[:PRINTED]],
        "back": reverse("moral_bank:reminder-list", query=request.GET),
        "cut": PRINTED if len(ratings) > PRINTED else 0,
    }
    return render(request, "moral_bank/awards/reminder_slip.html", context)


def _slip(rating: Rating) -> dict[str, object]:
    """What a slip tells: the rating, what lowered it, the lowest score that gives a star."""
    return {"rating": rating, "why": lowered_by([rating], rating.closing.period)[rating.pk], "two_star": _two_star(rating)}


def _two_star(rating: Rating) -> int:
    assert rating.closing.rule_set is not None
    return star_rule(rating.closing.rule_set).two


def _rating(request: UserRequest, pk: int) -> Rating:
    """A rating without a star that the person may speak to the household about; else 404."""
    rows = ratings_to_remind(request.user).select_related(*RELATED)
    return get_visible_or_404(rows, request.user, Action.REMINDER_VIEW, pk=pk)  # type: ignore[arg-type]
