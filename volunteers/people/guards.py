"""What must never happen to volunteers, teams and certificates, in the databases' words (docs/decisions/0017-guards.md)."""

from governance.guards import insert_only, refuse
from villages.guards import TOWNSHIP_OF_VILLAGE

TOWNSHIP = "志愿者所在的村（社区）和居民须在本乡镇"
STATES = "志愿者的状态不能这样改"
RUNNING = "还有没跑完的单，不能暂停或退出"
PERSON = "志愿者是谁一经登记不能改动"
MEMBER = "队员须是本乡镇没有退出的志愿者"
ISSUED = "志愿服务记录证明出具后不能改动或删除"

_VOLUNTEER = "volunteers_volunteer"
_ELSEWHERE = f"""{TOWNSHIP_OF_VILLAGE}
    OR (NEW.resident_id IS NOT NULL AND NEW.township_id IS DISTINCT FROM
        (SELECT v.parent_id FROM villages_resident r JOIN villages_household h ON h.id = r.household_id
           JOIN villages_unit v ON v.id = h.village_id WHERE r.id = NEW.resident_id))"""
_ANOTHER_PERSON = "NEW.resident_id IS DISTINCT FROM OLD.resident_id OR NEW.township_id <> OLD.township_id OR NEW.id_hash <> OLD.id_hash"
_WRONG_WAY = """NEW.state <> OLD.state AND NOT (
    (OLD.state = 'applied' AND NEW.state IN ('active', 'left')) OR (OLD.state = 'active' AND NEW.state IN ('paused', 'left'))
    OR (OLD.state = 'paused' AND NEW.state IN ('active', 'left')))"""
_RUNS = """NEW.state IN ('paused', 'left') AND NEW.state <> OLD.state
    AND EXISTS (SELECT 1 FROM volunteers_run r WHERE r.volunteer_id = NEW.id AND r.ended_at IS NULL)"""
_NO_MEMBER = """NOT EXISTS (SELECT 1 FROM volunteers_volunteer v, volunteers_serviceteam t JOIN villages_unit u ON u.id = t.village_id
    WHERE v.id = NEW.volunteer_id AND t.id = NEW.team_id AND v.township_id = u.parent_id AND v.state <> 'left')"""

GUARDS = [
    refuse("volunteer_in_township", "INSERT", _VOLUNTEER, _ELSEWHERE, TOWNSHIP),
    refuse("volunteer_stays_in_township", "UPDATE OF village_id", _VOLUNTEER, TOWNSHIP_OF_VILLAGE, TOWNSHIP),
    refuse("volunteer_person_kept", "UPDATE", _VOLUNTEER, _ANOTHER_PERSON, PERSON),
    refuse("volunteer_state_path", "UPDATE OF state", _VOLUNTEER, _WRONG_WAY, STATES),
    refuse("volunteer_stops_without_run", "UPDATE OF state", _VOLUNTEER, _RUNS, RUNNING),
    refuse("service_member_fits", "INSERT", "volunteers_servicemember", _NO_MEMBER, MEMBER),
    refuse("service_member_fits_later", "UPDATE", "volunteers_servicemember", _NO_MEMBER, MEMBER),
    *insert_only("volunteers_certificate", ISSUED),
]
