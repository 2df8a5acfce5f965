"""Closings whose message is lost: asked for while no worker stands, so that the message lies in Redis, which then forgets it."""

from __future__ import annotations

import os

from redis import Redis

from processes import poll

QUEUE, LYING_SECONDS = "celery", 5
EARLIER = "2026-03"  # a month that is over


def add_villages(count: int) -> list[int]:
    """As many villages with a month to close, made beside the demo's."""
    from governance.demo.county import PREFIX, load_county
    from governance.periods import Period
    from villages.models import Unit

    if count:
        load_county(villages=count, households=20 * count, entries_per_month=100 * count, months=[Period.parse(EARLIER)])
    return list(Unit.objects.filter(path__startswith=PREFIX, level="village").values_list("pk", flat=True))


def lost_closing(village: int) -> int:
    """Ask for the village's closing as its page does, wait until the message lies there, and empty Redis; the closing's number."""
    from governance.periods import Period
    from moral_bank.closings.services import COMPUTE_TASK, closing_request
    from villages.models import Unit

    broker = Redis.from_url(os.environ["REDIS_URL"])
    closing = closing_request(village=Unit.objects.get(pk=village), period=Period.parse(EARLIER))

    def lies() -> bool:
        return any(COMPUTE_TASK.encode() in message for message in broker.lrange(QUEUE, 0, -1))

    if not poll(lies, alive=lambda: True, seconds=LYING_SECONDS):
        raise RuntimeError("The closing's message did not come to Redis; nothing could be lost.")
    broker.flushall()
    return closing.pk


def is_computed(closing: int) -> bool:
    from moral_bank.models import Closing

    return Closing.objects.filter(pk=closing, state="computed", job="idle").exists()
