"""An activity is planned before it is held, and what was held or cancelled stays so, in the databases' words."""

from governance.guards import changed, refuse

BEGINS, ENDED = "活动先登记计划", "已举办或已取消的活动不能改回"
KEPT = "已举办的活动不能改动类别、日期和村，也不能删除"

_TABLE = "disclosure_activity"
_OVER = "OLD.state IN ('held', 'cancelled')"

GUARDS = [
    refuse("disclosure_activity_begins", "INSERT", _TABLE, "NEW.state <> 'planned'", BEGINS),
    refuse("disclosure_activity_ends", "UPDATE", _TABLE, f"{_OVER} AND NEW.state <> OLD.state", ENDED),
    refuse("disclosure_activity_kept", "UPDATE", _TABLE, f"{_OVER} AND ({changed('village_id', 'kind', 'planned_on')})", KEPT),
    refuse("disclosure_activity_stays", "DELETE", _TABLE, _OVER, KEPT),
]
