"""What the background gave up, by kind: each room says which rows of its own failed and how they are asked for anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from governance.accounts.duties import Action
from governance.accounts.models import User


@dataclass(frozen=True)
class FailedKind:
    """Rows of `model` (job, job_at, job_error, job_tries) whose job is `failed`, for those who may do `action` on them.

    `key` stands in the address; `address` is a row's own page; `again(row, user)` is the service that asks anew.
    """

    key: str
    label: str
    model: type[Model]
    action: Action
    address: Callable[[Any], str]
    again: Callable[[Any, User], object]

    def rows(self, user: User) -> QuerySet[Any]:
        """Newest first."""
        manager: Any = self.model._default_manager
        found: QuerySet[Any] = manager.visible_to(user, self.action).filter(job="failed").order_by("-job_at", "pk")
        return found
