"""What a link of the ledger's chain is made of, and how its head is printed; pure (mission M23).

The text of a posting is a JSON list of all its columns in the order of COLUMNS, without blanks; its link is the SHA-256 of the
link before it, a line feed and that text, in UTF-8. Anybody can recompute it from an export.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from governance.errors import DomainError

COLUMNS = (
    "id", "account_id", "township_id", "village_id", "deed_id", "head", "veto", "memo", "score", "points", "occurred_on",
    "month", "source_key", "reverses_id", "posted_by_id", "posted_at",
)  # fmt: skip
GENESIS = "0" * 64
PRINTED = 16

_HEAD = re.compile(r"(\d{4}-\d{2}-\d{2})\s*(\d+)\s*条\s*((?:[0-9a-f][\s-]*){16})")


class SealError(DomainError):
    """A printed head that cannot be read: `head`."""


@dataclass(frozen=True)
class Head:
    """The chain's end as it is printed: how many postings, and the digest or its first 16 digits."""

    day: date
    count: int
    digest: str

    def fits(self, digest: str) -> bool:
        return digest.startswith(self.digest)


def entry_text(values: Sequence[object]) -> str:
    """The canonical text of a posting; `values` in the order of COLUMNS."""
    return _ENCODE(values)


def digest_of(previous: str, values: Sequence[object]) -> str:
    """The link of a posting behind the link `previous` (GENESIS for the first)."""
    return hashlib.sha256(f"{previous}\n{entry_text(values)}".encode()).hexdigest()


def head_text(head: Head) -> str:
    """2026-11-25 1234条 9f86 d081 884c 7d65: short enough to be copied from paper."""
    digits = head.digest[:PRINTED]
    return f"{head.day} {head.count}条 {' '.join(digits[at : at + 4] for at in range(0, PRINTED, 4))}"


def head_read(text: str) -> Head:
    """What `head_text` printed, however it was typed off. Raises SealError."""
    found = _HEAD.search(unicodedata.normalize("NFKC", text).lower())
    if found is None:
        raise SealError("校验码须照公示上的样子写，如：2026-11-25 1234条 9f86 d081 884c 7d65。", "head")
    try:
        day = date.fromisoformat(found[1])
    except ValueError as error:
        raise SealError(f"没有 {found[1]} 这一天。", "head") from error
    return Head(day, int(found[2]), re.sub(r"[\s-]", "", found[3]))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a posting has no {type(value).__name__}")


# One encoder for all postings: making it costs as much as encoding one.
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_plain).encode
