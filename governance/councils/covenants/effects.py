"""What a decision about a covenant does to it: the draft comes into force with the adoption, marked clauses keep it back."""

from __future__ import annotations

from datetime import date

from governance.accounts.models import User
from governance.councils.covenants.models import CovenantVersion
from governance.councils.decisions.errors import DecisionError
from governance.councils.decisions.models import Decision


def check_marks(decision: Decision) -> None:
    """Refuse where a clause may touch what a covenant cannot take and the township has not said why it may stand."""
    if words := _draft_of(decision).waits_for:
        raise DecisionError(words, "gate")


def version_adopt(decision: Decision, by: User, day: date) -> None:
    """The draft of this decision holds from the day of its adoption on."""
    draft = _draft_of(decision)
    draft.valid_from, draft.set_by = day, by
    draft.save(update_fields=["valid_from", "set_by"])


def _draft_of(decision: Decision) -> CovenantVersion:
    draft: CovenantVersion | None = CovenantVersion.objects.filter(decision=decision, valid_from=None).first()
    if draft is None:
        raise DecisionError("这件决策没有规约草案。", "need")
    return draft
