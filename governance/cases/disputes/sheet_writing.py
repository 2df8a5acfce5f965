"""The rows of an old 矛盾纠纷台账 that are taken, written in sets: cases with their days of the past, parties, visits, history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any

from governance.accounts.duties import Duty
from governance.accounts.models import User
from governance.cases.disputes.sheet_register import Register
from governance.cases.engine.flow import Kind, State, Step
from governance.cases.engine.holding import Holder, people_of
from governance.cases.engine.models import TEXT_LENGTH
from governance.cases.engine.services import NUMBER_LETTERS
from governance.cases.errors import CaseError
from governance.cases.models import Case, CasePerson, CaseStep, Dispute, Party, ReturnVisit
from governance.frame.saving import insert_by
from governance.periods import SHANGHAI, today
from governance.sheets.dispute_words import AGREED, FAILED
from governance.sheets.disputes import row_key
from governance.sheets.rows import RowResult
from villages.models import Unit
from villages.numbers.services import numbers_take

BATCH = 1000
VISIT_LENGTH = 500
SOURCE_CODES = {str(label): value for value, label in Case.Source.choices}
RISK_CODES = {"红": "red", "黄": "yellow", "绿": "green"}
OUTCOMES = {AGREED: Dispute.Outcome.AGREED, FAILED: Dispute.Outcome.FAILED}

Moment = tuple[Step, State, datetime]


class Writing:
    """The caller holds the transaction. What is still open waits without clocks until somebody takes it up."""

    def __init__(self, register: Register, by: User, now: datetime) -> None:
        self.register, self.by, self.now = register, by, now
        self.holders: dict[int, Holder] = {}

    def write(self, rows: Iterable[RowResult]) -> int:
        """Returns how many disputes are new; of rows that say the same, one is."""
        fresh = list({row_key(row): row for row in rows if not self.register.is_there(row)}.values())
        cases = [self._case(row, number) for row, number in zip(fresh, self._numbers(fresh), strict=True)]
        Case.objects.bulk_create(cases, batch_size=BATCH)
        both = list(zip(cases, fresh, strict=True))
        disputes = insert_by([self._dispute(case, row) for case, row in both], self.by, CaseError)
        parties = [party for dispute, row in zip(disputes, fresh, strict=True) for party in self._parties(dispute, row)]
        Party.objects.bulk_create(parties, batch_size=BATCH)
        ReturnVisit.objects.bulk_create([visit for case, row in both for visit in self._visits(case, row)], batch_size=BATCH)
        CasePerson.objects.bulk_create([CasePerson(case=case, user=self.by) for case in cases], batch_size=BATCH)
        CaseStep.objects.bulk_create([step for case, row in both for step in self._steps(case, row)], batch_size=BATCH)
        return len(fresh)

    def _numbers(self, rows: Sequence[RowResult]) -> list[str]:
        """A number of the year in which each was accepted, in the order of the file."""
        years = [values["accepted_on"].year for values in map(_values, rows)]
        letters = NUMBER_LETTERS[Kind.DISPUTE]
        taken = {
            year: iter(numbers_take(self.register.township, f"{letters}{year}-", count=count))
            for year, count in sorted(Counter(years).items())
        }
        return [next(taken[year]) for year in years]

    def _case(self, row: RowResult, number: str) -> Case:
        values = _values(row)
        village, category = self.register.villages[values["village_code"]], self.register.category(values["category"])
        moments = _moments(values)
        ends = {step: at for step, _, at in moments}
        case = Case(
            township=self.register.township,
            village=village,
            unit=village,
            kind=Kind.DISPUTE.value,
            number=number,
            old_number=values["old_number"] or "",
            category=category,
            urgency=category.urgency,
            text=values["text"],
            source=SOURCE_CODES.get(values["source"] or "", Case.Source.OTHER),
            state=moments[-1][1].value,
            first_receiver=self.by,
            found_at=_at(values["found_on"] or values["accepted_on"], 9),
            logged_at=ends[Step.LOG],
            round_at=self.now,
            step_at=self.now,
            finished_at=ends.get(Step.FINISH),
            filed_at=ends.get(Step.FILE),
            result=_result(row)[:TEXT_LENGTH] if Step.FINISH in ends else "",
            import_key=row_key(row),
        )
        self._holder(village).put_on(case)
        keys = {field.name for field in Case._meta.concrete_fields if field.is_relation}
        case.full_clean(exclude=keys, validate_unique=False, validate_constraints=False)
        return case

    def _holder(self, village: Unit) -> Holder:
        if village.pk not in self.holders:
            holder = Holder(duty=Duty.CADRE, unit=village)
            self.holders[village.pk] = holder if people_of(holder, today(self.now)) else Holder()
        return self.holders[village.pk]

    def _dispute(self, case: Case, row: RowResult) -> Dispute:
        values = _values(row)
        return Dispute(
            case=case,
            risk=RISK_CODES.get(values["risk"] or "", "green"),
            leader=values["leader"] or "",
            outcome=OUTCOMES.get(values["result"], ""),
            tier=values["tier"] or Dispute.Tier.VILLAGE,
            mediator=self.register.mediator(row),
        )

    def _parties(self, dispute: Dispute, row: RowResult) -> list[Party]:
        phones = str(row.values["phones"]).split("、")
        named = zip(self.register.parties(row), phones, strict=True)
        return [Party(dispute=dispute, name=name, resident=resident, phone=phone) for (name, resident), phone in named]

    def _visits(self, case: Case, row: RowResult) -> list[ReturnVisit]:
        """The return visit that was made; none is planned."""
        values = _values(row)
        visited = values["visited_on"]
        if case.finished_at is None or visited is None:
            return []
        return [
            ReturnVisit(
                case=case,
                round=1,
                day=max((visited - today(case.finished_at)).days, 1),
                due_on=visited,
                state=ReturnVisit.State.DONE,
                done_on=visited,
                done_by=self.by,
                finding=ReturnVisit.Finding(values["finding"]),
                note=(values["visit_text"] or "台账未写情况")[:VISIT_LENGTH],
            )
        ]

    def _steps(self, case: Case, row: RowResult) -> list[CaseStep]:
        """Its history on the days of the past, and the import on its own."""

        def step(step: Step, source: str, target: str, at: datetime, note: str) -> CaseStep:
            return CaseStep(
                case=case, step=step.value, round=1, at=at, by=self.by, source=source, target=target, note=note, holder=case.holder_name
            )

        moments = _moments(_values(row))
        sources = ["", *(state.value for _, state, _ in moments)]
        past = [step(one, source, state.value, at, "原台账所记") for source, (one, state, at) in zip(sources, moments, strict=False)]
        number = f"原编号：{case.old_number}" if case.old_number else ""
        told = "；".join(filter(None, ("从原台账导入", number, *_long(row), str(row.values["kept"]))))
        parts = [told[start : start + TEXT_LENGTH] for start in range(0, len(told), TEXT_LENGTH)]
        return [*past, *(step(Step.NOTE, case.state, case.state, self.now, part) for part in parts)]


def _values(row: RowResult) -> dict[str, Any]:
    return row.values


def _result(row: RowResult) -> str:
    """The result in the ledger's own words, and how it was performed."""
    written = row.before("result").strip() or str(row.values["result"] or "")
    return "；".join(filter(None, (written, str(row.values["performance"] or ""))))


def _long(row: RowResult) -> list[str]:
    """What is too long for its own field, whole; and the result of a dispute that is still open."""
    result, visit = _result(row), str(row.values["visit_text"] or "")
    open_or_long = row.values["result"] not in OUTCOMES or len(result) > TEXT_LENGTH
    return [
        *([f"调处结果：{result}"] if result and open_or_long else []),
        *([f"回访情况：{visit}"] if row.values["visited_on"] and len(visit) > VISIT_LENGTH else []),
    ]


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), SHANGHAI)


def _moments(values: dict[str, Any]) -> list[Moment]:
    """Step, state after it, and when: accepted, finished, visited, filed, as far as the ledger says."""
    moments: list[Moment] = [(Step.LOG, State.ACCEPTED, _at(values["accepted_on"], 9))]
    if values["result"] in OUTCOMES:
        moments.append((Step.FINISH, State.DONE, _at(values["ended_on"] or values["accepted_on"], 18)))
        if values["visited_on"]:
            moments.append((Step.VISIT, State.DONE, _at(values["visited_on"], 18)))
        if values["filed"]:
            moments.append((Step.FILE, State.FILED, _at(values["filed_on"] or values["visited_on"], 18)))
    return moments
