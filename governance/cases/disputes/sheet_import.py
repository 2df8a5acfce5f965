"""An existing 矛盾纠纷台账 on its way in: read, looked at, committed; what is refused on the pages is refused here too."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import PurePath
from typing import IO, Any

from django.db import transaction
from django.utils import timezone

from governance.accounts.duties import Action, Duty
from governance.accounts.models import User
from governance.cases.disputes.flow import dispute_open, visits_plan
from governance.cases.engine.flow import Kind, State, Step
from governance.cases.engine.holding import Holder, people_of
from governance.cases.engine.services import dues_set, number_next
from governance.cases.engine.steps import case_join, step_write
from governance.cases.errors import CaseError
from governance.cases.models import Case, Category, Dispute, DisputeImport, Party, ReturnVisit
from governance.periods import SHANGHAI, today
from governance.sheets.cells import CLEAN, LEVELS, LOOK, OK, REFUSE
from governance.sheets.disputes import AGREED, DISPUTE_FIELDS, FAILED, SOURCES, read_disputes, row_key
from governance.sheets.limits import Limits
from governance.sheets.rows import RowResult
from villages.crypto import decrypt, encrypt
from villages.models import Post, Resident, Unit
from villages.roster_payload import NEW, SAME, Preview, PreviewRow, pack, stored_rejects, unpack

SOURCE_CODES = {str(label): value for value, label in Case.Source.choices}
RISK_CODES = {"红": "red", "黄": "yellow", "绿": "green"}
OTHER = "jiufen"


@dataclass(frozen=True)
class Outcome:
    """What a commit did: disputes new, those already there, rows left out."""

    new: int
    same: int
    left_out: int


def disputes_read(*, file: bytes | IO[bytes], filename: str, township: Unit, by: User) -> DisputeImport:
    """Read and judge an uploaded ledger; nothing is written but the encrypted preview. Raises CaseError and SheetError."""
    if township.level != Unit.Level.TOWNSHIP or not by.may(Action.CASE_IMPORT, township.path):
        raise CaseError("您不能为这个乡镇导入台账。", "scope")
    data = file if isinstance(file, bytes) else file.read(Limits().file_bytes + 1)
    ledger = DisputeImport(township=township, uploaded_by=by, filename=PurePath(filename).name[:200])
    ledger.source = encrypt(b64encode(data).decode("ascii"))
    _judge(ledger, data)
    ledger.save()
    return ledger


def disputes_remap(*, ledger: DisputeImport, overrides: Mapping[str, str], by: User) -> DisputeImport:
    """Judge the stored file anew. `overrides`: heading → key of DISPUTE_FIELDS, '' to leave the column out."""
    with transaction.atomic():
        ledger = _locked(ledger, by)
        if set(overrides.values()) - {"", *(item.key for item in DISPUTE_FIELDS)}:
            raise CaseError("列的对应里有不认识的内容。", "mapping")
        ledger.overrides = dict(overrides)
        _judge(ledger, b64decode(decrypt(bytes(ledger.source))))
        ledger.save(update_fields=["overrides", "preview", "counts"])
    return ledger


def disputes_preview(ledger: DisputeImport) -> Preview:
    """The judged rows; after the commit, those left out."""
    return unpack(bytes(ledger.preview))


def disputes_commit(
    *, ledger: DisputeImport, include_look: bool = False, by: User, at: datetime | None = None
) -> Outcome:
    """Write the good rows, and those to look at if `include_look`, in one transaction; judged once more under the lock."""
    now = at or timezone.now()
    with transaction.atomic():
        ledger = _locked(ledger, by)
        preview = disputes_preview(ledger)
        writer = _Writer(ledger.township, by, now)
        left_out, done = [], Counter[str]()
        for item in preview.rows:
            _judge_row(item, writer)
            good = item.row.verdict in ((OK, CLEAN, LOOK) if include_look else (OK, CLEAN))
            if not good:
                left_out.append(item)
            else:
                done[item.outcome] += 1
                if item.outcome == NEW:
                    writer.write(item.row)
        outcome = Outcome(done[NEW], done[SAME], len(left_out))
        preview.rows = left_out
        ledger.source, ledger.preview = b"", pack(preview) if left_out else b""
        ledger.counts = {**ledger.counts, "outcome": vars(outcome)}
        ledger.state, ledger.committed_at = DisputeImport.State.COMMITTED, now
        ledger.save(update_fields=["source", "preview", "counts", "state", "committed_at"])
    return outcome


def disputes_discard(*, ledger: DisputeImport, by: User) -> DisputeImport:
    """Give an import up and delete what was uploaded."""
    with transaction.atomic():
        ledger = _locked(ledger, by)
        ledger.state, ledger.source, ledger.preview = DisputeImport.State.DISCARDED, b"", b""
        ledger.save(update_fields=["state", "source", "preview"])
    return ledger


def disputes_rejects(stream: IO[bytes], ledger: DisputeImport) -> int:
    """Write the rows to look at and refused, with reasons, as .xlsx; returns how many."""
    return stored_rejects(stream, bytes(ledger.preview))


def _locked(ledger: DisputeImport, by: User) -> DisputeImport:
    rows = DisputeImport.objects.visible_to(by).select_for_update(of=("self",)).select_related("township")
    found = rows.filter(pk=ledger.pk).first()
    if found is None:
        raise CaseError("这次导入不在您可以办理的范围内。", "scope")
    if found.state != DisputeImport.State.PREVIEWED:
        raise CaseError(f"这次导入{found.get_state_display()}，不能再办理。", "state")
    return found


def _judge(ledger: DisputeImport, data: bytes) -> None:
    villages = Unit.objects.villages().on(today()).filter(parent=ledger.township).values_list("code", "name")
    sheets: Any = read_disputes(data, ledger.filename, list(villages), today(), ledger.overrides)
    preview, writer = Preview.of(sheets), _Writer(ledger.township, ledger.uploaded_by, timezone.now())
    for item in preview.rows:
        _judge_row(item, writer)
    verdicts = Counter(item.row.verdict for item in preview.rows)
    good = [item for item in preview.rows if item.row.verdict in (OK, CLEAN, LOOK)]
    ledger.counts = {level: verdicts[level] for level in LEVELS} | {
        outcome: sum(item.outcome == outcome for item in good) for outcome in (NEW, SAME)
    }
    ledger.preview = pack(preview)


def _judge_row(item: PreviewRow, writer: _Writer) -> None:
    """What the register adds: unknown category or mediator to look at, kin refused, rows that are there already."""
    row = item.row
    row.issues = row.issues[: item.own]
    item.outcome = ""
    if row.verdict == REFUSE:
        return
    category = row.values["category"]
    if writer.category(category).code == OTHER and category not in (None, "其他矛盾纠纷", "其他"):
        row.flag("category", LOOK, f"没有“{category}”这个类别，将归入“其他矛盾纠纷”")
    responsible = row.values["responsible"]
    post = writer.mediator(row)
    if responsible and post is None:
        row.flag("responsible", LOOK, f"本村没有任职的“{responsible}”，导入后请确定调解员")
    if post is not None and (kin := writer.kin(row, post)):
        row.flag("responsible", REFUSE, f"{responsible}与当事人{kin}同户或就是当事人，应当回避，不能做调解员")
    item.outcome = SAME if writer.is_there(row) else NEW


class _Writer:
    """The register as the rows are compared with it and written to it."""

    def __init__(self, township: Unit, by: User, now: datetime) -> None:
        self.township, self.by, self.now = township, by, now
        villages = Unit.objects.villages().on(today(now)).filter(parent=township)
        self.villages = {village.code: village for village in villages}
        found = Category.objects.filter(township=township, kind=Kind.DISPUTE).select_related("office", "service")
        self.categories = {category.code: category for category in found}
        if OTHER not in self.categories:
            raise CaseError("请先在“事项类别与限时”里补齐方案自带的类别。", "category")
        posts = Post.objects.current(today(now)).filter(unit__path__startswith=township.path)
        self.posts: dict[tuple[str, str], Post] = {}
        for post in posts.select_related("unit", "user", "resident"):
            self.posts.setdefault((post.unit.code[:12], post.holder_name), post)
        self.there = set(Case.objects.filter(township=township).exclude(import_key="").values_list("import_key", flat=True))
        people = Resident.objects.present().filter(household__village__in=villages)
        self.residents: dict[tuple[str, str], list[Resident]] = {}
        for resident in people.select_related("household__village"):
            self.residents.setdefault((resident.household.village.code, resident.name), []).append(resident)

    def category(self, name: Any) -> Category:
        """By name, also by its beginning (邻里 for 邻里纠纷); else the township's other disputes."""
        said = str(name or "").removesuffix("纠纷")
        alike = [one for one in self.categories.values() if said and one.name.startswith(said)]
        return alike[0] if alike else self.categories[OTHER]

    def mediator(self, row: RowResult) -> Post | None:
        return self.posts.get((str(row.values["village_code"]), str(row.values["responsible"])))

    def parties(self, row: RowResult) -> list[tuple[str, Resident | None]]:
        """Each name with the resident of that village, where there is just one of that name."""
        names = str(row.values["parties"]).split("、")
        found = [self.residents.get((str(row.values["village_code"]), name), []) for name in names]
        return [(name, people[0] if len(people) == 1 else None) for name, people in zip(names, found, strict=True)]

    def kin(self, row: RowResult, post: Post) -> str:
        """The party from whom the mediator must stand back, or ''."""
        own = post.resident.household_id if post.resident else None
        for name, resident in self.parties(row):
            if resident is not None and resident.household_id == own:
                return name
        return ""

    def is_there(self, row: RowResult) -> bool:
        return row_key(row) in self.there

    def write(self, row: RowResult) -> Case:
        """The case, its dispute, parties and return visit; its clocks begin with the import."""
        values: dict[str, Any] = row.values
        village, category = self.villages[str(values["village_code"])], self.category(values["category"])
        accepted = datetime.combine(values["accepted_on"], time(9), SHANGHAI)
        case = Case(
            township=self.township,
            village=village,
            unit=village,
            kind=Kind.DISPUTE.value,
            number=number_next(self.township, Kind.DISPUTE, accepted.year),
            category=category,
            urgency=category.urgency,
            text=values["text"][:1000],
            source=SOURCE_CODES.get(SOURCES.get(values["source"] or "", "其他"), Case.Source.OTHER),
            first_receiver=self.by,
            found_at=accepted,
            logged_at=accepted,
            round_at=self.now,
            step_at=self.now,
            import_key=row_key(row),
        )
        holder = Holder(duty=Duty.CADRE, unit=village)
        (holder if people_of(holder, today(self.now)) else Holder()).put_on(case)
        self._set_state(case, values)
        case.full_clean()
        case.save()
        self._write_parts(case, row)
        self.there.add(case.import_key)
        return case

    def _set_state(self, case: Case, values: dict[str, Any]) -> None:
        ended = values["result"] in (AGREED, FAILED) or values["filed"]
        if not ended:
            case.state = State.ACCEPTED.value
            dues_set(case, self.now)
            return
        visited = values["visited_on"]
        case.state = State.FILED.value if values["filed"] else State.VISITING.value
        case.finished_at = datetime.combine(visited, time(8), SHANGHAI) if isinstance(visited, date) else self.now
        case.filed_at = self.now if values["filed"] else None
        case.result = "；".join(filter(None, (values["result"], values["performance"])))[:1000]

    def _write_parts(self, case: Case, row: RowResult) -> None:
        values: dict[str, Any] = row.values
        risk = RISK_CODES.get(str(values["risk"] or ""), "green")
        dispute = dispute_open(case=case, parties=(), resident=None, risk=risk)
        Party.objects.bulk_create(
            [Party(dispute=dispute, name=name, resident=resident) for name, resident in self.parties(row)]
        )
        outcome = {AGREED: Dispute.Outcome.AGREED, FAILED: Dispute.Outcome.FAILED}.get(values["result"], "")
        dispute.leader, dispute.outcome, dispute.mediator = (values["leader"] or "")[:40], outcome, self.mediator(row)
        dispute.save(update_fields=["leader", "outcome", "mediator"])
        if case.finished_at is not None and values["visited_on"]:
            ReturnVisit.objects.create(
                case=case,
                round=1,
                day=max((values["visited_on"] - values["accepted_on"]).days, 1),
                due_on=values["visited_on"],
                state=ReturnVisit.State.DONE,
                done_on=values["visited_on"],
                done_by=self.by,
                finding=ReturnVisit.Finding.SETTLED,
                note=(values["visit_text"] or "台账未写情况")[:500],
            )
        elif case.state == State.VISITING:
            visits_plan(case, self.now)
        case_join(case, [self.by])
        told = [f"{label}：{values[key]}" for key, label in (("measures", "调处措施"), ("note", "备注")) if values[key]]
        note = "；".join([f"从原台账导入（{values['accepted_on']}受理）", *told])[:1000]
        step_write(case, Step.LOG, by=self.by, at=self.now, source="", note=note)
