"""Tell people something: in the portal's inbox always, by SMS or webhook where the township has switched it on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from governance.accounts.inbox_models import Message, Outbox
from governance.accounts.models import User
from governance.accounts.sms import Template
from governance.sealed import number_hash


def messages_send(
    *,
    users: Iterable[User],
    text: str,
    link: str,
    key: str,
    at: datetime | None = None,
    text_out: str | Template | None = None,
) -> int:
    """One message for each of `users`, none for those who have one with this `key`; returns how many were asked for.

    `text_out` is what may leave the portal (no resident's name): without it nothing does.
    """
    now = at or timezone.now()
    people = list(dict.fromkeys(users))
    Message.objects.bulk_create(
        [Message(user=user, text=text[:200], link=link, key=key, created_at=now) for user in people],
        ignore_conflicts=True,
    )
    if text_out:
        ways = [Outbox(channel=way, to=to, key=f"{way}:{user.pk}:{key}", user=user) for user in people for way, to in _ways_out(user)]
        _queue(ways, text_out, now)
    return len(people)


def texts_send(*, phones: Iterable[str], text_out: str | Template, key: str, place: str, at: datetime | None = None) -> int:
    """SMS to people without an account, where the township has switched it on; none to a phone that has one with this `key`.
    `place`: the path of the unit that looks after what is not delivered. Returns how many were queued."""
    if "sms" not in settings.NOTIFY_CHANNELS:
        return 0
    known = dict.fromkeys(filter(None, phones))
    ways = [Outbox(channel="sms", to=phone, key=f"sms:{number_hash(phone)}:{key}", place=place) for phone in known]
    _queue(ways, text_out, at or timezone.now())
    return len(ways)


def _queue(rows: Iterable[Outbox], text_out: str | Template, now: datetime) -> None:
    """Rows that say for whom they are, with the words."""
    words = Template("", {"text": text_out}) if isinstance(text_out, str) else text_out
    kept = list(rows)
    for row in kept:
        row.text, row.template, row.params, row.next_at = words.text[:200], words.name, dict(words.params), now
    Outbox.objects.bulk_create(kept, ignore_conflicts=True)


def _ways_out(user: User) -> list[tuple[str, str]]:
    ways = []
    if "sms" in settings.NOTIFY_CHANNELS and user.phone:
        ways.append(("sms", user.phone))
    if "webhook" in settings.NOTIFY_CHANNELS:
        ways.append(("webhook", user.username))
    return ways
