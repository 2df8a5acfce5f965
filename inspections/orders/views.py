"""整改: findings, orders from issuing to 销号, each step by the person whose step it is (plan §四(三))."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.forms import Form
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.errors import DomainError
from governance.frame.exports import ledger_response
from governance.frame.paging import page_of
from governance.periods import today
from inspections.models import Blame, Evidence, Finding, Order, OrderExtension
from inspections.orders import services as orders
from inspections.orders.exports import LEDGERS
from inspections.orders.forms import (
    CheckForm,
    DecisionForm,
    ExtensionForm,
    FindingFilter,
    FindingForm,
    IssueForm,
    OrderFilter,
    ReportForm,
)
from inspections.orders.rights import check_refusal
from inspections.orders.rows import TONES, buttons_of, due_of_order
from villages.scope import get_visible_or_404

TABS = {"open": "待办", "all": "全部", "closed": "已销号"}
RELATED = ("village", "township", "card__round", "issued_by", "signed_by", "reported_by", "checked_by")


@duty_required(Action.ORDER_VIEW)
def finding_list(request: UserRequest) -> HttpResponse:
    """What was found; the office picks some of a village and puts them on an order."""
    user, form = request.user, FindingFilter(request.GET, user=request.user)
    page = page_of(request, form.rows(user).select_related("village", "found_by", "order").order_by("village__path", "-pk"))
    context = {
        "form": form,
        "page": page,
        "asked": any(request.GET.get(name) for name in form.fields),
        "may_add": user.may(Action.ROUND_SCORE) or user.may(Action.ORDER_ISSUE),
        "may_issue": user.may(Action.ORDER_ISSUE),
        "pickable": any(finding.order_id is None for finding in page),
    }
    return render(request, "inspections/orders/finding_list.html", context)


@never_cache
@duty_required(Action.ROUND_SCORE, Action.ORDER_ISSUE)
def finding_create(request: UserRequest) -> HttpResponse:
    user = request.user
    form = FindingForm(request.POST if request.method == "POST" else None, user=user, initial=request.GET.dict())
    if _saved(request, form, lambda: orders.finding_add(by=user, **form.cleaned_data), "已记下。"):
        return redirect("inspections:finding-list")
    return render(request, "inspections/orders/finding_form.html", {"form": form}, status=422 if form.errors else 200)


@duty_required(Action.ORDER_VIEW)
def order_list(request: UserRequest) -> HttpResponse:
    user, now = request.user, timezone.now()
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else "open"
    form = OrderFilter(request.GET, user=user)
    page = page_of(request, form.apply(_tab(user, tab)).select_related("village").prefetch_related(_texts()))
    context = {
        "form": form,
        "page": page,
        "rows": [(order, due_of_order(order, now), TONES[Order.State(order.state)]) for order in page],
        "tab": tab,
        "tabs": TABS.items(),
        "overdue": _tab(user, "open").overdue(today(now)).count(),
        "may_issue": user.may(Action.ORDER_ISSUE),
        "ledgers": [(kind, ledger.title) for kind, ledger in LEDGERS.items()] if user.may(Action.EXPORT) else [],
        "asked": any(request.GET.get(name) for name in form.fields),
    }
    return render(request, "inspections/orders/list.html", context)


@require_safe
@duty_required(Action.EXPORT)
def order_export(request: UserRequest, kind: str) -> HttpResponseBase:
    """The filtered orders of one kind in the official headings, at places where the user may export."""
    if kind not in LEDGERS:
        raise Http404
    allowed = Order.objects.visible_to(request.user, Action.EXPORT).order_by().values("pk")
    tab = request.GET.get("tab", "all")
    rows = OrderFilter(request.GET, user=request.user).apply(_tab(request.user, tab)).filter(kind=kind, pk__in=allowed)
    try:
        return ledger_response(LEDGERS[kind], rows, request=request)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("inspections:order-list")


@never_cache
@duty_required(Action.ORDER_ISSUE)
def order_create(request: UserRequest) -> HttpResponse:
    """Chosen findings of one village become an order."""
    user = request.user
    sent = request.POST if request.method == "POST" else request.GET
    keys = [key for key in sent.getlist("finding") if key.isdecimal()]
    found = Finding.objects.visible_to(user, Action.ORDER_ISSUE).select_related("village__parent", "card", "order")
    findings = list(found.filter(pk__in=keys).order_by("pk"))
    refusal = _choice_refusal(findings)
    if refusal:
        messages.error(request, refusal)
        return redirect("inspections:finding-list")
    form = IssueForm(request.POST if request.method == "POST" else None)
    village, made = findings[0].village, list[Order]()

    def issue() -> None:
        made.append(orders.order_issue(village=village, findings=findings, by=user, **form.cleaned_data))

    if _saved(request, form, issue, "已下发，村里会收到消息。"):
        return redirect("inspections:order-detail", pk=made[0].pk)
    context = {"form": form, "findings": findings, "village": village}
    return render(request, "inspections/orders/issue.html", context, status=422 if form.errors else 200)


@duty_required(Action.ORDER_VIEW)
def order_detail(request: UserRequest, pk: int) -> HttpResponse:
    user, now = request.user, timezone.now()
    order = get_visible_or_404(Order.objects.select_related(*RELATED), user, pk=pk)
    buttons, refusal = buttons_of(order, user, now)
    context = {
        "order": order,
        "due": due_of_order(order, now),
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
    answer["Cache-Control"] = "private, max-age=3600"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@require_POST
@duty_required(Action.ORDER_FIX)
def sign(request: UserRequest, pk: int) -> HttpResponse:
    order = _order(request.user, pk, Action.ORDER_FIX)
    try:
        orders.order_sign(order=order, by=request.user)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"已签收，请在 {order.fix_due_on.month}月{order.fix_due_on.day}日 前整改并报告。")
    return redirect("inspections:order-detail", pk=pk)


@never_cache
@duty_required(Action.ORDER_FIX)
def report(request: UserRequest, pk: int) -> HttpResponse:
    user, order = request.user, _order(request.user, pk, Action.ORDER_FIX)
    form, photos = ReportForm(request.POST if request.method == "POST" else None), request.FILES.getlist("photos")
    return _step(
        request, order, form, "报告整改", (Order.State.SIGNED, Order.State.FAILED),
        lambda: orders.order_report(order=order, by=user, photos=photos, **form.cleaned_data), "已报告，等镇里复核。",
    )  # fmt: skip


@never_cache
@duty_required(Action.ORDER_FIX)
def extend(request: UserRequest, pk: int) -> HttpResponse:
    user, order = request.user, _order(request.user, pk, Action.ORDER_FIX)
    form = ExtensionForm(request.POST if request.method == "POST" else None)
    return _step(
        request, order, form, "申请延期", (Order.State.SIGNED, Order.State.FAILED),
        lambda: orders.order_ask_extension(order=order, by=user, **form.cleaned_data), "已申请延期，等镇里答复。",
    )  # fmt: skip


@never_cache
@duty_required(Action.ORDER_ISSUE)
def decide_extension(request: UserRequest, pk: int) -> HttpResponse:
    user, order = request.user, _order(request.user, pk, Action.ORDER_ISSUE)
    asked = order.extensions.filter(state=OrderExtension.State.ASKED).select_related("asked_by").first()
    if asked is None:
        messages.error(request, "没有待答复的延期申请。")
        return redirect("inspections:order-detail", pk=pk)
    form = DecisionForm(request.POST if request.method == "POST" else None)
    return _step(
        request, order, form, "答复延期", (Order.State.SIGNED, Order.State.FAILED),
        lambda: orders.order_decide_extension(extension=asked, by=user, **form.said()), "已答复。", asked=asked,
    )  # fmt: skip


@never_cache
@duty_required(Action.ORDER_CHECK)
def check(request: UserRequest, pk: int) -> HttpResponse:
    user, order = request.user, _order(request.user, pk, Action.ORDER_CHECK)
    form = CheckForm(request.POST if request.method == "POST" else None)
    refused = check_refusal(order, user, today())
    if refused is not None and request.method == "GET":
        messages.error(request, refused.message)
        return redirect("inspections:order-detail", pk=pk)
    return _step(
        request, order, form, "复核", (Order.State.REPORTED,),
        lambda: orders.order_check(order=order, by=user, **form.said()), "已复核。",
    )  # fmt: skip


def _step(
    request: UserRequest, order: Order, form: Form, title: str, states: tuple[Order.State, ...],
    run: Callable[[], Any], told: str, **context: Any,
) -> HttpResponse:  # fmt: skip
    """One step's form; where the order does not stand so that the step makes sense, back to its page with the reason."""
    if request.method == "GET" and order.state not in states:
        messages.error(request, f"{order.number}现在是“{order.get_state_display()}”，不能{title}。")
        return redirect("inspections:order-detail", pk=order.pk)
    if _saved(request, form, run, told):
        return redirect("inspections:order-detail", pk=order.pk)
    context |= {
        "order": order,
        "form": form,
        "title": title,
        "findings": order.findings.order_by("pk"),
        "evidence": Evidence.objects.visible_to(request.user).filter(order=order).order_by("pk"),
        "takes_photos": isinstance(form, ReportForm),
    }
    return render(request, "inspections/orders/step.html", context, status=422 if form.errors else 200)


def _saved(request: UserRequest, form: Form, run: Callable[[], Any], told: str) -> bool:
    """Whether a sent form was valid and its service took it; what it refused stands above what was typed."""
    if request.method != "POST" or not form.is_valid():
        return False
    try:
        run()
    except DomainError as error:
        form.add_error(None, error.message)
        return False
    messages.success(request, told)
    return True


def _tab(user: User, tab: str) -> Any:
    """The rows of a tab in its order: open ones by their day, closed ones by the day they were closed."""
    rows = Order.objects.visible_to(user)
    if tab == "open":
        return rows.open().order_by("fix_due_on", "pk")
    return rows.filter(state=Order.State.CLOSED).order_by("-closed_on", "-pk") if tab == "closed" else rows.order_by("-pk")


def _texts() -> Prefetch[str, QuerySet[Finding], str]:
    return Prefetch("findings", Finding.objects.order_by("pk"))


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
