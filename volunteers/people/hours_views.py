"""The ledger of hours, what stars they would make, certificates, and a volunteer's own page."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from django.db.models import F, Min, Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog, User
from governance.frame.act import act, form_page, sent
from governance.frame.exports import paper_response
from governance.frame.lists import To, list_export, list_page
from governance.periods import today
from villages.scope import get_visible_or_404
from volunteers.models import Certificate, Hours, ServiceTeam, StarRule, Volunteer
from volunteers.people.certificates import (
    SHOWN_DAYS,
    certificate_issue,
    certificate_paper,
    certificate_words,
    person_words,
)
from volunteers.people.exports import HOURS_LEDGER
from volunteers.people.forms import CertificateForm, ReasonForm
from volunteers.people.hours import hours_reverse
from volunteers.people.lists import CERTIFICATES, HOURS, MY_HOURS, STARS
from volunteers.people.stars import HOUR, hours_text


@duty_required(Action.VOLUNTEER_VIEW)
def hours_list(request: UserRequest) -> HttpResponse:
    rows = Hours.objects.visible_to(request.user).with_service().select_related("volunteer", "village", "order")
    return list_page(request, HOURS, rows)


@duty_required(Action.EXPORT)
def hours_export(request: UserRequest) -> HttpResponseBase:
    """The filtered rows, at places where the user may export."""
    allowed = Hours.objects.visible_to(request.user, Action.EXPORT).order_by().values("pk")
    rows = Hours.objects.visible_to(request.user).filter(pk__in=allowed).with_service()
    return list_export(request, HOURS, rows, HOURS_LEDGER, "volunteers:hours-list")


@never_cache
@duty_required(Action.VOLUNTEER_EDIT)
def hours_reverse_view(request: UserRequest, pk: int) -> HttpResponse:
    """A row of an old ledger that was wrong."""
    rows = Hours.objects.with_service().select_related("volunteer")
    hours = get_visible_or_404(rows, request.user, Action.VOLUNTEER_EDIT, pk=pk)
    volunteer = hours.volunteer
    form = ReasonForm(**sent(request))
    if act(request, form, hours_reverse, "已冲正。", hours=hours, by=request.user):
        return redirect("volunteers:volunteer-detail", pk=volunteer.pk)
    context: dict[str, Any] = {
        "title": "冲正服务时长",
        "heading": f"冲正{volunteer.name} {hours.served_on} 的{hours_text(hours.minutes)}",
        "hint": "原台账记错的，冲正后再导入对的一行；两条都留在台账里。",
        "button": "冲正",
        "up": To(volunteer.name, "volunteers:volunteer-detail", (volunteer.pk,)),
    }
    return form_page(request, form, **context)


@duty_required(Action.VOLUNTEER_VIEW)
def star_list(request: UserRequest) -> HttpResponse:
    """Who has served as long as the township's lowest star asks, if it has turned its rules on."""
    rules = StarRule.objects.filter(is_active=True).order_by().values("township").annotate(least=Min("hours"))
    reached = Q(pk=None)
    for town, least in rules.values_list("township", "least"):
        reached |= Q(township=town, minutes__gte=least * HOUR)
    rows = Volunteer.objects.visible_to(request.user).registered().with_minutes().filter(reached)
    return list_page(request, STARS, rows.select_related("village", "overlay"))


@duty_required(Action.VOLUNTEER_VIEW)
def certificate_list(request: UserRequest) -> HttpResponse:
    rows = Certificate.objects.visible_to(request.user).select_related("issued_by")
    return list_page(request, CERTIFICATES, rows)


@never_cache
@duty_required(Action.VOLUNTEER_EDIT)
def certificate_create(request: UserRequest, pk: int) -> HttpResponse:
    """`pk` is the volunteer's."""
    user = request.user
    volunteer = get_visible_or_404(Volunteer.objects.select_related("village"), user, Action.VOLUNTEER_EDIT, pk=pk)
    first = volunteer.hours.filter(reverses=None, reversed_by=None).order_by("served_on").values_list("served_on", flat=True).first()
    form = CertificateForm(**sent(request), initial={"since": first or today()})
    done = act(request, form, certificate_issue, "已出具。", volunteer=volunteer, by=user)
    if done:
        return redirect("volunteers:certificate-print", pk=done.result.pk)
    context: dict[str, Any] = {
        "title": "出具志愿服务记录证明",
        "heading": f"给{volunteer.name}出具志愿服务记录证明",
        "hint": f"按这段时间的服务时长出具，出具后不能改动，在志愿者中公示 {SHOWN_DAYS} 天。",
        "button": "出具",
        "up": To(volunteer.name, "volunteers:volunteer-detail", (pk,)),
    }
    return form_page(request, form, **context)


@require_safe
@duty_required(Action.VOLUNTEER_VIEW)
def certificate_print(request: UserRequest, pk: int) -> HttpResponse:
    certificate = _certificate(request.user, pk)
    access_log(AccessLog.Kind.EXPORT, request=request, detail=f"打印志愿服务记录证明 {certificate.number}")
    context = {
        "certificate": certificate,
        "person": person_words(certificate),
        "words": certificate_words(certificate),
        "services": [(one["name"], one["times"], hours_text(one["minutes"])) for one in certificate.services],
    }
    return render(request, "volunteers/people/print_certificate.html", context)


@require_safe
@duty_required(Action.VOLUNTEER_VIEW)
def certificate_docx(request: UserRequest, pk: int) -> HttpResponseBase:
    """The certificate as an editable paper."""
    certificate = _certificate(request.user, pk)
    paper, number = certificate_paper(certificate), certificate.number
    return paper_response(request, paper, f"志愿服务记录证明-{number}", f"下载志愿服务记录证明 {number}")


def _certificate(user: User, pk: int) -> Certificate:
    return get_visible_or_404(Certificate.objects.select_related("issued_by"), user, pk=pk)


@duty_required(Action.SERVICE_RUN)
def my_service(request: UserRequest) -> HttpResponse:
    """My hours by year and service with the rows behind them, my teams and posts, and the certificates shown among members."""
    user = request.user
    volunteer = Volunteer.objects.of_account(user).select_related("village").first()
    rows = Hours.objects.of_account(user).with_service().order_by()
    sums = Counter[tuple[int, str]]()
    for year, service, minutes in rows.values_list(F("served_on__year"), "service", "minutes"):
        sums[year, service] += minutes
    context = {
        "volunteer": volunteer,
        "sums": [(year, service, hours_text(sums[year, service])) for year, service in sorted(sums, key=lambda key: (-key[0], key[1]))],
        "total": hours_text(sums.total()),
        "teams": ServiceTeam.objects.filter(members__volunteer=volunteer).select_related("leader") if volunteer else [],
        "posts": user.posts.current(today()).select_related("unit").order_by("kind", "pk"),
        "shown": _shown(volunteer) if volunteer else [],
    }
    return list_page(request, MY_HOURS, rows, "volunteers/people/my_service.html", **context)


def _shown(volunteer: Volunteer) -> list[tuple[Certificate, str]]:
    """The village's certificates of the last days, for its volunteers to see."""
    since = timezone.now() - timedelta(days=SHOWN_DAYS)
    rows = Certificate.objects.filter(volunteer__village=volunteer.village, issued_at__gte=since)
    return [(certificate, hours_text(certificate.minutes)) for certificate in rows.order_by("-pk")]
