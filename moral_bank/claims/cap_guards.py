"""No gain above a cap, in the databases' words: the triggers say of entries what `moral_bank.claims.caps` says (§三.4; M22)."""

from governance.guards import Guard, aborting, raising
from moral_bank.ledger.guards import ENTRIES, LOCK_MONTHS

CAPPED = "超过细则的加分上限，不能入账"
KINDS = ("month", "quarter", "year")

_CAPPED = " OR ".join(f"{owner}.cap_{kind} IS NOT NULL" for owner in ("d", "s") for kind in KINDS)
_CAPS = ", ".join(
    f"('{kind}', interval '{months} months', {owner}.cap_{kind}, {only})"
    for owner, only in (("d", "d.id"), ("s", "NULL"))
    for kind, months in zip(KINDS, (1, 3, 12), strict=True)
)

# Fires before `moral_bank_entry_post` (triggers run in order of name) and takes its locks in the same order: the months
# shared, then the accounts by id. Where no cap counts it looks the deeds up and leaves.
_BODY = f"""
BEGIN
    IF NOT EXISTS (SELECT 1 FROM fresh f JOIN moral_bank_deed d ON d.id = f.deed_id
                     JOIN moral_bank_ruleset s ON s.id = d.rule_set_id
                    WHERE f.score > 0 AND f.reverses_id IS NULL AND ({_CAPPED})) THEN
        RETURN NULL;
    END IF;
    {LOCK_MONTHS}
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
        {raising(CAPPED, "entry_within_cap")}
    END IF;
    RETURN NULL;
END """

# First day of NEW's period and months that it lasts, by kind.
_STARTS = {
    "month": ("NEW.month", 1),
    "quarter": ("date(NEW.month, '-' || ((CAST(strftime('%m', NEW.month) AS integer) - 1) % 3) || ' months')", 3),
    "year": ("date(NEW.month, 'start of year')", 12),
}


def _sqlite(owner: str, kind: str) -> Guard:
    """Refuses what goes beyond one cap: of the deed (`d`) or of the rule set (`s`)."""
    start, months = _STARTS[kind]
    same = "e.deed_id = NEW.deed_id" if owner == "d" else "o.rule_set_id = d.rule_set_id"
    beyond = f"""NEW.score > 0 AND NEW.reverses_id IS NULL AND EXISTS (
  SELECT 1 FROM moral_bank_deed d JOIN moral_bank_ruleset s ON s.id = d.rule_set_id
   WHERE d.id = NEW.deed_id AND {owner}.cap_{kind} IS NOT NULL
     AND {owner}.cap_{kind} < NEW.score + COALESCE((
       SELECT SUM(e.score) FROM moral_bank_entry e JOIN moral_bank_deed o ON o.id = e.deed_id
        WHERE e.account_id = NEW.account_id AND {same} AND e.score > 0 AND e.reverses_id IS NULL
          AND e.occurred_on >= {start} AND e.occurred_on < date({start}, '+{months} months')
          AND NOT EXISTS (SELECT 1 FROM moral_bank_entry r WHERE r.reverses_id = e.id)), 0))
"""
    name = f"moral_bank_entry_cap_{'deed' if owner == 'd' else 'household'}_{kind}"
    return Guard(name, sqlite=aborting("INSERT", "moral_bank_entry", beyond, CAPPED))


GUARDS = [
    Guard("moral_bank_entry_cap", ENTRIES, body=_BODY),
    *(_sqlite(owner, kind) for owner in ("d", "s") for kind in KINDS),
]
