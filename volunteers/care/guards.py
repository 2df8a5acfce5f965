"""What never happens in the care ledger, in the databases' words: a record that is not where its person lives, a day put off without
a contact, somebody who vanishes from the ledger, a child whom all may see (mission M28; docs/decisions/0018-scope.md)."""

from __future__ import annotations

from governance.guards import Guard, changed, refuse

RECORD, TURN = "volunteers_carerecord", "volunteers_careturn"

PLACE = "台账里的人的村和组须是本人户所在的村和组"
PUT_OFF = "没有探访，应探访日期不能推后"
KEPT = "台账里的人只能办理退出，不能删除"
LEFT = "已退出的记录不能再改动"
CONSENT = "18 岁以下的人由监护人同意"
AGE = "儿童的类别只给 18 岁以下的人"
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


# Born later than the day 18 years ago; of a category at entry, so that who grows up in the ledger stays in it.
_YOUNG = {
    "postgresql": {
        "today": "(now() AT TIME ZONE 'Asia/Shanghai')::date - INTERVAL '18 years'",
        "entry": "NEW.entered_on - INTERVAL '18 years'",
    },
    "sqlite": {"today": "date('now', '+8 hours', '-18 years')", "entry": "date(NEW.entered_on, '-18 years')"},
}
_MINOR = "SELECT 1 FROM villages_resident r WHERE r.id = NEW.resident_id AND r.birth_date >"
_CHILDREN = "EXISTS (SELECT 1 FROM volunteers_carecategory c WHERE c.id = NEW.category_id AND c.is_child)"
_NO_CHILD = f"{_CHILDREN} AND NOT EXISTS ({_MINOR} {{entry}})"
_CHILD_NOW = f"({changed('category_id', 'resident_id')}) AND {_NO_CHILD}"
_ALONE = f"NEW.consent = 'self' AND EXISTS ({_MINOR} {{today}})"


def _marked(name: str, event: str, table: str, condition: str) -> Guard:
    """Records of children among those that meet `condition` say so, whoever writes."""
    statement = (
        f"UPDATE {RECORD} SET is_child = TRUE WHERE {condition} AND NOT is_child AND ("
        "EXISTS (SELECT 1 FROM volunteers_carecategory c WHERE c.id = category_id AND c.is_child) "
        "OR EXISTS (SELECT 1 FROM villages_resident r WHERE r.id = resident_id AND r.birth_date > {today}));"
    )
    postgresql, sqlite = (statement.format(**_YOUNG[vendor]) for vendor in ("postgresql", "sqlite"))
    return Guard(
        name,
        f"AFTER {event} ON {table} FOR EACH ROW",
        f"AFTER {event} ON {table} BEGIN {sqlite} END",
        f" BEGIN {postgresql} RETURN NULL; END ",
    )


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
    _marked("care_child_entered", "INSERT", RECORD, "id = NEW.id"),
    _marked("care_child_changed", "UPDATE OF is_child, category_id, resident_id", RECORD, "id = NEW.id"),
    _marked("care_child_born", "UPDATE OF birth_date", "villages_resident", "resident_id = NEW.id"),
    refuse("care_child_category", "INSERT", RECORD, _NO_CHILD, AGE, _YOUNG),
    refuse("care_child_category_kept", "UPDATE OF category_id, resident_id", RECORD, _CHILD_NOW, AGE, _YOUNG),
    refuse("care_child_consent", "INSERT", RECORD, _ALONE, CONSENT, _YOUNG),
    refuse("care_child_consent_kept", "UPDATE OF consent", RECORD, f"{_ALONE} AND (" + changed("consent") + ")", CONSENT, _YOUNG),
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
