from django.db import migrations

from governance.engines import EngineSQL

MESSAGE = "三员不得兼任业务职务"

POSTGRESQL = (
    f"""
CREATE FUNCTION villages_post_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.user_id IS NOT NULL AND NEW.ended_on IS NULL THEN
        -- locked whether guard or not, so that the account cannot become one before this commits
        PERFORM 1 FROM accounts_user WHERE id = NEW.user_id FOR SHARE;
        IF EXISTS (SELECT 1 FROM accounts_user WHERE id = NEW.user_id AND guard <> '') THEN
            RAISE EXCEPTION USING MESSAGE = '{MESSAGE}', ERRCODE = 'check_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$""",
    "CREATE TRIGGER villages_post_guard BEFORE INSERT OR UPDATE ON villages_post "
    "FOR EACH ROW EXECUTE FUNCTION villages_post_guard()",
    f"""
CREATE FUNCTION accounts_user_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM villages_post WHERE user_id = NEW.id AND ended_on IS NULL) THEN
        RAISE EXCEPTION USING MESSAGE = '{MESSAGE}', ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$""",
    "CREATE TRIGGER accounts_user_guard BEFORE UPDATE OF guard ON accounts_user "
    "FOR EACH ROW WHEN (NEW.guard <> '') EXECUTE FUNCTION accounts_user_guard()",
)

_POST_SQLITE = f"""
CREATE TRIGGER villages_post_guard_{{verb}} BEFORE {{event}} ON villages_post
WHEN NEW.user_id IS NOT NULL AND NEW.ended_on IS NULL
 AND EXISTS (SELECT 1 FROM accounts_user WHERE id = NEW.user_id AND guard <> '')
BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"""

SQLITE = (
    _POST_SQLITE.format(verb="insert", event="INSERT"),
    _POST_SQLITE.format(verb="update", event="UPDATE"),
    f"""
CREATE TRIGGER accounts_user_guard BEFORE UPDATE OF guard ON accounts_user
WHEN NEW.guard <> '' AND EXISTS (SELECT 1 FROM villages_post WHERE user_id = NEW.id AND ended_on IS NULL)
BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END""",
)


class Migration(migrations.Migration):
    dependencies = [("villages", "0001_initial"), ("accounts", "0001_initial")]
    operations = [
        EngineSQL(
            {"postgresql": POSTGRESQL, "sqlite": SQLITE},
            {
                "postgresql": (
                    "DROP FUNCTION villages_post_guard() CASCADE",
                    "DROP FUNCTION accounts_user_guard() CASCADE",
                ),
                "sqlite": (
                    "DROP TRIGGER villages_post_guard_insert",
                    "DROP TRIGGER villages_post_guard_update",
                    "DROP TRIGGER accounts_user_guard",
                ),
            },
        )
    ]
