"""What never happens to a decision, in the databases' words: adopted or done while a gate is open, steps rewritten, an answer by kin
(plan §三.1 四议四调四评; docs/decisions/0035-gates.md)."""

from __future__ import annotations

from governance.councils.decisions.gates import Stage
from governance.councils.decisions.sql import missing
from governance.guards import Guard, changed, insert_only, raising, refuse
from villages.guards import TOWNSHIP_OF_VILLAGE
from villages.units.codes import VILLAGE_FROM

OPEN = "决策的程序还没有走完，不能登记为已通过或已办结"
STEPS = "步骤记录只能增加，不能改动；确认由另一人办一次"
CONFIRMED = "记录只能确认一次"
VOTES = "记名表决和材料只能增加，不能改动"
FITS = "步骤记录与程序不符"
TURN = "步骤的次数须依次增加"
SHUT = "决策已过这一步，不能再记这一步"
LAW = "所选的程序在这一天不适用"
COUNT = "票数和回避人数合计不能多于到会数"
NOTICE = "公示（公开）须由本村发布，起止日期须一致"
AREA = "所选的程序不适用于这里，请选本村（社区）适用的一种"
MEETING = "所选会议须是本村（本院）同类会议，已经确认，日期和人数一致"
KIN = "受益户的家庭成员须回避，不能记录或确认"
KIN_VOTE = "受益户的家庭成员须回避，不能表决"
KIN_MEETING = "到会的受益户家庭成员须回避，回避人数填少了"
TAKEN_DOWN = "决策的公示（公开）撤回以后不能恢复，请重新公示"
SAID = "对决策公示的异议不能删除，答复以后不能改动"
SECRET = "无记名投票只记票数，不记姓名"
PAPER = "材料不在这一步的清单里"
AHEAD = "通过（办结）时间不能晚于现在"
DECIDED = "决策已登记的内容不能改动"
DELETED = "决策事项不能删除，可以撤回"
KIND = "决策须按本乡镇已启用、这一级适用的程序办理"
PLACE = "决策的村（社区）不在它的乡镇，或单位不在村内"
BENEFICIARY = "受益户须是本村的户，办理第一步之后不能改"
NOMINEES = "推选人选在办理第一步之后不能改，通过以后才能聘任"
ADOPTED_KIND = "已启用的决策程序不能改动，请复制为新版本"
KIND_FAULT = "决策程序须有通过之前的步骤，办结之前的步骤须排在后面，同一步的名称、类别和阶段须一致"

_DECISION, _RECORD, _GATE, _KIND = "councils_decision", "councils_gaterecord", "councils_gate", "councils_decisionkind"
_DAY = {"postgresql": "(NEW.{} AT TIME ZONE 'Asia/Shanghai')::date", "sqlite": "date(NEW.{}, '+8 hours')"}
_MARKS = {"adopted_at": Stage.DECIDE, "finished_at": Stage.FINISH}


def _missing(vendor: str, column: str, stage: Stage) -> str:
    return missing(vendor, stage, decision="NEW.id", kind="NEW.kind_id", day=_DAY[vendor].format(column))


def _adoption() -> list[Guard]:
    """The trigger that names the missing gate. SQLite's RAISE takes no computed text before 3.47: there the words are a JSON path that
    cannot be read, which its error quotes; RAISE stands behind it for versions that would not quote."""
    checks = " ".join(
        f"IF NEW.{column} IS NOT NULL AND (TG_OP = 'INSERT' OR OLD.{column} IS NULL) THEN "
        f"missing := ({_missing('postgresql', column, stage)}); "
        "IF missing IS NOT NULL THEN RAISE EXCEPTION USING MESSAGE = missing, ERRCODE = 'check_violation', "
        f"CONSTRAINT = 'decision_{column}_by_all_gates'; END IF; END IF;"
        for column, stage in _MARKS.items()
    )
    name = "councils_decision_by_all_gates"
    guards = [
        Guard(name, f"BEFORE INSERT OR UPDATE ON {_DECISION} FOR EACH ROW", body=f" DECLARE missing text; BEGIN {checks} RETURN NEW; END ")
    ]
    for column, stage in _MARKS.items():
        query = _missing("sqlite", column, stage)
        said = f"SELECT json_extract('{{}}', ({query})); SELECT RAISE(ABORT, '{OPEN}') WHERE ({query}) IS NOT NULL;"
        for event, was in (("INSERT", ""), ("UPDATE", f" AND OLD.{column} IS NULL")):
            when = f"NEW.{column} IS NOT NULL{was}"
            guards.append(
                Guard(f"{name}_{column}_{event.lower()}", sqlite=f"BEFORE {event} ON {_DECISION} WHEN {when} BEGIN {said} END")
            )
    return guards


def _kin_of(user: str) -> str:
    """Whether a user is, by a post, of a household that gets money by the record's decision."""
    return (
        "EXISTS (SELECT 1 FROM councils_beneficiary b JOIN villages_resident h ON h.household_id = b.household_id"
        f" JOIN villages_post o ON o.resident_id = h.id WHERE b.decision_id = NEW.decision_id AND o.user_id = {user})"
    )


_ENDED = "CASE WHEN g.what = 'notice' THEN NEW.notice_to ELSE NEW.held_on END"
_UNFIT = (
    f"NOT EXISTS (SELECT 1 FROM {_GATE} g JOIN {_DECISION} d ON d.kind_id = g.kind_id WHERE g.id = NEW.gate_id AND d.id = NEW.decision_id"
    f" AND g.position = NEW.position AND NEW.ended_on = {_ENDED})"
)
_OUT_OF_TURN = (
    f"NEW.attempt <> 1 + COALESCE((SELECT MAX(r.attempt) FROM {_RECORD} r"
    " WHERE r.decision_id = NEW.decision_id AND r.position = NEW.position), 0)"
)
_PASSED_BY = (
    f"EXISTS (SELECT 1 FROM {_DECISION} d JOIN {_GATE} g ON g.id = NEW.gate_id WHERE d.id = NEW.decision_id AND (d.is_history"
    " OR d.withdrawn_at IS NOT NULL OR d.finished_at IS NOT NULL OR (g.stage = 'decide' AND d.adopted_at IS NOT NULL)"
    " OR (g.stage = 'finish' AND d.adopted_at IS NULL)))"
)
_NOT_LAW = f"EXISTS (SELECT 1 FROM {_GATE} g WHERE g.id = NEW.gate_id AND (NEW.held_on < g.law_from OR NEW.held_on > g.law_to))"
_OTHER_AREA = (
    f"EXISTS (SELECT 1 FROM {_GATE} g JOIN {_DECISION} d ON d.id = NEW.decision_id JOIN villages_unit v ON v.id = d.village_id"
    " WHERE g.id = NEW.gate_id AND g.area <> ''"
    f" AND g.area <> CASE WHEN substr(v.code, 10, 3) < '{VILLAGE_FROM}' THEN 'community' ELSE 'village' END)"
)
_TOO_MANY = (
    "COALESCE(NEW.yes, 0) + COALESCE(NEW.no, 0) + COALESCE(NEW.abstain, 0) + NEW.recused >"
    f" COALESCE((SELECT CASE WHEN g.majority_base IN ('houses', 'houses_here') THEN NEW.houses_present ELSE NEW.present END"
    f" FROM {_GATE} g WHERE g.id = NEW.gate_id), 0)"
)
_NOTICE_UNFIT = (
    f"EXISTS (SELECT 1 FROM {_GATE} g WHERE g.id = NEW.gate_id AND g.what IN ('notice', 'publication'))"
    f" AND NOT EXISTS (SELECT 1 FROM disclosure_notice n JOIN {_DECISION} d ON n.unit_id IN (d.village_id, d.unit_id)"
    " WHERE n.id = NEW.notice_id AND d.id = NEW.decision_id AND n.opens_on = NEW.notice_from AND n.closes_on = NEW.notice_to"
    " AND NEW.held_on = NEW.notice_from)"
)
_COUNTED = (
    "CASE WHEN b.kind = 'yard' THEN COALESCE(NEW.houses_entitled, -1) = m.entitled AND COALESCE(NEW.houses_present, -1) = m.present"
    " ELSE COALESCE(NEW.entitled, -1) = m.entitled AND COALESCE(NEW.present, -1) = m.present END"
)
_MEETING_UNFIT = (
    "NEW.meeting_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM councils_meeting m JOIN councils_body b ON b.id = m.body_id"
    f" JOIN {_DECISION} d ON d.village_id = m.village_id JOIN {_GATE} g ON g.id = NEW.gate_id JOIN villages_unit u ON u.id = d.unit_id"
    " WHERE m.id = NEW.meeting_id AND d.id = NEW.decision_id AND (g.body = '' OR g.body = b.kind)"
    " AND (u.level <> 'settlement' OR m.unit_id = d.unit_id) AND m.base <> 'homes'"
    f" AND m.state IN ('confirmed', 'filed') AND NEW.held_on = m.\"on\" AND ({_COUNTED}))"
)
_KIN_CAME = (
    "NEW.meeting_id IS NOT NULL AND NEW.yes IS NOT NULL AND NEW.recused < (SELECT COUNT(*) FROM councils_attendance a"
    " LEFT JOIN councils_seat s ON s.id = a.seat_id LEFT JOIN villages_post o ON o.id = a.post_id"
    " LEFT JOIN villages_resident h ON h.id = COALESCE(s.resident_id, o.resident_id)"
    " WHERE a.meeting_id = NEW.meeting_id AND a.status = 'present' AND COALESCE(a.household_id, h.household_id) IN"
    " (SELECT b.household_id FROM councils_beneficiary b WHERE b.decision_id = NEW.decision_id))"
)
_RECORD_COLUMNS = (
    "id", "decision_id", "gate_id", "position", "attempt", "held_on", "ended_on", "meeting_id", "called_on", "entitled", "present",
    "houses_entitled", "houses_present", "yes", "no", "abstain", "recused", "is_passed", "notice_id", "notice_from", "notice_to",
    "text", "recorded_by_id", "recorded_at",
)  # fmt: skip
_RECORDS = [
    refuse("gate_record_of_kind", "INSERT", _RECORD, _UNFIT, FITS),
    refuse("gate_record_in_turn", "INSERT", _RECORD, _OUT_OF_TURN, TURN),
    refuse("gate_record_open", "INSERT", _RECORD, _PASSED_BY, SHUT),
    refuse("gate_record_law", "INSERT", _RECORD, _NOT_LAW, LAW),
    refuse("gate_record_area", "INSERT", _RECORD, _OTHER_AREA, AREA),
    refuse("gate_record_votes", "INSERT", _RECORD, _TOO_MANY, COUNT),
    refuse("gate_record_notice", "INSERT", _RECORD, _NOTICE_UNFIT, NOTICE),
    refuse("gate_record_meeting", "INSERT", _RECORD, _MEETING_UNFIT, MEETING),
    refuse("gate_record_kin_came", "INSERT", _RECORD, _KIN_CAME, KIN_MEETING),
    refuse("gate_record_kin", "INSERT", _RECORD, f"{_kin_of('NEW.recorded_by_id')} OR {_kin_of('NEW.confirmed_by_id')}", KIN),
    refuse("gate_record_kin_confirms", "UPDATE", _RECORD, _kin_of("NEW.confirmed_by_id"), KIN),
    refuse("gate_record_kept", "UPDATE", _RECORD, changed(*_RECORD_COLUMNS), STEPS),
    refuse("gate_record_confirmed_once", "UPDATE", _RECORD, "OLD.confirmed_at IS NOT NULL", CONFIRMED),
    refuse("gate_record_not_deleted", "DELETE", _RECORD, "1 = 1", STEPS),
    Guard(
        "gate_record_not_truncated",
        f"BEFORE TRUNCATE ON {_RECORD} FOR EACH STATEMENT",
        body=f" BEGIN {raising(STEPS)} END ",
    ),
]

_RECORDED = "EXISTS (SELECT 1 FROM councils_gaterecord r WHERE r.decision_id = {}.id)"
_BEGUN = "EXISTS (SELECT 1 FROM councils_gaterecord r WHERE r.decision_id = {}.decision_id)"
_FIXED = ("id", "township_id", "village_id", "unit_id", "kind_id", "number", "begun_by_id", "begun_at", "is_history")
_WORDS = ("title", "purpose", "money_fen", "proposed_on")
_REWRITTEN = " OR ".join(
    [
        changed(*_FIXED),
        f"(({changed(*_WORDS)}) AND {_RECORDED.format('OLD')})",
        *(f"(OLD.{name}_at IS NOT NULL AND ({changed(f'{name}_at', f'{name}_by_id')}))" for name in ("adopted", "finished", "withdrawn")),
    ]
)
_CLOCK = {
    "postgresql": {"at": "NEW.{}", "recorded": "r.recorded_at", "now": "(clock_timestamp() + interval '10 minutes')"},
    "sqlite": {"at": "julianday(NEW.{})", "recorded": "julianday(r.recorded_at)", "now": "(julianday('now') + 10.0 / 1440)"},
}


def _ahead() -> list[Guard]:
    """By the database's own clock, where that is not behind what was written of the decision before; else a day still to come would be
    judged as if what hangs had hung its days."""
    return [
        refuse(
            f"decision_{column}_{event.lower()}_ahead",
            event,
            _DECISION,
            f"NEW.{column} IS NOT NULL AND {new} {{{column}}} > {{now}} AND {{begun_at}} <= {{now}} AND NOT EXISTS"
            f" (SELECT 1 FROM {_RECORD} r WHERE r.decision_id = NEW.id AND {{recorded}} > {{now}})",
            AHEAD,
            {
                vendor: {**words, **{name: words["at"].format(name) for name in (column, "begun_at")}}
                for vendor, words in _CLOCK.items()
            },
        )
        for column in _MARKS
        for event, new in (("INSERT", ""), ("UPDATE", f"OLD.{column} IS NULL AND"))
    ]


_OTHER_KIND = (
    f"NOT EXISTS (SELECT 1 FROM {_KIND} k JOIN villages_unit u ON u.id = NEW.unit_id WHERE k.id = NEW.kind_id AND k.state = 'adopted'"
    " AND k.township_id = NEW.township_id"
    " AND (NEW.is_history OR k.place = CASE WHEN u.level = 'settlement' THEN 'yard' ELSE 'village' END))"
)
_OTHER_PLACE = (
    f"({TOWNSHIP_OF_VILLAGE}) OR NOT EXISTS (SELECT 1 FROM villages_unit u JOIN villages_unit v ON v.id = NEW.village_id"
    " WHERE u.id = NEW.unit_id AND u.path LIKE v.path || '%')"
)
_DECISIONS = [
    *_adoption(),
    *_ahead(),
    refuse("decision_kept", "UPDATE", _DECISION, _REWRITTEN, DECIDED),
    refuse("decision_not_deleted", "DELETE", _DECISION, "1 = 1", DELETED),
    refuse("decision_of_kind", "INSERT", _DECISION, _OTHER_KIND, KIND),
    refuse("decision_of_place", "INSERT", _DECISION, _OTHER_PLACE, PLACE),
    refuse(
        "beneficiary_fits",
        "INSERT",
        "councils_beneficiary",
        f"{_BEGUN.format('NEW')} OR NOT EXISTS (SELECT 1 FROM villages_household h JOIN {_DECISION} d ON d.village_id = h.village_id"
        " WHERE h.id = NEW.household_id AND d.id = NEW.decision_id)",
        BENEFICIARY,
    ),
    refuse("beneficiary_kept", "UPDATE", "councils_beneficiary", changed("decision_id", "household_id"), BENEFICIARY),
    refuse("beneficiary_stays", "DELETE", "councils_beneficiary", _BEGUN.format("OLD"), BENEFICIARY),
    refuse("nominee_in_time", "INSERT", "councils_nominee", f"{_BEGUN.format('NEW')} OR NEW.post_id IS NOT NULL", NOMINEES),
    refuse(
        "nominee_kept",
        "UPDATE",
        "councils_nominee",
        f"{changed('decision_id', 'duty', 'resident_id')} OR (NEW.post_id IS NOT NULL AND NOT EXISTS"
        f" (SELECT 1 FROM {_DECISION} d WHERE d.id = NEW.decision_id AND d.adopted_at IS NOT NULL))",
        NOMINEES,
    ),
    refuse("nominee_stays", "DELETE", "councils_nominee", _BEGUN.format("OLD"), NOMINEES),
]

_PARTS = [
    *insert_only("councils_gatepaper", VOTES),
    *insert_only("councils_gatevote", VOTES),
    refuse(
        "gate_paper_listed",
        "INSERT",
        "councils_gatepaper",
        f"NOT EXISTS (SELECT 1 FROM {_RECORD} r JOIN {_GATE} g ON g.id = r.gate_id"
        " WHERE r.id = NEW.record_id AND NEW.position >= 1 AND NEW.position <= g.paper_count)",
        PAPER,
    ),
    refuse(
        "gate_vote_open",
        "INSERT",
        "councils_gatevote",
        f"EXISTS (SELECT 1 FROM {_RECORD} r JOIN {_GATE} g ON g.id = r.gate_id WHERE r.id = NEW.record_id AND g.is_secret)",
        SECRET,
    ),
    refuse(
        "gate_vote_of_kin",
        "INSERT",
        "councils_gatevote",
        f"NEW.choice <> 'recused' AND EXISTS (SELECT 1 FROM {_RECORD} r JOIN councils_beneficiary b ON b.decision_id = r.decision_id"
        " JOIN villages_resident h ON h.household_id = b.household_id WHERE r.id = NEW.record_id AND h.id = NEW.resident_id)",
        KIN_VOTE,
    ),
]

_OF_STEP = "EXISTS (SELECT 1 FROM councils_gaterecord r WHERE r.notice_id = OLD.{})"
_SHOWN = [
    refuse(
        "gate_notice_stays_down",
        "UPDATE",
        "disclosure_notice",
        f"OLD.withdrawn_at IS NOT NULL AND NEW.withdrawn_at IS NULL AND {_OF_STEP.format('id')}",
        TAKEN_DOWN,
    ),
    refuse(
        "gate_objection_kept",
        "UPDATE",
        "disclosure_objection",
        f"({changed('notice_id')} OR (OLD.state <> 'open' AND ({changed('state')}))) AND {_OF_STEP.format('notice_id')}",
        SAID,
    ),
    refuse("gate_objection_stays", "DELETE", "disclosure_objection", _OF_STEP.format("notice_id"), SAID),
]

_GATE_COLUMNS = (
    "id", "kind_id", "position", "name", "phase", "what", "stage", "area", "body", "quorum_base", "quorum_num", "quorum_den", "quorum_more",
    "house_num", "house_den", "house_more", "majority_base", "majority_num", "majority_den", "majority_more", "is_secret", "min_days",
    "call_days", "notice_days", "papers", "paper_count", "confirm", "law_from", "law_to", "basis", "needs_checking",
)  # fmt: skip


def _adopted(row: str) -> str:
    return f"EXISTS (SELECT 1 FROM {_KIND} k WHERE k.id = {row}.kind_id AND k.state = 'adopted')"


_FAULTY = (
    "NEW.state = 'adopted' AND OLD.state = 'draft' AND ("
    f"NOT EXISTS (SELECT 1 FROM {_GATE} g WHERE g.kind_id = NEW.id AND g.stage = 'decide')"
    f" OR EXISTS (SELECT 1 FROM {_GATE} a JOIN {_GATE} b ON b.kind_id = a.kind_id WHERE a.kind_id = NEW.id"
    " AND ((a.stage = 'finish' AND b.stage = 'decide' AND a.position <= b.position)"
    " OR (a.position = b.position AND (a.name <> b.name OR a.stage <> b.stage OR a.what <> b.what)))))"
)
_GATE_REWRITTEN = changed(*_GATE_COLUMNS)
_KINDS = [
    refuse("decision_kind_begins_as_draft", "INSERT", _KIND, "NEW.state <> 'draft'", KIND_FAULT),
    refuse("decision_kind_whole", "UPDATE", _KIND, _FAULTY, KIND_FAULT),
    refuse("decision_kind_kept", "UPDATE", _KIND, "OLD.state = 'adopted'", ADOPTED_KIND),
    refuse("decision_kind_not_deleted", "DELETE", _KIND, "OLD.state = 'adopted'", ADOPTED_KIND),
    refuse("gate_added_to_draft", "INSERT", _GATE, _adopted("NEW"), ADOPTED_KIND),
    refuse("gate_deleted_of_draft", "DELETE", _GATE, _adopted("OLD"), ADOPTED_KIND),
    refuse(
        "gate_kept",
        "UPDATE",
        _GATE,
        f"({_adopted('OLD')} OR {_adopted('NEW')}) AND (OLD.confirmed_at IS NOT NULL OR {_GATE_REWRITTEN})",
        ADOPTED_KIND,
    ),
]

GUARDS = [*_DECISIONS, *_RECORDS, *_PARTS, *_SHOWN, *_KINDS]
