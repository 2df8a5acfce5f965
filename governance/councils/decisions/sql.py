"""The rule of gates in SQL, word for word as `gates.py` says it: the trigger's own text, and the column 卡在哪一步 of lists.

One text for both engines but for the distance between two days. Of a position the last attempt counts; figures are compared by
multiplying across, so that nothing is rounded.
"""

from __future__ import annotations

from governance.councils.decisions import gates
from governance.councils.decisions.gates import FRACTIONS, WHAT_LABELS, Majority, Quorum, Stage, What

WAITS = "waits"
_APART = {"postgresql": "({late} - {early})", "sqlite": "CAST(julianday({late}) - julianday({early}) AS INTEGER)"}


def missing(vendor: str, stage: Stage | None, *, decision: str, kind: str, day: str) -> str:
    """A scalar query: “党员大会：应到 42 人，实到 27 人，不足三分之二” of the first gate of `stage` (of any, if None) that does not hold,
    NULL where all do. `decision`, `kind`, `day`: SQL for the decision's key, its kind's and the day."""
    return _first("m.name || '：' || m.reason", _reason(vendor, day), stage, decision, kind)


def missing_name(vendor: str, *, decision: str, kind: str, day: str) -> str:
    """The same gate's name alone."""
    return _first("m.name", _reason(vendor, day, in_words=False), None, decision, kind)


def missing_what(vendor: str, *, decision: str, kind: str, day: str) -> str:
    """What the same gate is (`gates.What`)."""
    return _first("m.what", _reason(vendor, day, in_words=False), None, decision, kind)


def next_step(vendor: str, *, decision: str, kind: str, day: str) -> str:
    """What the first gate before the adoption is that does not hold (`gates.What`), WAITS where its last attempt only waits to be confirmed
    or for the end of its window; NULL where all before the adoption hold."""
    waits = f"(g.confirm <> '' AND r.confirmed_by_id IS NULL) OR (w.withdrawn_at IS NULL AND {day} <= r.notice_to)"
    step = f"CASE WHEN {waits} THEN '{WAITS}' ELSE n.what END"
    return _first("m.step", _reason(vendor, day, in_words=False), Stage.DECIDE, decision, kind, step)


def _first(words: str, reason: str, stage: Stage | None, decision: str, kind: str, step: str = "NULL") -> str:
    of_stage = f" AND m.stage = '{stage}'" if stage else ""
    return f"""SELECT {words} FROM (
        SELECT n.position, n.name, n.what, n.stage, {step} AS step, {reason} AS reason
          FROM councils_gate n
          LEFT JOIN councils_gaterecord r ON r.id = (
               SELECT x.id FROM councils_gaterecord x
                WHERE x.decision_id = {decision} AND x.position = n.position ORDER BY x.attempt DESC LIMIT 1)
          LEFT JOIN councils_gaterecord q ON q.id = (
               SELECT x.id FROM councils_gaterecord x
                WHERE x.decision_id = {decision} AND x.position < n.position ORDER BY x.position DESC, x.attempt DESC LIMIT 1)
          LEFT JOIN councils_gate g ON g.id = r.gate_id
          LEFT JOIN disclosure_notice w ON w.id = r.notice_id
         WHERE n.kind_id = {kind}
           AND n.id = (SELECT MIN(z.id) FROM councils_gate z WHERE z.kind_id = n.kind_id AND z.position = n.position)
        ) m WHERE m.reason IS NOT NULL{of_stage} ORDER BY m.position LIMIT 1"""


def _reason(vendor: str, day: str, *, in_words: bool = True) -> str:
    """CASE … END, NULL where the gate holds; in the order of `gates._reasons`. Without words it is planned in a third of the time."""
    gap, called = _apart(vendor, "r.held_on", "q.ended_on"), _apart(vendor, "r.held_on", "r.called_on")
    length = f"({_apart(vendor, 'r.notice_to', 'r.notice_from')} + 1)"
    shown = f"g.what IN ('{What.NOTICE}', '{What.PUBLICATION}')"
    label = f"CASE g.what WHEN '{What.NOTICE}' THEN '{WHAT_LABELS[What.NOTICE]}' ELSE '{WHAT_LABELS[What.PUBLICATION]}' END"
    hangs_out = f"(g.what = '{What.NOTICE}' OR (g.what = '{What.PUBLICATION}' AND g.stage = '{Stage.FINISH}'))"
    met = f"g.what = '{What.MEETING}'"
    papers = "(SELECT COUNT(*) FROM councils_gatepaper p WHERE p.record_id = r.id)"
    cases = [
        ("r.id IS NULL", f"'{gates.NOT_DONE}'"),
        ("g.confirm <> '' AND r.confirmed_by_id IS NULL", f"'{gates.NOT_CONFIRMED}'"),
        ("r.held_on < g.law_from OR r.held_on > g.law_to", "'所依程序在 ' || r.held_on || ' 不适用'"),
        (f"r.held_on > {day}", "'日期 ' || r.held_on || ' 还没有到'"),
        (f"{gap} < 0", f"'{gates.BEFORE_LAST}'"),
        (f"{gap} < g.min_days", f"'距上一步 ' || {gap} || ' 天，不足 ' || g.min_days || ' 天'"),
        ("g.call_days > 0 AND r.called_on IS NULL", f"'{gates.NO_CALL}'"),
        (f"g.call_days > 0 AND {called} < g.call_days", f"'提前 ' || {called} || ' 天通知，不足 ' || g.call_days || ' 天'"),
        *((f"{met} AND {condition}", words) for condition, words in (*_quorums(), *_majorities())),
        ("NOT r.is_passed", f"'{gates.NOT_PASSED}'"),
        (f"{shown} AND (w.id IS NULL OR w.withdrawn_at IS NOT NULL OR {length} IS NULL)", f"'{gates.NOTICE_GONE}'"),
        (f"{shown} AND {length} < g.notice_days", f"{label} || ' ' || {length} || ' 天，不足 ' || g.notice_days || ' 天'"),
        (f"{hangs_out} AND {day} <= r.notice_to", f"{label} || '到 ' || r.notice_to || ' 为止，还没有期满'"),
        (f"{shown} AND {_objections('open')} > 0", f"'还有 ' || {_objections('open')} || ' 条异议没有答复'"),
        (f"{shown} AND {_objections('upheld')} > 0", f"'有 ' || {_objections('upheld')} || ' 条异议成立，须改正后重新公示'"),
        (f"{papers} < g.paper_count", f"'应有材料 ' || g.paper_count || ' 份，已有 ' || {papers} || ' 份'"),
    ]
    told = [(condition, words if in_words else "''") for condition, words in cases]
    return "CASE " + " ".join(f"WHEN {condition} THEN {words}" for condition, words in told) + " END"


def _quorums() -> list[tuple[str, str]]:
    of_people, of_houses = ("r.present", "r.entitled", "quorum"), ("r.houses_present", "r.houses_entitled", "house")
    people, people_words = _short(*of_people), _came(*of_people, "人")
    houses, house_words = _short(*of_houses), _came(*of_houses, "户")
    return [
        (f"g.quorum_base = '{Quorum.PEOPLE}' AND {people}", people_words),
        (f"g.quorum_base = '{Quorum.HOUSES}' AND {houses}", house_words),
        (f"g.quorum_base = '{Quorum.EITHER}' AND {people} AND {houses}", f"{people_words} || '；' || {house_words}"),
    ]


def _majorities() -> list[tuple[str, str]]:
    bases = {
        Majority.ENTITLED: ("应到", "r.entitled", "人"),
        Majority.PRESENT: ("到会", "r.present", "人"),
        Majority.HOUSES: ("应到", "r.houses_entitled", "户"),
        Majority.HOUSES_PRESENT: ("到会", "r.houses_present", "户"),
    }
    return [
        (
            f"g.majority_base = '{base}' AND {_short('r.yes', whole, 'majority')}",
            f"'{word} ' || COALESCE({whole}, 0) || ' {unit}，同意 ' || COALESCE(r.yes, 0) || ' {unit}，' || {_shortfall('majority')}",
        )
        for base, (word, whole, unit) in bases.items()
    ]


def _came(part: str, whole: str, share: str, unit: str) -> str:
    return f"'应到 ' || COALESCE({whole}, 0) || ' {unit}，实到 ' || COALESCE({part}, 0) || ' {unit}，' || {_shortfall(share)}"


def _short(part: str, whole: str, share: str) -> str:
    """Whether `part` of `whole` is not enough; what is not known is not."""
    left, right = f"{part} * g.{share}_den", f"g.{share}_num * {whole}"
    return f"NOT COALESCE(CASE WHEN g.{share}_more THEN {left} > {right} ELSE {left} >= {right} END, 1 = 0)"


def _shortfall(share: str) -> str:
    names = " ".join(f"WHEN {num * 1000 + den} THEN '{name}'" for (num, den), name in FRACTIONS.items())
    label = f"CASE g.{share}_num * 1000 + g.{share}_den {names} ELSE g.{share}_num || '/' || g.{share}_den END"
    return f"CASE WHEN g.{share}_more THEN '没有超过' ELSE '不足' END || {label}"


def _objections(state: str) -> str:
    return f"(SELECT COUNT(*) FROM disclosure_objection o WHERE o.notice_id = r.notice_id AND o.state = '{state}')"


def _apart(vendor: str, late: str, early: str) -> str:
    return _APART[vendor].format(late=late, early=early)
