"""What phones send when they are back on line: forms as JSON, photos in parts, and the key of their drafts (design §8)."""

from __future__ import annotations

import json
from base64 import b64encode
from uuid import UUID

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, RawPostDataException
from django.shortcuts import render
from django.utils import timezone
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.cases.models import Photo
from governance.cases.sending.photos import PHOTO_BYTES, SIZE, photo_part, received
from governance.cases.sending.senders import Sender, Writing
from governance.crypto import keyed_hash
from governance.errors import DomainError
from governance.frame.drafts import LOGGED_OUT
from governance.reading import KEY_DIGITS, text_asked, whole
from governance.rooms import merged, named, rooms

ANSWERS = {"created": 201, "same": 200, "amended": 200, "conflict": 409}
KEPT_PAGES = 60


def _user(request: HttpRequest, *actions: Action) -> User | None:
    """Who sends; None where nobody is logged in. Who may do none of `actions` gets 404."""
    if not request.user.is_authenticated:
        return None
    if not request.user.actions().intersection(actions):
        raise Http404
    return request.user


def _senders() -> dict[str, tuple[Action, str]]:
    """By the name that offline.js sends a draft under: the action that its form needs somewhere, and what takes it."""
    return merged("senders", rooms())


def _senders_actions() -> list[Action]:
    return [action for action, _ in _senders().values()]


@never_cache
@require_GET
def draft_key(request: HttpRequest) -> HttpResponse:
    """The key of this person's drafts, the same on every log-in: drafts outlive a session, the phone drops the key on logging out.
    The page keeps it where it cannot be read."""
    user = _user(request, *_senders_actions())
    if user is None:
        return JsonResponse(LOGGED_OUT, status=401)
    key = b64encode(bytes.fromhex(keyed_hash(f"drafts of {user.pk}"))).decode()
    return JsonResponse({"key": key, "user": user.pk})


@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """{form: a name among the senders, key, fields, written_at, sent_at (both by the phone's clock)} →
    201 created, 200 same or amended, 409 conflict, 422 with reasons by field,
    401 logged out."""
    user = _user(request, *_senders_actions())
    if user is None:
        return JsonResponse(LOGGED_OUT, status=401)
    try:
        sent = json.loads(request.body)
        fields = {whole(str(name)): whole(str(value)) for name, value in sent["fields"].items()}
        writing = Writing.heard(str(sent.get("written_at", "")), str(sent.get("sent_at", "")), timezone.now())
        data = {**fields, **writing.fields(), "client_key": str(UUID(sent["key"]))}
        action, taker = _senders()[sent["form"]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, RawPostDataException):
        return JsonResponse({"detail": "提交的内容不完整，请重新打开页面再填。"}, status=400)
    if not user.may(action):
        raise Http404
    try:
        sender: Sender = import_string(taker)
        answer, errors = sender(data, user)
    except DomainError as error:
        return JsonResponse({"detail": error.message, "code": error.code}, status=422)
    if errors:
        return JsonResponse({"detail": "；".join(sum(errors.values(), [])), "errors": errors}, status=422)
    return JsonResponse(answer, status=ANSWERS[answer["status"]])


@never_cache
@require_http_methods(["GET", "PUT"])
def photo_part_view(request: HttpRequest, key: UUID) -> HttpResponse:
    """PUT bytes from ?offset= on, GET asks how far they are: {received, state}. Kept is what is `ready`; 422 says why one never will be."""
    user = _user(request, Action.CASE_LOG)
    if user is None:
        return JsonResponse(LOGGED_OUT, status=401)
    if request.method == "GET":
        photo = Photo.objects.filter(key=key, by=user).first()
        return JsonResponse({"received": received(photo) if photo else 0, "state": photo.state if photo else "coming"})
    try:
        owner, sha256 = UUID(text_asked(request, "owner")), text_asked(request, "sha256")
        size, offset = int(text_asked(request, "size")[:KEY_DIGITS]), int(text_asked(request, "offset")[:KEY_DIGITS])
    except ValueError:
        return JsonResponse({"detail": "照片分段有误。"}, status=400)
    if len(sha256) != 64 or size > PHOTO_BYTES:
        return JsonResponse({"detail": SIZE}, status=422)
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
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@never_cache
@require_GET
def kept_pages(request: HttpRequest) -> HttpResponse:
    """{pages}: what this person's phone keeps from logging in on, in the order in which the offline page offers it."""
    user = _user(request, *_senders_actions())
    if user is None:
        return JsonResponse(LOGGED_OUT, status=401)
    pages = dict.fromkeys(["/"])
    pages |= dict.fromkeys(page for kept in named("kept") for page in kept(user))
    return JsonResponse({"pages": list(pages)[:KEPT_PAGES]})


@never_cache
@duty_required(*_senders_actions())
def draft_list(request: UserRequest) -> HttpResponse:
    """What the phone has not sent: the page is empty, its script reads the phone."""
    return render(request, "cases/sending/drafts.html")


@never_cache
@require_GET
def service_worker(request: HttpRequest) -> HttpResponse:
    """The script that keeps the shell and marked pages; its text changes with any of the shell's files."""
    files = [staticfiles_storage.url(path) for room in rooms() for path in room.shell]
    context = {"files": json.dumps(files), "static_url": settings.STATIC_URL}
    return render(request, "cases/sending/sw.js", context, content_type="text/javascript")
