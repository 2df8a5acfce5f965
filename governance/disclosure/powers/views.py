"""小微权力清单 on the desk and, without log-in, for residents: search, one power with the picture of its steps."""

from __future__ import annotations

from itertools import groupby

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.disclosure.powers.carrying import carried_by
from governance.disclosure.powers.due import REVIEW
from governance.disclosure.powers.flow import flow_svg
from governance.disclosure.powers.forms import PowerForm
from governance.disclosure.powers.lists import LEDGER, POWERS, state_tag
from governance.disclosure.powers.models import Power
from governance.disclosure.powers.services import power_confirm, power_save
from governance.frame.act import act, form_page, press, sent
from governance.frame.filters import searched, words_asked
from governance.frame.lists import To, list_export, list_page
from governance.frame.public import public_page
from governance.qr import qr_svg

UP = To("小微权力清单", "disclosure:power-list")


@duty_required(Action.POWER_VIEW)
def power_list(request: UserRequest) -> HttpResponse:
    return list_page(request, POWERS, Power.objects.visible_to(request.user))


@require_safe
@duty_required(Action.EXPORT)
def power_export(request: UserRequest) -> HttpResponseBase:
    return list_export(request, POWERS, Power.objects.visible_to(request.user, Action.EXPORT), LEDGER, "disclosure:power-list")


@duty_required(Action.POWER_VIEW)
def power_detail(request: UserRequest, pk: int) -> HttpResponse:
    power = _power(request, pk, Action.POWER_VIEW)
    context = {
        "power": power,
        "svg": _picture(power),
        "carried": carried_by(power),
        "tag": state_tag(power),
        "due": REVIEW.due(power, timezone.now()),
        "may_edit": request.user.may(Action.POWER_EDIT, power.township.path),
        "history": power.history.select_related("history_user").order_by("-history_date", "-history_id"),
    }
    return render(request, "disclosure/powers/detail.html", context)


@never_cache
@duty_required(Action.POWER_EDIT)
def power_create(request: UserRequest) -> HttpResponse:
    form = PowerForm(**sent(request), user=request.user)
    if done := act(request, form, power_save, "已增加，镇确认前标作示例。", by=request.user):
        return redirect("disclosure:power-detail", pk=done.result.pk)
    return form_page(request, form, title="增加权力事项", button="增加", up=UP)


@never_cache
@duty_required(Action.POWER_EDIT)
def power_edit(request: UserRequest, pk: int) -> HttpResponse:
    power = _power(request, pk, Action.POWER_EDIT)
    initial = {"kinds": power.kinds.all()}
    form = PowerForm(**sent(request), user=request.user, instance=power, initial=initial)
    if act(request, form, power_save, "已修改。", by=request.user):
        return redirect("disclosure:power-detail", pk=pk)
    hint = "" if power.is_sample else "这一项镇已确认。改了文字就是新的一版，确认前标作示例。"
    return form_page(request, form, title="修改权力事项", hint=hint, up=To(power.name, "disclosure:power-detail", (pk,)))


@require_POST
@duty_required(Action.POWER_EDIT)
def power_confirm_view(request: UserRequest, pk: int) -> HttpResponse:
    power = _power(request, pk, Action.POWER_EDIT)
    press(request, power_confirm, "已确认，一年后再核对。", power=power, by=request.user)
    return redirect("disclosure:power-detail", pk=pk)


@duty_required(Action.POWER_VIEW)
def power_print(request: UserRequest, pk: int) -> HttpResponse:
    """One power on a sheet, to hang up."""
    power = _power(request, pk, Action.POWER_VIEW)
    address = request.build_absolute_uri(reverse("public:power", args=[pk]))
    return render(request, "disclosure/powers/print.html", {"power": power, "svg": _picture(power), "qr": qr_svg(address)})


@public_page
def public_powers(request: HttpRequest) -> HttpResponse:
    """All powers by area, or those that the search box names."""
    asked = words_asked(request)
    rows = searched(Power.objects.public(), asked.typed, _named).select_related("township")
    order = {area.value: place for place, area in enumerate(Power.Area)}
    listed = sorted(rows, key=lambda power: (order[power.area], power.township.path, power.position, power.pk))
    areas = [(Power.Area(area).label, list(its)) for area, its in groupby(listed, key=lambda power: power.area)]
    return render(request, "disclosure/powers/public_list.html", {"areas": areas, "words": asked.typed})


@public_page
def public_power(request: HttpRequest, pk: int) -> HttpResponse:
    power = get_object_or_404(Power.objects.public().select_related("township").prefetch_related("kinds"), pk=pk)
    context = {"power": power, "svg": _picture(power), "carried": carried_by(power)}
    return render(request, "disclosure/powers/public_power.html", context)


def _named(words: str) -> Q:
    return Q(name__contains=words) | Q(steps__contains=words) | Q(papers__contains=words) | Q(limits__contains=words)


def _picture(power: Power) -> SafeString:
    return mark_safe(flow_svg(power.flow, f"{power.name}办理流程"))


def _power(request: UserRequest, pk: int, action: Action) -> Power:
    rows = Power.objects.visible_to(request.user, action).select_related("township", "confirmed_by").prefetch_related("kinds")
    return get_object_or_404(rows, pk=pk)
