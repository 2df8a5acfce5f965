"""Sending twice creates once: forms over a bad line, at once and out of order, and nothing that was said is lost.

A hundred forms in the suite, five hundred with SOAK=1 (`make soak`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from random import Random
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.test import Client

from governance.cases.engine.services import Report
from governance.cases.models import Case, Conflict, Sent, Visit
from governance.cases.sending.services import Arrival, SendError, case_send, digest, visit_send
from governance.cases.visits.services import VisitReport
from tests.cases.house import MORNING, CaseHouse

FORMS, EDITED, THREADS = 500 if os.environ.get("SOAK") == "1" else 100, 5, 8


@pytest.fixture
def house() -> CaseHouse:
    return CaseHouse()


def send(house: CaseHouse, key: UUID, text: str, by: str = "cadre") -> Arrival:
    report = Report(category=house.category("dianli"), unit=house.yard, text=text, mine=True)
    return case_send(key=key, payload={"text": text}, report=report, by=house.user(by), at=MORNING)


def in_threads(jobs: list[Callable[[], object]], threads: int = THREADS) -> list[object]:
    """The jobs in their order by several connections at once."""

    def run(job: Callable[[], object]) -> object:
        try:
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, jobs))


class CutOff(Exception):
    """The line went dead before the server could commit."""


def cut_before(house: CaseHouse, key: UUID, text: str) -> None:
    try:
        with transaction.atomic():
            send(house, key, text)
            raise CutOff
    except CutOff:
        pass


@pytest.mark.django_db(transaction=True)
def test_it_makes_one_case_of_three_faulty_sends_and_loses_no_edit(house: CaseHouse) -> None:
    """Each form is cut off before the commit, comes through unheard, and comes again; every fifth was edited meanwhile,
    and its versions come in any order."""
    rng, keys = Random(7), [UUID(int=number) for number in range(1, FORMS + 1)]
    jobs: list[Callable[[], object]] = []
    for number, key in enumerate(keys):
        text = f"第{number}件"
        again = f"{text}，改过" if number % EDITED == 0 else text
        jobs.append(partial(cut_before, house, key, text))
        jobs += [partial(send, house, key, said) for said in (text, again)]
    rng.shuffle(jobs)
    in_threads(jobs)
    assert (Case.objects.count(), Sent.objects.count()) == (FORMS, FORMS)
    kept = {(sent.key, sent.case.text) for sent in Sent.objects.select_related("case") if sent.case}
    kept |= {(row.sent.key, row.payload["text"]) for row in Conflict.objects.select_related("sent")}
    said = {(key, f"第{number}件") for number, key in enumerate(keys)}
    said |= {(key, f"第{number}件，改过") for number, key in enumerate(keys) if number % EDITED == 0}
    assert kept == said
    assert Conflict.objects.count() == FORMS // EDITED


def doubles(house: CaseHouse, pairs: int = 12) -> int:
    """Each form twice at the very same moment; returns how many cases that made."""
    for _ in range(pairs):
        barrier, key = Barrier(2), uuid4()

        def job(barrier: Barrier = barrier, key: UUID = key) -> None:
            barrier.wait()
            send(house, key, "同时到的")

        in_threads([job, job], 2)
    return Case.objects.count()


@contextmanager
def without_unique_key() -> Iterator[None]:
    """The table without its guard, put back afterwards."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint WHERE conrelid = 'cases_sent'::regclass AND conname LIKE '%key%' "
                       "AND contype = 'u' AND conname LIKE 'cases_sent_key%'")
        name = cursor.fetchone()[0]
        cursor.execute(f"ALTER TABLE cases_sent DROP CONSTRAINT {name}")
        yield
        cursor.execute("DELETE FROM cases_sent")
        cursor.execute(f"ALTER TABLE cases_sent ADD CONSTRAINT {name} UNIQUE (key)")


@pytest.mark.django_db(transaction=True)
def test_it_takes_one_of_two_that_come_at_once(house: CaseHouse) -> None:
    assert doubles(house) == 12


@pytest.mark.django_db(transaction=True)
def test_it_would_take_both_without_the_unique_key(house: CaseHouse) -> None:
    with without_unique_key():
        assert doubles(house) > 12


@pytest.mark.django_db
def test_it_answers_same_conflict_and_refuses_anothers_key(house: CaseHouse) -> None:
    key = uuid4()
    first = send(house, key, "水管漏水")
    assert (first.status, first.thing) == ("created", Case.objects.get())
    assert send(house, key, " 水管漏水 ").status == "same"
    conflict = send(house, key, "水管不漏了")
    assert (conflict.status, conflict.conflict) == ("conflict", Conflict.objects.get())
    assert send(house, key, "水管不漏了").conflict == conflict.conflict, "kept once"
    with pytest.raises(SendError):
        send(house, key, "水管漏水", by="secretary")


@pytest.mark.django_db
def test_it_sends_visits_alike(house: CaseHouse) -> None:
    key, report = uuid4(), VisitReport(kind="patrol", unit=house.yard, seen="河道干净")
    answers = [
        visit_send(key=key, payload={"seen": seen}, report=report, by=house.user("cadre"), at=MORNING).status
        for seen in ("河道干净", "河道干净", "河道有垃圾")
    ]
    assert answers == ["created", "same", "conflict"] and Visit.objects.count() == 1
    with pytest.raises(SendError, match="提交号有误"):
        send(house, key, "电线垂下来了")
    assert not Case.objects.exists()


def test_it_says_the_same_whatever_stands_around_the_words() -> None:
    assert digest({"a": " x ", "b": ""}) == digest({"a": "x"}) != digest({"a": "y"})


@pytest.mark.django_db
def test_it_refuses_what_is_nested_too_deep(house: CaseHouse, client: Client) -> None:
    client.force_login(house.user("cadre"))
    answer = client.post("/log/send/", "[" * 100_000, "application/json")
    assert answer.status_code == 400 and "提交的内容不完整" in answer.json()["detail"]
