"""What the page of a dispute shows beyond the case."""

from __future__ import annotations

from typing import Any

from governance.accounts.models import User
from governance.cases.models import Case


def dispute_context(case: Case, user: User) -> dict[str, Any]:
    return {}
