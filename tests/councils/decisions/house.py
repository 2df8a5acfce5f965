"""A village with decisions, built past the services, and random steps and records with a second, plain judgement of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import count
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from hypothesis import strategies as st

from governance.councils.models import Decision, DecisionKind, Gate, GatePaper, GateRecord
from governance.disclosure.models import Notice, Objection
from governance.periods import SHANGHAI
from tests.builders import make_cast, make_township, make_village

DAY = date(2026, 11, 30)
BEGUN = date(2026, 9, 1)
_serial = count(1)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=SHANGHAI)


PLACES = {"village": ("八一村委会", "511923102201"), "community": ("西兴社区居委会", "511923102001")}


class DecisionHouse:
    """八一村, or 西兴社区, with a cast: `secretary` records, `cadre` confirms, `staff` previews."""

    def __init__(self, area: str = "village") -> None:
        self.township = make_township()
        self.village = make_village(self.township, *PLACES[area])
        self.cast = make_cast(self.township, self.village)
        self.staff, self.secretary, self.cadre = (self.cast[name] for name in ("staff", "secretary", "cadre"))

    def kind(self, *rows: dict[str, Any], **fields: Any) -> DecisionKind:
        """An adopted kind of these gates; each says at least position, name, what."""
        kind = DecisionKind.objects.create(
            township=self.township, **{"code": f"k{next(_serial)}", "name": "试办", "valid_from": date(2026, 1, 1), **fields}
        )
        for row in rows:
            Gate.objects.create(kind=kind, **row)
        self.adopt_kind(kind)
        return kind

    def adopt_kind(self, kind: DecisionKind) -> None:
        now = timezone.now()
        DecisionKind.objects.filter(pk=kind.pk).update(state="adopted", adopted_at=now, adopted_by=self.staff)
        kind.refresh_from_db()

    def decision(self, kind: DecisionKind, **fields: Any) -> Decision:
        number = f"JC2025-{next(_serial):05d}"
        return Decision.objects.create(
            **{
                "township": self.township, "village": self.village, "unit": self.village, "kind": kind, "number": number,
                "title": "硬化三组道路", "purpose": "群众出行不便", "begun_by": self.secretary, "begun_at": noon(BEGUN),
                "proposed_on": BEGUN,
                **fields,
            }
        )  # fmt: skip

    def notice(self, first: date, last: date, **fields: Any) -> Notice:
        return Notice.objects.create(unit=self.village, kind="other", title="公示", opens_on=first, closes_on=last, **fields)

    def record(self, decision: Decision, gate: Gate, held_on: date, **fields: Any) -> GateRecord:
        """The next attempt, past the service."""
        before = GateRecord.objects.filter(decision=decision, position=gate.position).count()
        confirmed = fields.pop("confirmed", True)
        who = {"confirmed_by": self.cadre, "confirmed_at": timezone.now()} if confirmed else {}
        ended = fields.get("notice_to") if gate.what == "notice" else None
        return GateRecord.objects.create(
            decision=decision, gate=gate, position=gate.position, attempt=before + 1, held_on=held_on, ended_on=ended or held_on,
            recorded_by=self.secretary, recorded_at=timezone.now(), **who, **fields,
        )  # fmt: skip


def refusal(statement: str, *values: Any) -> str:
    """What the database says against a statement, "" where it takes it."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
            assert cursor.rowcount == 1
    except DatabaseError as error:
        return str(error)
    return ""


ADOPT = "UPDATE councils_decision SET adopted_at = %s, adopted_by_id = %s WHERE id = %s"
FINISH = "UPDATE councils_decision SET finished_at = %s, finished_by_id = %s WHERE id = %s"


def marked(house: DecisionHouse, decision: Decision, day: date, statement: str) -> str:
    """What the database says against a decision's being adopted or done on a day."""
    return refusal(statement, connection.ops.adapt_datetimefield_value(noon(day)), house.secretary.pk, decision.pk)


@dataclass
class Tried:
    """One attempt that is drawn: `papers` and `objections` (states) are rows of their own."""

    gate: int
    held_on: date
    fields: dict[str, Any]
    papers: int = 0
    objections: list[str] = field(default_factory=list)
    is_withdrawn: bool = False


@dataclass
class Story:
    """Rows of a kind and what was done: in a decision, on a day."""

    rows: list[dict[str, Any]]
    tried: list[Tried]
    day: date


NUMBERS = st.integers(1, 12)
SHARES = st.sampled_from([(0, 1, False), (1, 2, True), (2, 3, False), (1, 2, False), (1, 1, False), (3, 7, True)])
WHATS = ("meeting", "meeting", "notice", "preview", "document", "publication")


@st.composite
def gate_rows(draw: st.DrawFn, position: int, stage: str) -> dict[str, Any]:
    what = draw(st.sampled_from(WHATS))
    row: dict[str, Any] = {"position": position, "name": f"第{position}步", "what": what, "stage": stage}
    row["min_days"] = draw(st.sampled_from((0, 0, 1, 3)))
    row["confirm"] = draw(st.sampled_from(("", "village")))
    row["papers"] = draw(st.sampled_from(("", "", "请示", "请示\n预算")))
    if what == "meeting":
        row["quorum_base"] = draw(st.sampled_from(("", "people", "houses", "either")))
        row["majority_base"] = draw(st.sampled_from(("", "entitled", "present", "houses", "houses_here")))
        row["call_days"] = draw(st.sampled_from((0, 0, 10)))
        for name in ("quorum", "house", "majority"):
            row |= dict(zip((f"{name}_num", f"{name}_den", f"{name}_more"), draw(SHARES), strict=True))
    if what in ("notice", "publication"):
        row["notice_days"] = draw(st.sampled_from((1, 3, 5)))
    return row


@st.composite
def attempts(draw: st.DrawFn, row: dict[str, Any], number: int, earliest: date) -> Tried:
    held = earliest + timedelta(days=draw(st.integers(-1, 4)))
    fields: dict[str, Any] = {"confirmed": draw(st.sampled_from((True, True, True, False)))}
    if row["what"] == "meeting":
        fields |= draw(_figures(row))
        fields["called_on"] = draw(st.sampled_from((None, held - timedelta(days=10), held - timedelta(days=9))))
    if row["what"] == "preview":
        fields["is_passed"] = draw(st.sampled_from((True, True, False)))
    tried = Tried(number, held, fields, papers=draw(st.integers(0, len(row["papers"].splitlines()))))
    if row["what"] in ("notice", "publication"):
        length = draw(st.sampled_from((row["notice_days"], row["notice_days"], row["notice_days"] + 1, max(row["notice_days"] - 1, 1))))
        fields |= {"notice_from": held, "notice_to": held + timedelta(days=length - 1)}
        tried.objections = draw(st.lists(st.sampled_from(("dismissed", "dismissed", "open", "upheld")), max_size=2))
        tried.is_withdrawn = draw(st.sampled_from((False, False, False, True)))
    return tried


@st.composite
def _figures(draw: st.DrawFn, row: dict[str, Any]) -> dict[str, Any]:
    entitled, houses = draw(NUMBERS), draw(NUMBERS)
    present, came = draw(st.integers(entitled // 2, entitled)), draw(st.integers(houses // 2, houses))
    voters = came if row["majority_base"] in ("houses", "houses_here") else present
    yes = draw(st.integers(voters // 2, voters))
    found: dict[str, Any] = {"entitled": entitled, "present": present, "houses_entitled": houses, "houses_present": came, "yes": yes}
    left_out = draw(st.sampled_from((None, None, None, None, "yes", "people", "houses")))
    if left_out == "yes" or not row["majority_base"]:
        found["yes"] = None
    by_houses = row["majority_base"] in ("houses", "houses_here")
    if left_out == "people" and by_houses:
        found |= {"entitled": None, "present": None}
    if left_out == "houses" and not by_houses:
        found |= {"houses_entitled": None, "houses_present": None}
    return found


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """One to four steps; most of them done, some twice, some not at all."""
    decide, finish = draw(st.integers(1, 3)), draw(st.integers(0, 1))
    rows = [draw(gate_rows(number + 1, "decide" if number < decide else "finish")) for number in range(decide + finish)]
    tried, day = [], BEGUN
    for number, row in enumerate(rows):
        for _ in range(draw(st.sampled_from((1, 1, 1, 1, 2, 0)))):
            one = draw(attempts(row, number, day))
            tried.append(one)
            day = one.fields.get("notice_to", one.held_on) + timedelta(days=row["min_days"])
    return Story(rows, tried, draw(st.sampled_from((DAY, DAY, DAY, BEGUN + timedelta(days=3)))))


def build(house: DecisionHouse, story: Story, *, until: str = "decide") -> Decision:
    """The story's rows in the database; of the attempts those whose stage may be recorded (`until`)."""
    kind = house.kind(*story.rows)
    rows = list(Gate.objects.filter(kind=kind).order_by("position"))
    decision = house.decision(kind)
    for one in story.tried:
        if until == "decide" and story.rows[one.gate]["stage"] == "finish":
            continue
        tell(house, decision, rows[one.gate], one)
    return decision


def tell(house: DecisionHouse, decision: Decision, gate: Gate, one: Tried) -> None:
    fields = dict(one.fields)
    if gate.what in ("notice", "publication"):
        fields["notice"] = house.notice(fields["notice_from"], fields["notice_to"])
        now = timezone.now()
        for number, state in enumerate(one.objections):
            closed = {} if state == "open" else {"answered_at": now, "answer": "已答复"}
            Objection.objects.create(
                notice=fields["notice"], number=f"YY{next(_serial)}", name=f"人{number}", phone="15400000001", text="有话说",
                answer_by=DAY, state=state, **closed,
            )  # fmt: skip
        if one.is_withdrawn:
            Notice.objects.filter(pk=fields["notice"].pk).update(withdrawn_at=now, withdrawn_reason="写错", withdrawn_by=house.staff)
    record = house.record(decision, gate, one.held_on, **fields)
    for position in range(1, one.papers + 1):
        GatePaper.objects.create(record=record, position=position, name="材料", number=f"{position}号")


# --- the second judgement: nothing of it is taken from the code that it judges ---------------------------------------------


def is_open_at(story: Story, stage: str) -> int | None:
    """The position of the first step of a stage that is not done, None where all are."""
    standing: dict[int, Tried] = {}
    for one in story.tried:
        standing[one.gate] = one
    for number, row in enumerate(story.rows):
        earlier = [standing[index] for index in range(number) if index in standing]
        if row["stage"] == stage and not _is_done(row, standing.get(number), earlier[-1] if earlier else None, story):
            return int(row["position"])
    return None


def _is_done(row: dict[str, Any], one: Tried | None, last: Tried | None, story: Story) -> bool:
    if one is None or one.held_on > story.day:
        return False
    said = one.fields
    if row["confirm"] and not said["confirmed"]:
        return False
    if one.papers < len([line for line in row["papers"].splitlines() if line]):
        return False
    if last is not None:
        ended = last.fields["notice_to"] if story.rows[last.gate]["what"] == "notice" else last.held_on
        if one.held_on < ended + timedelta(days=row["min_days"]):
            return False
    if row["what"] == "preview" and not said["is_passed"]:
        return False
    if row["what"] in ("notice", "publication"):
        shown = (said["notice_to"] - said["notice_from"]).days + 1
        until_over = row["what"] == "notice" or row["stage"] == "finish"
        waits = until_over and story.day <= said["notice_to"]
        return not (one.is_withdrawn or shown < row["notice_days"] or waits or {"open", "upheld"} & set(one.objections))
    return row["what"] != "meeting" or _is_valid(row, said, one.held_on)


def _is_valid(row: dict[str, Any], said: dict[str, Any], held_on: date) -> bool:
    if row["call_days"] and (said["called_on"] is None or (held_on - said["called_on"]).days < row["call_days"]):
        return False
    people = _reaches(row, "quorum", said["present"], said["entitled"])
    houses = _reaches(row, "house", said["houses_present"], said["houses_entitled"])
    if not {"": True, "people": people, "houses": houses, "either": people or houses}[row["quorum_base"]]:
        return False
    whole = {
        "": None, "entitled": said["entitled"], "present": said["present"],
        "houses": said["houses_entitled"], "houses_here": said["houses_present"],
    }[row["majority_base"]]  # fmt: skip
    return not row["majority_base"] or _reaches(row, "majority", said["yes"], whole)


def _reaches(row: dict[str, Any], name: str, part: int | None, whole: int | None) -> bool:
    if part is None or whole is None:
        return False
    asked = Fraction(row[f"{name}_num"], row[f"{name}_den"])
    if whole == 0:
        return not row[f"{name}_more"]
    return Fraction(part, whole) > asked if row[f"{name}_more"] else Fraction(part, whole) >= asked
