"""What the background gave up, by kind: each room says which rows of its own failed and how they are asked for anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet

from governance.accounts.duties import Action
from governance.accounts.models import User


@dataclass(frozen=True)
class Line:
    """A row in words. `address`: its own page, "" where the reader may not open it. `instead`: what helps where 再试 does not."""

    name: str
    reason: str
    at: datetime
    tries: int = 0
    address: str = ""
    instead: str = ""


@dataclass(frozen=True)
class FailedKind:
    """`rows`: what failed and concerns somebody, newest first. `key` stands in the address; `again(row, user)` is the service that asks
    anew, which does nothing where that was done already. `job`: the model whose column of that name says how its work stands."""

    key: str
    label: str
    rows: Callable[[User], QuerySet[Any]]
    line: Callable[[Any, User], Line]
    again: Callable[[Any, User], object]
    job: type[Model] | None = None


def failed_rows(model: type[Model], action: Action) -> Callable[[User], QuerySet[Any]]:
    """Rows of `model` (job, job_at, job_error, job_tries) whose job is `failed`, for those who may do `action` on them."""

    def rows(user: User) -> QuerySet[Any]:
        manager: Any = model._default_manager
        found: QuerySet[Any] = manager.visible_to(user, action).filter(job="failed").order_by("-job_at", "pk")
        return found

    return rows


def line_at(address: Callable[[Any], str]) -> Callable[[Any, User], Line]:
    """The words of such a row, whose own page is `address`."""
    return lambda row, user: Line(str(row), row.job_error, row.job_at, row.job_tries, address(row))
