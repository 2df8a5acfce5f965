"""What takes a form that a phone sends: its fields and its UUID (`client_key`) in, an answer or reasons out (design §8)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.forms import BaseForm

from governance.accounts.models import User

# `status` (created, same, amended, conflict), `link` and `number` for people, and what a page script asks for.
Answer = dict[str, Any]
# By field; not empty where the form was not taken.
Reasons = dict[str, list[str]]
UNSENT = ("csrfmiddlewaretoken", "once", "client_key", "confirmed")
Sender = Callable[[dict[str, str], User], tuple[Answer, Reasons]]


def reasons_of(form: BaseForm) -> Reasons:
    return {name: [str(reason) for reason in reasons] for name, reasons in form.errors.items()}


def payload_of(data: Mapping[str, Any]) -> dict[str, str]:
    """What a form says, as it was sent: every field but the tokens and the key."""
    return {name: str(data[name]) for name in data if name not in UNSENT}
