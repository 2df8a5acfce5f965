"""No typed word is lost to an ended session: a form that comes late asks for the password and goes on (docs/decisions/0028-again.md)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirectBase
from django.shortcuts import render, resolve_url
from django.utils.cache import add_never_cache_headers

from governance.accounts.models import User
from governance.accounts.second.forms import CodedLoginForm
from governance.frame.once import TOKEN, carried

PREFIX, WHO = "again", "again-who"
USERNAME, PASSWORD, CODE = f"{PREFIX}-username", f"{PREFIX}-password", f"{PREFIX}-code"
FILE = f"{PREFIX}-file"  # "field/name" of each file that was chosen: the browser gives no file back
UNSENT = (TOKEN, WHO, USERNAME, PASSWORD, CODE, FILE)
ANOTHER = "上面的内容是另一个账号填写的，请用那个账号登录。"
SALT = "again"


class AgainMiddleware:
    """Stands after whoever ends sessions. A form of a page of ours that would be led to the login page is shown as 401: all that
    was typed, login name, password, and a code of who has a second factor. Sent again to its own address with them, it is taken as
    its page would have been. Where something else has to be done first, the form waits in its tab meanwhile."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method != "POST" or TOKEN not in request.POST or not isinstance(response, HttpResponseRedirectBase):
            return response
        if not request.user.is_authenticated and response.url.startswith(resolve_url(settings.LOGIN_URL)):
            return _asked(request, getattr(request, "late_login", None))
        if unready := getattr(request, "unready", ""):
            context = {**_typed(request), "unready": unready, "unready_page": response.url}
            return _unkept(render(request, "accounts/again.html", context, status=403))
        return response

    def process_view(self, request: Any, view: Any, args: Any, kwargs: Any) -> None:
        """The token was looked at before this; what names a person is taken out before the view reads the form."""
        if request.method != "POST" or PASSWORD not in request.POST:
            return
        request.sensitive_post_parameters = "__ALL__"
        who = _who(request)
        form = CodedLoginForm(request, request.POST, prefix=PREFIX, who=who)
        if not request.user.is_authenticated:
            if form.is_valid() and who is not None and form.get_user() != who:
                form.add_error(None, ANOTHER)
            if form.is_valid():
                login(request, form.get_user())
            else:
                request.late_login = form
                return
        kept = request.POST.copy()
        for name in (WHO, USERNAME, PASSWORD, CODE, FILE):
            kept.pop(name, None)
        request.POST = kept


def _who(request: HttpRequest) -> User | None:
    """Whose session it was: of this request, or as the page before said; None where nobody knows any more."""
    if (ended := getattr(request, "ended_user", None)) is not None:
        return User.objects.filter(pk=ended).first()
    try:
        return User.objects.filter(pk=Signer(salt=SALT).unsign(request.POST.get(WHO, ""))).first()
    except BadSignature:
        return None


def _typed(request: HttpRequest) -> dict[str, Any]:
    """What was typed, and `files`: by field the names of those to be chosen again, also where the page was shown before."""
    files = {field: [file.name for file in given] for field, given in request.FILES.lists()}
    for one in request.POST.getlist(FILE):
        field, _, name = one.partition("/")
        if field not in request.FILES:
            files.setdefault(field, []).append(name)
    return {**carried(request, UNSENT), "files": files, "file_name": FILE}


def _asked(request: HttpRequest, form: CodedLoginForm | None) -> HttpResponse:
    who = _who(request)
    context = {
        **_typed(request), "form": form or CodedLoginForm(request, prefix=PREFIX, who=who), "who_name": WHO,
        "who": Signer(salt=SALT).sign(str(who.pk)) if who else "",
    }  # fmt: skip
    return _unkept(render(request, "accounts/again.html", context, status=401))


def _unkept(response: HttpResponse) -> HttpResponse:
    add_never_cache_headers(response)
    return response


def token_gone(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer to a form whose token is not this browser's any more, as after logging in anew beside it: what our own page sent is shown
    to be sent again, what came from elsewhere is not."""
    own = request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    if own and TOKEN in request.POST and PASSWORD not in request.POST:
        return _unkept(render(request, "accounts/again.html", _typed(request), status=403))
    return render(request, "403_csrf.html", status=403)
