"""Tell people something: in the portal's inbox always, by SMS or webhook where the township has switched it on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from governance.accounts.inbox_models import Message, Outbox
from governance.accounts.models import User


def messages_send(
    *, users: Iterable[User], text: str, link: str, key: str, at: datetime | None = None, text_out: str | None = None
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
        Outbox.objects.bulk_create(
            [
                Outbox(channel=channel, to=to, text=text_out[:200], key=f"{channel}:{user.pk}:{key}", next_at=now)
                for user in people
                for channel, to in _ways_out(user)
            ],
            ignore_conflicts=True,
        )
    return len(people)


def _ways_out(user: User) -> list[tuple[str, str]]:
    ways = []
    if "sms" in settings.NOTIFY_CHANNELS and user.phone:
        ways.append(("sms", user.phone))
    if "webhook" in settings.NOTIFY_CHANNELS:
        ways.append(("webhook", user.username))
    return ways
