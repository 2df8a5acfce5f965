"""The duty roster: who sits when, made, published and swapped; nothing is clocked (plan §三.1, §四.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import CONSENT_DUTIES, VILLAGE_DUTIES, Action
from governance.cases.models import Shift, ShiftKind, Swap
from governance.cases.shifts.forms import (
    AssignForm,
    PublicPostForm,
    RosterFilter,
    ShiftKindForm,
    SwapForm,
    day_text,
    month_of,
)
from governance.cases.shifts.services import (
    posts_for,
    shift_assign,
    shift_kind_save,
    shift_kinds_default,
    shifts_generate,
    shifts_publish,
    swap_answer,
    swap_ask,
    swap_drop,
)
from governance.frame.act import act, form_page, press, sent
from governance.frame.lists import filter_refused
from governance.periods import today
from governance.reading import key_sent, text_sent
from villages.models import Post, Unit
from villages.posts.services import post_public_set
from villages.scope import get_visible_or_404
from villages.units.lineage import villages_of

RELATED = ("village", "kind", "post__user", "post__resident")


@duty_required(Action.SHIFT_VIEW)
def shift_list(request: UserRequest) -> HttpResponse:
    user, filters = request.user, RosterFilter(request)
    month, village = filters.period, filters.chosen
    shifts = Shift.objects.visible_to(user).filter(village=village, day__gte=month.start, day__lt=month.end)
    may_edit = village is not None and user.may(Action.SHIFT_EDIT, village.path)
    if not may_edit:
        shifts = shifts.published()
    swaps = Swap.objects.filter(state=Swap.State.ASKED).filter(Q(asked_by=user) | Q(other__post__user=user))
    rows = list(shifts.select_related(*RELATED).order_by("day", "kind__starts", "pk"))
    context: dict[str, Any] = {
        "month": month,
        "filters": filters,
        "village": village,
        "rows": [(shift, day_text(shift.day), shift.post.user_id == user.pk) for shift in rows],
        "unpublished": sum(shift.published_at is None for shift in rows),
        "may_edit": may_edit,
        "kinds": ShiftKind.objects.filter(village=village, is_active=True) if village else [],
        "swaps": swaps.select_related("shift__kind", "other__kind", "asked_by", "other__post__user"),
        "today": today(),
    }
    return render(request, "cases/shifts/list.html", context)


def _village(request: UserRequest) -> Unit:
    villages = Unit.objects.visible_to(request.user, Action.SHIFT_EDIT).villages()
    return get_object_or_404(villages, pk=key_sent(request, "village"))


@require_POST
@duty_required(Action.SHIFT_EDIT)
def shift_generate(request: UserRequest) -> HttpResponse:
    village, month = _village(request), month_of(text_sent(request, "month"))
    press(request, shifts_generate, _made_words, village=village, month=month, by=request.user)
    return _back(village, str(month))


def _made_words(made: int) -> str:
    return f"已排 {made} 个班，看好后请发布。" if made else "没有要排的班。"


@require_POST
@duty_required(Action.SHIFT_EDIT)
def shift_publish(request: UserRequest) -> HttpResponse:
    village, month = _village(request), month_of(text_sent(request, "month"))
    words = "已发布 {} 个班，村民在公开栏可以看到。".format
    press(request, shifts_publish, words, village=village, month=month, by=request.user)
    return _back(village, str(month))


@duty_required(Action.SHIFT_EDIT)
def shift_kinds(request: UserRequest, pk: int) -> HttpResponse:
    """The shifts of one village; with none yet, the usual ones at a tap."""
    village = get_visible_or_404(Unit.objects.villages(), request.user, Action.SHIFT_EDIT, pk=pk)
    if (purpose := text_sent(request, "defaults")) in ShiftKind.Purpose.values:
        press(request, shift_kinds_default, village=village, purpose=purpose, by=request.user)
        return redirect("cases:shift-kinds", pk=pk)
    kind = ShiftKind.objects.filter(village=village, pk=key_sent(request, "kind")).first()
    form = ShiftKindForm(**sent(request), instance=kind or ShiftKind(village=village))
    if act(request, form, shift_kind_save, lambda kind: f"已保存班次“{kind.name}”。", by=request.user):
        return redirect("cases:shift-kinds", pk=pk)
    posts = Post.objects.current(today())
    holders = posts_for(ShiftKind.Purpose.ON_CALL, village, today()) | posts.filter(unit=village, kind__in=VILLAGE_DUTIES)
    villagers = posts.filter(unit__path__startswith=village.path, kind__in=CONSENT_DUTIES).order_by("unit__path", "kind")
    kinds = ShiftKind.objects.filter(village=village).order_by("purpose", "starts", "pk")
    context = {
        "village": village,
        "kinds": kinds,
        "purposes": {kind.purpose for kind in kinds},
        "offices": _public_forms(holders),
        "villagers": _public_forms(villagers),
    }
    return form_page(request, form, "cases/shifts/kinds.html", **context)


@require_POST
@duty_required(Action.SHIFT_EDIT)
def post_phone(request: UserRequest, pk: int) -> HttpResponse:
    """The public phone of a post, and the consent of its holder."""
    post = get_visible_or_404(Post.objects.select_related("unit", "user", "resident"), request.user, Action.SHIFT_EDIT, pk=pk)
    form = PublicPostForm(request.POST, post=post)
    if not act(request, form, post_public_set, f"已保存：{post.holder_name}（{post.get_kind_display()}）。", post=post, by=request.user):
        messages.error(request, form.reasons)
    return redirect("cases:shift-kinds", pk=villages_of([post.unit])[post.unit_id].pk)


def _public_forms(posts: QuerySet[Post]) -> list[tuple[Post, PublicPostForm]]:
    return [(post, PublicPostForm(post=post)) for post in posts.select_related("unit", "user", "resident")]


@duty_required(Action.SHIFT_VIEW)
def swap_ask_view(request: UserRequest, pk: int) -> HttpResponse:
    """Ask for a swap of my own turn, or, for whoever makes the roster, put somebody else on it."""
    user = request.user
    shift = get_visible_or_404(Shift.objects.select_related(*RELATED), user, pk=pk)
    mine, may_edit = shift.post.user_id == user.pk, user.may(Action.SHIFT_EDIT, shift.village.path)
    if not (mine or may_edit):
        raise Http404
    posts = posts_for(shift.kind.purpose, shift.village, shift.day)
    assign = AssignForm(request.POST if "post" in request.POST else None, posts=posts.select_related("user", "resident"))
    ask = SwapForm(request.POST if "other" in request.POST else None, shift=shift)
    form, words = (assign, "已换人。") if assign.is_bound else (ask, "已告诉对方，等对方同意。")
    service: Callable[..., object] = shift_assign if form is assign else swap_ask
    if act(request, form, service, words, shift=shift, by=user):
        return _back(shift.village, f"{shift.day:%Y-%m}")
    context = {"shift": shift, "day": day_text(shift.day), "mine": mine, "may_edit": may_edit, "assign": assign, "ask": ask}
    return form_page(request, form, "cases/shifts/swap.html", **context)


@require_POST
@duty_required(Action.SHIFT_VIEW)
def swap_answer_view(request: UserRequest, pk: int) -> HttpResponse:
    user = request.user
    swap = get_object_or_404(Swap.objects.visible_to(user).select_related("shift__village", "asked_by"), pk=pk)
    answer, fixed = text_sent(request, "answer"), {"swap": swap, "by": user}
    if answer == "drop":
        press(request, swap_drop, "已答复。", **fixed)
    else:
        press(request, swap_answer, "已答复。", agreed=answer == "yes", **fixed)
    return _back(swap.shift.village, f"{swap.shift.day:%Y-%m}")


@duty_required(Action.SHIFT_VIEW)
def shift_print(request: UserRequest) -> HttpResponse:
    user, filters = request.user, RosterFilter(request)
    if not filters.is_valid():
        return filter_refused(request, reverse("cases:shift-list", query=request.GET), "打印")
    month, village = filters.period, filters.chosen
    shifts = Shift.objects.visible_to(user).published().filter(village=village, day__gte=month.start, day__lt=month.end)
    rows = [(shift, day_text(shift.day)) for shift in shifts.select_related(*RELATED).order_by("day", "kind__starts")]
    return render(request, "cases/shifts/print_shifts.html", {"village": village, "month": month, "rows": rows})


def _back(village: Unit, month: str) -> HttpResponse:
    return redirect(reverse("cases:shift-list", query={"village": village.pk, "month": month}))
