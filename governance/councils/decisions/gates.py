"""The rule of gates, pure: rules of a kind + records of a decision → which gates hold, which is the first that does not, and by what
figure (plan §三.1 四议四调四评; design §13; docs/decisions/0035-gates.md).

Integer arithmetic only. `sql.py` says the same rule, word for word, in the databases' language; tests compare both with a third.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import date
from enum import StrEnum


class What(StrEnum):
    """What a gate is."""

    MEETING = "meeting"
    NOTICE = "notice"
    PREVIEW = "preview"
    DOCUMENT = "document"
    PUBLICATION = "publication"


WHAT_LABELS = {
    What.MEETING: "会议",
    What.NOTICE: "公示",
    What.PREVIEW: "镇预审",
    What.DOCUMENT: "材料",
    What.PUBLICATION: "公开",
}


class Stage(StrEnum):
    """Gates before a decision is adopted (通过), and those between that and its end (办结)."""

    DECIDE = "decide"
    FINISH = "finish"


STAGE_LABELS = {Stage.DECIDE: "通过之前", Stage.FINISH: "办结之前"}


class Quorum(StrEnum):
    """Whose presence is counted."""

    NONE = ""
    PEOPLE = "people"
    HOUSES = "houses"
    EITHER = "either"


QUORUM_LABELS = {Quorum.PEOPLE: "应到人数", Quorum.HOUSES: "户数", Quorum.EITHER: "应到人数或户数"}


class Majority(StrEnum):
    """Of whom those who agree are a part."""

    NONE = ""
    ENTITLED = "entitled"
    PRESENT = "present"
    HOUSES = "houses"
    HOUSES_PRESENT = "houses_here"


MAJORITY_LABELS = {
    Majority.ENTITLED: "全体应到人员",
    Majority.PRESENT: "到会人员",
    Majority.HOUSES: "全体户",
    Majority.HOUSES_PRESENT: "到会户",
}

FRACTIONS = {
    (1, 1): "全体",
    (1, 2): "半数",
    (1, 3): "三分之一",
    (2, 3): "三分之二",
    (3, 4): "四分之三",
    (3, 5): "五分之三",
    (4, 5): "五分之四",
}
"""How a part is said; any other is said in figures."""

NOT_DONE = "还没有办理"
NOT_CONFIRMED = "记录还没有经他人确认"
NOT_PASSED = "镇预审没有通过"
BEFORE_LAST = "日期早于上一步"
NO_CALL = "没有写会议通知日期"
NOTICE_GONE = "公示已撤回"


@dataclass(frozen=True)
class Share:
    """At least `num` of `den` parts, or `more` than that; 0 of 1 asks for nothing."""

    num: int = 0
    den: int = 1
    more: bool = False

    def met(self, part: int | None, whole: int | None) -> bool:
        """Whether `part` of `whole` is enough; what is not known is not."""
        if part is None or whole is None:
            return False
        return part * self.den > self.num * whole if self.more else part * self.den >= self.num * whole

    @property
    def label(self) -> str:
        return FRACTIONS.get((self.num, self.den), f"{self.num}/{self.den}")

    @property
    def shortfall(self) -> str:
        return f"没有超过{self.label}" if self.more else f"不足{self.label}"

    @property
    def asked(self) -> str:
        return f"超过{self.label}" if self.more else f"达到{self.label}"


@dataclass(frozen=True)
class Rule:
    """One gate, as it is law from `law_from` to `law_to` (both inclusive, None for open)."""

    position: int
    name: str
    what: What
    _: KW_ONLY
    stage: Stage = Stage.DECIDE
    quorum_base: Quorum = Quorum.NONE
    quorum: Share = Share()
    house_quorum: Share = Share()
    majority_base: Majority = Majority.NONE
    majority: Share = Share()
    min_days: int = 0
    call_days: int = 0
    notice_days: int = 0
    paper_count: int = 0
    needs_confirming: bool = False
    law_from: date | None = None
    law_to: date | None = None

    @property
    def hangs_out(self) -> bool:
        """Whether it holds only when its window is over: a 公示, and the 公开 with which a decision ends."""
        return self.what == What.NOTICE or (self.what == What.PUBLICATION and self.stage == Stage.FINISH)

    def is_law_on(self, day: date) -> bool:
        return (self.law_from is None or self.law_from <= day) and (self.law_to is None or day <= self.law_to)


@dataclass(frozen=True)
class Record:
    """One attempt at a gate, by its rule, with what stands of its notice today. `ended_on` is when the next step's days begin."""

    rule: Rule
    attempt: int
    held_on: date
    ended_on: date
    _: KW_ONLY
    entitled: int | None = None
    present: int | None = None
    houses_entitled: int | None = None
    houses_present: int | None = None
    yes: int | None = None
    called_on: date | None = None
    is_passed: bool = True
    is_confirmed: bool = False
    papers: int = 0
    notice_from: date | None = None
    notice_to: date | None = None
    is_notice_gone: bool = False
    open_objections: int = 0
    upheld_objections: int = 0


@dataclass(frozen=True)
class Standing:
    """How one gate stands: `reason` is "" where it holds. `record` is the last attempt, the only one that counts."""

    position: int
    name: str
    stage: Stage
    reason: str
    record: Record | None

    @property
    def holds(self) -> bool:
        return not self.reason

    @property
    def words(self) -> str:
        return f"{self.name}：{self.reason}" if self.reason else ""


def standings(rules: Iterable[Rule], records: Iterable[Record], day: date) -> list[Standing]:
    """Every gate in its order, as it stands on `day`. Rules of one position are one gate: what is law at different times, or what may
    be done instead of each other."""
    gates: dict[int, Rule] = {}
    for rule in rules:
        gates.setdefault(rule.position, rule)
    last: dict[int, Record] = {}
    for attempt in sorted(records, key=lambda record: record.attempt):
        last[attempt.rule.position] = attempt
    found: list[Standing] = []
    before: Record | None = None
    for position in sorted(gates):
        gate = gates[position]
        record = last.get(position)
        found.append(Standing(position, gate.name, gate.stage, reason_of(record, before, day), record))
        before = record or before
    return found


def first_missing(found: Sequence[Standing], stage: Stage) -> Standing | None:
    """The first gate of a stage that does not hold."""
    return next((standing for standing in found if standing.stage == stage and not standing.holds), None)


def reason_of(record: Record | None, before: Record | None, day: date) -> str:
    """Why a gate does not hold by its last attempt, in Chinese; "" where it does. `before` is the attempt that stands for the step
    before."""
    return NOT_DONE if record is None else next(_reasons(record, before, day), "")


def _reasons(record: Record, before: Record | None, day: date) -> Iterator[str]:
    """All that is wrong, in the order in which it is said."""
    rule = record.rule
    if rule.needs_confirming and not record.is_confirmed:
        yield NOT_CONFIRMED
    if not rule.is_law_on(record.held_on):
        yield f"所依程序在 {record.held_on} 不适用"
    if record.held_on > day:
        yield f"日期 {record.held_on} 还没有到"
    yield from _days(record, before)
    if rule.what == What.MEETING:
        yield from _figures(record)
    if not record.is_passed:
        yield NOT_PASSED
    if rule.what in (What.NOTICE, What.PUBLICATION):
        yield from _window(record, day)
    if record.papers < rule.paper_count:
        yield f"应有材料 {rule.paper_count} 份，已有 {record.papers} 份"


def _days(record: Record, before: Record | None) -> Iterator[str]:
    rule = record.rule
    if before is not None:
        days = (record.held_on - before.ended_on).days
        if days < 0:
            yield BEFORE_LAST
        elif days < rule.min_days:
            yield f"距上一步 {days} 天，不足 {rule.min_days} 天"
    if rule.call_days and record.called_on is None:
        yield NO_CALL
    elif rule.call_days and record.called_on is not None and (called := (record.held_on - record.called_on).days) < rule.call_days:
        yield f"提前 {called} 天通知，不足 {rule.call_days} 天"


def _figures(record: Record) -> Iterator[str]:
    rule = record.rule
    people = rule.quorum.met(record.present, record.entitled)
    houses = rule.house_quorum.met(record.houses_present, record.houses_entitled)
    people_words = f"应到 {record.entitled or 0} 人，实到 {record.present or 0} 人，{rule.quorum.shortfall}"
    house_words = f"应到 {record.houses_entitled or 0} 户，实到 {record.houses_present or 0} 户，{rule.house_quorum.shortfall}"
    if rule.quorum_base == Quorum.PEOPLE and not people:
        yield people_words
    if rule.quorum_base == Quorum.HOUSES and not houses:
        yield house_words
    if rule.quorum_base == Quorum.EITHER and not (people or houses):
        yield f"{people_words}；{house_words}"
    bases = {
        Majority.ENTITLED: ("应到", record.entitled, "人"),
        Majority.PRESENT: ("到会", record.present, "人"),
        Majority.HOUSES: ("应到", record.houses_entitled, "户"),
        Majority.HOUSES_PRESENT: ("到会", record.houses_present, "户"),
    }
    if rule.majority_base != Majority.NONE:
        word, whole, unit = bases[rule.majority_base]
        if not rule.majority.met(record.yes, whole):
            yield f"{word} {whole or 0} {unit}，同意 {record.yes or 0} {unit}，{rule.majority.shortfall}"


def _window(record: Record, day: date) -> Iterator[str]:
    rule = record.rule
    if record.is_notice_gone or record.notice_from is None or record.notice_to is None:
        yield NOTICE_GONE
        return
    days = (record.notice_to - record.notice_from).days + 1
    if days < rule.notice_days:
        yield f"{WHAT_LABELS[rule.what]} {days} 天，不足 {rule.notice_days} 天"
    if rule.hangs_out and day <= record.notice_to:
        yield f"{WHAT_LABELS[rule.what]}到 {record.notice_to} 为止，还没有期满"
    if record.open_objections:
        yield f"还有 {record.open_objections} 条异议没有答复"
    if record.upheld_objections:
        yield f"有 {record.upheld_objections} 条异议成立，须改正后重新公示"
