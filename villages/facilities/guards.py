"""What is seen of a place stays written, and what is over stays over, in the databases' words."""

from governance.guards import changed, insert_only, refuse

OVER = "已撤销的设施不能改动，也不能删除"
NOT_CHECKED = "已撤销的设施不能再检查"
CHECK_STANDS = "设施检查不能改动，也不能删除，请用更正"
RIGHT_PLACE = "更正的检查须是同一处设施的"
FAULT_STANDS = "设施损坏的记录不能改动，也不能删除"
FOUND = "设施损坏须来自同一处设施的检查"
OPEN = "还有没修好的损坏，设施不能写成正常"

_PLACE, _CHECK, _FAULT = "villages_facility", "villages_facilitycheck", "villages_facilityfault"
_ENDED = "OLD.state = 'ended'"
_COLUMNS = (
    "village_id", "unit_id", "kind", "name", "address", "keeper", "owner", "hours", "amount", "served", "connected", "latitude",
    "longitude", "since", "state", "checked_on", "check_due_on", "ended_on", "end_reason",
)  # fmt: skip
_KEPT = changed("facility_id", "found_by_id", "found_on", "due_on")
_CASE = f"OLD.case_row IS NOT NULL AND ({changed('case_row', 'case_number')})"
_MENDED = f"OLD.mended_on IS NOT NULL AND ({changed('mended_on', 'mended_how')})"

FACILITY_GUARDS = [
    refuse("facility_over", "UPDATE", _PLACE, f"{_ENDED} AND ({changed(*_COLUMNS)})", OVER),
    refuse("facility_stays", "DELETE", _PLACE, _ENDED, OVER),
    refuse(
        "facility_broken_while_open",
        "UPDATE",
        _PLACE,
        f"NEW.state IN ('working', 'ended') AND EXISTS (SELECT 1 FROM {_FAULT} f WHERE f.facility_id = NEW.id AND f.mended_on IS NULL)",
        OPEN,
    ),
    *insert_only(_CHECK, CHECK_STANDS),
    refuse(
        "facility_check_in_time",
        "INSERT",
        _CHECK,
        f"EXISTS (SELECT 1 FROM {_PLACE} p WHERE p.id = NEW.facility_id AND p.state = 'ended')",
        NOT_CHECKED,
    ),
    refuse(
        "facility_check_of_place",
        "INSERT",
        _CHECK,
        f"NEW.corrects_id IS NOT NULL AND NEW.facility_id IS DISTINCT FROM (SELECT c.facility_id FROM {_CHECK} c"
        " WHERE c.id = NEW.corrects_id)",
        RIGHT_PLACE,
    ),
    refuse(
        "facility_fault_found",
        "INSERT",
        _FAULT,
        f"NOT EXISTS (SELECT 1 FROM {_CHECK} c WHERE c.id = NEW.found_by_id AND c.facility_id = NEW.facility_id"
        " AND c.outcome = 'broken')",
        FOUND,
    ),
    refuse("facility_fault_stands", "UPDATE", _FAULT, f"{_KEPT} OR {_CASE} OR {_MENDED}", FAULT_STANDS),
    refuse("facility_fault_stays", "DELETE", _FAULT, "1 = 1", FAULT_STANDS),
]
