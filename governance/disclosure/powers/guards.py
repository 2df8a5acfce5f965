"""A text that the township has confirmed is not changed behind its back, in the databases' words (plan §三.1 小微权力清单)."""

from governance.guards import changed, refuse

CONFIRMED = "镇已确认的权力事项，改动后要重新确认"

_WORDS = changed("name", "area", "basis", "body", "steps", "papers", "limits", "supervisor", "cost")
_STILL = "OLD.confirmed_on IS NOT NULL AND NEW.confirmed_on IS NOT NULL"

GUARDS = [refuse("disclosure_power_confirmed", "UPDATE", "disclosure_power", f"{_STILL} AND ({_WORDS})", CONFIRMED)]
