"""A locked closing and its ratings stay as they are, in the databases' words (docs/decisions/0003-ratings-in-sets.md)."""

from governance.guards import Guard, aborting, raising
from moral_bank.ledger.guards import LOCKED, MONTH_KEY

_CLOSING = f"""
BEGIN
    IF OLD.state = 'locked' THEN
        {raising(LOCKED)}
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF NEW.state = 'locked' AND NEW.kind = 'month' THEN
        PERFORM pg_advisory_xact_lock(7201, {MONTH_KEY.format(column="NEW.start")});
    END IF;
    RETURN NEW;
END """
_RATING = f"""
BEGIN
    PERFORM 1 FROM moral_bank_closing c
      WHERE c.state = 'locked' AND c.id IN (SELECT DISTINCT closing_id FROM touched) LIMIT 1;
    IF FOUND THEN
        {raising(LOCKED)}
    END IF;
    RETURN NULL;
END """


def _rating(verb: str, row: str) -> Guard:
    locked = f"EXISTS (SELECT 1 FROM moral_bank_closing c WHERE c.id = {row}.closing_id AND c.state = 'locked')"
    return Guard(
        f"moral_bank_rating_{verb.lower()}",
        f"AFTER {verb} ON moral_bank_rating REFERENCING {row} TABLE AS touched FOR EACH STATEMENT",
        aborting(verb, "moral_bank_rating", locked, LOCKED),
        _RATING,
        function="moral_bank_rating_guard",
    )


GUARDS = [
    Guard("moral_bank_closing_guard", "BEFORE DELETE OR UPDATE ON moral_bank_closing FOR EACH ROW", body=_CLOSING),
    *(
        Guard(f"moral_bank_closing_{verb.lower()}", sqlite=aborting(verb, "moral_bank_closing", "OLD.state = 'locked'", LOCKED))
        for verb in ("UPDATE", "DELETE")
    ),
    _rating("INSERT", "NEW"),
    _rating("UPDATE", "OLD"),
    _rating("DELETE", "OLD"),
]
