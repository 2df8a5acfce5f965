"""A township is begun once: the used code stands for good."""

from governance.guards import refuse

MESSAGE = "门户已经开通，只能开通一次"

GUARDS = [
    refuse(f"first_code_stays_{verb.lower()}", verb, "villages_firstcode", "OLD.used_at IS NOT NULL", MESSAGE)
    for verb in ("UPDATE", "DELETE")
]
