"""A past 积分台账 on its way in: read, looked at row by row, committed as claims (missions M23, M39; domain.md §12).

What is refused on the pages is refused here too; what comes in is declared, and goes to its officer and the panel like the rest.
An import belongs to who uploaded it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import IO, Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.periods import today
from governance.sheets.cells import CLEAN, LEVELS, LOOK, OK, REFUSE
from governance.sheets.claims import read_claims
from governance.sheets.limits import Limits
from moral_bank.claims.services import ClaimError, Declaration, claims_declare
from moral_bank.claims.sheet_rows import Register
from moral_bank.models import BankImport, Claim
from villages.models import Household, Unit
from villages.roster_payload import NEW, SAME, Preview, PreviewRow, pack, stored_rejects, unpack


@dataclass(frozen=True)
class Outcome:
    """What a commit did: claims new, those already there, rows left out."""

    new: int
    same: int
    left_out: int


def villages_declared(user: User) -> QuerySet[Unit]:
    """The villages in which `user` may declare for some household."""
    homes = Household.objects.visible_to(user, Action.CLAIM_DECLARE).filter(ended_on=None).order_by()
    return Unit.objects.villages().filter(pk__in=homes.values("village")).select_related("parent")


def imports_of(user: User) -> QuerySet[BankImport]:
    """The user's own imports of past ledgers, latest first."""
    return BankImport.objects.filter(kind=BankImport.Kind.CLAIMS, uploaded_by=user).order_by("-pk")


def claims_read(*, file: bytes | IO[bytes], filename: str, village: Unit | None = None, by: User) -> BankImport:
    """Read and judge an uploaded ledger, of one village or of all in which `by` declares; nothing is written but the
    encrypted preview. Raises ClaimError and SheetError."""
    villages = [one for one in villages_declared(by) if village is None or one.pk == village.pk]
    towns = {one.parent_id for one in villages}
    if len(towns) != 1:
        raise ClaimError("请选是哪个村（社区）的台账。" if towns else "您不能为这个村（社区）申报。", "scope")
    data = file if isinstance(file, bytes) else file.read(Limits().file_bytes + 1)
    ledger = BankImport(
        kind=BankImport.Kind.CLAIMS,
        township=villages[0].parent,
        uploaded_by=by,
        filename=PurePath(filename).name[:200],
    )
    names = [(one.code, one.name) for one in villages]
    sheets: Any = read_claims(data, ledger.filename, names, today())
    preview = Preview.of(sheets)
    _judge(preview.rows, villages, by, timezone.now())
    ledger.preview, ledger.counts = pack(preview), _counts(preview.rows)
    ledger.save()
    return ledger


def claims_preview(ledger: BankImport) -> Preview:
    """The judged rows; after the commit, those left out."""
    return unpack(bytes(ledger.preview))


def claims_commit(
    *, ledger: BankImport, include_look: bool = False, by: User, at: datetime | None = None
) -> Outcome:
    """Declare the good rows, and those to look at if `include_look`, in one transaction; judged once more before."""
    now = at or timezone.now()
    with transaction.atomic():
        ledger = _locked(ledger, by)
        preview = claims_preview(ledger)
        villages = list(villages_declared(by).filter(parent=ledger.township))
        judged = _judge(preview.rows, villages, by, now)
        levels = (OK, CLEAN, LOOK) if include_look else (OK, CLEAN)
        good = [
            (item, said)
            for item, said in zip(preview.rows, judged, strict=True)
            if said and (item.outcome == SAME or item.row.verdict in levels)
        ]
        fresh = [(item, said) for item, said in good if item.outcome == NEW]
        made = claims_declare(declarations=[said for _, said in fresh], by=by, at=now)
        for (item, _), found in zip(fresh, made, strict=True):
            if isinstance(found, ClaimError):
                item.row.flag("deed", REFUSE, found.message)
        new = sum(isinstance(found, Claim) for found in made)
        kept = {id(item) for item, _ in good if item.row.verdict != REFUSE}
        preview.rows = [item for item in preview.rows if id(item) not in kept]
        outcome = Outcome(new, len(good) - len(fresh), len(preview.rows))
        ledger.preview = pack(preview) if preview.rows else b""
        ledger.counts = {**ledger.counts, "outcome": vars(outcome)}
        ledger.state, ledger.committed_at = BankImport.State.COMMITTED, now
        ledger.save(update_fields=["preview", "counts", "state", "committed_at"])
    return outcome


def claims_discard(*, ledger: BankImport, by: User) -> BankImport:
    """Give an import up and delete what was uploaded."""
    with transaction.atomic():
        ledger = _locked(ledger, by)
        ledger.state, ledger.preview = BankImport.State.DISCARDED, b""
        ledger.save(update_fields=["state", "preview"])
    return ledger


def claims_rejects(stream: IO[bytes], ledger: BankImport) -> int:
    """Write the rows to look at and refused, with reasons, as .xlsx; returns how many."""
    return stored_rejects(stream, bytes(ledger.preview))


def _locked(ledger: BankImport, by: User) -> BankImport:
    found = imports_of(by).select_for_update(of=("self",)).select_related("township").filter(pk=ledger.pk).first()
    if found is None:
        raise ClaimError("这次导入不在您可以办理的范围内。", "scope")
    if found.state != BankImport.State.PREVIEWED:
        raise ClaimError(f"这次导入{found.get_state_display()}，不能再办理。", "state")
    return found


def _judge(rows: Sequence[PreviewRow], villages: Sequence[Unit], by: User, now: datetime) -> list[Declaration | None]:
    for item in rows:
        item.row.issues = item.row.issues[: item.own]
    register = Register([item.row for item in rows], villages, by, now)
    return [register.judge(item) for item in rows]


def _counts(rows: Sequence[PreviewRow]) -> dict[str, int]:
    verdicts = Counter(item.row.verdict for item in rows)
    outcomes = Counter(item.outcome for item in rows if item.row.verdict != REFUSE)
    return {level: verdicts[level] for level in LEVELS} | {outcome: outcomes[outcome] for outcome in (NEW, SAME)}
