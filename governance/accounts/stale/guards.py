"""That nobody logs in does not leave the portal without one of 三员, in the databases' words."""

from governance.guards import refuse

UNLOCKED = "NOT EXISTS (SELECT 1 FROM accounts_staleaccount s WHERE s.user_id = u.id AND s.locked_at IS NOT NULL)"
_LAST = (
    "NEW.locked_at IS NOT NULL AND EXISTS (SELECT 1 FROM accounts_user o WHERE o.id = NEW.user_id AND o.guard <> '' AND NOT EXISTS "
    f"(SELECT 1 FROM accounts_user u WHERE u.guard = o.guard AND u.id <> o.id AND u.is_active AND {UNLOCKED}))"
)

STALE_GUARDS = [
    refuse(f"stale_last_guard_{event.lower()}", event, "accounts_staleaccount", _LAST, "每一种三员至少要有一个能登录的账号")
    for event in ("INSERT", "UPDATE")
]
