"""What phones send when they are back on line: forms as JSON, photos in parts, and the key of their drafts (design §8)."""

from __future__ import annotations

import json
import secrets
from base64 import b64encode
from uuid import UUID

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.cases.models import Case, Photo
from governance.cases.photos import PHOTO_BYTES, photo_part, received
from governance.cases.sending import Arrival, case_send, visit_send
from governance.desk.check_sending import check_send
from governance.desk.log_form import CaseLogForm, payload_of
from governance.desk.score_sending import score_send
from governance.desk.senders import Answer, Reasons, Sender, reasons_of
from governance.desk.visit_form import VisitForm
from governance.errors import DomainError

KEY_BYTES = 32
ANSWERS = {"created": 201, "same": 200, "amended": 200, "conflict": 409}
SHELL = (
    "vendor/bootstrap/bootstrap.min.css",
    "theme.css",
    "inspections.css",
    "log.css",
    "desk.js",
    "offline.js",
    "checks.css",
    "checks.js",
    "scoring.js",
    "vendor/htmx.org/htmx.min.js",
)
LOGGED_OUT = {"detail": "请重新登录，登录后自动发送。"}


def _user(request: HttpRequest, *actions: Action) -> User | None:
    """Who sends; None where nobody is logged in. Who may do none of `actions` gets 404."""
    if not request.user.is_authenticated:
        return None
    if not request.user.actions().intersection(actions):
        raise Http404
    return request.user


def _senders_actions() -> list[Action]:
    return [action for action, _ in SENDERS.values()]


@never_cache
@require_GET
def draft_key(request: HttpRequest) -> HttpResponse:
    """The key of this session's drafts: made once a session, dropped with it; the page keeps it where it cannot be read."""
    user = _user(request, *_senders_actions())
    if user is None:
        return JsonResponse(LOGGED_OUT, status=401)
    raw = request.session.setdefault("draft_key", secrets.token_hex(KEY_BYTES))
    key = b64encode(bytes.fromhex(raw)).decode()
    return JsonResponse({"key": key, "user": user.pk})


@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """{form: a name in SENDERS, key, fields} → 201 created, 200 same or amended, 409 conflict, 422 with reasons by field,
    401 logged out."""
    user = _user(request, *_senders_actions())
    if user is None:
        return JsonResponse(LOGGED_OUT, status=401)
    try:
        sent = json.loads(request.body)
        fields = {str(name): str(value) for name, value in sent["fields"].items()}
        data = {**fields, "client_key": str(UUID(sent["key"]))}
        action, sender = SENDERS[sent["form"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        return JsonResponse({"detail": "提交的内容不完整，请重新打开页面再填。"}, status=400)
    if not user.may(action):
        raise Http404
    try:
        answer, errors = sender(data, user)
    except DomainError as error:
        return JsonResponse({"detail": error.message, "code": error.code}, status=422)
    if errors:
        return JsonResponse({"detail": "；".join(sum(errors.values(), [])), "errors": errors}, status=422)
    return JsonResponse(answer, status=ANSWERS[answer["status"]])


def _send_case(data: dict[str, str], user: User) -> tuple[Answer, Reasons]:
    form = CaseLogForm(data, user=user)
    if not form.is_valid():
        return {}, reasons_of(form)
    return _arrived(case_send(key=form.key, payload=payload_of(data), report=form.report(), by=user)), {}


def _send_visit(data: dict[str, str], user: User) -> tuple[Answer, Reasons]:
    form = VisitForm(data, user=user)
    if not form.is_valid():
        return {}, reasons_of(form)
    return _arrived(visit_send(key=form.key, payload=payload_of(data), report=form.report(), by=user)), {}


def _arrived(arrival: Arrival) -> Answer:
    thing = arrival.thing
    if isinstance(thing, Case):
        return {"status": arrival.status, "link": f"/cases/{thing.pk}/", "number": thing.number}
    return {"status": arrival.status, "link": f"/visits/{thing.pk}/", "number": str(thing)}


# By the name that offline.js sends a draft under: the action that its form needs somewhere, and what takes it.
SENDERS: dict[str, tuple[Action, Sender]] = {
    "case": (Action.CASE_LOG, _send_case),
    "visit": (Action.VISIT_LOG, _send_visit),
    "check": (Action.CHECK_SCORE, check_send),
    "score": (Action.ROUND_SCORE, score_send),
}


@never_cache
@require_http_methods(["GET", "PUT"])
def photo_part_view(request: HttpRequest, key: UUID) -> HttpResponse:
    """PUT bytes from ?offset= on, GET asks how far they are: {received, state}."""
    user = _user(request, Action.CASE_LOG)
    if user is None:
        return JsonResponse(LOGGED_OUT, status=401)
    if request.method == "GET":
        photo = Photo.objects.filter(key=key, by=user).first()
        return JsonResponse({"received": received(photo) if photo else 0, "state": photo.state if photo else "coming"})
    try:
        owner, sha256 = UUID(request.GET["owner"]), request.GET["sha256"]
        size, offset = int(request.GET["size"]), int(request.GET["offset"])
    except (KeyError, ValueError):
        return JsonResponse({"detail": "照片分段有误。"}, status=400)
    if len(sha256) != 64 or size > PHOTO_BYTES:
        return JsonResponse({"detail": "照片超过 8 MB 或分段有误。"}, status=422)
    try:
        photo = photo_part(
            key=key, owner_key=owner, size=size, sha256=sha256, offset=offset, data=request.body, by=user
        )
    except DomainError as error:
        return JsonResponse({"detail": error.message, "code": error.code}, status=422)
    return JsonResponse({"received": received(photo), "state": photo.state})


@require_GET
def photo(request: HttpRequest, pk: int) -> HttpResponse:
    """The picture, for those who see what it belongs to."""
    row = Photo.objects.visible_to(request.user).ready().filter(pk=pk).first()
    if row is None:
        raise Http404
    with row.file.open("rb") as file:
        answer = HttpResponse(file.read(), content_type="image/jpeg")
    answer["Cache-Control"] = "private, max-age=3600"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@never_cache
@require_GET
def service_worker(request: HttpRequest) -> HttpResponse:
    """The script that keeps the shell, the two forms and marked pages; its text changes with any of the shell's files."""
    files = [staticfiles_storage.url(path) for path in SHELL]
    context = {"files": json.dumps(files), "static_url": settings.STATIC_URL}
    return render(request, "cases/sw.js", context, content_type="text/javascript")
