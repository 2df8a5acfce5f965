"""One household's own line of a list that hangs in the village: by its number and the code of its passbook, without log-in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache

from governance.disclosure.forms import OwnLineForm
from governance.disclosure.models import Notice
from governance.frame.act import form_page, sent
from governance.frame.public import public_page
from governance.frame.slowing import Guessing
from governance.periods import today
from governance.rooms import named

PAGE = "disclosure/own_line.html"
GUESSING = Guessing("own", "own-house")
NOTHING = "没有查到。请核对户号和存折上的查询码，或到村里看张贴的名单。"
SLOW = "查得太频繁了，请过一会儿再试，或到村里看张贴的名单。"


@never_cache
@public_page
def own_line(request: HttpRequest, pk: int) -> HttpResponse:
    """A wrong number and a wrong code get the same answer. The line is there after the window as well: it is its household's."""
    shown = Notice.objects.filter(kind__in=Notice.COUNTED, withdrawn_at=None, opens_on__lte=today())
    notice = get_object_or_404(shown.select_related("unit"), pk=pk)
    form = OwnLineForm(**sent(request))
    context = {"notice": notice, "is_public": notice.is_public(today())}
    if form.is_valid():
        if GUESSING.is_too_often(request, f"{notice.unit_id} {form.cleaned_data['house']}"):
            return GUESSING.slowed(request, PAGE, {**context, "form": form, "slow": SLOW})
        for finder in named("own_line"):
            if number := finder(notice, form.cleaned_data["house"], form.cleaned_data["code"]):
                line = list(zip(notice.columns, notice.rows[number - 1], strict=True))
                return render(request, PAGE, {**context, "line": line, "number": number})
        form.add_error(None, NOTHING)
    return form_page(request, form, PAGE, **context)
