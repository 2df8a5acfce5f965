"""One notice for anybody, and objections to it; no account, no search engines."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from governance.accounts.duties import Action
from governance.accounts.log import client_ip
from governance.accounts.models import User
from governance.disclosure.counting import counted, found_by_number
from governance.disclosure.forms import ObjectionForm
from governance.disclosure.models import Notice, Objection
from governance.disclosure.notices import objection_file
from governance.frame.act import act
from governance.frame.public import public_page
from governance.frame.slowing import tried
from governance.periods import today
from governance.reading import key_asked, text_asked
from villages.models import Unit
from villages.units.lineage import villages_now

OBJECTIONS_PER_HOUR = 10
HOUR = 3600
FIND_FROM = 20


@public_page
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    row_number = key_asked(request, "row_number")
    return _notice_page(request, _public_notice(pk), ObjectionForm(initial={"row_number": row_number or None}))


@public_page
def objection(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an objection; a plain look at this address leads to the notice."""
    notice = _public_notice(pk)
    if request.method != "POST":
        return redirect("public:notice", pk=pk)
    form = ObjectionForm(request.POST)
    if form.is_valid() and _too_many(request):
        form.add_error(None, "一小时内提交的异议太多，请稍后再试，或直接拨打公示上的联系电话。")
        return _notice_page(request, notice, form, 429)
    if act(request, form, objection_file, _thanks, notice=notice, by=_scribe(request, notice)):
        # The form was sent to #objection; without a place of its own the browser would stay there and hide the number.
        return redirect(reverse("public:notice", args=[pk]) + "#top")
    return _notice_page(request, notice, form, 422)


def _thanks(filed: Objection) -> str:
    if filed.state != Objection.State.OPEN:
        return f"这条异议已经答复，受理编号 {filed.number}。请凭受理编号和电话后四位“查进度”。"
    day = f"{filed.answer_by:%Y年%-m月%-d日}"
    return f"已收到您的异议，受理编号 {filed.number}，最迟 {day} 答复。请记下受理编号，凭它和电话后四位随时可以“查进度”。"


def _public_notice(pk: int) -> Notice:
    return get_object_or_404(Notice.objects.public(today()).select_related("unit__parent"), pk=pk)


def _notice_page(request: HttpRequest, notice: Notice, form: ObjectionForm, status: int = 200) -> HttpResponse:
    columns, rows = counted(notice.columns, notice.rows) if notice.is_counted else (notice.columns, notice.rows)
    words = text_asked(request, "q").strip()
    found = found_by_number(columns, rows, words) if words else rows
    villages = villages_now(notice.unit, today()) if notice.unit.level == Unit.Level.VILLAGE else []
    context = {
        "notice": notice,
        "columns": columns,
        "lines": [list(zip(columns, row, strict=True)) for row in found],
        "form": form,
        "village": next(iter(villages), None),
        "words": words,
        "is_long": not notice.is_counted and len(rows) > FIND_FROM,
        "may_print": _scribe(request, notice) is not None,
    }
    return render(request, "disclosure/public_notice.html", context, status=status)


def _scribe(request: HttpRequest, notice: Notice) -> User | None:
    """The cadre who writes an objection down for somebody (代录), None for a visitor."""
    user = request.user
    return user if isinstance(user, User) and user.may(Action.NOTICE_VIEW, notice.unit.path) else None


def _too_many(request: HttpRequest) -> bool:
    """Whether this address has sent more objections within the hour than people do."""
    return tried(f"objections:{client_ip(request)}", HOUR) > OBJECTIONS_PER_HOUR
