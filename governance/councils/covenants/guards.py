"""What never happens to a covenant, in the databases' words: in force without its decision or over a marked clause, words changed behind
the township's consent or the hung draft (plan §三.2; docs/decisions/0036-covenants.md)."""

from __future__ import annotations

from governance.guards import changed, refuse

KEPT = "规约已报镇审查通过、已公示或已施行，条款不能再改，请起草新版本"
ANSWER = "已施行的规约不能再改审查意见"
FORCE = "公约须按程序通过、标出的条款都有镇审查意见，才能施行"
SET = "已施行的版本不能再改"
BEGUN = "草案已在办理，不能换到别的决策"
OTHER = "决策须是本地订立规约的决策"
DROPPED = "已办理或已施行的版本不能删除"
FIXED = "规约的单位和类别不能改"
DRAFT = "决策没有规约草案，或标出的条款还没有镇审查意见"

_VERSION, _CLAUSE, _DECISION = "councils_covenantversion", "councils_clause", "councils_decision"
_LAST = (
    "NOT EXISTS (SELECT 1 FROM councils_gaterecord l WHERE l.decision_id = r.decision_id AND l.position = r.position"
    " AND l.attempt > r.attempt)"
)
_CONSENT = (
    "EXISTS (SELECT 1 FROM councils_gaterecord r JOIN councils_gate g ON g.id = r.gate_id WHERE r.decision_id = v.decision_id"
    f" AND g.what = 'preview' AND r.is_passed AND {_LAST})"
)
_HUNG = (
    "EXISTS (SELECT 1 FROM councils_gaterecord r JOIN councils_gate g ON g.id = r.gate_id JOIN disclosure_notice n ON n.id = r.notice_id"
    f" WHERE r.decision_id = v.decision_id AND g.what = 'notice' AND n.withdrawn_at IS NULL AND {_LAST}"
    " AND NOT EXISTS (SELECT 1 FROM councils_gate p WHERE p.kind_id = g.kind_id AND p.what = 'preview'))"
)


def _still(row: str) -> str:
    """Whether the version of a clause is in force, has the township's consent, or hangs where there is no such step."""
    return (
        f"EXISTS (SELECT 1 FROM {_VERSION} v LEFT JOIN {_DECISION} d ON d.id = v.decision_id WHERE v.id = {row}.version_id"
        f" AND (v.valid_from IS NOT NULL OR (d.withdrawn_at IS NULL AND ({_CONSENT} OR {_HUNG}))))"
    )


_OPEN = "EXISTS (SELECT 1 FROM councils_clause c WHERE c.version_id = {} AND c.marks <> '' AND c.answer = '')"
_RECORDED = "NEW.history_note <> '' AND NEW.valid_from < NEW.made_at AND NEW.set_by_id <> NEW.made_by_id"
_UNDECIDED = (
    "EXISTS (SELECT 1 FROM councils_covenant c WHERE c.id = NEW.covenant_id AND c.kind <> 'rule') AND NOT EXISTS"
    f" (SELECT 1 FROM {_DECISION} d WHERE d.id = NEW.decision_id AND d.adopted_at IS NOT NULL) AND NOT ({_RECORDED})"
)
_WRONG = (
    "NEW.decision_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM councils_decision d JOIN councils_decisionkind k ON k.id = d.kind_id"
    " JOIN councils_covenant c ON c.id = NEW.covenant_id WHERE d.id = NEW.decision_id AND k.effect = 'covenant' AND d.unit_id = c.unit_id"
    " AND c.kind <> 'rule')"
)
_ABOUT = "EXISTS (SELECT 1 FROM councils_decisionkind k WHERE k.id = NEW.kind_id AND k.effect = 'covenant')"
_NO_DRAFT = f"NOT EXISTS (SELECT 1 FROM {_VERSION} v WHERE v.decision_id = NEW.id AND NOT {_OPEN.format('v.id')})"
_PASSES = (
    "NEW.is_passed AND EXISTS (SELECT 1 FROM councils_gate g WHERE g.id = NEW.gate_id AND g.what = 'preview') AND EXISTS"
    f" (SELECT 1 FROM {_VERSION} v WHERE v.decision_id = NEW.decision_id AND {_OPEN.format('v.id')})"
)

GUARDS = [
    *(refuse(f"clause_kept_{event.lower()}", event, _CLAUSE, _still(row), KEPT) for event, row in (("INSERT", "NEW"), ("DELETE", "OLD"))),
    refuse("clause_kept", "UPDATE", _CLAUSE, f"({changed('version_id', 'number', 'text', 'marks')}) AND {_still('OLD')}", KEPT),
    refuse(
        "clause_answer_kept",
        "UPDATE",
        _CLAUSE,
        f"({changed('answer', 'answered_by_id', 'answered_at')}) AND EXISTS"
        f" (SELECT 1 FROM {_VERSION} v WHERE v.id = NEW.version_id AND v.valid_from IS NOT NULL)",
        ANSWER,
    ),
    refuse("covenant_version_begins", "INSERT", _VERSION, "NEW.valid_from IS NOT NULL", FORCE),
    refuse(
        "covenant_version_in_force",
        "UPDATE",
        _VERSION,
        f"NEW.valid_from IS NOT NULL AND OLD.valid_from IS NULL AND (({_UNDECIDED}) OR {_OPEN.format('NEW.id')})",
        FORCE,
    ),
    refuse(
        "covenant_version_kept",
        "UPDATE",
        _VERSION,
        f"({changed('covenant_id', 'number')}) OR (OLD.valid_from IS NOT NULL AND"
        f" ({changed('valid_from', 'set_by_id', 'decision_id', 'note', 'history_note')}))",
        SET,
    ),
    refuse(
        "covenant_version_decided",
        "UPDATE",
        _VERSION,
        f"({changed('decision_id')}) AND EXISTS (SELECT 1 FROM {_DECISION} d WHERE d.id = OLD.decision_id AND d.withdrawn_at IS NULL)",
        BEGUN,
    ),
    *(refuse(f"covenant_version_of_place_{event.lower()}", event, _VERSION, _WRONG, OTHER) for event in ("INSERT", "UPDATE")),
    refuse("covenant_version_stays", "DELETE", _VERSION, "OLD.valid_from IS NOT NULL OR OLD.decision_id IS NOT NULL", DROPPED),
    refuse("covenant_fixed", "UPDATE", "councils_covenant", changed("unit_id", "kind"), FIXED),
    refuse(
        "decision_has_covenant",
        "UPDATE",
        _DECISION,
        f"NEW.adopted_at IS NOT NULL AND OLD.adopted_at IS NULL AND {_ABOUT} AND {_NO_DRAFT}",
        DRAFT,
    ),
    refuse("gate_record_covenant_checked", "INSERT", "councils_gaterecord", _PASSES, DRAFT),
]
