"""How far it is: what a resident said is found by its number and the end of their telephone number."""

from __future__ import annotations

from governance.disclosure.models import AffairQuestion, Objection
from governance.disclosure.said import Said
from governance.disclosure.saying import said_found


def said_find(*, number: str, tail: str) -> Said | None:
    """The objection or question with this number whose sender's phone ends in `tail`; None for whatever does not fit."""
    asked = AffairQuestion.objects.select_related("affair")
    for rows in (Objection.objects.select_related("notice"), asked):
        if (found := said_found(rows, number=number, tail=tail)) is not None:
            return found  # type: ignore[no-any-return]
    return None
