"""The hash chain over the ledger: sealing, heads, what is printed, and a ledger that nobody touched."""

from __future__ import annotations

import threading
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from moral_bank.models import ChainHead, ChainLink, Entry
from moral_bank.proof.chain import chain_head, chain_heads, chain_seal, seal_text
from moral_bank.proof.chain_text import COLUMNS, GENESIS, Head, SealError, digest_of, entry_text, head_read, head_text
from moral_bank.proof.verifying import chain_verify
from tests.moral_bank.closings.house import ClosingHouse, noon
from tests.moral_bank.ledger.test_ledger import refused
from tests.trial import run_in_trial_mode

MARCH = date(2026, 3, 2)
AROUND = {
    "change a link": "UPDATE moral_bank_chainlink SET digest = 'x'",
    "delete a link": "DELETE FROM moral_bank_chainlink",
    "change a head": "UPDATE moral_bank_chainhead SET count = 1",
    "delete a head": "DELETE FROM moral_bank_chainhead",
}


@pytest.fixture
def house(db: None) -> ClosingHouse:
    return ClosingHouse()


def post(house: ClosingHouse, times: int) -> None:
    for number in range(times):
        house.enter("S1", MARCH, house.accounts[number % len(house.accounts)])


def test_it_reads_every_column_of_a_posting() -> None:
    """A new column is part of the text, or the chain would not see it change."""
    assert set(COLUMNS) == {field.attname for field in Entry._meta.concrete_fields}


def test_it_writes_a_posting_in_one_way_only(house: ClosingHouse) -> None:
    post(house, 1)
    values = Entry.objects.values_list(*COLUMNS)[0]
    text = entry_text(values)
    assert text.startswith(f"[{values[0]},") and '"2026-03-02","2026-03-01"' in text and text.endswith('+00:00"]')
    assert digest_of(GENESIS, values) != digest_of(digest_of(GENESIS, values), values)


def test_it_links_postings_in_order_and_only_once(house: ClosingHouse) -> None:
    post(house, 5)
    assert (chain_seal(), chain_seal(), chain_seal(everything=True)) == (5, 0, 0)
    post(house, 2)
    assert chain_seal() == 2
    links = list(ChainLink.objects.order_by("position").values_list("position", "entry_id"))
    assert links == list(enumerate(Entry.objects.order_by("pk").values_list("pk", flat=True), start=1))
    assert chain_verify(house.township) is None


def test_it_links_many_in_as_many_statements_as_one(house: ClosingHouse) -> None:
    counts = []
    for times in (1, 20):
        post(house, times)
        with CaptureQueriesContext(connection) as queries:
            chain_seal()
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_it_keeps_one_head_a_day(house: ClosingHouse) -> None:
    assert (chain_heads(noon(2026, 3, 2)), seal_text(house.township)) == (0, "")
    post(house, 3)
    assert chain_heads(noon(2026, 3, 2)) == 1
    post(house, 2)
    assert chain_heads(noon(2026, 3, 2)) == 1
    assert ChainHead.objects.values_list("day", "count").get() == (MARCH, 3)
    head = chain_head(house.township, date(2026, 3, 3))
    assert head is not None and head.count == 5
    assert seal_text(house.township, noon(2026, 3, 3)) == head_text(Head(head.day, 5, head.digest))


def test_a_notice_bears_the_head_of_its_own_day(house: ClosingHouse) -> None:
    post(house, 3)
    chain_heads(noon(2026, 2, 2))
    post(house, 2)
    assert seal_text(house.township, noon(2026, 3, 9)).startswith("2026-03-09 5条 ")
    assert seal_text(house.township, noon(2026, 2, 2)).startswith("2026-02-02 3条 ")


def test_it_prints_a_first_head_when_none_is_kept(house: ClosingHouse) -> None:
    post(house, 3)
    text = seal_text(house.township, noon(2026, 3, 9))
    assert text.startswith("2026-03-09 3条 ") and len(text) < 100
    assert chain_verify(house.township, text) is None


@pytest.mark.parametrize(
    "typed",
    ["2026-03-02 12条 9f86 d081 884c 7d65", "2026-03-02 １２条 9F86-D081-884C-7D65", "校验码 2026-03-02 12 条 9f86d081884c7d65"],
)
def test_it_reads_a_printed_head(typed: str) -> None:
    assert head_read(typed) == Head(MARCH, 12, "9f86d081884c7d65")


@pytest.mark.parametrize("typed", ["", "9f86 d081", "2026-13-02 12条 9f86 d081 884c 7d65", "2026-03-02 12条 9f86 d081 884c 7d6"])
def test_it_refuses_what_is_no_head(typed: str) -> None:
    with pytest.raises(SealError):
        head_read(typed)


def test_it_keeps_townships_apart(house: ClosingHouse) -> None:
    post(house, 2)
    chain_heads(noon(2026, 3, 2))
    other = house.township.parent
    assert other is not None
    assert chain_verify(other) is None and seal_text(other) == ""


def test_it_says_so_on_the_command_line(house: ClosingHouse) -> None:
    post(house, 4)
    chain_heads(noon(2026, 3, 2))
    out = StringIO()
    call_command("verify_ledger", stdout=out)
    assert "OK" in out.getvalue() and "4 条" in out.getvalue()
    with pytest.raises(SystemExit) as ended:
        call_command("verify_ledger", head="2026-03-02 9条 9f86 d081 884c 7d65", township=house.township.code, stdout=out)
    assert ended.value.code == 1 and "第 5 条" in out.getvalue()


@pytest.mark.parametrize("statement", AROUND.values(), ids=AROUND.keys())
def test_it_lets_nobody_change_the_chain(house: ClosingHouse, statement: str) -> None:
    post(house, 2)
    chain_heads(noon(2026, 3, 2))
    assert refused(statement)


def attempts() -> dict[str, bool]:
    """The same on SQLite, and whether the untouched chain verifies there."""
    house = ClosingHouse()
    post(house, 7)
    chain_heads(noon(2026, 3, 2))
    return {**{name: refused(statement) for name, statement in AROUND.items()}, "whole": chain_verify(house.township) is None}


def test_it_holds_on_sqlite(tmp_path: Path) -> None:
    assert run_in_trial_mode("tests.moral_bank.proof.test_chain:attempts", tmp_path) == dict.fromkeys([*AROUND, "whole"], True)


@pytest.mark.django_db(transaction=True)
def test_it_seals_from_several_sessions_at_once() -> None:
    """Eight sealers and as many posters: one position each, no posting left out, none linked twice."""
    house = ClosingHouse()
    post(house, 40)
    barrier = threading.Barrier(8)

    def run() -> None:
        barrier.wait()
        try:
            for _ in range(5):
                post(house, 1)
                chain_seal()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    chain_seal(everything=True)
    assert list(ChainLink.objects.order_by("position").values_list("position", flat=True)) == list(range(1, 81))
    assert chain_verify(house.township) is None
