"""A statement of collective income is confirmed step by step and then stands, in the databases' words."""

from governance.guards import changed, refuse

BEGINS = "村集体经济收支先填草稿，报镇后才能核定"
STANDS = "镇已核的村集体经济收支不能改动，也不能删除，请用更正"
SAME = "村集体经济收支的村、年度和版次不能改"
DRAFTED = "只有草稿的金额可以改动"

_TABLE, _AMOUNTS = "villages_economystatement", "villages_economyamount"
_STATE = "(SELECT s.state FROM villages_economystatement s WHERE s.id = {row}.statement_id)"
_NEW, _OLD = (f"COALESCE({_STATE.format(row=row)}, 'draft') <> 'draft'" for row in ("NEW", "OLD"))
_SIGNED = changed("reason", "returned", "drafted_by_id", "drafted_at", "confirmed_by_id", "confirmed_at")

GUARDS = [
    refuse("economy_begins", "INSERT", _TABLE, "NEW.state <> 'draft'", BEGINS),
    refuse("economy_same", "UPDATE", _TABLE, changed("village_id", "year", "version"), SAME),
    refuse(
        "economy_stands",
        "UPDATE",
        _TABLE,
        f"OLD.state IN ('confirmed', 'replaced') AND ({_SIGNED} OR NEW.state <> 'replaced' AND NEW.state <> OLD.state)"
        " OR OLD.state = 'replaced' AND NEW.state <> OLD.state",
        STANDS,
    ),
    refuse(
        "economy_in_order",
        "UPDATE",
        _TABLE,
        "NEW.state = 'confirmed' AND OLD.state = 'draft' OR NEW.state = 'replaced' AND OLD.state IN ('draft', 'reported')",
        BEGINS,
    ),
    refuse("economy_stays", "DELETE", _TABLE, "OLD.state IN ('confirmed', 'replaced')", STANDS),
    refuse("economy_amount_added", "INSERT", _AMOUNTS, _NEW, DRAFTED),
    refuse("economy_amount_changed", "UPDATE", _AMOUNTS, f"{_NEW} OR {_OLD}", DRAFTED),
    refuse("economy_amount_gone", "DELETE", _AMOUNTS, _OLD, DRAFTED),
]
