"""最美家庭: nominations, proposals from scores, the village's vote, the notice, the township's word."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.disclosure.due import CLOSES
from governance.disclosure.models import Notice
from governance.errors import DomainError
from governance.frame.act import act, form_page, press, sent
from governance.frame.filters import words_asked
from governance.frame.forms import PageForm
from governance.frame.lists import To, list_export, list_page
from governance.periods import Kind, Period, today
from governance.reading import key_asked, text_asked, text_sent
from moral_bank.awards.candidates import candidates, nomination_propose
from moral_bank.awards.exports import NOMINATIONS as LEDGER
from moral_bank.awards.forms import CandidatesForm, CorrectForm, NominationForm, ReasonForm, VoteForm, WithdrawForm
from moral_bank.awards.lists import NOMINATIONS, TONES, halves_shown
from moral_bank.awards.models import Nomination
from moral_bank.awards.services import (
    closed_words,
    confirm_blockers,
    halves_open,
    kin_posts,
    nomination_add,
    nomination_confirm,
    nomination_correct,
    nomination_judge,
    nomination_refuse,
    nominations_publish,
    nominations_withdraw,
    own_objections,
)
from villages.filters import HouseholdFilter, villages_seen
from villages.models import Household, Unit
from villages.scope import get_visible_or_404
from villages.units.lineage import villages_before

State = Nomination.State
RELATED = ("account__household__unit", "village__parent", "notice", "nominated_by", "judged_by", "decided_by")
HOMES_SHOWN = 20
TO_LIST = To("最美家庭", "moral_bank:award-list")


@duty_required(Action.AWARD_VIEW)
def award_list(request: UserRequest) -> HttpResponse:
    rows = Nomination.objects.visible_to(request.user).select_related("account__household__unit", "village")
    return list_page(request, NOMINATIONS, rows)


@duty_required(Action.EXPORT)
def award_export(request: UserRequest) -> HttpResponseBase:
    """The filtered list in its columns, at places where the user may export."""
    allowed = Nomination.objects.visible_to(request.user, Action.EXPORT).order_by().values("pk")
    rows = Nomination.objects.visible_to(request.user).filter(pk__in=allowed)
    return list_export(request, NOMINATIONS, rows, LEDGER, "moral_bank:award-list")


@never_cache
@duty_required(Action.AWARD_NOMINATE)
def award_create(request: UserRequest) -> HttpResponse:
    """A household is looked up in the roster, then nominated."""
    user = request.user
    form = NominationForm(**sent(request), user=user, initial={"household": key_asked(request, "household") or None})
    done = act(request, form, nomination_add, lambda row: f"已提名{row.account.household.head_name}户，待村评议。", by=user)
    if done:
        return redirect("moral_bank:award-detail", pk=done.result.pk)
    search = HouseholdFilter(request.GET, form.fields["household"].queryset, request=request)  # type: ignore[attr-defined]
    context = {
        "title": "提名最美家庭",
        "button": "提名",
        "up": TO_LIST,
        "household": form.chosen,
        "query": words_asked(request).typed,
        "homes": search.found()[:HOMES_SHOWN] if search.value("q") else [],
    }
    return form_page(request, form, "moral_bank/awards/form.html", **context)


@duty_required(Action.AWARD_NOMINATE)
def award_candidates(request: UserRequest) -> HttpResponse:
    """The village's best by score, one tap each, unless it has its notice; whose tap is for the households within reach. Nobody
    where the village or the half-year is wrong."""
    user = request.user
    villages = _villages(user, Action.AWARD_NOMINATE)
    key = text_asked(request, "village", next((str(row.pk) for row in villages), ""))
    village = next((row for row in villages if str(row.pk) == key), None)
    halves, open_halves = halves_open(today()), halves_open(today(), village)
    half_key = text_asked(request, "half", str(next(iter(open_halves), halves[0])))
    form = CandidatesForm({"village": key, "half": half_key}, villages=villages, halves=halves)
    if not form.is_valid():
        return render(request, "moral_bank/awards/candidates.html", {"form": form})
    half = next(one for one in halves if str(one) == half_key)
    closed = closed_words(village, half) if village and half not in open_halves else ""
    best = candidates(village, half) if village and not closed else []
    reach = Household.objects.visible_to(user, Action.AWARD_NOMINATE)
    mine = set(reach.filter(pk__in=[one.household.pk for one in best]).values_list("pk", flat=True))
    context = {
        "form": form,
        "village": village,
        "half": half,
        "closed": closed,
        "rows": [one for one in best if one.household.pk in mine],
    }
    return render(request, "moral_bank/awards/candidates.html", context)


@require_POST
@duty_required(Action.AWARD_NOMINATE)
def award_propose(request: UserRequest, pk: int) -> HttpResponse:
    """One tap on a household of the list of candidates."""
    homes = Household.objects.select_related("village__parent", "unit")
    household = get_visible_or_404(homes, request.user, Action.AWARD_NOMINATE, pk=pk)
    half = _half_or_404(text_sent(request, "half"))
    words = f"已按积分提名{household.head_name}户，待村评议。"
    press(request, nomination_propose, words, household=household, half=half, by=request.user)
    return redirect(reverse("moral_bank:award-candidates", query={"village": household.village_id, "half": half}))


@duty_required(Action.AWARD_VIEW)
def award_detail(request: UserRequest, pk: int) -> HttpResponse:
    return render(request, "moral_bank/awards/detail.html", _detail(request.user, _nomination(request, pk)))


def _detail(user: User, row: Nomination, **forms: Any) -> dict[str, object]:
    """What a nomination's page shows; `forms` are those that were sent back."""
    nominated, noticed = row.state == State.NOMINATED, row.state == State.NOTICED
    shown = row.notice is not None and row.notice.withdrawn_at is None
    open_row = row.state not in (State.CONFIRMED, State.REFUSED)
    may_confirm = _may(user, row, Action.AWARD_CONFIRM)
    return {
        "row": row,
        "half": _half(row),
        "tone": TONES[row.state],
        "household": row.account.household,
        "objections": list(own_objections(row)) if row.notice_id else [],
        "blockers": confirm_blockers(row) if noticed and may_confirm else [],
        "own": row.nominated_by_id == user.pk,
        "kin": kin_posts(row, today()) if nominated else [],
        "may_judge": nominated and _may(user, row, Action.AWARD_JUDGE),
        "may_correct": nominated and _may(user, row, Action.AWARD_NOMINATE),
        "may_confirm": noticed and may_confirm,
        "may_refuse": open_row and may_confirm,
        "may_withdraw": noticed and shown and _may(user, row, Action.NOTICE_PUBLISH),
        "may_answer": user.may(Action.OBJECTION_ANSWER, row.village.path),
        "vote_form": VoteForm(initial=_same_meeting(row)),
        "correct_form": CorrectForm(initial={"nominator": row.nominator, "story": row.story}),
        "reason_form": ReasonForm(),
        "withdraw_form": WithdrawForm(),
        **forms,
    }


@require_POST
@duty_required(Action.AWARD_JUDGE)
def award_judge(request: UserRequest, pk: int) -> HttpResponse:
    """The village's vote; goes on to the next household that waits."""
    row, form = _nomination(request, pk, Action.AWARD_JUDGE), VoteForm(**sent(request))
    words = f"{row.account.household.head_name}户："
    done = act(request, form, nomination_judge, lambda row: f"{words}{row.get_state_display()}。", nomination=row, by=request.user)
    if done:
        return redirect("moral_bank:award-detail", pk=_next_to_judge(request.user, done.result))
    return _again(request, row, form, "vote_form")


def _next_to_judge(user: User, row: Nomination) -> int:
    """The next nomination of the same village and half-year that waits for the vote, else the one just judged."""
    waiting = Nomination.objects.visible_to(user, Action.AWARD_JUDGE).filter(
        village=row.village_id, half=row.half, state=State.NOMINATED
    )
    return waiting.order_by("pk").values_list("pk", flat=True).first() or row.pk


@require_POST
@duty_required(Action.AWARD_NOMINATE)
def award_correct(request: UserRequest, pk: int) -> HttpResponse:
    row, form = _nomination(request, pk, Action.AWARD_NOMINATE), CorrectForm(**sent(request))
    if act(request, form, nomination_correct, "已改好。", nomination=row, by=request.user):
        return redirect("moral_bank:award-detail", pk=pk)
    return _again(request, row, form, "correct_form")


@require_POST
@duty_required(Action.AWARD_CONFIRM)
def award_confirm(request: UserRequest, pk: int) -> HttpResponse:
    row = _nomination(request, pk, Action.AWARD_CONFIRM)
    done = press(request, nomination_confirm, lambda honour: f"已审定，证书编号 {honour.number}。", nomination=row, by=request.user)
    if done:
        return redirect("moral_bank:honour-detail", pk=done.result.pk)
    return redirect("moral_bank:award-detail", pk=pk)


@require_POST
@duty_required(Action.AWARD_CONFIRM)
def award_refuse(request: UserRequest, pk: int) -> HttpResponse:
    row, form = _nomination(request, pk, Action.AWARD_CONFIRM), ReasonForm(**sent(request))
    if act(request, form, nomination_refuse, "已记下不予通过。", nomination=row, by=request.user):
        return redirect("moral_bank:award-detail", pk=pk)
    return _again(request, row, form, "reason_form")


@require_POST
@duty_required(Action.NOTICE_PUBLISH)
def award_withdraw(request: UserRequest, pk: int) -> HttpResponse:
    """The whole notice on which the nomination stands, to be corrected and published anew."""
    row, form = _nomination(request, pk, Action.NOTICE_PUBLISH), WithdrawForm(**sent(request))
    words = f"已撤回{row.village}的公示，更正后请重新公示。"
    if act(request, form, nominations_withdraw, words, nomination=row, by=request.user):
        return redirect(reverse("moral_bank:award-board", query={"half": _half(row)}))
    return _again(request, row, form, "withdraw_form")


def _again(request: UserRequest, row: Nomination, form: PageForm, name: str) -> HttpResponse:
    """The nomination's page with the form that was refused."""
    return form_page(request, form, "moral_bank/awards/detail.html", **_detail(request.user, row, **{name: form}))


@duty_required(Action.NOTICE_PUBLISH)
def award_board(request: UserRequest) -> HttpResponse:
    """Where every village stands in a half-year."""
    half = _half_or_404(text_asked(request, "half"))
    context = {"half": half, "halves": halves_shown(), "rows": _board_rows(request.user, half)}
    return render(request, "moral_bank/awards/board.html", context)


def _same_meeting(row: Nomination) -> dict[str, Any]:
    """The village's last meeting of the half-year, if it can have judged this nomination too: it was held after it, or is being
    typed in from paper afterwards."""
    judged = Nomination.objects.filter(village=row.village_id, half=row.half, judged_on__isnull=False)
    last = judged.order_by("-pk").first()
    if last is None or last.judged_on is None:
        return {}
    fits = last.judged_on >= today(row.nominated_at) or last.judged_on < today(last.nominated_at)
    return {"held_on": last.judged_on, "present": last.present} if fits else {}


@require_POST
@duty_required(Action.NOTICE_PUBLISH)
def award_publish(request: UserRequest, pk: int) -> HttpResponse:
    """The village's one notice of a half-year."""
    villages = Unit.objects.visible_to(request.user, Action.NOTICE_PUBLISH).villages()
    village, half = get_object_or_404(villages, pk=pk), _half_or_404(text_sent(request, "half"))
    press(request, nominations_publish, partial(_published, village), village=village, half=half, by=request.user)
    return redirect(reverse("moral_bank:award-board", query={"half": half}))


def _published(village: Unit, notice: Notice) -> str:
    return f"{village}已公示，公示至 {notice.closes_on:%Y年%-m月%-d日}。"


def _board_rows(user: User, half: Period) -> list[dict[str, Any]]:
    """Villages with nominations in the half-year: households by state, the notice that is shown, what may be done; `now` is
    the village by which the list finds them, the successor's of a merged one."""
    now = {former: village for village, before in villages_before(today()).items() for former in before}
    nominations = Nomination.objects.visible_to(user, Action.NOTICE_PUBLISH).filter(half=half.start)
    rows: dict[int, dict[str, Any]] = {}
    for row in nominations.select_related("village", "notice").order_by("village__path", "pk"):
        here = now.get(row.village_id, row.village_id)
        line = rows.setdefault(row.village_id, {"village": row.village, "now": here, "counts": {}, "notice": None})
        line["counts"][row.state] = line["counts"].get(row.state, 0) + 1
        if row.notice is not None and row.notice.withdrawn_at is None:
            line["notice"] = row.notice
    for line in rows.values():
        counts = line["counts"]
        line["states"] = [(label, counts[state]) for state, label in State.choices if state in counts]
        line["unjudged"] = counts.get(State.NOMINATED, 0)
        line["ready"] = line["notice"] is None and not line["unjudged"] and bool(
            counts.get(State.RECOMMENDED) or counts.get(State.NOTICED)
        )
        line["ended"] = bool(line["notice"] and CLOSES.is_past(line["notice"], timezone.now()) and counts.get(State.NOTICED))
    return list(rows.values())


def _villages(user: User, action: Action) -> list[Unit]:
    """Villages where `user` may do `action`, those of a yard's officer by the yard."""
    seen = list(villages_seen(user))
    if seen:
        return seen
    homes = Household.objects.visible_to(user, action).order_by().values("village")
    return list(Unit.objects.filter(pk__in=homes).order_by("path"))


def _nomination(request: UserRequest, pk: int, action: Action | None = None) -> Nomination:
    return get_visible_or_404(Nomination.objects.select_related(*RELATED), request.user, action, pk=pk)


def _may(user: User, row: Nomination, action: Action) -> bool:
    return user.may(action) and Nomination.objects.visible_to(user, action).filter(pk=row.pk).exists()


def _half(row: Nomination) -> Period:
    return Period(Kind.HALF, row.half)


def _half_or_404(text: str) -> Period:
    """The half-year of an address; 404 where it is none, the running one where it is empty."""
    if not text:
        return halves_shown()[0]
    try:
        half = Period.parse(text)
    except DomainError as error:
        raise Http404 from error
    if half.kind != Kind.HALF:
        raise Http404
    return half
