"""A foreign house beside one's own, and whether an answer gives anything of it away.

A second township's house is built last: its keys begin behind BASE in every table, so that one number of it is a key of many tables and
of nothing of one's own. A request gives something away where its answer shows a word that only that place has or opens a page of its
object, where it changes one of its rows, or where it writes a row that points at one. Each request is undone.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model
from django.http.response import HttpResponseRedirectBase

from governance.accounts.duties import Duty
from tests.answers import ClientAnswer, streamed
from tests.builders import make_user, settlement_of
from tests.frame.fuzzing import Ask, Asker
from tests.frame.once_forms import FullHouse
from tests.matrix import MARK
from tests.test_matrix import STRANGER
from villages.scope import VILLAGE_AND_ABOVE

BASE = 900_000
WORD, THING = "界外", "界外之物"  # the first is part of every name that the foreign house gives
TOWN_DUTIES = (Duty.STAFF, Duty.LEADER, Duty.SUPERVISOR, Duty.ID_KEEPER)
NEXT_DOOR = "next door: "
TRACES = ("django_session", "accounts_usedkey", "accounts_accesslog")  # what any request leaves behind
WRITES = re.compile(r'(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|COPY)\s+"?(\w+)', re.IGNORECASE)
Keys = dict[str, set[str]]


class ForeignHouse(FullHouse):
    """The same in another township, under its own words."""

    CODE = "511923104"

    def add_strangers(self) -> None: ...


@contextmanager
def far_keys() -> Iterator[None]:
    """Whatever is made in the block has a number behind BASE."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(sequencename), last_value FROM pg_sequences WHERE schemaname = 'public'")
        stood = cursor.fetchall()
        for name, _ in stood:
            cursor.execute(f"SELECT setval('{name}', {BASE})")
        yield
        for name, last in stood:
            cursor.execute(f"SELECT setval('{name}', {last or 1}, {last is not None})")


@contextmanager
def own_word() -> Iterator[None]:
    """What a house is told to name with MARK is named otherwise."""
    modules = [module for name, module in sys.modules.items() if name.startswith("tests.") and getattr(module, "MARK", "") == MARK]
    for module in modules:
        module.MARK = THING  # type: ignore[attr-defined]
    yield
    for module in modules:
        module.MARK = MARK  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Row:
    """Its content as a digest, and what it points at, by column."""

    digest: str
    links: dict[str, str | None]


class Tables:
    """All tables of the house, as they can be read by key."""

    def __init__(self) -> None:
        found = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed and not model._meta.proxy]
        self.keys = {model._meta.db_table: model._meta.pk.column for model in found if model._meta.pk}
        self.links = {model._meta.db_table: dict(_links(model)) for model in found}

    def rows(self, table: str) -> dict[str, Row]:
        columns = list(self.links[table])
        chosen = "".join(f', "{column}"::text' for column in columns)
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT "{self.keys[table]}"::text, md5(whole::text){chosen} FROM "{table}" AS whole')
            return {key: Row(digest, dict(zip(columns, to, strict=True))) for key, digest, *to in cursor.fetchall()}

    def all(self) -> dict[str, dict[str, Row]]:
        return {table: self.rows(table) for table in self.keys}


def _links(model: type[Model]) -> Iterator[tuple[str, str]]:
    """Column and table of each foreign key."""
    for one in model._meta.concrete_fields:
        if one.is_relation and one.related_model and one.column and not one.generated:
            yield one.column, one.related_model._meta.db_table


class Worlds:
    """One's own house, with people of every duty next door, and the foreign one; and whose each row is."""

    def __init__(self) -> None:
        self.own = FullHouse()
        for duty in (one for one in Duty if one not in TOWN_DUTIES):
            village = self.own.other_village
            unit = village if duty in (Duty.SECRETARY, Duty.CADRE, Duty.OVERSEER) else settlement_of(village)
            self.own.cast[f"{NEXT_DOOR}{duty}"] = make_user(f"{duty}-next-door", duty, unit)
        self.tables = Tables()
        before = self.tables.all()
        with far_keys(), own_word():
            self.foreign = ForeignHouse()
        type(self.own.village).objects.filter(pk=self.foreign.village.pk).update(name=f"{WORD}村委会")
        self.stood = self.tables.all()
        self.beyond: Keys = {table: set(rows) - set(before[table]) for table, rows in self.stood.items()}
        self.of_village = self._of_village(before)

    def _of_village(self, before: dict[str, dict[str, Row]]) -> Keys:
        """What hangs on one's own house's village, however far below it."""
        village = self.own.village
        below = type(village).objects.filter(path__startswith=village.path).exclude(level__in=set(VILLAGE_AND_ABOVE) - {"village"})
        found: Keys = {table: set() for table in before}
        found["villages_unit"] = set(map(str, below.values_list("pk", flat=True)))
        grew = True
        while grew:
            grew = False
            for table, rows in before.items():
                links = self.tables.links[table]
                more = {key for key, row in rows.items() if any(row.links[name] in found[to] for name, to in links.items() if to in found)}
                grew = grew or not more <= found[table]
                found[table] |= more
        return found


@dataclass(frozen=True)
class Swap:
    """A request of a sort; its answer may not be a page where it is `closed`: the address is another's own object."""

    ask: Ask
    sort: str
    closed: bool = False


class Watch:
    """The tables that statements write into, by their names in the statements."""

    def __init__(self) -> None:
        self.written: set[str] = set()

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        self.written.update(WRITES.findall(sql))
        return execute(sql, params, many, context)


class Swapper(Asker):
    """Sends what `Swaps` makes up and says what it gave away."""

    def __init__(self, worlds: Worlds) -> None:
        super().__init__(worlds.own)
        self.worlds = worlds

    def gives_away(self, swap: Swap) -> str:
        """What of another place was shown or changed, "" for nothing."""
        ask, watch = swap.ask, Watch()
        with transaction.atomic():
            stood = self.worlds.stood
            if ask.before is not None:
                ask.before()
                stood = self.worlds.tables.all()
            with connection.execute_wrapper(watch):
                found = self._shown(swap)
            found = found or self._changed(ask, watch.written, stood)
            transaction.set_rollback(True)
        return found

    def _shown(self, swap: Swap) -> str:
        ask, client = swap.ask, self.client(swap.ask.role)
        with transaction.atomic():
            headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in ask.headers}
            answer: ClientAnswer = client.generic(ask.method, ask.url, ask.content, ask.kind, **headers)  # type: ignore[arg-type]
            text, status = _text(answer), answer.status_code
            self.statuses[status] = self.statuses.get(status, 0) + 1
            if isinstance(answer, HttpResponseRedirectBase) and answer.url.startswith("/") and not answer.url.startswith("/login/"):
                text += _text(client.get(answer.url))
        if status >= 500:
            return f"answers {status}"
        word = MARK if ask.role.startswith((NEXT_DOOR, STRANGER)) else WORD
        if word in text:
            at = text.index(word)
            return f"shows {text[max(0, at - 60) : at + 20]!r}"
        return f"opens: {status}" if swap.closed and ask.method == "GET" and status == 200 else ""

    def _changed(self, ask: Ask, written: set[str], stood: dict[str, dict[str, Row]]) -> str:
        tables = self.worlds.tables
        foreign = self.worlds.of_village if ask.role.startswith((NEXT_DOOR, STRANGER)) else self.worlds.beyond
        for table in sorted(written & set(tables.keys) - set(TRACES)):
            rows = tables.rows(table)
            if gone := [key for key in foreign[table] if key in stood[table] and rows.get(key) != stood[table][key]]:
                return f"changes {table} {gone[0]}"
            for key, row in rows.items():
                if row != stood[table].get(key):
                    for column, target in tables.links[table].items():
                        if row.links[column] in foreign.get(target, ()):
                            return f"writes {table}.{column} = {row.links[column]}"
        return ""


def _text(answer: ClientAnswer) -> str:
    """All words of an answer, those of a workbook or paper too."""
    content = streamed(answer) if answer.streaming else answer.content
    if content.startswith(b"PK"):
        with suppress(BadZipFile), ZipFile(BytesIO(content)) as parts:
            content = b"".join(parts.read(name) for name in parts.namelist())
    return content.decode(errors="ignore")
