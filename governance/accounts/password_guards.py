"""No password is replaced without the old one's hash being kept, whatever writes it. In the databases' words."""

from governance.guards import Guard

_REPLACED = "OLD.password <> NEW.password AND OLD.password NOT LIKE '!%'"
_KEEP = "INSERT INTO accounts_pastpassword (user_id, password, at) VALUES (OLD.id, OLD.password, {now});"
_SQLITE_NOW = "strftime('%Y-%m-%d %H:%M:%f', 'now')"
_EVENT = "AFTER UPDATE OF password ON accounts_user FOR EACH ROW"

PASSWORD_GUARDS = [
    Guard(
        "accounts_past_password",
        _EVENT,
        f"{_EVENT} WHEN {_REPLACED} BEGIN {_KEEP.format(now=_SQLITE_NOW)} END",
        f" BEGIN IF {_REPLACED} THEN {_KEEP.format(now='now()')} END IF; RETURN NULL; END ",
    )
]
