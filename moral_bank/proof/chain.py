"""The hash chain over the ledger: links behind the postings, a head a day (mission M23; docs/decisions/0012-moral-bank.md).

Links are written a few minutes after the postings, in the order of their numbers; a posting that was committed late gets a
later position. One lock for each township keeps two sealers from writing the same position.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, Max, OuterRef
from django.utils import timezone

from governance.engines import rows_insert
from governance.periods import today
from moral_bank.models import ChainHead, ChainLink, Entry, EntryQuerySet
from moral_bank.proof.chain_text import COLUMNS, GENESIS, Head, digest_of, head_text
from villages.models import Unit

BATCH = 5000
LINK_COLUMNS = ("township_id", "position", "entry_id", "digest")
# Numbers that a posting still under way may hold behind the last sealed one; the night looks at all.
IN_FLIGHT = 100_000


def chain_seal(*, everything: bool = False) -> int:
    """Link the postings that have no link yet; returns how many. Twice or at the same time does no harm."""
    floor = 0 if everything else _floor()
    townships = unsealed(floor).order_by().values_list("township_id", flat=True).distinct()
    return sum(_seal_township(township, floor) for township in sorted(townships))


def chain_heads(at: datetime | None = None) -> int:
    """The night's work: seal everything and keep the day's head of every township; returns how many heads stand."""
    now = at or timezone.now()
    chain_seal(everything=True)
    townships = Unit.objects.filter(pk__in=ChainLink.objects.order_by().values("township")).order_by("pk")
    return sum(chain_head(township, today(now), at=now) is not None for township in townships)


def chain_head(township: Unit, day: date, at: datetime | None = None) -> ChainHead | None:
    """The head kept for `day`, made now if there is none; None where nothing has been sealed yet."""
    with transaction.atomic():
        _lock(township.pk)
        kept = ChainHead.objects.filter(township=township, day=day).first()
        last = ChainLink.objects.filter(township=township).order_by("-position").first()
        if kept is not None or last is None:
            return kept
        return ChainHead.objects.create(
            township=township, day=day, count=last.position, digest=last.digest, sealed_at=at or timezone.now()
        )


def seal_text(township: Unit, at: datetime | None = None) -> str:
    """The day's head as it is printed on a notice, made now if the day has none yet; "" where the ledger is empty."""
    now = at or timezone.now()
    head = ChainHead.objects.filter(township=township, day=today(now)).first()
    if head is None:
        _seal_township(township.pk, _floor())
        head = chain_head(township, today(now), at=now)
    return head_text(Head(head.day, head.count, head.digest)) if head else ""


def unsealed(floor: int = 0) -> EntryQuerySet:
    """Postings numbered above `floor` that have no link."""
    return Entry.objects.filter(~Exists(ChainLink.objects.filter(entry_id=OuterRef("pk"))), pk__gt=floor)


def _floor() -> int:
    last = ChainLink.objects.aggregate(last=Max("entry_id"))["last"] or 0
    return max(last - IN_FLIGHT, 0)


def _seal_township(township_id: int, floor: int) -> int:
    sealed = 0
    while made := _seal_batch(township_id, floor):
        sealed += made
    return sealed


def _seal_batch(township_id: int, floor: int) -> int:
    with transaction.atomic():
        _lock(township_id)
        last = ChainLink.objects.filter(township=township_id).order_by("-position").first()
        position, digest = (last.position, last.digest) if last else (0, GENESIS)
        links = []
        for values in unsealed(floor).filter(township=township_id).order_by("pk").values_list(*COLUMNS)[:BATCH]:
            position, digest = position + 1, digest_of(digest, values)
            links.append((township_id, position, values[0], digest))
        rows_insert("moral_bank_chainlink", LINK_COLUMNS, links)
        return len(links)


def _lock(township_id: int) -> None:
    """Posters only share the township's row, so they do not wait."""
    Unit.objects.select_for_update(no_key=True).get(pk=township_id)
