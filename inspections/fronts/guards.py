"""What must never happen in 门前三包, in the databases' words: judging the own or kin's front, a patrol rewritten."""

from governance.guards import refuse

OTHER = "复查要由另一名巡查人办理"
OWN_FRONT = "巡查人本人或家人是门前三包责任人，请由别人办理"
WRITTEN = "巡查记录不能改动"

_SAME_PERSON = "NEW.rechecked_by_id = NEW.by_id"
# Somebody of the front's household holds a post through the accounts {users}.
_OWN_FRONT = """EXISTS (SELECT 1 FROM inspections_front f
    JOIN villages_resident r ON r.household_id = f.household_id
    JOIN villages_post p ON p.resident_id = r.id
   WHERE f.id = NEW.front_id AND p.user_id IN ({users}))"""
_OWN_AT_FIRST = _OWN_FRONT.format(users="NEW.by_id, NEW.rechecked_by_id")
_OWN_LATER = _OWN_FRONT.format(users="NEW.rechecked_by_id")
_KEPT = ("front_id", "checklist_id", "by_id", "at", "faults", "score", "note", "due_on")
# A patrol is written once; only an open one is re-checked, once, and nothing else of it changes.
_REWRITTEN = "OLD.state <> 'reminded' OR NEW.state NOT IN ('fixed', 'again') OR " + " OR ".join(
    f"NEW.{column} <> OLD.{column}" for column in _KEPT
)

GUARDS = [
    refuse("inspections_recheck_other", "INSERT", "inspections_frontpatrol", _SAME_PERSON, OTHER),
    refuse("inspections_recheck_other_later", "UPDATE", "inspections_frontpatrol", _SAME_PERSON, OTHER),
    refuse("inspections_patrol_not_kin", "INSERT", "inspections_frontpatrol", _OWN_AT_FIRST, OWN_FRONT),
    refuse("inspections_patrol_not_kin_later", "UPDATE", "inspections_frontpatrol", _OWN_LATER, OWN_FRONT),
    refuse("inspections_patrol_kept_update", "UPDATE", "inspections_frontpatrol", _REWRITTEN, WRITTEN),
    refuse("inspections_patrol_kept_delete", "DELETE", "inspections_frontpatrol", "1 = 1", WRITTEN),
]
