"""An existing 矛盾纠纷台账 on its way in: read, looked at, committed; what is refused on the pages is refused here too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from governance.accounts.duties import Action, Duty
from governance.accounts.models import User
from governance.cases.disputes.flow import dispute_open
from governance.cases.engine.flow import Kind, State, Step
from governance.cases.engine.holding import Holder, people_of
from governance.cases.engine.models import TEXT_LENGTH
from governance.cases.engine.services import number_next
from governance.cases.engine.steps import case_join, step_write
from governance.cases.errors import CaseError
from governance.cases.models import Case, Category, Dispute, DisputeImport, Party, ReturnVisit
from governance.frame.imports.flow import Outcome, SheetFlow
from governance.frame.imports.payload import NEW, NONE, SAME, PreviewRow
from governance.periods import SHANGHAI, today
from governance.sheets.cells import LOOK, REFUSE
from governance.sheets.dispute_words import AGREED, FAILED
from governance.sheets.disputes import DISPUTE_FIELDS, read_disputes, row_key
from governance.sheets.rows import ReadSheets, RowResult
from villages.models import Post, Resident, Unit

SOURCE_CODES = {str(label): value for value, label in Case.Source.choices}
RISK_CODES = {"红": "red", "黄": "yellow", "绿": "green"}
OTHER = "jiufen"
VISIT_LENGTH = 500
Moment = tuple[Step, State, datetime]


class DisputeFlow(SheetFlow[DisputeImport, Outcome]):
    """`counts` also hold disputes `new` and `same`."""

    model, outcome, error, fields = DisputeImport, Outcome, CaseError, DISPUTE_FIELDS
    committed_words = "新增 {new} 件，已有 {same} 件；{left_out} 行未导入，可下载退回表。"

    def place(self, by: User, about: Mapping[str, Any]) -> dict[str, Any]:
        township = about["township"]
        if township.level != Unit.Level.TOWNSHIP or not by.may(Action.CASE_IMPORT, township.path):
            raise CaseError("您不能为这个乡镇导入台账。", "scope")
        return {"township": township}

    def parse(self, sheet: DisputeImport, data: bytes, by: User, on: date, about: Mapping[str, Any]) -> ReadSheets:
        villages = Unit.objects.villages().on(on).filter(parent=sheet.township).values_list("code", "name")
        return read_disputes(data, sheet.filename, list(villages), on, sheet.overrides, towns=sheet.township.own_names)

    def compare(
        self, sheet: DisputeImport, rows: list[PreviewRow], levels: Sequence[str], by: User, on: date
    ) -> _Writer:
        writer = _Writer(sheet.township, by, timezone.now())
        for item in rows:
            _judge_row(item, writer)
        return writer

    def write(self, plan: _Writer, rows: list[PreviewRow], by: User) -> dict[str, int]:
        new = 0
        for item in rows:
            if not plan.is_there(item.row):
                plan.write(item.row)
                new += 1
        return {"new": new, "same": len(rows) - new}


def _judge_row(item: PreviewRow, writer: _Writer) -> None:
    """What the register adds: unknown category or mediator to look at, kin refused, rows that are there already."""
    row, item.outcome = item.row, NONE
    if row.verdict == REFUSE:
        return
    category = row.values["category"]
    if writer.category(category).code == OTHER and category not in (None, "其他矛盾纠纷", "其他"):
        row.flag("category", LOOK, f"没有“{category}”这个类别，将归入“其他矛盾纠纷”")
    responsible = row.values["responsible"]
    post = writer.mediator(row)
    if writer.stranger(row):
        row.flag("old_number", LOOK, f"系统里的 {row.values['old_number']} 是另一件事项，请核对")
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
        self.numbered = dict(Case.objects.filter(township=township, kind=Kind.DISPUTE).values_list("number", "text"))
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
        """By what an earlier import wrote, or by the portal's own number, as in a ledger that it printed."""
        own = self.numbered.get(str(row.values["old_number"]))
        return row_key(row) in self.there or (own is not None and own == row.values["text"])

    def stranger(self, row: RowResult) -> bool:
        """Whether the row's number is that of another case of the portal."""
        return self.numbered.get(str(row.values["old_number"]), row.values["text"]) != row.values["text"]

    def write(self, row: RowResult) -> Case:
        """The case as the ledger tells it, with its days of the past. One that is still open waits without clocks until it is
        taken up."""
        values: dict[str, Any] = row.values
        village, category = self.villages[str(values["village_code"])], self.category(values["category"])
        accepted = _at(values["accepted_on"], 9)
        case = Case(
            township=self.township,
            village=village,
            unit=village,
            kind=Kind.DISPUTE.value,
            number=number_next(self.township, Kind.DISPUTE, accepted.year),
            old_number=values["old_number"] or "",
            category=category,
            urgency=category.urgency,
            text=values["text"],
            source=SOURCE_CODES.get(values["source"] or "", Case.Source.OTHER),
            first_receiver=self.by,
            found_at=_at(values["found_on"] or values["accepted_on"], 9),
            logged_at=accepted,
            round_at=self.now,
            step_at=self.now,
            import_key=row_key(row),
        )
        moments = _moments(values, accepted)
        holder = Holder(duty=Duty.CADRE, unit=village)
        (holder if people_of(holder, today(self.now)) else Holder()).put_on(case)
        case.state = moments[-1][1].value
        case.finished_at = next((at for step, _, at in moments if step == Step.FINISH), None)
        case.filed_at = next((at for step, _, at in moments if step == Step.FILE), None)
        if case.finished_at is not None:
            case.result = _result(row)[:TEXT_LENGTH]
        case.full_clean()
        case.save()
        self._write_parts(case, row)
        self._write_steps(case, row, moments)
        self.there.add(case.import_key)
        return case

    def _write_parts(self, case: Case, row: RowResult) -> None:
        values: dict[str, Any] = row.values
        risk = RISK_CODES.get(str(values["risk"] or ""), "green")
        dispute = dispute_open(case=case, parties=(), resident=None, risk=risk)
        phones = str(values["phones"]).split("、")
        Party.objects.bulk_create(
            [
                Party(dispute=dispute, name=name, resident=resident, phone=phone)
                for (name, resident), phone in zip(self.parties(row), phones, strict=True)
            ]
        )
        outcome = {AGREED: Dispute.Outcome.AGREED, FAILED: Dispute.Outcome.FAILED}.get(values["result"], "")
        dispute.leader, dispute.outcome, dispute.mediator = values["leader"] or "", outcome, self.mediator(row)
        dispute.tier = values["tier"] or Dispute.Tier.VILLAGE
        dispute.save(update_fields=["leader", "outcome", "mediator", "tier"])
        if case.finished_at is not None and values["visited_on"]:
            ReturnVisit.objects.create(
                case=case,
                round=1,
                day=max((values["visited_on"] - today(case.finished_at)).days, 1),
                due_on=values["visited_on"],
                state=ReturnVisit.State.DONE,
                done_on=values["visited_on"],
                done_by=self.by,
                finding=ReturnVisit.Finding(values["finding"]),
                note=(values["visit_text"] or "台账未写情况")[:VISIT_LENGTH],
            )

    def _write_steps(self, case: Case, row: RowResult, moments: Sequence[Moment]) -> None:
        """Its history on the days of the past, and the import on its own."""
        case_join(case, [self.by])
        source = ""
        for step, target, at in moments:
            case.state = target.value
            step_write(case, step, by=self.by, at=at, source=source, note="原台账所记")
            source = case.state
        number = f"原编号：{case.old_number}" if case.old_number else ""
        told = "；".join(filter(None, ("从原台账导入", number, *_long(row), str(row.values["kept"]))))
        for start in range(0, len(told), TEXT_LENGTH):
            step_write(case, Step.NOTE, by=self.by, at=self.now, note=told[start : start + TEXT_LENGTH])


def _result(row: RowResult) -> str:
    """The result in the ledger's own words, and how it was performed."""
    written = row.before("result").strip() or str(row.values["result"] or "")
    return "；".join(filter(None, (written, str(row.values["performance"] or ""))))


def _long(row: RowResult) -> list[str]:
    """What is too long for its own field, whole; and the result of a dispute that is still open."""
    result, visit = _result(row), str(row.values["visit_text"] or "")
    open_or_long = row.values["result"] not in (AGREED, FAILED) or len(result) > TEXT_LENGTH
    return [
        *([f"调处结果：{result}"] if result and open_or_long else []),
        *([f"回访情况：{visit}"] if row.values["visited_on"] and len(visit) > VISIT_LENGTH else []),
    ]


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), SHANGHAI)


def _moments(values: dict[str, Any], accepted: datetime) -> list[Moment]:
    """Step, state after it, and when: accepted, finished, visited, filed, as far as the ledger says."""
    moments: list[Moment] = [(Step.LOG, State.ACCEPTED, accepted)]
    if values["result"] in (AGREED, FAILED):
        moments.append((Step.FINISH, State.DONE, _at(values["ended_on"] or values["accepted_on"], 18)))
        if values["visited_on"]:
            moments.append((Step.VISIT, State.DONE, _at(values["visited_on"], 18)))
        if values["filed"]:
            moments.append((Step.FILE, State.FILED, _at(values["filed_on"] or values["visited_on"], 18)))
    return moments


DISPUTE_IMPORT = DisputeFlow()
