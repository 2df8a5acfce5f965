"""The red list (红榜) on the desk, on paper and in public; certificates, plates, revocation (domain.md §7; mission M25)."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby

from django.core.paginator import Page
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog
from governance.frame.act import act, form_page, sent
from governance.frame.exports import paper_response
from governance.frame.lists import list_export, list_page
from governance.frame.paging import page_of
from governance.frame.public import public_page
from governance.periods import today
from governance.privacy import mask_name
from governance.reading import text_asked
from moral_bank.awards.exports import HONOURS as LEDGER
from moral_bank.awards.forms import ReasonForm
from moral_bank.awards.honours import honour_revoke, period_label
from moral_bank.awards.lists import HONOURS, HonourFilter
from moral_bank.awards.models import Honour
from moral_bank.awards.papers import certificate_paper, certificate_words, honour_title, signed_by
from moral_bank.closings.notice import public_number
from villages.models import Unit
from villages.numbers.services import IN_ORDER
from villages.scope import get_visible_or_404

PAPERS = {"certificate": "荣誉证书", "plate": "最美家庭牌"}
PRINTED, SHEET_ROWS = 100, 500
RELATED = ("account__household__unit", "account__household__village", "village__parent", "revoked_by")


@duty_required(Action.AWARD_VIEW)
def honour_list(request: UserRequest) -> HttpResponse:
    """What was revoked is not printed."""
    listing = replace(HONOURS, exports=HONOURS.exports[-1:]) if text_asked(request, "state") == "revoked" else HONOURS
    return list_page(request, listing, Honour.objects.visible_to(request.user).select_related(*RELATED))


@duty_required(Action.EXPORT)
def honour_export(request: UserRequest) -> HttpResponseBase:
    rows = Honour.objects.visible_to(request.user, Action.EXPORT)
    return list_export(request, HONOURS, rows, LEDGER, "moral_bank:honour-list")


@duty_required(Action.AWARD_VIEW)
def honour_sheet(request: UserRequest) -> HttpResponse:
    """The red list to put up: big characters, masked names, what stands only."""
    rows = _standing(request, Action.AWARD_VIEW).select_related("account__household", "village__parent")
    honours = list(rows.order_by("village__path", "-period", "kind", *IN_ORDER)[:SHEET_ROWS])
    villages = [
        (village, _groups(list(same))) for village, same in groupby(honours, key=lambda honour: honour.village)
    ]
    back = reverse("moral_bank:honour-list", query=request.GET)
    context = {"villages": villages, "back": back, "cut": SHEET_ROWS if len(honours) == SHEET_ROWS else 0, "day": today()}
    return render(request, "moral_bank/awards/honour_sheet.html", context)


@duty_required(Action.AWARD_VIEW)
def honour_detail(request: UserRequest, pk: int) -> HttpResponse:
    return _detail(request, _honour(request, pk), ReasonForm())


def _detail(request: UserRequest, honour: Honour, form: ReasonForm) -> HttpResponse:
    confirms = Honour.objects.visible_to(request.user, Action.AWARD_CONFIRM).filter(pk=honour.pk).exists()
    context = {
        "honour": honour,
        "label": period_label(honour),
        "household": honour.account.household,
        "may_print": confirms and honour.revoked_on is None,
        "may_revoke": confirms and honour.revoked_on is None,
    }
    return form_page(request, form, "moral_bank/awards/honour_detail.html", **context)


@require_POST
@duty_required(Action.AWARD_CONFIRM)
def honour_revoke_view(request: UserRequest, pk: int) -> HttpResponse:
    honour, form = _honour(request, pk, Action.AWARD_CONFIRM), ReasonForm(**sent(request))
    if act(request, form, honour_revoke, "已撤销，已退出红榜。请收回证书和牌。", honour=honour, by=request.user):
        return redirect("moral_bank:honour-detail", pk=pk)
    return _detail(request, honour, form)


@duty_required(Action.AWARD_CONFIRM)
def honour_paper(request: UserRequest, pk: int, paper: str) -> HttpResponse:
    """One honour's certificate or plate."""
    honours = Honour.objects.filter(revoked_on=None).select_related(*RELATED)
    honour = get_visible_or_404(honours, request.user, Action.AWARD_CONFIRM, pk=pk)
    return _papers(request, paper, [honour], reverse("moral_bank:honour-detail", args=[pk]))


@duty_required(Action.AWARD_CONFIRM)
def honour_print(request: UserRequest, paper: str) -> HttpResponse:
    """The papers of a filtered list, PRINTED at once (`?page=2`); what was revoked has none."""
    rows = _standing(request, Action.AWARD_CONFIRM)
    if paper == "plate":
        rows = rows.filter(kind=Honour.Kind.FAMILY)
    page = page_of(request, rows.select_related(*RELATED).order_by("village__path", *IN_ORDER), per_page=PRINTED)
    query = request.GET.copy()
    query.pop("page", None)
    return _papers(request, paper, list(page.object_list), reverse("moral_bank:honour-list", query=query), page)


def _standing(request: UserRequest, action: Action) -> QuerySet[Honour]:
    """The honours of the filtered list that stand, where `action` may be done."""
    rows = HonourFilter(request.GET, Honour.objects.visible_to(request.user, action), request=request).found()
    return rows.filter(revoked_on=None)


def _papers(
    request: UserRequest, paper: str, honours: list[Honour], back: str, page: Page[Honour] | None = None
) -> HttpResponse:
    if paper not in PAPERS or (paper == "plate" and any(honour.kind != Honour.Kind.FAMILY for honour in honours)):
        raise Http404
    access_log(AccessLog.Kind.EXPORT, request=request, detail=f"打印{PAPERS[paper]} {len(honours)} 份")
    context = {
        "title": PAPERS[paper],
        "papers": [(one, period_label(one), honour_title(one), certificate_words(one), _office(one)) for one in honours],
        "page": page,
        "back": back,
    }
    return render(request, f"moral_bank/awards/honour_{paper}.html", context)


def _office(honour: Honour) -> str:
    assert honour.village.parent is not None
    return signed_by(honour.village.parent)


@require_safe
@duty_required(Action.AWARD_CONFIRM)
def honour_docx(request: UserRequest, pk: int) -> HttpResponseBase:
    """The certificate as an editable paper."""
    honours = Honour.objects.filter(revoked_on=None).select_related(*RELATED)
    honour = get_visible_or_404(honours, request.user, Action.AWARD_CONFIRM, pk=pk)
    return paper_response(request, certificate_paper(honour), f"荣誉证书-{honour.number}", f"下载荣誉证书 {honour.number}")


@public_page
def public_honours(request: HttpRequest, code: str) -> HttpResponse:
    """A village's red list for anybody: masked names, what stands only. There is no black list."""
    village = get_object_or_404(Unit.objects.villages().on(today()).select_related("parent"), code=code)
    rows: QuerySet[Honour] = Honour.objects.filter(account__household__village=village, revoked_on=None)
    honours = rows.select_related("account__household").order_by("-period", "kind", *IN_ORDER)
    return render(request, "moral_bank/awards/public_honours.html", {"village": village, "groups": _groups(list(honours))})


def _groups(honours: list[Honour]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Title (2026年上半年 最美家庭) and (number, masked head) of each group; expects them in order of period and kind."""
    return [
        (f"{period_label(honour)} {honour_title(honour)}", [_public_line(one) for one in (honour, *same)])
        for (_, _), same in groupby(honours, key=lambda one: (one.period, one.kind))
        for honour in [next(same)]
    ]


def _public_line(honour: Honour) -> tuple[str, str]:
    household = honour.account.household
    return public_number(household.number), mask_name(household.head_name) or "*"


def _honour(request: UserRequest, pk: int, action: Action | None = None) -> Honour:
    return get_visible_or_404(Honour.objects.select_related(*RELATED), request.user, action, pk=pk)
