"""三员 hold no post, in the databases' words and from both sides (docs/decisions/0006-scope-and-guards.md)."""

from governance.guards import Guard, aborting, raising

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

GUARDS = [
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
