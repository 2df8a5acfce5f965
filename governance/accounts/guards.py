"""What never happens to the access log and to 三员, in the databases' words."""

from governance.accounts.password_guards import PASSWORD_GUARDS
from governance.accounts.second.guards import SECOND_GUARDS
from governance.accounts.stale.guards import STALE_GUARDS, UNLOCKED
from governance.guards import changed, insert_only, refuse

_IS_GUARD = "OLD.guard IN ('system', 'security', 'audit')"
_ASKED = "SELECT 1 FROM accounts_guardrequest r WHERE r.target_id = OLD.id"
_IN_FORCE = f"{_ASKED} AND r.state = 'agreed' AND r.done_at IS NULL AND r.kind IN"
_ANOTHER = "SELECT 1 FROM accounts_user u WHERE u.guard = {row}.guard AND u.id <> {row}.id"

# Who keeps his own password sets must_change_password to false; a first password is printed once, where nobody asked for a code.
_FIRST = f"OLD.last_login IS NULL AND OLD.password LIKE '!%' AND NOT EXISTS ({_ASKED})"
_PASSWORD = (
    f"{_IS_GUARD} AND ({changed('password')}) AND (NEW.must_change_password OR OLD.password LIKE '!%') "
    f"AND NOT ({_FIRST}) AND NOT EXISTS ({_IN_FORCE} ('reset', 'appoint', 'second'))"
)
_DETAILS = f"{_IS_GUARD} AND ({changed('name', 'phone')}) AND NOT EXISTS ({_IN_FORCE} ('update'))"
_ACTIVE = (
    f"{_IS_GUARD} AND ({changed('is_active')}) AND NOT EXISTS ({_IN_FORCE} (CASE WHEN NEW.is_active THEN 'enable' ELSE 'disable' END))"
)
_LAST = f"{_IS_GUARD} AND OLD.is_active AND NOT NEW.is_active AND NOT EXISTS ({_ANOTHER.format(row='OLD')} AND u.is_active AND {UNLOCKED})"
_KIND = (
    f"({changed('guard', 'username')}) AND ({_IS_GUARD} AND NEW.guard IN ('', 'system', 'security', 'audit') "
    f"OR NEW.guard <> '' AND NEW.guard <> OLD.guard AND EXISTS ({_ANOTHER.format(row='NEW')}))"
)
_CONSENT = "三员账号的变更须由另一位三员同意"

_FIXED = changed("kind", "asked_by_id", "asked_at", "expires_at", "username", "name", "phone", "guard", "reason", "first_hash")
_ANSWER = changed("state", "target_id", "answered_by_id", "answered_at", "second_hash")
_BY_GUARD = "SELECT 1 FROM accounts_user u WHERE u.id = NEW.{who}_id AND u.is_active AND u.guard IN ('system', 'security', 'audit')"

GUARDS = [
    *insert_only("accounts_accesslog", "访问日志只增不改"),
    refuse("accounts_guard_password", "UPDATE", "accounts_user", _PASSWORD, _CONSENT),
    refuse("accounts_guard_details", "UPDATE", "accounts_user", _DETAILS, _CONSENT),
    refuse("accounts_guard_active", "UPDATE", "accounts_user", _ACTIVE, _CONSENT),
    refuse("accounts_guard_last", "UPDATE", "accounts_user", _LAST, "每一种三员至少要有一个启用的账号"),
    refuse("accounts_guard_kind", "UPDATE", "accounts_user", _KIND, "三员账号的种类和登录名不能改"),
    refuse("accounts_guard_delete", "DELETE", "accounts_user", _IS_GUARD, "三员账号不能删除"),
    refuse(
        "accounts_request_open", "INSERT", "accounts_guardrequest",
        f"NEW.state <> 'open' OR NOT EXISTS ({_BY_GUARD.format(who='asked_by')})", "三员账号变更只能由三员申请",
    ),
    refuse(
        "accounts_request_fixed", "UPDATE", "accounts_guardrequest",
        f"({_FIXED}) OR OLD.state <> 'open' AND ({_ANSWER}) OR OLD.done_at IS NOT NULL AND ({changed('done_at')})",
        "三员账号变更申请答复后不能再改",
    ),
    refuse(
        "accounts_request_answer", "UPDATE", "accounts_guardrequest",
        f"NEW.state IN ('agreed', 'refused') AND OLD.state = 'open' AND NOT EXISTS ({_BY_GUARD.format(who='answered_by')})",
        "三员账号变更只能由另一位三员答复",
    ),
    refuse("accounts_request_delete", "DELETE", "accounts_guardrequest", "OLD.id IS NOT NULL", "三员账号变更申请不能删除"),
    *PASSWORD_GUARDS,
    *SECOND_GUARDS,
    *STALE_GUARDS,
]  # fmt: skip
