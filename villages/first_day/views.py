"""The page of the first day: closed for good as soon as there is anything in the portal."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from governance.accounts.log import client_ip
from governance.frame.act import act, form_page
from governance.frame.once import DonePage
from governance.frame.public import public_page
from governance.frame.slowing import tried, tries
from governance.reading import text_asked, text_sent
from villages.first_day.forms import BeginForm, CodeForm
from villages.first_day.services import code_fits, is_begun, township_begin

WINDOW, TRIES = 600, 10
CODE_PAGE, PAGE, SLIPS = (f"villages/first_day/{name}.html" for name in ("code", "begin", "slips"))
WRONG = "开通码不对，或已经换了新码。请核对，或在服务器上再运行一次 manage.py begin。"
SLOW = "试得太多了，请过十分钟再试。"


@sensitive_post_parameters("code")
@never_cache
@public_page
def begin(request: HttpRequest) -> HttpResponse:
    """First the code alone, unless the link brings it; then the form; then the slips, once."""
    if is_begun():
        raise Http404
    code = text_sent(request, "code") or text_asked(request, "code")
    if not code:
        return form_page(request, CodeForm(), CODE_PAGE)
    if refusal := _refusal(request, code):
        return refusal
    form = BeginForm(request.POST if "name" in request.POST else None, initial={"code": code})
    if done := act(request, form, township_begin):
        address = request.build_absolute_uri(reverse("accounts:login"))
        context = {"slips": done.result, "township": form.cleaned_data["name"], "address": address}
        return DonePage(render(request, SLIPS, context).content)
    return form_page(request, form, PAGE)


def _refusal(request: HttpRequest, code: str) -> HttpResponse | None:
    """The answer to a wrong code, and to whoever has tried too many; None where the code fits."""
    name = f"begin:{client_ip(request)}"
    slow = tries(name) >= TRIES
    if not slow and code_fits(code):
        return None
    form = CodeForm({"code": ""})
    form.errors["code"] = form.error_class([SLOW if slow else WRONG])
    if not slow:
        tried(name, WINDOW)
    answer = render(request, CODE_PAGE, {"form": form}, status=429 if slow else 422)
    if slow:
        answer["Retry-After"] = str(WINDOW)
    return answer
