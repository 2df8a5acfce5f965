"""Whether the portal works, for whoever looks after it: no names, no figures of the township."""

from __future__ import annotations

from datetime import datetime
from hmac import compare_digest
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from governance.accounts.heartbeats import Heartbeat
from governance.accounts.log import client_ip
from governance.reading import text_asked

STALE_SECONDS = 180  # three beats without a trace
QUEUE = "celery"


def queued() -> int | None:
    """Messages that wait at the broker; None while it does not answer."""
    if not settings.REDIS_URL:
        folder = Path(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_in"])
        return sum(1 for path in folder.iterdir() if path.suffix == ".msg") if folder.is_dir() else None
    retry = Retry(NoBackoff(), 0)
    with Redis.from_url(settings.REDIS_URL, socket_connect_timeout=0.5, socket_timeout=1, retry=retry) as broker:
        try:
            found: Any = broker.llen(QUEUE)
        except RedisError:
            return None
    return int(found)


def deep(at: datetime | None = None) -> dict[str, Any]:
    """What stands behind the pages: the broker and its queue, and the worker's last trace in seconds."""
    last, waiting = Heartbeat.objects.filter(pk=1).first(), queued()
    age = None if last is None else round(((at or timezone.now()) - last.at).total_seconds(), 1)
    alive = age is not None and age < STALE_SECONDS
    return {
        "broker": "down" if waiting is None else "ok",
        "queued": waiting,
        "worker": "ok" if alive else "down",
        "beat": "ok" if alive else ("down" if waiting == 0 else "unknown"),  # a beat that goes on fills the queue
        "last_beat_seconds": age,
        "last_message_waited_seconds": None if last is None else round(last.waited, 1),
    }


def is_operator(request: HttpRequest) -> bool:
    """Whether somebody asks with OPERATOR_TOKEN, or from OPERATOR_ADDRESSES and through no proxy that nobody has named."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if settings.OPERATOR_TOKEN and compare_digest(given.encode(), settings.OPERATOR_TOKEN.encode()):
        return True
    through_a_stranger = not settings.PROXY_COUNT and "X-Forwarded-For" in request.headers
    return not through_a_stranger and client_ip(request) in settings.OPERATOR_ADDRESSES


@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Web and database, for everybody; with ?deep=1, for an operator, what stands behind them. 200, or 503 where a part is down."""
    found: dict[str, Any] = {"web": "ok", "database": _database()}
    if text_asked(request, "deep"):
        if not is_operator(request):
            raise Http404
        if found["database"] == "ok":
            found |= deep()
    works = "down" not in found.values()
    return JsonResponse({"status": "ok" if works else "down", **found}, status=200 if works else 503)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "down"
    return "ok"
