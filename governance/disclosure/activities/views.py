"""Activities on the desk: planned around festivals, invited to, written down; the year by kind and village (plan §三.2–3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import django_filters
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.disclosure.activities import services as activities
from governance.disclosure.activities.forms import ActivityForm, InviteForm, RecordForm
from governance.disclosure.activities.lists import ACTIVITIES, LEDGER, state_tags, years
from governance.disclosure.activities.models import Activity
from governance.disclosure.activities.rows import year_table
from governance.disclosure.affairs.forms import ReasonForm
from governance.frame.act import act, form_page, sent
from governance.frame.filters import PageFilter
from governance.frame.forms import PageForm
from governance.frame.lists import To, list_export, list_page
from governance.periods import Period, today
from governance.reading import text_asked
from villages.calendar.festivals import festivals
from villages.filters import villages_seen
from villages.models import Unit
from villages.scope import get_visible_or_404

UP = To("活动", "disclosure:activity-list")
AHEAD = timedelta(days=75)
BEGIN = ("title", "planned_on", "festival", "kind", "place")


@duty_required(Action.ACTIVITY_VIEW)
def activity_list(request: UserRequest) -> HttpResponse:
    return list_page(request, ACTIVITIES, Activity.objects.visible_to(request.user).select_related("village"))


@require_safe
@duty_required(Action.EXPORT)
def activity_export(request: UserRequest) -> HttpResponseBase:
    rows = Activity.objects.visible_to(request.user, Action.EXPORT)
    return list_export(request, ACTIVITIES, rows, LEDGER, "disclosure:activity-list")


@duty_required(Action.ACTIVITY_VIEW)
def activity_detail(request: UserRequest, pk: int) -> HttpResponse:
    activity = _activity(request, pk, Action.ACTIVITY_VIEW)
    context = {
        "activity": activity,
        "tags": [tag for tag in state_tags(activity) if tag],
        "may_edit": request.user.may(Action.ACTIVITY_EDIT, activity.village.path),
        "coming": activity.state in Activity.COMING,
        "has_come": activity.planned_on <= today(),
        "history": activity.history.select_related("history_user").order_by("-history_date", "-history_id"),
    }
    return render(request, "disclosure/activities/detail.html", context)


@never_cache
@duty_required(Action.ACTIVITY_EDIT)
def activity_create(request: UserRequest) -> HttpResponse:
    """With the festivals that are near: a tap fills the day in."""
    initial = {name: text_asked(request, name) for name in BEGIN}
    form = ActivityForm(**sent(request), user=request.user, initial=initial)
    if done := act(request, form, activities.activity_plan, "已安排，公开页面的活动日历里可以看到。", by=request.user):
        return redirect("disclosure:activity-detail", pk=done.result.pk)
    village = form.fields["village"].queryset.first()  # type: ignore[attr-defined]
    near = festivals(village.parent_id if village else None, today(), today() + AHEAD)
    context = {"title": "安排活动", "button": "安排", "up": UP, "festivals": near}
    return form_page(request, form, "disclosure/activities/form.html", **context)


@never_cache
@duty_required(Action.ACTIVITY_EDIT)
def activity_edit(request: UserRequest, pk: int) -> HttpResponse:
    activity = _activity(request, pk, Action.ACTIVITY_EDIT)
    initial = {name: getattr(activity, name) for name in ("village", "kind", "title", "planned_on", "starts", "place", "festival")}
    form = ActivityForm(**sent(request), user=request.user, initial=initial)
    return _step(request, activity, form, activities.activity_change, "修改安排", "已修改。")


@never_cache
@duty_required(Action.ACTIVITY_EDIT)
def activity_invite(request: UserRequest, pk: int) -> HttpResponse:
    activity = _activity(request, pk, Action.ACTIVITY_EDIT)
    return _step(request, activity, InviteForm(**sent(request)), activities.activity_invite, "登记通知", "已登记通知。")


@never_cache
@duty_required(Action.ACTIVITY_EDIT)
def activity_record(request: UserRequest, pk: int) -> HttpResponse:
    activity = _activity(request, pk, Action.ACTIVITY_EDIT)
    initial = {name: getattr(activity, name) for name in ("turnout", "told", "asked")}
    form = RecordForm(**sent(request), initial=initial)
    return _step(request, activity, form, activities.activity_record, "记录活动", "已记录。")


@never_cache
@duty_required(Action.ACTIVITY_EDIT)
def activity_cancel(request: UserRequest, pk: int) -> HttpResponse:
    activity = _activity(request, pk, Action.ACTIVITY_EDIT)
    return _step(request, activity, ReasonForm(**sent(request)), activities.activity_cancel, "取消活动", "已取消，公开页面会标明取消。")


class YearFilter(PageFilter):
    """One year, this one where the address names none."""

    year = django_filters.ChoiceFilter(label="年份", empty_label=None, choices=lambda: [(str(one), one.label) for one in years()])

    def __init__(self, request: UserRequest) -> None:
        super().__init__({"year": text_asked(request, "year", str(today().year))}, Unit.objects.none(), request=request)

    @property
    def period(self) -> Period:
        return Period.parse(self.value("year") or str(today().year))


@duty_required(Action.ACTIVITY_VIEW)
def activity_year(request: UserRequest) -> HttpResponse:
    """What was held in a year, by village and kind; each figure leads to its rows."""
    filters = YearFilter(request)
    year = filters.period
    rows = Activity.objects.visible_to(request.user).filter(
        state=Activity.State.HELD, planned_on__gte=year.start, planned_on__lt=year.end
    )
    villages = list(villages_seen(request.user).order_by("path"))
    context = {"filters": filters, "year": year, "kinds": Activity.Kind.labels, **year_table(rows, villages, year)}
    return render(request, "disclosure/activities/year.html", context)


def _step(
    request: UserRequest, activity: Activity, form: PageForm, service: Callable[..., Activity], title: str, words: str
) -> HttpResponse:
    if act(request, form, service, words, activity=activity, by=request.user):
        return redirect("disclosure:activity-detail", pk=activity.pk)
    up = To(activity.title, "disclosure:activity-detail", (activity.pk,))
    hint = f"{activity.village}　{activity.planned_on:%Y-%m-%d}　{activity.title}"
    return form_page(request, form, title=title, hint=hint, button=title, up=up)


def _activity(request: UserRequest, pk: int, action: Action) -> Activity:
    rows = Activity.objects.select_related("village", "planned_by", "recorded_by")
    return get_visible_or_404(rows, request.user, action, pk=pk)
