"""Consent is not rewritten, but for a guardian who is forgotten, and a child does not give it alone, in the databases' words."""

from governance.guards import changed, refuse
from villages.consents.models import CHILD
from villages.retention.models import NAMELESS

KEPT = "同意的登记不能改动，只能登记撤回"
ALONE = "未满十四周岁的，须由监护人同意"

_TABLE = "villages_consent"
_WORDS = {
    "postgresql": {"born": f"(NEW.given_on - interval '{CHILD} years')::date"},
    "sqlite": {"born": f"date(NEW.given_on, '-{CHILD} years')"},
}

CONSENT_GUARDS = [
    refuse(
        "consent_of_guardian",
        "INSERT",
        _TABLE,
        "NEW.guardian = '' AND EXISTS (SELECT 1 FROM villages_resident r WHERE r.id = NEW.resident_id AND r.birth_date > {born})",
        ALONE,
        _WORDS,
    ),
    refuse(
        "consent_is_kept",
        "UPDATE",
        _TABLE,
        f"{changed('resident_id', 'purpose', 'given_on', 'how', 'guardian_relation', 'by_id', 'at')}"
        f" OR ({changed('guardian')}) AND NOT (OLD.guardian <> '' AND NEW.guardian = '{NAMELESS}')"
        f" OR OLD.withdrawn_on IS NOT NULL AND ({changed('withdrawn_on', 'withdrawn_by_id')})",
        KEPT,
    ),
    refuse("consent_is_not_deleted", "DELETE", _TABLE, "TRUE", KEPT),
]
