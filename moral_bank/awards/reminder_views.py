"""整改提醒: households without a star after a locked quarter, told in private (domain.md §7; mission M24)."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.frame.act import act, form_page, sent
from governance.frame.lists import list_export, list_page
from moral_bank.awards.exports import REMINDERS as LEDGER
from moral_bank.awards.forms import ToldForm
from moral_bank.awards.lists import REMINDERS, ReminderFilter
from moral_bank.awards.reminders import lowered_by, ratings_to_remind, reminder_tell
from moral_bank.closings.explain import star_rule
from moral_bank.models import Rating, Reminder
from villages.scope import get_visible_or_404

PRINTED = 100
RELATED = ("closing__village__parent", "closing__rule_set", "account__household__unit", "account__household__village")


@duty_required(Action.REMINDER_VIEW)
def reminder_list(request: UserRequest) -> HttpResponse:
    rows = ratings_to_remind(request.user).select_related("closing__village", "account__household__unit", "reminder__told_by")
    return list_page(request, REMINDERS, rows)


@duty_required(Action.EXPORT)
def reminder_export(request: UserRequest) -> HttpResponseBase:
    """For those who both speak to the households and export."""
    allowed = Rating.objects.visible_to(request.user, Action.EXPORT).order_by().values("pk")
    rows = ratings_to_remind(request.user).filter(pk__in=allowed)
    return list_export(request, REMINDERS, rows, LEDGER, "moral_bank:reminder-list")


@duty_required(Action.REMINDER_VIEW)
def reminder_detail(request: UserRequest, pk: int) -> HttpResponse:
    return _detail(request, _rating(request, pk), ToldForm())


def _detail(request: UserRequest, rating: Rating, form: ToldForm) -> HttpResponse:
    context = {
        **_slip(rating),
        "household": rating.account.household,
        "reminder": Reminder.objects.filter(rating=rating).select_related("told_by").first(),
    }
    return form_page(request, form, "moral_bank/awards/reminder_detail.html", **context)


@require_POST
@duty_required(Action.REMINDER_VIEW)
def reminder_told(request: UserRequest, pk: int) -> HttpResponse:
    rating, form = _rating(request, pk), ToldForm(**sent(request))
    words = f"已记下提醒{rating.account.household.head_name}户。"
    if act(request, form, reminder_tell, words, rating=rating, by=request.user):
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
    filters = ReminderFilter(request.GET, ratings_to_remind(request.user), request=request)
    ratings = list(filters.found().select_related(*RELATED).order_by(*REMINDERS.order)[: PRINTED + 1])
    quarter = filters.quarter
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
