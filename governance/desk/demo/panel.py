"""评议小组 of each village, and the sittings of the months that are over, loaded through the services."""

from __future__ import annotations

from datetime import datetime
from random import Random

from governance.accounts.models import User
from governance.desk.demo.households import Home
from villages.models import Unit


def load_panel(rng: Random, units: dict[str, Unit], homes: list[Home], users: dict[str, User], now: datetime) -> None:
    """Invented rows of the year so far."""
