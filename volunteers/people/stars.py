"""Stars by hours, proposed and never given by themselves (民函〔2012〕340号; pure)."""

from __future__ import annotations

from collections.abc import Iterable

HOUR = 60
USUAL_HOURS = (100, 300, 600, 1000, 1500)

# (stars, hours)
Rule = tuple[int, int]


def stars_of(minutes: int, rules: Iterable[Rule]) -> int:
    """The most stars whose hours are reached, 0 for none."""
    return max((stars for stars, hours in rules if minutes >= hours * HOUR), default=0)


def hours_text(minutes: int) -> str:
    """1小时30分, 45分, −2小时."""
    sign, (hours, rest) = "−" if minutes < 0 else "", divmod(abs(minutes), HOUR)
    return sign + (f"{hours}小时" if hours else "") + (f"{rest}分" if rest or not hours else "")


def hours_number(minutes: int) -> float:
    """Hours as a ledger writes them, two places at most."""
    return round(minutes / HOUR, 2)
