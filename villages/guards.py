"""三员 hold no post, from both sides (docs/decisions/0006-scope-and-guards.md); villages and households stay in their township, so
that rows may carry it (docs/decisions/0018-scope.md)."""

from governance.guards import Guard, aborting, changed, raising, refuse
from villages.consents.guards import CONSENT_GUARDS
from villages.economy.guards import GUARDS as ECONOMY_GUARDS
from villages.economy.leases.guards import LEASE_GUARDS
from villages.facilities.guards import FACILITY_GUARDS
from villages.first_day.guards import GUARDS as FIRST_DAY_GUARDS
from villages.retention.guards import RETENTION_GUARDS

MESSAGE = "三员不得兼任业务职务"

_POST = f"""
BEGIN
    IF NEW.user_id IS NOT NULL AND NEW.ended_on IS NULL THEN
        -- locked whether guard or not, so that the account cannot become one before this commits
        PERFORM 1 FROM accounts_user WHERE id = NEW.user_id FOR SHARE;
        IF EXISTS (SELECT 1 FROM accounts_user WHERE id = NEW.user_id AND guard <> '') THEN
            {raising(MESSAGE)}
        END IF;
    END IF;
    RETURN NEW;
END """
_USER = f"""
BEGIN
    IF EXISTS (SELECT 1 FROM villages_post WHERE user_id = NEW.id AND ended_on IS NULL) THEN
        {raising(MESSAGE)}
    END IF;
    RETURN NEW;
END """
_POST_OF_GUARD = """NEW.user_id IS NOT NULL AND NEW.ended_on IS NULL
 AND EXISTS (SELECT 1 FROM accounts_user WHERE id = NEW.user_id AND guard <> '')
"""

_TOWNSHIP = "(SELECT v.parent_id FROM villages_unit v WHERE v.id = {row}.village_id)"
# A row's own township is that of its village, or where its household lives.
TOWNSHIP_OF_VILLAGE = f"NEW.township_id IS DISTINCT FROM {_TOWNSHIP.format(row='NEW')}"
TOWNSHIP_OF_HOUSEHOLD = (
    "NEW.township_id IS DISTINCT FROM (SELECT v.parent_id FROM villages_household h JOIN villages_unit v ON v.id = h.village_id"
    " WHERE h.id = NEW.household_id)"
)

GUARDS = [
    *FIRST_DAY_GUARDS,
    *RETENTION_GUARDS,
    *CONSENT_GUARDS,
    *ECONOMY_GUARDS,
    *LEASE_GUARDS,
    *FACILITY_GUARDS,
    refuse("unit_keeps_parent", "UPDATE OF parent_id", "villages_unit", changed("parent_id"), "单位的上级不能改"),
    refuse(
        "household_keeps_township",
        "UPDATE OF village_id",
        "villages_household",
        f"{_TOWNSHIP.format(row='NEW')} IS DISTINCT FROM {_TOWNSHIP.format(row='OLD')}",
        "户不能迁出乡镇，请销户后到新村立户",
    ),
    Guard("villages_post_guard", "BEFORE INSERT OR UPDATE ON villages_post FOR EACH ROW", body=_POST),
    *(
        Guard(f"villages_post_guard_{verb.lower()}", sqlite=aborting(verb, "villages_post", _POST_OF_GUARD, MESSAGE))
        for verb in ("INSERT", "UPDATE")
    ),
    Guard(
        "accounts_user_guard",
        "BEFORE UPDATE OF guard ON accounts_user FOR EACH ROW WHEN (NEW.guard <> '')",
        aborting(
            "UPDATE OF guard",
            "accounts_user",
            "NEW.guard <> '' AND EXISTS (SELECT 1 FROM villages_post WHERE user_id = NEW.id AND ended_on IS NULL)",
            MESSAGE,
        ),
        _USER,
    ),
]
