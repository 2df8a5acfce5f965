"""What never happens in the care ledger, in the databases' words: a record that is not where its person lives, a day put off without
a contact, somebody who vanishes from the ledger (mission M28; docs/decisions/0018-scope.md)."""

from __future__ import annotations

from governance.guards import Guard, changed, refuse

RECORD, TURN = "volunteers_carerecord", "volunteers_careturn"

PLACE = "台账里的人的村和组须是本人户所在的村和组"
PUT_OFF = "没有探访，应探访日期不能推后"
KEPT = "台账里的人只能办理退出，不能删除"
LEFT = "已退出的记录不能再改动"
TURNS = "应探访记录只能补记一次探访，不能改动或删除"

_HOME = "SELECT h.village_id, h.unit_id, v.parent_id FROM villages_household h JOIN villages_unit v ON v.id = h.village_id"
_ELSEWHERE = (
    "NOT EXISTS (SELECT 1 FROM villages_resident r JOIN villages_household h ON h.id = r.household_id "
    "JOIN villages_unit v ON v.id = h.village_id WHERE r.id = NEW.resident_id "
    "AND h.village_id = NEW.village_id AND h.unit_id = NEW.unit_id AND v.parent_id = NEW.township_id)"
)
_PUT_OFF = "NEW.due_on > OLD.due_on AND NOT (" + changed("last_on", "tier", "category_id") + ")"
_FROZEN = changed("resident_id", "category_id", "tier", "tier_reason", "entered_on", "left_on", "left_reason", "last_on", "due_on")
_REWRITTEN = changed("record_id", "due_on") + " OR (OLD.met_on IS NOT NULL AND (" + changed("met_on", "note_id") + "))"


def _follow(household: str, residents: str) -> str:
    """Those in the ledger among `residents` are put where the household is."""
    return (
        f"UPDATE {RECORD} SET (village_id, unit_id, township_id) = ({_HOME} WHERE h.id = {household}) "
        f"WHERE left_on IS NULL AND resident_id IN ({residents});"
    )


def _followed(name: str, event: str, table: str, household: str, residents: str) -> Guard:
    statement = _follow(household, residents)
    return Guard(
        name,
        f"AFTER {event} ON {table} FOR EACH ROW",
        f"AFTER {event} ON {table} BEGIN {statement} END",
        f" BEGIN {statement} RETURN NULL; END ",
    )


GUARDS = [
    _followed(
        "care_follows_household",
        "UPDATE OF village_id, unit_id",
        "villages_household",
        "NEW.id",
        "SELECT r.id FROM villages_resident r WHERE r.household_id = NEW.id",
    ),
    _followed("care_follows_resident", "UPDATE OF household_id", "villages_resident", "NEW.household_id", "NEW.id"),
    refuse("care_of_household", "INSERT", RECORD, _ELSEWHERE, PLACE),
    refuse(
        "care_stays_with_household",
        "UPDATE OF township_id, village_id, unit_id, resident_id",
        RECORD,
        f"NEW.left_on IS NULL AND {_ELSEWHERE}",
        PLACE,
    ),
    refuse("care_not_put_off", "UPDATE OF due_on", RECORD, _PUT_OFF, PUT_OFF),
    refuse("care_left_is_kept", "UPDATE", RECORD, f"OLD.left_on IS NOT NULL AND ({_FROZEN})", LEFT),
    refuse("care_is_kept", "DELETE", RECORD, "TRUE", KEPT),
    refuse("care_turn_met_once", "UPDATE", TURN, _REWRITTEN, TURNS),
    refuse("care_turn_is_kept", "DELETE", TURN, "TRUE", TURNS),
]
