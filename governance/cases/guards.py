"""What must never happen to a case, in the databases' words (plan §四.3 首问负责、限时办结; §三.3 回访; docs/decisions/0009-cases.md)."""

from __future__ import annotations

from collections.abc import Sequence

from governance.guards import Guard, aborting, insert_only, raising, refuse
from villages.guards import TOWNSHIP_OF_VILLAGE

RECEIVER = "首问责任人、编号和登记时间一经登记不能改动"
CLOCK = "全程限时的起点只能由重开改变"
VISITS = "还有回访未完成，不能归档"
PLACE = "事项的村（社区）不在它的乡镇"
VISITED = "走访的村（社区）不在它的乡镇"
FILED = "已归档的事项不能再加回访"
EARLY = "回访不能早于规定的日子"
KIN = "调解员是当事人本人、同户亲属或应当回避，不能调解"

_FIXED = ("first_receiver_id", "number", "kind", "township_id", "logged_at")
_REGISTERED_ANEW = " OR ".join(f"NEW.{field} <> OLD.{field}" for field in _FIXED)
# A case from an old ledger has no due time until somebody takes it up: then its clock begins, once.
_CLOCK_MOVED = (
    "NEW.round < OLD.round "
    "OR (NEW.round = OLD.round AND NEW.round_at <> OLD.round_at AND OLD.case_due_at IS NOT NULL)"
)
_FILED_TOO_EARLY = (
    "NEW.state = 'filed' AND OLD.state <> 'filed' "
    "AND EXISTS (SELECT 1 FROM cases_returnvisit v WHERE v.case_id = NEW.id AND v.state = 'open')"
)
# A post's person or their household among the parties, or a recusal registered for this dispute.
_MEDIATOR_KIN = """NEW.mediator_id IS NOT NULL AND (
    EXISTS (SELECT 1 FROM cases_party p
              JOIN villages_resident r ON r.id = p.resident_id
              JOIN villages_post o ON o.id = NEW.mediator_id
              JOIN villages_resident m ON m.id = o.resident_id
             WHERE p.dispute_id = NEW.id AND m.household_id = r.household_id)
    OR EXISTS (SELECT 1 FROM cases_recusal c WHERE c.dispute_id = NEW.id AND c.post_id = NEW.mediator_id)
)"""
_PARTY_KIN = """
    EXISTS (SELECT 1 FROM cases_dispute d
              JOIN villages_post o ON o.id = d.mediator_id
              JOIN villages_resident m ON m.id = o.resident_id
              JOIN villages_resident r ON r.household_id = m.household_id
             WHERE d.id = NEW.dispute_id AND r.id = NEW.resident_id)
"""
_RECUSED = "EXISTS (SELECT 1 FROM cases_dispute d WHERE d.id = NEW.dispute_id AND d.mediator_id = NEW.post_id)"
_VISIT_TOO_LATE = (
    "NEW.state = 'open' AND EXISTS (SELECT 1 FROM cases_case c WHERE c.id = NEW.case_id AND c.state = 'filed')"
)

_EARLIEST = {
    "postgresql": {"earliest": "NEW.due_on - LEAST(NEW.day / 3, 3)"},
    "sqlite": {"earliest": "date(NEW.due_on, '-' || MIN(NEW.day / 3, 3) || ' days')"},
}


# (condition, message, name of the constraint)
Rule = tuple[str, str, str]


def _body(*rules: Rule) -> str:
    """A function of PostgreSQL that refuses where the condition of a rule holds."""
    checks = " ".join(f"IF {condition} THEN {raising(message, name)} END IF;" for condition, message, name in rules)
    return f" BEGIN {checks} RETURN NEW; END "


def _inserted_or_updated(name: str, table: str, rule: Rule, update: str = "UPDATE") -> Sequence[Guard]:
    condition, message, _ = rule
    return [
        Guard(f"cases_{name}_guard", f"BEFORE INSERT OR {update} ON {table} FOR EACH ROW", body=_body(rule)),
        Guard(f"cases_{name}_insert", sqlite=aborting("INSERT", table, condition, message)),
        Guard(f"cases_{name}_update", sqlite=aborting(update, table, condition, message)),
    ]


_CASE = {
    "receiver": (_REGISTERED_ANEW, RECEIVER, "case_receiver_once"),
    "clock": (_CLOCK_MOVED, CLOCK, "case_clock_kept"),
    "visits": (_FILED_TOO_EARLY, VISITS, "case_visits_done"),
}

GUARDS = [
    *insert_only("cases_casestep", "办理记录只能增加，不能修改或删除"),
    Guard(
        "cases_case_guard",
        "BEFORE UPDATE ON cases_case FOR EACH ROW",
        body=_body((f"({_REGISTERED_ANEW})", RECEIVER, "case_receiver_once"), _CASE["clock"], _CASE["visits"]),
    ),
    *(
        Guard(f"cases_case_{name}", sqlite=aborting("UPDATE", "cases_case", condition, message))
        for name, (condition, message, _) in _CASE.items()
    ),
    refuse("case_in_township", "INSERT", "cases_case", TOWNSHIP_OF_VILLAGE, PLACE),
    refuse("case_stays_in_township", "UPDATE OF township_id, village_id", "cases_case", TOWNSHIP_OF_VILLAGE, PLACE),
    refuse("visit_in_township", "INSERT", "cases_visit", TOWNSHIP_OF_VILLAGE, VISITED),
    refuse("visit_stays_in_township", "UPDATE OF township_id, village_id", "cases_visit", TOWNSHIP_OF_VILLAGE, VISITED),
    *_inserted_or_updated("mediator", "cases_dispute", (_MEDIATOR_KIN, KIN, "mediator_not_kin"), "UPDATE OF mediator_id"),
    *_inserted_or_updated("party", "cases_party", (_PARTY_KIN, KIN, "mediator_not_kin")),
    *_inserted_or_updated("recusal", "cases_recusal", (_RECUSED, KIN, "mediator_not_kin")),
    *_inserted_or_updated("visit", "cases_returnvisit", (_VISIT_TOO_LATE, FILED, "return_visit_before_filing")),
    *(
        refuse(f"return_visit_not_early_{event[:6].lower()}", event, "cases_returnvisit", "NEW.done_on < {earliest}", EARLY, _EARLIEST)
        for event in ("INSERT", "UPDATE OF done_on")
    ),
]
