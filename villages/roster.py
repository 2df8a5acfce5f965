"""Roster import: read, correct the mapping, commit, hand the rest back (missions M01, M39).

The staff pages stand in `villages/roster_admin.py`; everything that decides stands here and in the modules it calls.
"""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import PurePath
from typing import IO

from django.db import transaction
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.errors import DomainError
from governance.periods import today
from governance.sheets.cells import CLEAN, LEVELS, LOOK, OK, REFUSE
from governance.sheets.limits import Limits
from governance.sheets.roster import read_roster
from governance.sheets.roster_fields import ROSTER_FIELDS
from villages.crypto import decrypt, encrypt
from villages.models import Unit
from villages.roster_match import match_families
from villages.roster_models import RosterImport
from villages.roster_payload import Preview, PreviewRow, pack, stored_rejects, unpack
from villages.roster_write import RosterWriter

KEPT_DAYS = 7
VERDICTS = {OK: "可导入", CLEAN: "整理后可导入", LOOK: "需要核对", REFUSE: "不能导入"}


class RosterError(DomainError):
    """An import that is refused: `scope`, `state`, `mapping`."""


@dataclass(frozen=True)
class RosterOutcome:
    """What a commit did: people new, changed and unchanged, rows left out, households and units written."""

    new: int
    update: int
    same: int
    left_out: int
    households_new: int
    households_update: int
    units_new: int


def roster_read(
    *, file: bytes | IO[bytes], filename: str, township: Unit, by: User, on: date | None = None
) -> RosterImport:
    """Read and judge an uploaded roster of `township`; nothing is written but the encrypted preview.

    `counts` of the result: rows by verdict (`take`, `clean`, `look`, `refuse`), people `new`, `update`, `same`,
    `households_new`, `units_new`. Previews of the township older than KEPT_DAYS are discarded. Raises RosterError and
    SheetError, both with plain Chinese.
    """
    _check_scope(township, by)
    data = file if isinstance(file, bytes) else file.read(Limits().file_bytes + 1)
    roster = RosterImport(
        township=township,
        uploaded_by=by,
        filename=PurePath(filename).name[:200],
        sha256=hashlib.sha256(data).hexdigest(),
        source=encrypt(b64encode(data).decode("ascii")),
    )
    _judge(roster, data, by, on or today())
    with transaction.atomic():
        stale = RosterImport.objects.filter(
            township=township, created_at__lt=timezone.now() - timedelta(days=KEPT_DAYS)
        )
        stale = stale.filter(state=RosterImport.State.PREVIEWED)
        stale.update(state=RosterImport.State.DISCARDED, source=b"", preview=b"")
        roster.save()
    return roster


def roster_remap(
    *, roster: RosterImport, overrides: Mapping[str, str], by: User, on: date | None = None
) -> RosterImport:
    """Judge the stored file anew. `overrides`: heading as in `Table.headings` → key of ROSTER_FIELDS, '' to leave the
    column out; they replace earlier ones. Raises RosterError and SheetError; then the preview stays as it was."""
    with transaction.atomic():
        roster = _locked(roster, by)
        if set(overrides.values()) - {"", *(item.key for item in ROSTER_FIELDS)}:
            raise RosterError("列的对应里有不认识的内容。", "mapping")
        roster.overrides = dict(overrides)
        data = b64decode(decrypt(bytes(roster.source)))
        _judge(roster, data, by, on or today())
        roster.save(update_fields=["overrides", "preview", "counts"])
    return roster


def roster_preview(roster: RosterImport) -> Preview:
    """The judged rows (after the commit, those left out). ID numbers stand in clear in them: mask what is shown."""
    return unpack(bytes(roster.preview))


def roster_commit(
    *, roster: RosterImport, include_look: bool = False, by: User, on: date | None = None
) -> RosterOutcome:
    """Write the good rows, and those to look at if `include_look`, in one transaction; changes count from `on` (today).

    Rows are compared with the register anew. Committing twice does nothing and returns the first outcome. The file and
    the rows written are deleted from the import; those left out stay for `roster_rejects`.
    """
    with transaction.atomic():
        roster = _locked(roster, by, {RosterImport.State.PREVIEWED, RosterImport.State.COMMITTED})
        if roster.state == RosterImport.State.COMMITTED:
            return RosterOutcome(**roster.counts["outcome"])
        Unit.objects.select_for_update().get(pk=roster.township_id)
        preview = roster_preview(roster)
        writer, left_out = _writer(preview.rows, roster.township, by, on or today(), include_look)
        outcome = {**writer.write(), "left_out": len(left_out)}
        preview.rows = left_out
        roster.source, roster.preview = b"", pack(preview) if left_out else b""
        roster.counts = {**roster.counts, "outcome": outcome}
        roster.state, roster.committed_at = RosterImport.State.COMMITTED, timezone.now()
        roster.save(update_fields=["source", "preview", "counts", "state", "committed_at"])
    return RosterOutcome(**outcome)


def roster_discard(*, roster: RosterImport, by: User) -> RosterImport:
    """Give an import up and delete its personal data, also what a commit left out."""
    with transaction.atomic():
        roster = _locked(roster, by, {RosterImport.State.PREVIEWED, RosterImport.State.COMMITTED})
        if roster.state == RosterImport.State.PREVIEWED:
            roster.state = RosterImport.State.DISCARDED
        roster.source = roster.preview = b""
        roster.save(update_fields=["source", "preview", "state"])
    return roster


def roster_rejects(stream: IO[bytes], roster: RosterImport) -> int:
    """Write the rows that are to be looked at or refused, with reasons, as .xlsx; returns how many. The page logs it."""
    return stored_rejects(stream, bytes(roster.preview))


def _check_scope(township: Unit, by: User) -> None:
    if township.level != Unit.Level.TOWNSHIP or not by.may(Action.ROSTER_IMPORT, township.path):
        raise RosterError("您不能为这个乡镇导入名册。", "scope")


def _locked(roster: RosterImport, by: User, states: set[RosterImport.State] | None = None) -> RosterImport:
    """The import under its lock, if `by` may handle it and it is in one of `states` (PREVIEWED, if absent)."""
    visible = RosterImport.objects.visible_to(by).select_for_update(of=("self",)).select_related("township")
    found = visible.filter(pk=roster.pk).first()
    if found is None:
        raise RosterError("这次导入不在您可以办理的范围内。", "scope")
    if found.state not in (states or {RosterImport.State.PREVIEWED}):
        raise RosterError(f"这次导入{found.get_state_display()}，不能再办理。", "state")
    return found


def _judge(roster: RosterImport, data: bytes, by: User, on: date) -> None:
    """Set the preview and counts of `roster` from its file and its overrides."""
    villages = Unit.objects.visible_to(by, Action.ROSTER_IMPORT).villages().on(on).filter(parent=roster.township)
    known = list(villages.values_list("code", "name"))
    preview = Preview.of(read_roster(data, roster.filename, known, roster.overrides))
    writer, _ = _writer(preview.rows, roster.township, by, on, include_look=True)
    outlook = writer.outlook()
    verdicts = Counter(item.row.verdict for item in preview.rows)
    roster.counts = {**{level: verdicts[level] for level in LEVELS}, **outlook}
    roster.preview = pack(preview)


def _writer(
    rows: list[PreviewRow], township: Unit, by: User, on: date, include_look: bool
) -> tuple[RosterWriter, list[PreviewRow]]:
    """A writer for the rows to be taken, and the other rows, all compared with the register as it is now."""
    for item in rows:
        item.row.issues = item.row.issues[: item.own]
    families, register = match_families(rows, township)
    levels = (OK, CLEAN, LOOK) if include_look else (OK, CLEAN)
    left_out = [item for item in rows if item.row.verdict not in levels]
    return RosterWriter(families, register, levels, on, by), left_out
