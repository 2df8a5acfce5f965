"""An adopted version of the rules stays as it is, in the databases' words (plan §三.1)."""

from governance.guards import Guard, aborting, raising

ADOPTED = "已施行的细则不能修改，请另立新版本"

_RULE_SET = f"""
BEGIN
    {raising(ADOPTED)}
END """
_LINE = f"""
BEGIN
    PERFORM 1 FROM moral_bank_ruleset
      WHERE state = 'adopted'
        AND ((TG_OP <> 'DELETE' AND id = NEW.rule_set_id) OR (TG_OP <> 'INSERT' AND id = OLD.rule_set_id));
    IF FOUND THEN
        {raising(ADOPTED)}
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END """
_LINES = ("moral_bank_deed", "moral_bank_rulehead")


def _line_of_adopted(table: str, verb: str) -> Guard:
    row = "NEW" if verb == "INSERT" else "OLD"
    adopted = f"EXISTS (SELECT 1 FROM moral_bank_ruleset s WHERE s.id = {row}.rule_set_id AND s.state = 'adopted')"
    return Guard(f"{table}_{verb.lower()}", sqlite=aborting(verb, table, adopted, ADOPTED))


GUARDS = [
    Guard(
        "moral_bank_rule_set_guard",
        "BEFORE DELETE OR UPDATE ON moral_bank_ruleset FOR EACH ROW WHEN (OLD.state = 'adopted')",
        body=_RULE_SET,
    ),
    *(
        Guard(f"moral_bank_rule_set_{verb.lower()}", sqlite=aborting(verb, "moral_bank_ruleset", "OLD.state = 'adopted'", ADOPTED))
        for verb in ("UPDATE", "DELETE")
    ),
    *(
        Guard(
            f"{table}_guard",
            f"BEFORE INSERT OR DELETE OR UPDATE ON {table} FOR EACH ROW",
            body=_LINE,
            function="moral_bank_rule_line_guard",
        )
        for table in _LINES
    ),
    *(_line_of_adopted(table, verb) for table in _LINES for verb in ("INSERT", "UPDATE", "DELETE")),
]
