"""A second factor is not given back its old codes; that of 三员 is not taken away by anybody alone. In the databases' words."""

from governance.guards import changed, refuse

_OF_GUARD = "EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = OLD.user_id AND u.guard IN ('system', 'security', 'audit'))"
_AGREED = (
    "EXISTS (SELECT 1 FROM accounts_guardrequest r WHERE r.target_id = OLD.user_id AND r.kind = 'second' "
    "AND r.state = 'agreed' AND r.done_at IS NULL)"
)
# The holder, who gave a code, says so in let_go before the row goes; whoever does not is somebody else.
_TAKEN_AWAY = f"OLD.confirmed AND NOT OLD.let_go AND {_OF_GUARD} AND NOT {_AGREED}"
_WEAKER = "OLD.confirmed AND NOT NEW.confirmed OR OLD.let_go AND NOT NEW.let_go"

SECOND_GUARDS = [
    refuse("second_app_kept", "DELETE", "accounts_secondapp", _TAKEN_AWAY, "三员的第二验证须由另一位三员同意才能取消"),
    refuse("second_sheet_kept", "DELETE", "accounts_codesheet", _TAKEN_AWAY, "三员的第二验证须由另一位三员同意才能取消"),
    refuse(
        "second_app_fixed", "UPDATE", "accounts_secondapp",
        f"({changed('user_id', 'sealed_key')}) OR NEW.last_t < OLD.last_t OR {_WEAKER}", "验证器不能改，只能取消后重新启用",
    ),
    refuse("second_sheet_fixed", "UPDATE", "accounts_codesheet", f"({changed('user_id')}) OR {_WEAKER}", "备用验证码不能改，只能重新打印"),
    refuse(
        "second_code_once", "UPDATE", "accounts_sheetcode",
        f"OLD.used_at IS NOT NULL OR ({changed('sheet_id', 'hash')})", "备用验证码只能用一次",
    ),
]  # fmt: skip
