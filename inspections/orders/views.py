"""整改: findings, orders from issuing to 销号, each step by the person whose step it is (plan §四(三))."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.act import act, form_page, press, sent
from governance.frame.columns import Tag
from governance.frame.forms import PageForm
from governance.frame.lists import To, list_export, list_page
from governance.periods import today
from governance.reading import keys_asked, keys_sent
from inspections.models import Blame, Evidence, Finding, Order, OrderExtension
from inspections.orders import services as orders
from inspections.orders.due import ORDER_FIX, fix_due, sign_due
from inspections.orders.exports import LEDGERS
from inspections.orders.forms import CheckForm, DecisionForm, ExtensionForm, FindingForm, IssueForm, ReportForm
from inspections.orders.lists import FINDINGS, ORDERS
from inspections.orders.rights import check_refusal
from inspections.orders.rows import TONES, buttons_of
from villages.scope import get_visible_or_404

WORKED_ON = (Order.State.SIGNED, Order.State.FAILED)
TO_FINDINGS = To("发现的问题", "inspections:finding-list")
RELATED = ("village", "township", "card__round", "issued_by", "signed_by", "reported_by", "checked_by")


@duty_required(Action.ORDER_VIEW)
def finding_list(request: UserRequest) -> HttpResponse:
    """What was found; the office picks some of a village and puts them on an order."""
    rows = Finding.objects.visible_to(request.user).select_related("village", "found_by", "order")
    return list_page(request, FINDINGS, rows, "inspections/orders/finding_list.html", may_issue=request.user.may(Action.ORDER_ISSUE))


@never_cache
@duty_required(Action.ROUND_SCORE, Action.ORDER_ISSUE)
def finding_create(request: UserRequest) -> HttpResponse:
    form = FindingForm(**sent(request), user=request.user, initial=request.GET.dict())
    if act(request, form, orders.finding_add, "已记下。", by=request.user):
        return redirect("inspections:finding-list")
    return form_page(request, form, title="记一个问题", up=TO_FINDINGS)


@duty_required(Action.ORDER_VIEW)
def order_list(request: UserRequest) -> HttpResponse:
    rows = Order.objects.visible_to(request.user)
    late = ORDER_FIX.late_among(rows, timezone.now()).count()
    marks = [Tag(f"逾期 {late} 件", "late")] if late else []
    texts = Prefetch("findings", Finding.objects.order_by("pk"))
    return list_page(request, ORDERS, rows.select_related("village").prefetch_related(texts), marks=marks)


@require_safe
@duty_required(Action.EXPORT)
def order_export(request: UserRequest, kind: str) -> HttpResponseBase:
    """The filtered orders of one kind in the official headings, at places where the user may export."""
    if kind not in LEDGERS:
        raise Http404
    allowed = Order.objects.visible_to(request.user, Action.EXPORT).order_by().values("pk")
    rows = Order.objects.visible_to(request.user).filter(kind=kind, pk__in=allowed)
    return list_export(request, ORDERS, rows, LEDGERS[kind], "inspections:order-list")


@never_cache
@duty_required(Action.ORDER_ISSUE)
def order_create(request: UserRequest) -> HttpResponse:
    """Chosen findings of one village become an order."""
    user = request.user
    keys = keys_sent(request, "finding") if request.method == "POST" else keys_asked(request, "finding")
    found = Finding.objects.visible_to(user, Action.ORDER_ISSUE).select_related("village__parent", "card", "order")
    findings = list(found.filter(pk__in=keys).order_by("pk"))
    refusal = _choice_refusal(findings)
    if refusal:
        messages.error(request, refusal)
        return redirect("inspections:finding-list")
    form, village = IssueForm(**sent(request)), findings[0].village
    done = act(request, form, orders.order_issue, "已下发，村里会收到消息。", village=village, findings=findings, by=user)
    if done:
        return redirect("inspections:order-detail", pk=done.result.pk)
    context = {"title": "下发整改通知", "heading": f"下发给{village}", "button": "签发", "up": TO_FINDINGS, "findings": findings}
    return form_page(request, form, "inspections/orders/issue.html", **context)


@duty_required(Action.ORDER_VIEW)
def order_detail(request: UserRequest, pk: int) -> HttpResponse:
    user, now = request.user, timezone.now()
    order = get_visible_or_404(Order.objects.select_related(*RELATED), user, pk=pk)
    buttons, refusal = buttons_of(order, user, now)
    context = {
        "order": order,
        "sign_due": sign_due(order, now),
        "fix_due": fix_due(order, now),
        "tone": TONES[Order.State(order.state)],
        "findings": order.findings.order_by("pk"),
        "first": [button for button in buttons if button.first],
        "other": [button for button in buttons if not button.first],
        "refusal": refusal,
        "extensions": order.extensions.select_related("asked_by", "decided_by"),
        "evidence": Evidence.objects.visible_to(user).filter(order=order).order_by("pk"),
        "history": order.steps.select_related("by").order_by("-pk"),
        "blames": Blame.objects.visible_to(user).filter(order=order).order_by("-on", "-pk"),
    }
    return render(request, "inspections/orders/detail.html", context)


@require_safe
@duty_required(Action.ORDER_VIEW)
def order_photo(request: UserRequest, pk: int) -> HttpResponse:
    """A photo of a report, for those who see its order."""
    seen = Evidence.objects.filter(order__in=Order.objects.visible_to(request.user).order_by().values("pk"))
    photo = get_object_or_404(seen.select_related("photo"), pk=pk).photo
    with photo.file.open("rb") as file:
        answer = HttpResponse(file.read(), content_type="image/jpeg")
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@require_POST
@duty_required(Action.ORDER_FIX)
def sign(request: UserRequest, pk: int) -> HttpResponse:
    order = _order(request.user, pk, Action.ORDER_FIX)
    words = f"已签收，请在 {order.fix_due_on.month}月{order.fix_due_on.day}日 前整改并报告。"
    press(request, orders.order_sign, words, order=order, by=request.user)
    return redirect("inspections:order-detail", pk=pk)


@never_cache
@duty_required(Action.ORDER_FIX)
def report(request: UserRequest, pk: int) -> HttpResponse:
    order = _order(request.user, pk, Action.ORDER_FIX)
    step = Step("报告整改", WORKED_ON, orders.order_report, "已报告，等镇里复核。")
    return _step(request, order, step, ReportForm(**sent(request)), order=order)


@never_cache
@duty_required(Action.ORDER_FIX)
def extend(request: UserRequest, pk: int) -> HttpResponse:
    order = _order(request.user, pk, Action.ORDER_FIX)
    step = Step("申请延期", WORKED_ON, orders.order_ask_extension, "已申请延期，等镇里答复。")
    return _step(request, order, step, ExtensionForm(**sent(request)), order=order)


@never_cache
@duty_required(Action.ORDER_ISSUE)
def decide_extension(request: UserRequest, pk: int) -> HttpResponse:
    order = _order(request.user, pk, Action.ORDER_ISSUE)
    extension = order.extensions.filter(state=OrderExtension.State.ASKED).select_related("asked_by").first()
    if extension is None:
        messages.error(request, "没有待答复的延期申请。")
        return redirect("inspections:order-detail", pk=pk)
    step = Step("答复延期", WORKED_ON, orders.order_decide_extension, "已答复。")
    return _step(request, order, step, DecisionForm(**sent(request)), extension=extension)


@never_cache
@duty_required(Action.ORDER_CHECK)
def check(request: UserRequest, pk: int) -> HttpResponse:
    order = _order(request.user, pk, Action.ORDER_CHECK)
    refusal = check_refusal(order, request.user, today())
    if refusal is not None and request.method == "GET":
        messages.error(request, refusal.message)
        return redirect("inspections:order-detail", pk=pk)
    step = Step("复核", (Order.State.REPORTED,), orders.order_check, "已复核。")
    return _step(request, order, step, CheckForm(**sent(request)), order=order)


class Step(NamedTuple):
    """A step of an order: what it is called, in which states it makes sense, the service, the words afterwards."""

    title: str
    states: tuple[Order.State, ...]
    service: Callable[..., Any]
    words: str


def _step(request: UserRequest, order: Order, step: Step, form: PageForm, /, **fixed: Any) -> HttpResponse:
    """One step's form; where the order does not stand so that the step makes sense, back to its page with the reason."""
    if request.method == "GET" and order.state not in step.states:
        messages.error(request, f"{order.number}现在是“{order.get_state_display()}”，不能{step.title}。")
        return redirect("inspections:order-detail", pk=order.pk)
    if act(request, form, step.service, step.words, by=request.user, **fixed):
        return redirect("inspections:order-detail", pk=order.pk)
    context = {
        "order": order,
        "title": step.title,
        "button": step.title,
        "up": To(order.number, "inspections:order-detail", (order.pk,)),
        "findings": order.findings.order_by("pk"),
        "evidence": Evidence.objects.visible_to(request.user).filter(order=order).order_by("pk"),
        "extension": fixed.get("extension"),
    }
    return form_page(request, form, "inspections/orders/step.html", **context)


def _choice_refusal(findings: list[Finding]) -> str:
    """Why no order can be made of what was chosen, "" where it can."""
    if not findings:
        return "请先选要下发的问题。"
    if len({finding.village_id for finding in findings}) > 1:
        return "一份通知只能写一个村（社区）的问题，请只选一个村的。"
    taken = [finding for finding in findings if finding.order is not None]
    return f"“{taken[0].text}”已写进{taken[0].order}。" if taken else ""


def _order(user: User, pk: int, action: Action) -> Order:
    return get_visible_or_404(Order.objects.select_related(*RELATED), user, action, pk=pk)
