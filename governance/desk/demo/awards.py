"""最美家庭 and honours, loaded through the services."""

from __future__ import annotations

from datetime import datetime
from random import Random

from governance.accounts.models import User
from governance.desk.demo.households import Home
from villages.models import Unit


def load_awards(rng: Random, units: dict[str, Unit], homes: list[Home], users: dict[str, User], now: datetime) -> None:
    """Invented rows of the year so far."""
