"""How far long work is: who works says it, who waits hears it; where nobody waits nothing is said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeVar

EVERY = 500
_T = TypeVar("_T")

# (what is being done, rows done, rows in all or 0 where that is not known)
Hearer = Callable[[str, int, int], None]


@dataclass
class _Stage:
    hear: Hearer
    name: str = ""
    total: int = 0
    done: int = 0

    def say(self) -> None:
        self.hear(self.name, min(self.done, self.total), self.total)


_stage: ContextVar[_Stage | None] = ContextVar("stage", default=None)


@contextmanager
def heard_by(hear: Hearer) -> Iterator[None]:
    token = _stage.set(_Stage(hear))
    try:
        yield
    finally:
        _stage.reset(token)


def begun(name: str, total: int = 0) -> None:
    """The next stage begins."""
    stage = _stage.get()
    if stage is not None:
        stage.name, stage.total, stage.done = name, total, 0
        stage.say()


def moved() -> None:
    """One more row of this stage is done."""
    stage = _stage.get()
    if stage is not None:
        stage.done += 1
        if stage.done % EVERY == 0:
            stage.say()


def told(rows: Iterable[_T], name: str, total: int) -> Iterator[_T]:
    """The rows one after the other, as a stage."""
    begun(name, total)
    for row in rows:
        yield row
        moved()
