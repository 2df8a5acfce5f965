"""The ledger's own rules, in the databases' words (docs/decisions/0002-ledger.md)."""

from django.db import migrations

from governance.engines import EngineSQL, insert_only

LOCKED = "该期间已锁定，不能再记账或改动"
BALANCE = "余额只能由记账改变"
REVERSAL = "冲正须与原记录同户、同类、数额相反"
ADOPTED = "已施行的细则不能修改，请另立新版本"

# A poster holds the month's lock shared, whoever locks a closing of that month holds it alone: no entry slips in between.
MONTH_KEY = "(extract(year FROM {column})::int * 12 + extract(month FROM {column})::int)"

POSTGRESQL = (
    f"""
CREATE FUNCTION moral_bank_entry_post() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    several boolean;
    locked boolean;
    unfit boolean;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(7201, months.key)
       FROM (SELECT DISTINCT {MONTH_KEY.format(column="month")} AS key FROM fresh ORDER BY 1) months;
    SELECT count(*) > 1,
           bool_or(EXISTS (SELECT 1 FROM moral_bank_closing c
                            WHERE c.village_id = f.village_id AND c.kind = 'month' AND c.start = f.month
                              AND c.state = 'locked')
                OR EXISTS (SELECT 1 FROM moral_bank_closing c JOIN moral_bank_rating r ON r.closing_id = c.id
                            WHERE r.account_id = f.account_id AND c.kind = 'month' AND c.start = f.month
                              AND c.state = 'locked')),
           bool_or(f.reverses_id IS NOT NULL
               AND NOT EXISTS (SELECT 1 FROM moral_bank_entry o
                                WHERE o.id = f.reverses_id AND o.account_id = f.account_id AND o.points = -f.points
                                  AND o.score = -f.score AND o.head = f.head AND o.reverses_id IS NULL))
      INTO several, locked, unfit
      FROM fresh f;
    IF locked THEN
        RAISE EXCEPTION USING MESSAGE = '{LOCKED}', ERRCODE = 'check_violation', CONSTRAINT = 'entry_month_open';
    END IF;
    IF unfit THEN
        RAISE EXCEPTION USING MESSAGE = '{REVERSAL}', ERRCODE = 'check_violation', CONSTRAINT = 'entry_reversal_fits';
    END IF;
    IF several THEN
        PERFORM 1 FROM moral_bank_account WHERE id IN (SELECT account_id FROM fresh) ORDER BY id FOR UPDATE;
    END IF;
    UPDATE moral_bank_account a SET balance = a.balance + d.points
      FROM (SELECT account_id, sum(points) AS points FROM fresh GROUP BY account_id) d
     WHERE a.id = d.account_id AND d.points <> 0;
    RETURN NULL;
END $$""",
    "CREATE TRIGGER moral_bank_entry_post AFTER INSERT ON moral_bank_entry REFERENCING NEW TABLE AS fresh "
    "FOR EACH STATEMENT EXECUTE FUNCTION moral_bank_entry_post()",
    f"""
CREATE FUNCTION moral_bank_account_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION USING MESSAGE = '{BALANCE}', ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$""",
    "CREATE TRIGGER moral_bank_account_balance BEFORE UPDATE OF balance ON moral_bank_account FOR EACH ROW "
    "WHEN (NEW.balance <> OLD.balance) EXECUTE FUNCTION moral_bank_account_balance()",
    "CREATE TRIGGER moral_bank_account_opening BEFORE INSERT ON moral_bank_account FOR EACH ROW "
    "WHEN (NEW.balance <> 0) EXECUTE FUNCTION moral_bank_account_balance()",
    f"""
CREATE FUNCTION moral_bank_closing_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'locked' THEN
        RAISE EXCEPTION USING MESSAGE = '{LOCKED}', ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF NEW.state = 'locked' AND NEW.kind = 'month' THEN
        PERFORM pg_advisory_xact_lock(7201, {MONTH_KEY.format(column="NEW.start")});
    END IF;
    RETURN NEW;
END $$""",
    "CREATE TRIGGER moral_bank_closing_guard BEFORE UPDATE OR DELETE ON moral_bank_closing "
    "FOR EACH ROW EXECUTE FUNCTION moral_bank_closing_guard()",
    f"""
CREATE FUNCTION moral_bank_rating_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM moral_bank_closing c
      WHERE c.state = 'locked' AND c.id IN (SELECT DISTINCT closing_id FROM touched) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING MESSAGE = '{LOCKED}', ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$""",
    *(
        f"CREATE TRIGGER moral_bank_rating_{verb.lower()} AFTER {verb} ON moral_bank_rating "
        f"REFERENCING {table} TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION moral_bank_rating_guard()"
        for verb, table in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD"))
    ),
    f"""
CREATE FUNCTION moral_bank_rule_set_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = '{ADOPTED}', ERRCODE = 'check_violation';
END $$""",
    "CREATE TRIGGER moral_bank_rule_set_guard BEFORE UPDATE OR DELETE ON moral_bank_ruleset FOR EACH ROW "
    "WHEN (OLD.state = 'adopted') EXECUTE FUNCTION moral_bank_rule_set_guard()",
    f"""
CREATE FUNCTION moral_bank_rule_line_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM moral_bank_ruleset
      WHERE state = 'adopted'
        AND ((TG_OP <> 'DELETE' AND id = NEW.rule_set_id) OR (TG_OP <> 'INSERT' AND id = OLD.rule_set_id));
    IF FOUND THEN
        RAISE EXCEPTION USING MESSAGE = '{ADOPTED}', ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$""",
    *(
        f"CREATE TRIGGER {table}_guard BEFORE INSERT OR UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION moral_bank_rule_line_guard()"
        for table in ("moral_bank_deed", "moral_bank_rulehead")
    ),
)


def _refuse(name: str, event: str, table: str, when: str, message: str) -> str:
    return f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {when} BEGIN SELECT RAISE(ABORT, '{message}'); END"


def _is_locked(closing: str) -> str:
    return f"EXISTS (SELECT 1 FROM moral_bank_closing c WHERE c.id = {closing} AND c.state = 'locked')"


def _is_adopted(rule_set: str) -> str:
    return f"EXISTS (SELECT 1 FROM moral_bank_ruleset s WHERE s.id = {rule_set} AND s.state = 'adopted')"


SQLITE_REFUSALS = {
    "moral_bank_entry_month_open": (
        "INSERT",
        "moral_bank_entry",
        "EXISTS (SELECT 1 FROM moral_bank_closing c WHERE c.village_id = NEW.village_id AND c.kind = 'month'"
        " AND c.start = NEW.month AND c.state = 'locked')"
        " OR EXISTS (SELECT 1 FROM moral_bank_rating r JOIN moral_bank_closing c ON c.id = r.closing_id"
        " WHERE r.account_id = NEW.account_id AND c.kind = 'month' AND c.start = NEW.month AND c.state = 'locked')",
        LOCKED,
    ),
    "moral_bank_entry_reversal_fits": (
        "INSERT",
        "moral_bank_entry",
        "NEW.reverses_id IS NOT NULL AND EXISTS (SELECT 1 FROM moral_bank_entry o WHERE o.id = NEW.reverses_id"
        " AND (o.account_id <> NEW.account_id OR o.points <> -NEW.points OR o.score <> -NEW.score"
        " OR o.head <> NEW.head OR o.reverses_id IS NOT NULL))",
        REVERSAL,
    ),
    "moral_bank_account_balance": (
        "UPDATE OF balance",
        "moral_bank_account",
        "NEW.balance <> (SELECT COALESCE(SUM(points), 0) FROM moral_bank_entry WHERE account_id = NEW.id)",
        BALANCE,
    ),
    "moral_bank_account_opening": ("INSERT", "moral_bank_account", "NEW.balance <> 0", BALANCE),
    "moral_bank_closing_update": ("UPDATE", "moral_bank_closing", "OLD.state = 'locked'", LOCKED),
    "moral_bank_closing_delete": ("DELETE", "moral_bank_closing", "OLD.state = 'locked'", LOCKED),
    "moral_bank_rating_insert": ("INSERT", "moral_bank_rating", _is_locked("NEW.closing_id"), LOCKED),
    "moral_bank_rating_update": ("UPDATE", "moral_bank_rating", _is_locked("OLD.closing_id"), LOCKED),
    "moral_bank_rating_delete": ("DELETE", "moral_bank_rating", _is_locked("OLD.closing_id"), LOCKED),
    "moral_bank_rule_set_update": ("UPDATE", "moral_bank_ruleset", "OLD.state = 'adopted'", ADOPTED),
    "moral_bank_rule_set_delete": ("DELETE", "moral_bank_ruleset", "OLD.state = 'adopted'", ADOPTED),
    **{
        f"{table}_{event.lower()}": (event, table, _is_adopted(f"{row}.rule_set_id"), ADOPTED)
        for table in ("moral_bank_deed", "moral_bank_rulehead")
        for event, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD"))
    },
}
SQLITE = (
    *(_refuse(name, *rule) for name, rule in SQLITE_REFUSALS.items()),
    "CREATE TRIGGER moral_bank_entry_post AFTER INSERT ON moral_bank_entry WHEN NEW.points <> 0 BEGIN "
    "UPDATE moral_bank_account SET balance = balance + NEW.points WHERE id = NEW.account_id; END",
)


class Migration(migrations.Migration):
    dependencies = [("moral_bank", "0001_initial")]
    operations = [
        EngineSQL(
            {"postgresql": POSTGRESQL, "sqlite": SQLITE},
            {
                "postgresql": tuple(
                    f"DROP FUNCTION moral_bank_{name}() CASCADE"
                    for name in (
                        "entry_post",
                        "account_balance",
                        "closing_guard",
                        "rating_guard",
                        "rule_set_guard",
                        "rule_line_guard",
                    )
                ),
                "sqlite": tuple(f"DROP TRIGGER {name}" for name in (*SQLITE_REFUSALS, "moral_bank_entry_post")),
            },
        ),
        insert_only("moral_bank_entry", "台账记录只增不改，请用冲正"),
    ]
