"""What was forgotten stays forgotten, in the databases' words."""

from governance.guards import insert_only, refuse

FORGOTTEN = "资料已经注销，不能恢复"

RETENTION_GUARDS = [
    *insert_only("villages_forgetting", "资料注销记录只能新增"),
    refuse(
        "resident_stays_forgotten",
        "UPDATE",
        "villages_resident",
        "OLD.forgotten_on IS NOT NULL AND NEW.forgotten_on IS DISTINCT FROM OLD.forgotten_on",
        FORGOTTEN,
    ),
]
