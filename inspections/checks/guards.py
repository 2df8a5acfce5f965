"""What must never happen in 户月评, in the databases' words: judging the own household or kin, or in a locked month."""

from governance.guards import refuse, shut
from villages.guards import TOWNSHIP_OF_HOUSEHOLD

KIN = "评分人本人或家人的户，或已登记回避的村，请由别人评"
TOWNSHIP = "户月评的乡镇须是户所在的乡镇"
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


GUARDS = [
    refuse("check_of_township", "INSERT", "inspections_householdcheck", TOWNSHIP_OF_HOUSEHOLD, TOWNSHIP),
    refuse(
        "check_keeps_township",
        "UPDATE OF township_id, household_id",
        "inspections_householdcheck",
        TOWNSHIP_OF_HOUSEHOLD,
        TOWNSHIP,
    ),
    refuse("inspections_check_not_kin", "INSERT", "inspections_householdcheck", _KIN, KIN),
    refuse("inspections_check_not_kin_later", "UPDATE", "inspections_householdcheck", _KIN, KIN),
    *shut("inspections_check_locked", "inspections_householdcheck", _month_locked, MONTH_LOCKED),
]
