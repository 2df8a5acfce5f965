"""道德超市: shops, fund, goods, redemptions, loaded through the services."""

from __future__ import annotations

from datetime import datetime
from random import Random

from governance.accounts.models import User
from governance.desk.demo.households import Home
from villages.models import Unit


def load_market(rng: Random, units: dict[str, Unit], homes: list[Home], users: dict[str, User], now: datetime) -> None:
    """Invented rows of the year so far."""
