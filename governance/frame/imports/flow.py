"""One way in for every sheet: read and judged, mapped anew, committed or given up (missions M01, M13, M22, M23, M39)."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import PurePath
from typing import IO, Any, ClassVar, Generic, TypeVar, cast

from django.apps import apps
from django.db import transaction
from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils import timezone

from governance.accounts.models import ImportJob, User
from governance.collecting import collected_later
from governance.crypto import decrypt, encrypt
from governance.errors import DomainError
from governance.frame.imports.models import SheetImport
from governance.frame.imports.own import own_rows_mark
from governance.frame.imports.payload import NEW, SAME, Preview, PreviewRow, pack
from governance.periods import today
from governance.progress import begun
from governance.sheets.cells import CLEAN, LEVELS, LOOK, OK, REFUSE
from governance.sheets.containers import recoded
from governance.sheets.headings import Field
from governance.sheets.limits import Limits
from governance.sheets.rows import ReadSheets
from governance.sheets.tables import HIDDEN_SHEETS

KEPT_DAYS = 7
TAKEN = {"good": (OK, CLEAN), "all": (OK, CLEAN, LOOK)}  # which verdicts are taken without and with the rows to look at
UNDER_WAY = "这次导入正在后台办理，办完以前不能再办理。"


@dataclass(frozen=True)
class Outcome:
    """What a commit did: rows new, those already there, rows left out."""

    new: int
    same: int
    left_out: int


_M = TypeVar("_M", bound=SheetImport)
_O = TypeVar("_O", bound=Outcome)


class SheetFlow(ABC, Generic[_M, _O]):
    """A feature says what its sheet means in the attributes and the methods of the first part, and calls the one object of
    its class: `read` → `remap` as often as wanted → `commit` or `discard`. Before the commit nothing is written but the
    encrypted preview; the commit compares every row anew, all in one transaction. `volunteers/people/sheet_import.py`
    is the plainest example, `CONTRIBUTING.md` says what else an import has.

    `error` is raised with the code `scope`, `state` or `mapping`, `SheetError` where a file cannot be read. `fields`: the columns
    that may be mapped. `committed_words`: the message of a commit, of the fields of `outcome`. `related`: what is read with an
    import. `stale_by`: the field by which earlier uploads are of the same thing; those older than KEPT_DAYS are given up.
    `own`: what the portal's own ledgers of these things list; a row that names one by its 系统编号 is left as it is. `page`: where
    an import is looked at, where that is not the admin.
    """

    model: type[_M]
    outcome: type[_O]
    error: type[DomainError]
    fields: Sequence[Field]
    committed_words: ClassVar[str]
    discarded_words: ClassVar[str] = "已放弃，文件内容已删除。"
    related: ClassVar[str] = "township"
    stale_by: ClassVar[str] = ""
    page: ClassVar[str] = ""
    own: ClassVar[tuple[type[Model], ...]] = ()

    # --- what a feature says ------------------------------------------------------------------------------------------

    def imports(self, by: User) -> QuerySet[_M]:
        """The imports that `by` may handle."""
        rows: QuerySet[_M] = cast("Any", self.model)._default_manager.visible_to(by)
        return rows

    @abstractmethod
    def place(self, by: User, about: Mapping[str, Any]) -> dict[str, Any]:
        """The columns of a new import beside the common ones; `about`: what `read` was given beside the file. Raises `error`
        where `by` may not."""

    @abstractmethod
    def parse(self, sheet: _M, data: bytes, by: User, on: date, about: Mapping[str, Any]) -> ReadSheets:
        """What the file itself says, with `sheet.overrides` of its headings; `about` as `read` was given it."""

    @abstractmethod
    def compare(self, sheet: _M, rows: list[PreviewRow], levels: Sequence[str], by: User, on: date) -> Any:
        """Flag the rows by what the register says and set their outcomes; returns what `outlook` and `write` need.
        `levels`: the verdicts that are taken. The rows carry only their own issues at first."""

    @abstractmethod
    def write(self, plan: Any, rows: list[PreviewRow], by: User) -> dict[str, int]:
        """Write the rows that are taken; returns the figures of `outcome`. A row that it flags as refused is left out after all."""

    def outlook(self, plan: Any, rows: list[PreviewRow]) -> dict[str, int]:
        """What a commit would do."""
        outcomes = Counter(item.outcome for item in rows if item.row.verdict != REFUSE)
        return {outcome: outcomes[outcome] for outcome in (NEW, SAME)}

    def takes(self, item: PreviewRow, levels: Sequence[str]) -> bool:
        return item.row.verdict in levels

    def brings(self, item: PreviewRow) -> bool:
        """Whether a row that is taken changes anything, as the number on the button says."""
        return item.outcome != SAME

    def lock(self, sheet: _M, by: User) -> None:
        """Lock what is compared and written, where others write to it, too."""

    # --- what is called -----------------------------------------------------------------------------------------------

    def read(
        self, *, file: bytes | IO[bytes], filename: str = "", by: User, on: date | None = None, encoding: str = "", **about: Any
    ) -> _M:
        """Read and judge an uploaded sheet, by its own name where no other is given. `counts`: rows by verdict (`take`, `clean`,
        `look`, `refuse`), how many bring something (`good`, and `all` with those to look at) or are `there` already, the outlook, the
        `account`, and the labels of required columns that are `missing`; `on`: the day from which changes count (today);
        `encoding`: of a text file, one of ENCODINGS. A mapping of the same headings in the same township is used again."""
        return self.keep(self.judge(file=file, filename=filename, by=by, on=on, encoding=encoding, **about))

    def judge(
        self, *, file: bytes | IO[bytes], filename: str = "", by: User, on: date | None = None, encoding: str = "", **about: Any
    ) -> _M:
        """As `read`, but nothing is kept yet."""
        name = PurePath(filename or getattr(file, "name", "")).name[:200]
        sheet = self.model(uploaded_by=by, filename=name, **self.place(by, about))
        data = recoded(file if isinstance(file, bytes) else file.read(Limits().file_bytes + 1), encoding)
        sheet.counts = {"about": plain_about(about)}
        sheet.source = encrypt(b64encode(data).decode("ascii"))
        self._judge(sheet, data, by, on or today(), about)
        return sheet

    def keep(self, sheet: _M) -> _M:
        """Store what `judge` gave."""
        with transaction.atomic():
            self._discard_stale(sheet)
            sheet.save()
        return sheet

    def remap(
        self, sheet: _M, *, overrides: Mapping[str, str], by: User, on: date | None = None, job: ImportJob | None = None
    ) -> _M:
        """Judge the stored file anew. `overrides`: heading as in `Table.headings` → key of `fields`, '' to leave the column
        out; they replace earlier ones. Where it fails the preview stays as it was. `job`: by which it is done, here as below."""
        with transaction.atomic():
            sheet = self._locked(sheet, by, job=job)
            if {key for name, key in overrides.items() if name != HIDDEN_SHEETS} - {"", *(item.key for item in self.fields)}:
                raise self.error("列的对应里有不认识的内容。", "mapping")
            sheet.overrides = dict(overrides)
            about = restored_about(sheet.counts.get("about", {}))
            self._judge(sheet, b64decode(decrypt(bytes(sheet.source))), by, on or today(), about)
            sheet.save(update_fields=["overrides", "preview", "counts"])
        return sheet

    @collected_later()
    def commit(
        self, sheet: _M, *, include_look: bool = False, by: User, on: date | None = None, job: ImportJob | None = None
    ) -> _O:
        """Write the good rows, and those to look at if `include_look`. The file and the rows written are deleted from the
        import; those left out stay for `rejects`."""
        levels = (OK, CLEAN, LOOK) if include_look else (OK, CLEAN)
        with transaction.atomic():
            sheet = self._locked(sheet, by, again=True, job=job)
            if not sheet.waits:
                return self.outcome(**sheet.counts["outcome"])
            if missing := sheet.counts.get("missing"):
                raise self.error(f"请先在“对应列”里指出哪一列是“{'、'.join(missing)}”。", "mapping")
            self.lock(sheet, by)
            preview = sheet.judged()
            plan = self._compared(sheet, preview.rows, levels, by, on or today())
            taken = [item for item in preview.rows if self.takes(item, levels)]
            fresh = [item for item in taken if not item.is_own]
            begun("写入", len(fresh))
            done = self.write(plan, fresh, by)
            preview.rows = [item for item in preview.rows if not self.takes(item, levels)]
            outcome = {**done, "same": done["same"] + len(taken) - len(fresh), "left_out": len(preview.rows)}
            sheet.source, sheet.preview = b"", pack(preview) if preview.rows else b""
            sheet.counts = {**sheet.counts, "outcome": outcome}
            sheet.state, sheet.committed_at = SheetImport.State.COMMITTED, timezone.now()
            sheet.save(update_fields=["source", "preview", "counts", "state", "committed_at"])
        return self.outcome(**outcome)

    def told(self, outcome: _O) -> str:
        return self.committed_words.format(**vars(outcome))

    def discard(self, sheet: _M, *, by: User) -> _M:
        """Give an import up and delete what was uploaded."""
        with transaction.atomic():
            sheet = self._locked(sheet, by, again=True)
            if sheet.waits:
                sheet.state = SheetImport.State.DISCARDED
            sheet.source = sheet.preview = b""
            sheet.save(update_fields=["source", "preview", "state"])
        return sheet

    @property
    def name(self) -> str:
        """By which a worker finds the flow."""
        return f"{type(self).__module__}.{type(self).__qualname__}"

    def address(self, sheet_id: int) -> str:
        """The page of an import."""
        return reverse(self.page or f"admin:{self.model._meta.app_label}_{self.model._meta.model_name}_change", args=[sheet_id])

    def jobs(self, sheet: SheetImport) -> QuerySet[ImportJob]:
        """The job in which something is done with an import just now, if there is one."""
        return ImportJob.objects.open().filter(flow=self.name, sheet_id=sheet.pk)

    def _locked(self, sheet: _M, by: User, *, again: bool = False, job: ImportJob | None = None) -> _M:
        """The import under its lock, if `by` may handle it, it waits, or with `again` is still open, and no other job is at it: whoever
        presses meanwhile is told so instead of waiting for its lock."""
        if self.jobs(sheet).exclude(pk=job.pk if job else 0).exists():
            raise self.error(UNDER_WAY, "state")
        rows = self.imports(by).select_for_update(of=("self",)).select_related(self.related)
        found = rows.filter(pk=sheet.pk).first()
        if found is None:
            raise self.error("这次导入不在您可以办理的范围内。", "scope")
        if not (found.is_open if again else found.waits):
            raise self.error(f"这次导入{found.get_state_display()}，不能再办理。", "state")
        return found

    @collected_later()
    def _judge(self, sheet: _M, data: bytes, by: User, on: date, about: Mapping[str, Any]) -> None:
        found = self.parse(sheet, data, by, on, about)
        headings = sheet.counts.get("headings") or _heading_set(found)
        if sheet.pk is None and (known := self._remembered(sheet, headings)):
            sheet.overrides = known
            found = self.parse(sheet, data, by, on, about)
            found.problems.append("列的对应沿用上次同样表头的设置，不对可以在“对应列”里改")
        preview = Preview.of(found)
        plan = self._compared(sheet, preview.rows, (OK, CLEAN, LOOK), by, on)
        outlook, verdicts = self.outlook(plan, preview.rows), Counter(item.row.verdict for item in preview.rows)
        news = [item for item in preview.rows if self.brings(item)]
        taken = {name: sum(self.takes(item, levels) for item in news) for name, levels in TAKEN.items()}
        taken["there"] = sum(item.outcome == SAME and item.row.verdict in TAKEN["good"] for item in preview.rows)
        kept = {"about": sheet.counts.get("about", {}), "headings": headings, "account": asdict(found.account), "missing": found.missing}
        sheet.counts = {level: verdicts[level] for level in LEVELS} | taken | outlook | kept
        sheet.preview = pack(preview)

    def _remembered(self, sheet: _M, headings: str) -> dict[str, str]:
        """How the same headings were mapped in the township the last time."""
        place = {"township": sheet.township} if hasattr(sheet, "township") else {}
        rows = self.model._default_manager.filter(**place, counts__headings=headings)
        last = rows.exclude(overrides={}).order_by("-pk").values_list("overrides", flat=True).first() or {}
        keys = {"", *(item.key for item in self.fields)}
        return {heading: key for heading, key in last.items() if key in keys}

    def _compared(self, sheet: _M, rows: list[PreviewRow], levels: Sequence[str], by: User, on: date) -> Any:
        for item in rows:
            item.row.issues = item.row.issues[: item.own]
        begun("比对", len(rows))
        own_rows_mark(rows, self.own, by)
        return self.compare(sheet, [item for item in rows if not item.is_own], levels, by, on)

    def _discard_stale(self, sheet: _M) -> None:
        if not self.stale_by:
            return
        rows = self.model._default_manager.filter(state=SheetImport.State.PREVIEWED)
        stale = rows.filter(
            created_at__lt=timezone.now() - timedelta(days=KEPT_DAYS), **{self.stale_by: getattr(sheet, self.stale_by)}
        )
        stale.update(state=SheetImport.State.DISCARDED, source=b"", preview=b"")


def _heading_set(found: ReadSheets) -> str:
    headings = {heading for table in found.tables for heading in table.headings if heading}
    return hashlib.sha256("\n".join(sorted(headings)).encode()).hexdigest()


def plain_about(about: Mapping[str, Any]) -> dict[str, Any]:
    """What `read` was given beside the file, rows by their model and key."""
    return {key: [one._meta.label, one.pk] if isinstance(one, Model) else one for key, one in about.items()}


def restored_about(about: Mapping[str, Any]) -> dict[str, Any]:
    rows = {key: one for key, one in about.items() if isinstance(one, list)}
    return {**about, **{key: apps.get_model(label)._base_manager.get(pk=pk) for key, (label, pk) in rows.items()}}
