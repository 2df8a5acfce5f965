"""The desk and the lists of cases at two sizes: the same pages, asked for over HTTP's own path, as a ratio."""

from __future__ import annotations

import statistics
import time
from datetime import timedelta
from typing import Any

ROUNDS, OPEN, VILLAGES, CHUNK = 25, 600, 15, 5000
PAGES = {
    "cadre": ["/", "/cases/", "/cases/?tab=queue", "/cases/?tab=logged", "/cases/?tab=open", "/cases/?tab=all", "/inbox/"],
    "staff": ["/", "/cases/?tab=open", "/cases/?tab=all", "/api/v1/cases/"],
}


def load(count: int) -> dict[str, Any]:
    """A township of VILLAGES villages with `count` cases, OPEN of them open whatever the history; returns its cast."""
    from django.db import connection

    from governance.cases.categories.setting_up import cases_set_up
    from governance.cases.models import Category
    from tests.builders import make_cast, make_township, make_user, make_village

    township = make_township()
    villages = [make_village(township, f"第{n}村委会", f"5119231022{n:02d}") for n in range(1, VILLAGES + 1)]
    cast = make_cast(township, villages[0])
    cadres = [cast["cadre"]] + [make_user(f"cadre{n}", "cadre", village) for n, village in enumerate(villages[1:], 2)]
    cases_set_up(township=township)
    category = Category.objects.filter(code="dianli").get()
    _insert(count, township, villages, cadres, category)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return cast


def _insert(count: int, township: Any, villages: list[Any], cadres: list[Any], category: Any) -> None:
    from django.utils import timezone

    from governance.cases.models import Case, CaseStep

    now = timezone.now()
    for first in range(0, count, CHUNK):
        cases = []
        for number in range(first, min(first + CHUNK, count)):
            village, is_open = number % VILLAGES, number >= count - OPEN
            at = now - timedelta(minutes=count - number)
            cases.append(
                Case(
                    township=township, village=villages[village], unit=villages[village], kind="event",
                    number=f"SJ2026-{number:06d}", category=category, urgency="normal", text=f"第 {number} 件：电线垂落",
                    state="handling" if is_open else "filed", first_receiver=cadres[village], found_at=at, logged_at=at,
                    round_at=at, step_at=at, step_due_at=at + timedelta(days=1), case_due_at=at + timedelta(days=3),
                    finished_at=None if is_open else at, filed_at=None if is_open else at,
                    assignee=cadres[village] if number % 2 else None,
                    holder_duty="" if number % 2 else "cadre", holder_unit=None if number % 2 else villages[village],
                )  # fmt: skip
            )
        Case.objects.bulk_create(cases)
        CaseStep.objects.bulk_create(
            [CaseStep(case=case, step="log", round=1, at=case.logged_at, target="found") for case in cases]
        )


def run(count: int) -> dict[str, float]:
    """Seconds (median) of every page with `count` cases."""
    from django.test import Client

    cast, seconds = load(count), {}
    for role, paths in PAGES.items():
        client = Client(HTTP_HOST="127.0.0.1")
        client.force_login(cast[role], backend="django.contrib.auth.backends.ModelBackend")
        for path in paths:
            seconds[f"{role} {path}"] = median(client, path)
    return seconds


def median(client: Any, path: str) -> float:
    times = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        answer = client.get(path)
        answer.getvalue()
        times.append(time.perf_counter() - begin)
        assert answer.status_code == 200, (path, answer.status_code)
    return statistics.median(times[2:])


def compare(what: str, small: dict[str, float], large: dict[str, float]) -> None:
    """Print each page's ratio and the worst."""
    for page, seconds in small.items():
        print(f"{what}: {page}: {large[page] / seconds:.2f} of the time ({seconds * 1000:.0f} → {large[page] * 1000:.0f} ms)")
    print(f"{what}: worst ratio {max(large[page] / seconds for page, seconds in small.items()):.2f}")
