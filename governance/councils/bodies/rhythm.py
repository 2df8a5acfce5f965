"""How often a body meets. Pure."""

from __future__ import annotations

from datetime import date

from governance.periods import months_later


def next_day(last: date, every_months: int) -> date | None:
    """The day by which a body that last met (or was founded) on `last` has to meet again; None where it has no rhythm."""
    return months_later(last, every_months) if every_months else None
