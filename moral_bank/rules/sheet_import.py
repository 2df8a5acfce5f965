"""Published rules on their way into a draft: read, every row judged, the good ones written (plan §三.1; mission M22)."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePath
from typing import IO

from django.db import transaction
from django.utils import timezone
from simple_history.utils import bulk_create_with_history

from governance.accounts.models import User
from governance.sheets.cells import CLEAN, LEVELS, LOOK, OK
from governance.sheets.limits import Limits
from governance.sheets.reader import read_workbook
from governance.sheets.roster import RosterSheets
from governance.sheets.rows import RowResult
from governance.sheets.rules import RULE_FIELDS, RuleLine, read_rules, rule_line
from moral_bank.models import BankImport
from moral_bank.rules.models import Deed, RuleSet
from moral_bank.rules.services import RuleError, draft_take
from villages.crypto import decrypt, encrypt
from villages.roster_payload import NEW, NONE, SAME, Preview, PreviewRow, pack, stored_rejects, unpack

KEPT_DAYS = 7
LETTERS = {"law": "L", "service": "S", "sanitation": "W", "participation": "P", "civility": "C"}
_NUMBER = re.compile(r"([A-Z])(\d+)")


class Codes:
    """The codes that are free for a draft: deeds are compared and tried by code, so none goes to another deed that ever
    counted in the township."""

    def __init__(self, draft: RuleSet) -> None:
        adopted = Deed.objects.filter(rule_set__township=draft.township_id, rule_set__state=RuleSet.State.ADOPTED)
        self.taken = set(draft.deeds.values_list("code", flat=True))
        self.names = defaultdict[str, set[str]](set)
        for code, name in adopted.values_list("code", "name"):
            self.names[code].add(" ".join(name.split()))
        self.last = Counter[str]()
        for code in (*self.taken, *self.names):
            if match := _NUMBER.fullmatch(code):
                self.last[match[1]] = max(self.last[match[1]], int(match[2]))

    def take(self, line: RuleLine) -> str:
        """The code that the line brings along if it is free or was this deed's own, else the next number of its head."""
        code, letter = line.code, LETTERS[line.head]
        while not code or code in self.taken or self.names[code] - {line.name}:
            self.last[letter] += 1
            code = f"{letter}{self.last[letter]:03d}"
        self.taken.add(code)
        return code


@dataclass(frozen=True)
class RulesOutcome:
    """What a commit did: deeds new in the draft, deeds that it had already, rows left out."""

    new: int
    same: int
    left_out: int


def rules_read(*, file: bytes | IO[bytes], filename: str, rule_set: RuleSet, by: User) -> BankImport:
    """Read and judge an uploaded sheet for a draft; nothing is written but the encrypted preview. `counts`: rows by
    verdict, and `new` and `same`. Raises RuleError and SheetError."""
    data = file if isinstance(file, bytes) else file.read(Limits().file_bytes + 1)
    with transaction.atomic():
        draft = draft_take(rule_set, by)
        found = BankImport(
            kind=BankImport.Kind.RULES,
            township=draft.township,
            rule_set=draft,
            uploaded_by=by,
            filename=PurePath(filename).name[:200],
            source=encrypt(b64encode(data).decode("ascii")),
        )
        _judge(found, data)
        _discard_stale(draft)
        found.save()
    return found


def rules_remap(*, bank_import: BankImport, overrides: Mapping[str, str], by: User) -> BankImport:
    """Judge the stored file anew. `overrides`: heading → key of RULE_FIELDS, '' to leave the column out."""
    with transaction.atomic():
        found = _take(bank_import, by, {BankImport.State.PREVIEWED})
        if set(overrides.values()) - {"", *(item.key for item in RULE_FIELDS)}:
            raise RuleError("列的对应里有不认识的内容。", "mapping")
        found.overrides = dict(overrides)
        _judge(found, b64decode(decrypt(bytes(found.source))))
        found.save(update_fields=["overrides", "preview", "counts"])
    return found


def rules_preview(bank_import: BankImport) -> Preview:
    """The judged rows (after the commit, those left out)."""
    return unpack(bytes(bank_import.preview))


def rules_commit(*, bank_import: BankImport, include_look: bool = False, by: User) -> RulesOutcome:
    """Write the good rows into the draft, and those to look at if `include_look`. Committing twice does nothing and
    returns the first outcome; rows left out stay for `rules_rejects`."""
    with transaction.atomic():
        found = _take(bank_import, by, {BankImport.State.PREVIEWED, BankImport.State.COMMITTED})
        if found.state == BankImport.State.COMMITTED:
            return RulesOutcome(**found.counts["outcome"])
        draft = draft_take(_draft_of(found), by)
        preview = rules_preview(found)
        levels = (OK, CLEAN, LOOK) if include_look else (OK, CLEAN)
        good = [item for item in preview.rows if item.row.verdict in levels]
        left_out = [item for item in preview.rows if item.row.verdict not in levels]
        new = _new_deeds(draft, [item.row for item in good])
        bulk_create_with_history(new, Deed, default_user=by)
        outcome = {"new": len(new), "same": len(good) - len(new), "left_out": len(left_out)}
        preview.rows = left_out
        found.source, found.preview = b"", pack(preview) if left_out else b""
        found.counts = {**found.counts, "outcome": outcome}
        found.state, found.committed_at = BankImport.State.COMMITTED, timezone.now()
        found.save(update_fields=["source", "preview", "counts", "state", "committed_at"])
    return RulesOutcome(**outcome)


def rules_discard(*, bank_import: BankImport, by: User) -> BankImport:
    """Give an import up, also what a commit left out."""
    with transaction.atomic():
        found = _take(bank_import, by, {BankImport.State.PREVIEWED, BankImport.State.COMMITTED})
        if found.state == BankImport.State.PREVIEWED:
            found.state = BankImport.State.DISCARDED
        found.source = found.preview = b""
        found.save(update_fields=["source", "preview", "state"])
    return found


def rules_rejects(stream: IO[bytes], bank_import: BankImport) -> int:
    """Write the rows that are to be looked at or refused, with reasons, as .xlsx; returns how many."""
    return stored_rejects(stream, bytes(bank_import.preview))


def content_of(deed: Deed | RuleLine) -> tuple[object, ...]:
    """What a line of rules says, whatever its code: by this an import knows a deed again. Blanks do not matter, as cells are
    read without them."""
    words = (deed.name, deed.unit, deed.category, deed.audience, deed.note, deed.source)
    return (deed.head, deed.score, deed.score_high, *(" ".join(text.split()) for text in words))


def _judge(found: BankImport, data: bytes) -> None:
    """Set preview and counts of `found` from its file and its overrides, compared with the draft."""
    sheet = read_rules(read_workbook(data, found.filename), found.overrides)
    results = [row.result for row in sheet.rows]
    deeds = list(_draft_of(found).deeds.all())
    standing, names = {content_of(deed): deed.code for deed in deeds}, {deed.name: deed.code for deed in deeds}
    outcomes = []
    for row in sheet.rows:
        code = standing.get(content_of(row.line)) if row.line else None
        if code is not None:
            row.result.flag("deed", CLEAN, f"细则里已有（{code}），不重复写入")
        elif row.line and row.line.name in names:
            row.result.flag("deed", LOOK, f"细则里已有同名事项（{names[row.line.name]}），内容不同：要改请到那一项里改")
        outcomes.append(NONE if row.line is None else NEW if code is None else SAME)
    preview = Preview.of(RosterSheets(tables=sheet.tables, rows=results))
    preview.rows = [PreviewRow(row, len(row.issues), outcome) for row, outcome in zip(results, outcomes, strict=True)]
    verdicts, counted = Counter(row.verdict for row in results), Counter(outcomes)
    found.counts = {**{level: verdicts[level] for level in LEVELS}, NEW: counted[NEW], SAME: counted[SAME]}
    found.preview = pack(preview)


def _new_deeds(draft: RuleSet, rows: Iterable[RowResult]) -> list[Deed]:
    """The deeds that the draft does not have yet, in the order of the rows."""
    known = {content_of(deed) for deed in draft.deeds.all()}
    codes, new = Codes(draft), []
    for row in rows:
        line = rule_line(row)
        if content_of(line) not in known:
            known.add(content_of(line))
            new.append(_deed(draft, codes.take(line), line))
    return new


def _deed(draft: RuleSet, code: str, line: RuleLine) -> Deed:
    return Deed(
        rule_set=draft,
        head=line.head,
        code=code,
        name=line.name,
        unit=line.unit,
        score=line.score,
        score_high=line.score_high,
        points=line.points,
        verifier=line.verifier,
        is_veto=line.is_veto,
        by_quantity=line.by_quantity,
        cap_month=line.caps.get("month"),
        cap_quarter=line.caps.get("quarter"),
        cap_year=line.caps.get("year"),
        category=line.category,
        audience=line.audience,
        note=line.note,
        source=line.source,
    )


def _draft_of(found: BankImport) -> RuleSet:
    if found.rule_set is None:
        raise RuleError("这次导入没有对应的细则草稿。", "state")
    return found.rule_set


def _discard_stale(draft: RuleSet) -> None:
    stale = BankImport.objects.filter(rule_set=draft, kind=BankImport.Kind.RULES, state=BankImport.State.PREVIEWED)
    stale = stale.filter(created_at__lt=timezone.now() - timedelta(days=KEPT_DAYS))
    stale.update(state=BankImport.State.DISCARDED, source=b"", preview=b"")


def _take(bank_import: BankImport, by: User, states: set[BankImport.State]) -> BankImport:
    """The import under its lock, if `by` may handle it and it is in one of `states`."""
    visible = BankImport.objects.visible_to(by).filter(kind=BankImport.Kind.RULES)
    found = visible.select_for_update(of=("self",)).select_related("rule_set__township").filter(pk=bank_import.pk).first()
    if found is None:
        raise RuleError("这次导入不在您可以办理的范围内。", "scope")
    if found.state not in states:
        raise RuleError(f"这次导入{found.get_state_display()}，不能再办理。", "state")
    return found
