"""A running notice is taken down by a person, in the databases' words (plan §三.1 依法公开); and those of the features."""

from governance.disclosure.activities.guards import GUARDS as ACTIVITIES
from governance.disclosure.affairs.guards import GUARDS as AFFAIRS
from governance.disclosure.powers.guards import GUARDS as POWERS
from governance.guards import refuse

HANGS = "正在进行的公示须由人确认撤回"

_DAYS = {
    "postgresql": {"day": "(NEW.withdrawn_at AT TIME ZONE 'Asia/Shanghai')::date"},
    "sqlite": {"day": "date(NEW.withdrawn_at, '+8 hours')"},
}

GUARDS = [
    refuse(
        "disclosure_notice_hangs",
        "UPDATE",
        "disclosure_notice",
        "NEW.withdrawn_at IS NOT NULL AND OLD.withdrawn_at IS NULL AND NEW.withdrawn_by_id IS NULL AND {day} <= NEW.closes_on",
        HANGS,
        _DAYS,
    ),
    *AFFAIRS,
    *POWERS,
    *ACTIVITIES,
]
