"""Two hundred tamperings by SQL, as the owner of the tables and with the triggers off: each is located (issue 5, done when 6).

A ledger of 48 postings with a kept head after 16, 32 and 48; each tampering runs in a savepoint and is undone.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction

from moral_bank.models import ChainHead, Entry
from moral_bank.proof.chain import chain_heads, seal_text
from moral_bank.proof.chain_text import COLUMNS, GENESIS, digest_of
from moral_bank.proof.verifying import Finding, Kind, chain_verify
from tests.moral_bank.closings.house import ClosingHouse, noon

SIZE, STEP, TIMES = 48, 16, 200
TABLES = ("entry", "chainlink", "chainhead", "account")
CONTENT = [name for name in COLUMNS if name != "id"]
EDITS = {
    "id": "id + 100000",
    "account_id": "(SELECT max(id) FROM moral_bank_account WHERE id <> e.account_id)",
    "township_id": "village_id",
    "village_id": "township_id",
    "deed_id": "(SELECT max(id) FROM moral_bank_deed WHERE id <> e.deed_id)",
    "head": "CASE head WHEN 'law' THEN 'civility' ELSE 'law' END",
    "veto": "NOT veto",
    "memo": "memo || ' '",
    "score": "score + 1",
    "points": "points - 1",
    "occurred_on": "occurred_on + 1",
    "month": "month - interval '1 month'",
    "source_key": "source_key || '.'",
    "reverses_id": "id",
    "posted_by_id": "(SELECT max(id) FROM accounts_user WHERE id <> e.posted_by_id)",
    "posted_at": "posted_at + interval '1 microsecond'",
}


@dataclass
class Ledger:
    """The numbers of the postings by position from 0, the printed heads by how many postings they count."""

    house: ClosingHouse
    ids: list[int] = field(default_factory=list)
    printed: dict[int, str] = field(default_factory=dict)

    def sure(self, position: int) -> int:
        """The first position behind the last head before `position`."""
        return (position - 1) // STEP * STEP + 1


@dataclass(frozen=True)
class Done:
    """Where the tampering must be found, as what, and with which printed head."""

    position: int
    kinds: tuple[Kind, ...]
    head: str = ""


@pytest.fixture
def ledger(db: None) -> Ledger:
    made = Ledger(ClosingHouse())
    house, codes = made.house, ("S1", "L1", "V1", "J1")
    for number in range(SIZE):
        score = {"score": number % 9 + 1} if number % 4 == 3 else {}
        entry = house.enter(codes[number % 4], date(2026, 3, number % 27 + 1), house.accounts[number % 3], **score)
        made.ids.append(entry.pk)
        if (number + 1) % STEP == 0:
            at = noon(2026, 3, number // STEP + 1)
            chain_heads(at)
            made.printed[number + 1] = seal_text(house.township, at)
    run("SET CONSTRAINTS ALL IMMEDIATE")
    for table in TABLES:
        run(f"ALTER TABLE moral_bank_{table} DISABLE TRIGGER USER")
    for name in ("entry_month_is_of_day", "entry_deed_has_head"):
        run(f"ALTER TABLE moral_bank_entry DROP CONSTRAINT {name}")
    run("ALTER TABLE moral_bank_entry DROP CONSTRAINT moral_bank_entry_reverses_id_key CASCADE")
    return made


def run(statement: str, values: list[Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def links() -> list[tuple[int, int, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT position, entry_id, digest FROM moral_bank_chainlink ORDER BY position")
        return list(cursor.fetchall())


def relink(ledger: Ledger, order: list[int]) -> None:
    """Write the whole chain anew over the postings in `order`, as a forger would who knows how it is made."""
    rows = {values[0]: values for values in Entry.objects.filter(pk__in=order).values_list(*COLUMNS)}
    run("DELETE FROM moral_bank_chainlink")
    digest = GENESIS
    for position, entry_id in enumerate(order, start=1):
        digest = digest_of(digest, rows[entry_id])
        run(
            "INSERT INTO moral_bank_chainlink (township_id, position, entry_id, digest) VALUES (%s, %s, %s, %s)",
            [ledger.house.township.pk, position, entry_id, digest],
        )


def rehead() -> None:
    run(
        "UPDATE moral_bank_chainhead h SET digest = l.digest FROM moral_bank_chainlink l "
        "WHERE l.township_id = h.township_id AND l.position = h.count"
    )


def edit(ledger: Ledger, position: int, column: str) -> None:
    run(f"UPDATE moral_bank_entry e SET {column} = {EDITS[column]} WHERE id = %s", [ledger.ids[position - 1]])


def a_column(ledger: Ledger, rng: random.Random) -> Done:
    position, column = rng.randint(1, SIZE), rng.choice(list(EDITS))
    edit(ledger, position, column)
    return Done(position, (Kind.MISSING,) if column == "id" else (Kind.EDITED,))


def deleted(ledger: Ledger, rng: random.Random) -> Done:
    position = rng.randint(1, SIZE)
    run("DELETE FROM moral_bank_entry WHERE id = %s", [ledger.ids[position - 1]])
    return Done(position, (Kind.MISSING,))


def deleted_with_link(ledger: Ledger, rng: random.Random) -> Done:
    position = rng.randint(1, SIZE)
    run("DELETE FROM moral_bank_entry WHERE id = %s", [ledger.ids[position - 1]])
    run("DELETE FROM moral_bank_chainlink WHERE entry_id = %s", [ledger.ids[position - 1]])
    return Done(position, (Kind.MISSING,) if position < SIZE else (Kind.TAIL,))


def deleted_and_relinked(ledger: Ledger, rng: random.Random) -> Done:
    position = rng.randint(1, SIZE - 1)
    run("DELETE FROM moral_bank_entry WHERE id = %s", [ledger.ids[position - 1]])
    relink(ledger, ledger.ids[: position - 1] + ledger.ids[position:])
    # of a chain that is one too short behind the last head only its end can be named
    late = position > SIZE - STEP
    return Done(SIZE if late else ledger.sure(position), (Kind.TAIL,) if late else (Kind.HEAD,))


def swapped(ledger: Ledger, rng: random.Random) -> Done:
    """All but the number of two postings, exchanged."""
    first, second = sorted(rng.sample(range(1, SIZE + 1), 2))
    one, other = (ledger.ids[position - 1] for position in (first, second))
    rows = {values[0]: values for values in Entry.objects.filter(pk__in=(one, other)).values_list(*COLUMNS)}
    sets = ", ".join(f"{name} = %s" for name in CONTENT)
    run("UPDATE moral_bank_entry SET source_key = 'away' WHERE id = %s", [other])
    for target, source in ((one, other), (other, one)):
        run(f"UPDATE moral_bank_entry SET {sets} WHERE id = %s", [*rows[source][1:], target])
    return Done(first, (Kind.SWAPPED,))


def forged_between(ledger: Ledger, rng: random.Random) -> Done:
    """A new posting put in between, and the chain behind it written anew."""
    position, new = rng.randint(1, SIZE), max(ledger.ids) + rng.randint(1, 500)
    columns = ", ".join(CONTENT)
    values = columns.replace("source_key", "'forged'").replace("points", "points + 7")
    run(
        f"INSERT INTO moral_bank_entry (id, {columns}) SELECT %s, {values} FROM moral_bank_entry WHERE id = %s",
        [new, ledger.ids[position - 1]],
    )
    relink(ledger, ledger.ids[: position - 1] + [new] + ledger.ids[position - 1 :])
    return Done(ledger.sure(position), (Kind.HEAD,))


def edited_and_relinked(ledger: Ledger, rng: random.Random) -> Done:
    position = rng.randint(1, SIZE)
    edit(ledger, position, "points")
    relink(ledger, ledger.ids)
    return Done(ledger.sure(position), (Kind.HEAD,))


def edited_and_all_rewritten(ledger: Ledger, rng: random.Random) -> Done:
    """Only paper knows better."""
    position = rng.randint(1, SIZE)
    edit(ledger, position, "points")
    relink(ledger, ledger.ids)
    rehead()
    counts = [count for count in ledger.printed if count >= position]
    return Done(1, (Kind.HEAD,), ledger.printed[rng.choice(counts)])


def tail_of_entries(ledger: Ledger, rng: random.Random) -> Done:
    position = rng.randint(1, SIZE)
    run("DELETE FROM moral_bank_entry WHERE id >= %s", [ledger.ids[position - 1]])
    return Done(position, (Kind.MISSING,))


def tail_of_links(ledger: Ledger, rng: random.Random) -> Done:
    position = rng.randint(1, SIZE)
    run("DELETE FROM moral_bank_chainlink WHERE position >= %s", [position])
    return Done(position, (Kind.TAIL,))


def tail_with_links(ledger: Ledger, rng: random.Random) -> Done:
    position = rng.randint(1, SIZE)
    run("DELETE FROM moral_bank_entry WHERE id >= %s", [ledger.ids[position - 1]])
    run("DELETE FROM moral_bank_chainlink WHERE position >= %s", [position])
    return Done(position, (Kind.TAIL,))


def tail_with_links_and_heads(ledger: Ledger, rng: random.Random) -> Done:
    position = tail_with_links(ledger, rng).position
    run("DELETE FROM moral_bank_chainhead WHERE count >= %s", [position])
    counts = [count for count in ledger.printed if count >= position]
    return Done(position, (Kind.TAIL,), ledger.printed[rng.choice(counts)])


def a_digest(ledger: Ledger, rng: random.Random) -> Done:
    """Of the last link nobody can say whether it or its posting was changed, but for its head."""
    position = rng.randint(1, SIZE)
    run("UPDATE moral_bank_chainlink SET digest = md5(digest) || md5('x') WHERE position = %s", [position])
    return Done(position, (Kind.LINK,))


def a_link_deleted(ledger: Ledger, rng: random.Random) -> Done:
    position = rng.randint(1, SIZE - 1)
    run("DELETE FROM moral_bank_chainlink WHERE position = %s", [position])
    return Done(position, (Kind.LINK,))


def a_position(ledger: Ledger, rng: random.Random) -> Done:
    position = rng.randint(1, SIZE - 1)
    run("UPDATE moral_bank_chainlink SET position = position + 1000 WHERE position = %s", [position])
    return Done(position, (Kind.LINK,))


def links_exchanged(ledger: Ledger, rng: random.Random) -> Done:
    first, second = sorted(rng.sample(range(1, SIZE + 1), 2))
    one, other = (ledger.ids[position - 1] for position in (first, second))
    for entry_id, position in ((0, first), (one, second), (other, first)):
        run("UPDATE moral_bank_chainlink SET entry_id = %s WHERE position = %s", [entry_id, position])
    return Done(first, (Kind.LINK,))


def link_to_nothing(ledger: Ledger, rng: random.Random) -> Done:
    position = rng.randint(1, SIZE)
    run("UPDATE moral_bank_chainlink SET entry_id = entry_id + 100000 WHERE position = %s", [position])
    return Done(position, (Kind.MISSING,))


def a_head(ledger: Ledger, rng: random.Random) -> Done:
    """Where a later head agrees, it is the head that was changed; of the last one nobody can say."""
    count = rng.choice(list(ledger.printed))
    run("UPDATE moral_bank_chainhead SET digest = md5(digest) || md5('x') WHERE count = %s", [count])
    return Done(count if count < SIZE else ledger.sure(SIZE), (Kind.HEAD,))


def a_head_count(ledger: Ledger, rng: random.Random) -> Done:
    count, other = rng.choice(list(ledger.printed)), rng.randint(1, 2 * SIZE)
    other += other in ledger.printed
    run("UPDATE moral_bank_chainhead SET count = %s WHERE count = %s", [other, count])
    return Done(count, (Kind.HEAD,))


TAMPERINGS: list[Callable[[Ledger, random.Random], Done]] = [
    a_column, a_column, a_column, deleted, deleted_with_link, deleted_and_relinked, swapped, forged_between,
    edited_and_relinked, edited_and_all_rewritten, tail_of_entries, tail_of_links, tail_with_links,
    tail_with_links_and_heads, a_digest, a_link_deleted, a_position, links_exchanged, link_to_nothing, a_head, a_head_count,
]  # fmt: skip


def test_it_locates_two_hundred_tamperings(ledger: Ledger) -> None:
    rng = random.Random(511923)
    before = links()
    for number in range(TIMES):
        tamper = TAMPERINGS[number % len(TAMPERINGS)]
        with transaction.atomic():
            done = tamper(ledger, rng)
            found = chain_verify(ledger.house.township, done.head)
            transaction.set_rollback(True)
        assert found is not None, f"{number} {tamper.__name__} {done}"
        assert (found.position, found.kind in done.kinds) == (done.position, True), f"{number} {tamper.__name__} {done} {found}"
        assert str(done.position) in found.words and not found.words.isascii()
    assert links() == before
    assert chain_verify(ledger.house.township) is None


@pytest.mark.parametrize("column", EDITS)
def test_it_sees_a_change_of_every_column(ledger: Ledger, column: str) -> None:
    edit(ledger, 21, column)
    found = chain_verify(ledger.house.township)
    assert found is not None and found.position == 21


def test_it_lists_every_column() -> None:
    assert set(EDITS) == set(COLUMNS)


def test_it_believes_no_head_that_was_only_typed_wrong(ledger: Ledger) -> None:
    """A printed head that fits proves all rows up to it; another printed head does not."""
    assert all(chain_verify(ledger.house.township, text) is None for text in ledger.printed.values())
    wrong = ledger.printed[STEP].replace(ledger.printed[STEP][-4:], "0000")
    assert isinstance(chain_verify(ledger.house.township, wrong), Finding)


def test_it_begins_behind_a_kept_head(ledger: Ledger) -> None:
    """The night looks at what has come since a head; what lies before it is the whole walk's."""
    head = ChainHead.objects.get(count=2 * STEP)
    edit(ledger, 5, "points")
    assert chain_verify(ledger.house.township, since=head) is None
    edit(ledger, 40, "memo")
    found = chain_verify(ledger.house.township, since=head)
    assert found is not None and (found.kind, found.position) == (Kind.EDITED, 40)
    found = chain_verify(ledger.house.township)
    assert found is not None and found.position == 5


def test_it_accuses_the_head_behind_which_it_would_have_begun(ledger: Ledger) -> None:
    head = ChainHead.objects.get(count=STEP)
    run("UPDATE moral_bank_chainhead SET digest = %s WHERE id = %s", ["ab" * 32, head.pk])
    head.refresh_from_db()
    found = chain_verify(ledger.house.township, since=head)
    assert found is not None and (found.kind, found.position) == (Kind.HEAD, STEP)
