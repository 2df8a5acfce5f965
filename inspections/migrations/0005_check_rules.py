"""What must never happen in 户月评 and 门前三包, in the databases' words: judging the own household or kin."""

from django.db import migrations

from governance.engines import refuse

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
_PATROL_RULES = [
    refuse("inspections_recheck_other", "INSERT", "inspections_frontpatrol", _SAME_PERSON, OTHER),
    refuse("inspections_recheck_other_later", "UPDATE", "inspections_frontpatrol", _SAME_PERSON, OTHER),
    refuse("inspections_patrol_not_kin", "INSERT", "inspections_frontpatrol", _OWN_AT_FIRST, OWN_FRONT),
    refuse("inspections_patrol_not_kin_later", "UPDATE", "inspections_frontpatrol", _OWN_LATER, OWN_FRONT),
    refuse("inspections_patrol_kept_update", "UPDATE", "inspections_frontpatrol", _REWRITTEN, WRITTEN),
    refuse("inspections_patrol_kept_delete", "DELETE", "inspections_frontpatrol", "1 = 1", WRITTEN),
]

KIN = "评分人本人或家人的户，或已登记回避的村，请由别人评"
MONTH_LOCKED = "这个月的评分已锁定，户月评不能再改动"

# The household is home to the holder of one of by's posts, or lies in a village from which by is recused.
_KIN = """(
    EXISTS (SELECT 1 FROM villages_resident r JOIN villages_post p ON p.resident_id = r.id
             WHERE r.household_id = NEW.household_id AND p.user_id = NEW.by_id)
    OR EXISTS (SELECT 1 FROM inspections_recusal c JOIN villages_household h ON h.village_id = c.village_id
                WHERE h.id = NEW.household_id AND c.user_id = NEW.by_id)
)"""


def _month_locked(row: str) -> str:
    return (
        "EXISTS (SELECT 1 FROM villages_household h JOIN moral_bank_closing c ON c.village_id = h.village_id "
        f"WHERE h.id = {row}.household_id AND c.kind = 'month' AND c.start = {row}.month AND c.state = 'locked')"
    )


_CHECK_RULES = [
    refuse("inspections_check_not_kin", "INSERT", "inspections_householdcheck", _KIN, KIN),
    refuse("inspections_check_not_kin_later", "UPDATE", "inspections_householdcheck", _KIN, KIN),
    *[
        refuse(f"inspections_check_locked_{event.lower()}", event, "inspections_householdcheck", locked, MONTH_LOCKED)
        for event, locked in (
            ("INSERT", _month_locked("NEW")),
            ("UPDATE", f"({_month_locked('OLD')} OR {_month_locked('NEW')})"),
            ("DELETE", _month_locked("OLD")),
        )
    ],
]


class Migration(migrations.Migration):
    dependencies = [("inspections", "0004_order_rules"), ("moral_bank", "0002_ledger_rules")]
    operations = [*_CHECK_RULES, *_PATROL_RULES]
