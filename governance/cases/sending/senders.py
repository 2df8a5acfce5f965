"""What takes a form that a phone sends: its fields and its UUID (`client_key`) in, an answer or reasons out (design §8)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from django.forms import BaseForm
from django.utils.dateparse import parse_datetime

from governance.accounts.models import User

# `status` (created, same, amended, conflict), `link` and `number` for people, and what a page script asks for.
Answer = dict[str, Any]
# By field; not empty where the form was not taken.
Reasons = dict[str, list[str]]
UNSENT = ("csrfmiddlewaretoken", "once", "client_key", "confirmed", "written_at", "clock_off")
Sender = Callable[[dict[str, str], User], tuple[Answer, Reasons]]


@dataclass(frozen=True)
class Writing:
    """When a form was written on the phone: `at` by the true time, `off` the seconds that the phone's clock is ahead."""

    at: datetime | None = None
    off: int = 0

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        return cls(parse_datetime(data.get("written_at", "")), clock_off(data))

    @classmethod
    def heard(cls, written: str, sent: str, now: datetime) -> Self:
        """Of what a phone says by its own clock: when it was written, and what time it was when it was sent. Never after `now`."""
        written_at, sent_at = parse_datetime(written), parse_datetime(sent)
        if written_at is None or sent_at is None or written_at.tzinfo is None or sent_at.tzinfo is None:
            return cls()
        off = sent_at - now
        return cls(min(written_at - off, now), round(off.total_seconds()))

    def fields(self) -> dict[str, str]:
        return {"written_at": self.at.isoformat(), "clock_off": str(self.off)} if self.at else {}


def clock_off(data: Mapping[str, Any]) -> int:
    text = str(data.get("clock_off", ""))
    return int(text) if text.removeprefix("-").isdecimal() and len(text) < 10 else 0


def true_time(by_phone: datetime, data: Mapping[str, Any]) -> datetime:
    """A moment by the phone's clock, put right by what was heard of that clock on the way."""
    return by_phone - timedelta(seconds=clock_off(data))


def reasons_of(form: BaseForm) -> Reasons:
    return {name: [str(reason) for reason in reasons] for name, reasons in form.errors.items()}


def payload_of(data: Mapping[str, Any]) -> dict[str, str]:
    """What a form says, as it was sent: every field but the tokens and the key."""
    return {name: str(data[name]) for name in data if name not in UNSENT}
