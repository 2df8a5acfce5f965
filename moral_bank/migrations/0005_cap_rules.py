"""No gain above a cap, in the databases' words: the triggers say of entries what `moral_bank.caps` says (§三.4; M22)."""

from django.db import migrations

from governance.engines import EngineSQL

MESSAGE = "超过细则的加分上限，不能入账"
KINDS = ("month", "quarter", "year")
MONTH_KEY = "(extract(year FROM month)::int * 12 + extract(month FROM month)::int)"

_CAPPED = " OR ".join(f"{owner}.cap_{kind} IS NOT NULL" for owner in ("d", "s") for kind in KINDS)
_CAPS = ", ".join(
    f"('{kind}', interval '{months} months', {owner}.cap_{kind}, {only})"
    for owner, only in (("d", "d.id"), ("s", "NULL"))
    for kind, months in zip(KINDS, (1, 3, 12), strict=True)
)

# Fires before `moral_bank_entry_post` (triggers run in order of name) and takes its locks in the same order: the months
# shared, then the accounts by id. Where no cap counts it looks the deeds up and leaves.
POSTGRESQL = (
    f"""
CREATE FUNCTION moral_bank_entry_cap() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM fresh f JOIN moral_bank_deed d ON d.id = f.deed_id
                     JOIN moral_bank_ruleset s ON s.id = d.rule_set_id
                    WHERE f.score > 0 AND f.reverses_id IS NULL AND ({_CAPPED})) THEN
        RETURN NULL;
    END IF;
    PERFORM pg_advisory_xact_lock_shared(7201, months.key)
       FROM (SELECT DISTINCT {MONTH_KEY} AS key FROM fresh ORDER BY 1) months;
    PERFORM 1 FROM moral_bank_account WHERE id IN (SELECT account_id FROM fresh) ORDER BY id FOR NO KEY UPDATE;
    PERFORM 1
       FROM (SELECT DISTINCT f.account_id, c.only_deed, d.rule_set_id, c.cap,
                    date_trunc(c.kind, f.occurred_on::timestamp)::date AS start,
                    (date_trunc(c.kind, f.occurred_on::timestamp) + c.span)::date AS stop
               FROM fresh f JOIN moral_bank_deed d ON d.id = f.deed_id
               JOIN moral_bank_ruleset s ON s.id = d.rule_set_id
               CROSS JOIN LATERAL (VALUES {_CAPS}) AS c (kind, span, cap, only_deed)
              WHERE f.score > 0 AND f.reverses_id IS NULL AND c.cap IS NOT NULL) g
      WHERE g.cap < (SELECT sum(e.score) FROM moral_bank_entry e JOIN moral_bank_deed o ON o.id = e.deed_id
                      WHERE e.account_id = g.account_id AND e.occurred_on >= g.start AND e.occurred_on < g.stop
                        AND e.score > 0 AND e.reverses_id IS NULL AND o.rule_set_id = g.rule_set_id
                        AND (g.only_deed IS NULL OR e.deed_id = g.only_deed)
                        AND NOT EXISTS (SELECT 1 FROM moral_bank_entry r WHERE r.reverses_id = e.id))
      LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING MESSAGE = '{MESSAGE}', ERRCODE = 'check_violation', CONSTRAINT = 'entry_within_cap';
    END IF;
    RETURN NULL;
END $$""",
    "CREATE TRIGGER moral_bank_entry_cap AFTER INSERT ON moral_bank_entry REFERENCING NEW TABLE AS fresh "
    "FOR EACH STATEMENT EXECUTE FUNCTION moral_bank_entry_cap()",
)

# First day of NEW's period and months that it lasts, by kind.
_STARTS = {
    "month": ("NEW.month", 1),
    "quarter": ("date(NEW.month, '-' || ((CAST(strftime('%m', NEW.month) AS integer) - 1) % 3) || ' months')", 3),
    "year": ("date(NEW.month, 'start of year')", 12),
}


def _sqlite(owner: str, kind: str) -> str:
    """Trigger that refuses what goes beyond one cap: of the deed (`d`) or of the rule set (`s`)."""
    start, months = _STARTS[kind]
    same = "e.deed_id = NEW.deed_id" if owner == "d" else "o.rule_set_id = d.rule_set_id"
    return f"""
CREATE TRIGGER {_sqlite_name(owner, kind)} BEFORE INSERT ON moral_bank_entry
WHEN NEW.score > 0 AND NEW.reverses_id IS NULL AND EXISTS (
  SELECT 1 FROM moral_bank_deed d JOIN moral_bank_ruleset s ON s.id = d.rule_set_id
   WHERE d.id = NEW.deed_id AND {owner}.cap_{kind} IS NOT NULL
     AND {owner}.cap_{kind} < NEW.score + COALESCE((
       SELECT SUM(e.score) FROM moral_bank_entry e JOIN moral_bank_deed o ON o.id = e.deed_id
        WHERE e.account_id = NEW.account_id AND {same} AND e.score > 0 AND e.reverses_id IS NULL
          AND e.occurred_on >= {start} AND e.occurred_on < date({start}, '+{months} months')
          AND NOT EXISTS (SELECT 1 FROM moral_bank_entry r WHERE r.reverses_id = e.id)), 0))
BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"""


def _sqlite_name(owner: str, kind: str) -> str:
    return f"moral_bank_entry_cap_{'deed' if owner == 'd' else 'household'}_{kind}"


class Migration(migrations.Migration):
    dependencies = [("moral_bank", "0004_claim_rules")]
    operations = [
        EngineSQL(
            {
                "postgresql": POSTGRESQL,
                "sqlite": [_sqlite(owner, kind) for owner in ("d", "s") for kind in KINDS],
            },
            {
                "postgresql": ("DROP FUNCTION moral_bank_entry_cap() CASCADE",),
                "sqlite": [f"DROP TRIGGER {_sqlite_name(owner, kind)}" for owner in ("d", "s") for kind in KINDS],
            },
        )
    ]
