"""The red list (红榜) on the desk, on paper and in public; certificates, plates, revocation (domain.md §7; mission M25)."""

from __future__ import annotations

from io import BytesIO
from itertools import groupby

from django.contrib import messages
from django.core.paginator import Page
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog
from governance.documents import official
from governance.errors import DomainError
from governance.frame.exports import ledger_response
from governance.frame.paging import page_of
from governance.frame.public import public_page
from governance.periods import today
from governance.privacy import mask_name
from moral_bank.awards.exports import HONOURS
from moral_bank.awards.forms import HonourFilter, ReasonForm
from moral_bank.awards.honours import honour_revoke, period_label
from moral_bank.awards.models import Honour
from moral_bank.awards.papers import certificate_paper, certificate_words, honour_title, signed_by
from moral_bank.closings.notice import public_number
from villages.models import Unit
from villages.numbers import IN_ORDER
from villages.scope import get_visible_or_404

PAPERS = {"certificate": "荣誉证书", "plate": "最美家庭牌"}
PRINTED, SHEET_ROWS = 100, 500
RELATED = ("account__household__unit", "account__household__village", "village__parent", "revoked_by")
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@duty_required(Action.AWARD_VIEW)
def honour_list(request: UserRequest) -> HttpResponse:
    user, form = request.user, HonourFilter(request.GET, user=request.user)
    rows = form.rows(user).select_related(*RELATED)
    page = page_of(request, rows.order_by("-granted_on", "village__path", *IN_ORDER))
    context = {
        "form": form,
        "page": page,
        "rows": [(honour, period_label(honour)) for honour in page.object_list],
        "asked": any(request.GET.get(name) for name in form.fields),
        "may_confirm": user.may(Action.AWARD_CONFIRM),
        "may_export": user.may(Action.EXPORT),
    }
    return render(request, "moral_bank/awards/honour_list.html", context)


@duty_required(Action.EXPORT)
def honour_export(request: UserRequest) -> HttpResponseBase:
    rows = HonourFilter(request.GET, user=request.user).rows(request.user, Action.EXPORT)
    try:
        return ledger_response(HONOURS, rows, request=request)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("moral_bank:honour-list")


@duty_required(Action.AWARD_VIEW)
def honour_sheet(request: UserRequest) -> HttpResponse:
    """The red list to put up: big characters, masked names, what stands only."""
    form = HonourFilter(request.GET, user=request.user)
    rows = form.rows(request.user).filter(revoked_on=None).select_related("account__household", "village__parent")
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
        "form": form,
        "may_print": confirms and honour.revoked_on is None,
        "may_revoke": confirms and honour.revoked_on is None,
    }
    return render(request, "moral_bank/awards/honour_detail.html", context, status=422 if form.errors else 200)


@require_POST
@duty_required(Action.AWARD_CONFIRM)
def honour_revoke_view(request: UserRequest, pk: int) -> HttpResponse:
    honour, form = _honour(request, pk, Action.AWARD_CONFIRM), ReasonForm(request.POST)
    if form.is_valid():
        try:
            honour_revoke(honour=honour, by=request.user, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "已撤销，已退出红榜。请收回证书和牌。")
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
    rows = HonourFilter(request.GET, user=request.user).rows(request.user, Action.AWARD_CONFIRM).filter(revoked_on=None)
    if paper == "plate":
        rows = rows.filter(kind=Honour.Kind.FAMILY)
    page = page_of(request, rows.select_related(*RELATED).order_by("village__path", *IN_ORDER), per_page=PRINTED)
    query = request.GET.copy()
    query.pop("page", None)
    return _papers(request, paper, list(page.object_list), reverse("moral_bank:honour-list", query=query), page)


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
    access_log(AccessLog.Kind.EXPORT, request=request, detail=f"下载荣誉证书 {honour.number}")
    stream = BytesIO(official.render(certificate_paper(honour)))
    return FileResponse(stream, as_attachment=True, filename=f"荣誉证书-{honour.number}.docx", content_type=DOCX)


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
