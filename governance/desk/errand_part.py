"""What the page of an errand shows beyond the case."""

from __future__ import annotations

from typing import Any

from governance.accounts.models import User
from governance.cases.models import Case


def errand_context(case: Case, user: User) -> dict[str, Any]:
    return {}
