"""How a decision stands today: its rows turned into what `gates.py` judges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from governance.councils.decisions import gates
from governance.councils.decisions.gates import Stage, Standing
from governance.councils.decisions.kind_models import Gate
from governance.councils.decisions.models import Decision, GatePaper, GateRecord
from governance.disclosure.models import Objection
from governance.frame.admin_lists import count_of


@dataclass(frozen=True)
class Step:
    """One gate of a decision: how it stands, the rows by which it may be done, all attempts (oldest first)."""

    standing: Standing
    gates: Sequence[Gate]
    records: Sequence[GateRecord]

    @property
    def gate(self) -> Gate:
        """The row whose attempt stands, else the first."""
        return self.records[-1].gate if self.records else self.gates[0]

    @property
    def unchecked(self) -> bool:
        """Whether what counts here is 待核: the row that was followed, any of them before that."""
        return self.gate.is_unchecked if self.records else any(gate.is_unchecked for gate in self.gates)


def steps_of(decision: Decision, day: date) -> list[Step]:
    """All gates in their order, in two queries."""
    rows = list(Gate.objects.filter(kind=decision.kind_id).order_by("position", "pk"))
    records = list(records_with_facts(decision))
    found = gates.standings((row.rule for row in rows), (facts_of(record) for record in records), day)
    return [
        Step(
            standing,
            [row for row in rows if row.position == standing.position],
            [record for record in records if record.position == standing.position],
        )
        for standing in found
    ]


def missing_of(decision: Decision, stage: Stage, day: date) -> Standing | None:
    """The first gate of the stage that does not hold."""
    return gates.first_missing([step.standing for step in steps_of(decision, day)], stage)


def records_with_facts(decision: Decision) -> Sequence[GateRecord]:
    """Its attempts in their order, with what their judgement reads beyond the row."""
    rows = GateRecord.objects.filter(decision=decision).select_related("gate", "notice", "meeting", "recorded_by", "confirmed_by")
    found = rows.annotate(
        paper_total=count_of(GatePaper.objects.all(), "record"),
        open_total=_objections(Objection.State.OPEN),
        upheld_total=_objections(Objection.State.UPHELD),
    )
    return list(found.prefetch_related("papers", "votes__resident").order_by("position", "attempt"))


def _objections(state: str) -> Coalesce:
    """How many of a state there are against a record's notice."""
    found = Objection.objects.filter(notice=OuterRef("notice"), state=state).order_by().values("notice")
    return Coalesce(Subquery(found.annotate(n=Count("pk")).values("n")), 0)


def facts_of(record: GateRecord) -> gates.Record:
    notice = record.notice
    return gates.Record(
        record.gate.rule,
        record.attempt,
        record.held_on,
        record.ended_on,
        entitled=record.entitled,
        present=record.present,
        houses_entitled=record.houses_entitled,
        houses_present=record.houses_present,
        yes=record.yes,
        called_on=record.called_on,
        is_passed=record.is_passed,
        is_confirmed=record.confirmed_by_id is not None,
        papers=record.paper_total,  # type: ignore[attr-defined]
        notice_from=record.notice_from,
        notice_to=record.notice_to,
        is_notice_gone=notice is None or notice.withdrawn_at is not None,
        open_objections=record.open_total,  # type: ignore[attr-defined]
        upheld_objections=record.upheld_total,  # type: ignore[attr-defined]
    )
