"""事务公开 on the desk: what is due, a list with its versions, each step by the person whose step it is (plan §三.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.disclosure.affairs import services as affairs
from governance.disclosure.affairs.due import AFFAIR, shown_due
from governance.disclosure.affairs.filling import filler_of
from governance.disclosure.affairs.forms import AffairForm, ReasonForm, ReviewForm, TurnForm, begun
from governance.disclosure.affairs.lists import CATALOGUE, KINDS, LEDGER, TURNS, turns_of
from governance.disclosure.affairs.models import Affair, AffairKind, AffairTurn
from governance.disclosure.affairs.rows import buttons_of
from governance.disclosure.affairs.turns import turn_cancel, turn_open
from governance.disclosure.saying import ANSWER_LIMIT
from governance.frame.act import act, form_page, press, sent
from governance.frame.columns import Tag
from governance.frame.forms import PageForm
from governance.frame.lists import To, list_export, list_page
from governance.qr import qr_svg
from governance.reading import key_asked, text_asked
from villages.scope import get_visible_or_404

UP = To("事务公开", "disclosure:affair-list")
SIGNERS = ("drafted_by", "edited_by", "reviewed_by", "published_by", "withdrawn_by")
PAPERS = {"a4": "A4", "a3": "A3"}


@duty_required(Action.AFFAIR_VIEW)
def affair_list(request: UserRequest) -> HttpResponse:
    rows = AffairTurn.objects.visible_to(request.user)
    late = AFFAIR.late_among(rows, timezone.now()).count()
    return list_page(request, TURNS, turns_of(rows), marks=[Tag(f"逾期 {late} 项", "late")] if late else [])


@require_safe
@duty_required(Action.EXPORT)
def affair_export(request: UserRequest) -> HttpResponseBase:
    return list_export(request, TURNS, AffairTurn.objects.visible_to(request.user, Action.EXPORT), LEDGER, "disclosure:affair-list")


@duty_required(Action.AFFAIR_VIEW)
def affair_kinds(request: UserRequest) -> HttpResponse:
    return list_page(request, KINDS, AffairKind.objects.visible_to(request.user))


@require_safe
@duty_required(Action.EXPORT)
def affair_kinds_export(request: UserRequest) -> HttpResponseBase:
    return list_export(request, KINDS, AffairKind.objects.visible_to(request.user, Action.EXPORT), CATALOGUE, "disclosure:affair-kinds")


@duty_required(Action.AFFAIR_VIEW)
def affair_turn(request: UserRequest, pk: int) -> HttpResponse:
    """What is due, the version that the address names (the latest, where it names none) and all others."""
    turn = _turn(request, pk, Action.AFFAIR_VIEW)
    versions = list(turn.affairs.select_related(*SIGNERS).order_by("-version"))
    asked = key_asked(request, "version")
    shown = next((affair for affair in versions if affair.version == asked), versions[0] if versions else None)
    buttons, refusal = buttons_of(turn, versions, request.user)
    stands = any(affair.state in Affair.STANDING for affair in versions)
    context = {
        "turn": turn,
        "affair": shown,
        "versions": versions,
        "due": None if stands or turn.cancelled_at else shown_due(turn, timezone.now()),
        "refusal": refusal,
        "first": [button for button in buttons if button.first],
        "others": [button for button in buttons if not button.first and not button.rest],
        "rest": [button for button in buttons if button.rest],
        "questions": shown.questions.order_by("pk") if shown else [],
    }
    return render(request, "disclosure/affairs/turn.html", context)


@never_cache
@duty_required(Action.AFFAIR_EDIT)
def affair_open(request: UserRequest) -> HttpResponse:
    """Something that is disclosed at once: what it was, then its list."""
    form = TurnForm(**sent(request), user=request.user)
    if done := act(request, form, turn_open, "已记下，接着拟稿。", by=request.user):
        return redirect("disclosure:affair-draft", pk=done.result.pk)
    hint = "重大事项、及时公开的事项，从发生的第二天算工作日。"
    return form_page(request, form, title="及时公开一件事", hint=hint, button="下一步：拟稿", up=UP)


@never_cache
@duty_required(Action.AFFAIR_EDIT)
def affair_draft(request: UserRequest, pk: int) -> HttpResponse:
    turn = _turn(request, pk, Action.AFFAIR_EDIT)
    standing = turn.affairs.filter(state__in=Affair.SHOWN).order_by("version").last()
    filler = filler_of(turn)
    filled = filler.fill() if filler and text_asked(request, "fill") else None
    form = AffairForm(**sent(request), initial=begun(turn, standing, filled))
    if act(request, form, affairs.affair_draft, "草稿已保存。核对无误后送审。", turn=turn, by=request.user):
        return redirect("disclosure:affair-turn", pk=pk)
    return _content_page(request, turn, form, "更正" if standing else "拟稿", "" if filled or not filler else filler.label)


@never_cache
@duty_required(Action.AFFAIR_EDIT)
def affair_edit(request: UserRequest, pk: int) -> HttpResponse:
    affair = _affair(request, pk, Action.AFFAIR_EDIT)
    if affair.state != Affair.State.DRAFT:
        return _not_now(request, affair, "修改")
    form = AffairForm(**sent(request), initial=begun(affair.turn, affair))
    if act(request, form, affairs.affair_edit, "已修改。", affair=affair, by=request.user):
        return redirect("disclosure:affair-turn", pk=affair.turn_id)
    return _content_page(request, affair.turn, form, "修改草稿")


@require_POST
@duty_required(Action.AFFAIR_EDIT)
def affair_drop(request: UserRequest, pk: int) -> HttpResponse:
    return _press(request, pk, affairs.affair_drop, "草稿已删去。")


@require_POST
@duty_required(Action.AFFAIR_EDIT)
def affair_submit(request: UserRequest, pk: int) -> HttpResponse:
    return _press(request, pk, affairs.affair_submit, "已送审，监督委员会的成员会在待办里看到。")


@require_POST
@duty_required(Action.AFFAIR_EDIT)
def affair_take_back(request: UserRequest, pk: int) -> HttpResponse:
    return _press(request, pk, affairs.affair_take_back, "已取回，改好后要重新送审。")


@require_POST
@duty_required(Action.AFFAIR_EDIT)
def affair_publish(request: UserRequest, pk: int) -> HttpResponse:
    return _press(request, pk, affairs.affair_publish, "已发布，村民在公开页面可以看到。可以打印张贴。")


@never_cache
@duty_required(Action.AFFAIR_REVIEW)
def affair_review(request: UserRequest, pk: int) -> HttpResponse:
    affair = _affair(request, pk, Action.AFFAIR_REVIEW)
    if affair.state != Affair.State.REVIEW:
        return _not_now(request, affair, "审核")
    return _step(request, affair, ReviewForm(**sent(request)), affairs.affair_review, "审核", "已登记审核意见。")


@never_cache
@duty_required(Action.AFFAIR_EDIT)
def affair_withdraw(request: UserRequest, pk: int) -> HttpResponse:
    affair = _affair(request, pk, Action.AFFAIR_EDIT)
    if affair.state not in Affair.STANDING:
        return _not_now(request, affair, "撤回")
    words = "已撤回，网上不再显示内容，请取下张贴的一份。"
    return _step(request, affair, ReasonForm(**sent(request)), affairs.affair_withdraw, "撤回", words)


@never_cache
@duty_required(Action.AFFAIR_CATALOGUE)
def affair_cancel(request: UserRequest, pk: int) -> HttpResponse:
    turn = _turn(request, pk, Action.AFFAIR_CATALOGUE)
    form = ReasonForm(**sent(request))
    if act(request, form, turn_cancel, "已取消。", turn=turn, by=request.user):
        return redirect("disclosure:affair-turn", pk=pk)
    hint = "登记错了的才取消，原因留在记录里。"
    return form_page(request, form, title=f"取消：{turn}", hint=hint, button="取消这一项", up=_up(turn), cancel="不取消")


@duty_required(Action.AFFAIR_VIEW)
def affair_print(request: UserRequest, pk: int) -> HttpResponse:
    """The sheet for the village's board, with the QR of its public page."""
    affair = _affair(request, pk, Action.AFFAIR_VIEW)
    paper = text_asked(request, "paper")
    address = request.build_absolute_uri(reverse("public:affair", args=[pk]))
    shown = affair.state in Affair.SHOWN
    context = {
        "affair": affair,
        "paper": paper if paper in PAPERS else "a4",
        "papers": PAPERS,
        "qr": qr_svg(address) if shown else "",
        "limit": ANSWER_LIMIT,
    }
    return render(request, "disclosure/affairs/print.html", context)


def _turn(request: UserRequest, pk: int, action: Action) -> AffairTurn:
    rows = AffairTurn.objects.select_related("kind", "village__parent", "cancelled_by")
    return get_visible_or_404(rows, request.user, action, pk=pk)


def _affair(request: UserRequest, pk: int, action: Action) -> Affair:
    rows = Affair.objects.select_related("turn__kind", "turn__village__parent", *SIGNERS)
    return get_visible_or_404(rows, request.user, action, pk=pk)


def _up(turn: AffairTurn) -> To:
    return To(str(turn.kind), "disclosure:affair-turn", (turn.pk,))


def _press(request: UserRequest, pk: int, service: Callable[..., Any], words: str) -> HttpResponse:
    affair = _affair(request, pk, Action.AFFAIR_EDIT)
    press(request, service, words, affair=affair, by=request.user)
    return redirect("disclosure:affair-turn", pk=affair.turn_id)


def _not_now(request: UserRequest, affair: Affair, doing: str) -> HttpResponse:
    messages.error(request, f"这份稿子现在是“{affair.get_state_display()}”，不能{doing}。")
    return redirect("disclosure:affair-turn", pk=affair.turn_id)


def _content_page(request: UserRequest, turn: AffairTurn, form: AffairForm, title: str, fills: str = "") -> HttpResponse:
    """`fills`: the button that fills the list in from the portal's own records, "" where there is none."""
    context = {"title": title, "button": "保存草稿", "up": _up(turn), "turn": turn, "fills": fills}
    return form_page(request, form, "disclosure/affairs/form.html", **context)


def _step(
    request: UserRequest, affair: Affair, form: PageForm, service: Callable[..., Affair], title: str, words: str
) -> HttpResponse:
    """One step's form below the list that it is about."""
    if act(request, form, service, words, affair=affair, by=request.user):
        return redirect("disclosure:affair-turn", pk=affair.turn_id)
    up = _up(affair.turn)
    return form_page(request, form, "disclosure/affairs/step.html", title=title, button=title, up=up, affair=affair, cancel="返回")
