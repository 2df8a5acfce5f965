"""/metrics/ in the words of Prometheus: what waits, what was given up, how long ago the background left a trace. Counts only, no names."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from governance.accounts.health import deep, is_operator
from governance.accounts.inbox_models import Outbox
from governance.accounts.job_models import Job
from governance.rooms import named

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For an operator alone, and only with METRICS=1; else 404."""
    if not settings.METRICS or not is_operator(request):
        raise Http404
    return HttpResponse("".join(f"{line}\n" for line in _lines()), content_type=CONTENT_TYPE)


def _lines() -> Iterator[str]:
    found = deep()
    yield from _gauge("xiangzhi_broker_up", "Whether the broker answers.", {"": int(found["broker"] == "ok")})
    yield from _gauge("xiangzhi_background_up", "Whether beat and worker left a trace lately.", {"": int(found["worker"] == "ok")})
    for key, text in (
        ("queued", "Messages at the broker."),
        ("last_beat_seconds", "Seconds since the background left a trace."),
        ("last_message_waited_seconds", "Seconds that the last beat's message waited."),
    ):
        if found[key] is not None:
            yield from _gauge(f"xiangzhi_{key}", text, {"": found[key]})
    yield from _gauge("xiangzhi_jobs", "Rows of work in the background by kind and state.", _jobs())
    yield from _gauge("xiangzhi_outbox", "Messages on their way out by state.", _by_state(Outbox, "state", "state"))


def _jobs() -> dict[str, float]:
    counts: dict[str, float] = {}
    for job in Job.__subclasses__():
        counts |= _by_state(job, "state", f'kind="{job.kind}",state')
    for kinds in named("failed"):
        for kind in kinds:
            counts |= _by_state(kind.job, "job", f'kind="{kind.key}",state') if kind.job else {}
    return counts


def _by_state(model: type, column: str, label: str) -> dict[str, float]:
    rows = model._default_manager.order_by().values_list(column).annotate(Count("pk"))  # type: ignore[attr-defined]
    return {f'{{{label}="{state}"}}': count for state, count in rows}


def _gauge(name: str, text: str, values: dict[str, float]) -> Iterator[str]:
    yield f"# HELP {name} {text}"
    yield f"# TYPE {name} gauge"
    for labels, value in sorted(values.items()):
        yield f"{name}{labels} {value}"
