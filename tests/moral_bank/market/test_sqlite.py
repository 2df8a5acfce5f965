"""The same SQL around the shop, against the trial mode's SQLite, and a redemption's whole way on it."""

from __future__ import annotations

from pathlib import Path

from moral_bank.market.services import redemption_hand, redemption_refund, redemptions_expire
from moral_bank.models import Redemption
from tests.moral_bank.market.house import NOW
from tests.moral_bank.market.test_market import LATER
from tests.moral_bank.market.test_rules import ALLOWED, AROUND, Ground, refused
from tests.trial import run_in_trial_mode


def attempts() -> dict[str, bool]:
    """Which statements SQLite refuses, each tried on the same shop; then a refund and a return by the beat."""
    ground = Ground()
    found = {name: refused(ground, statements) for name, statements in (AROUND | ALLOWED).items()}
    house, held = ground.house, Redemption.objects.get(pk=ground.held)
    redemption_hand(redemption=held, code=held.code, collector="王小明", by=house.second, at=NOW)
    redemption_refund(redemption=held, reason="坏了", goods_back=False, by=house.second, at=NOW)
    house.hold(item=house.oil)
    found["returned"] = redemptions_expire(at=LATER) == 1
    found["balance"] = house.balance() == 95
    return found


def test_it_refuses_sql_around_the_shop_on_sqlite(tmp_path: Path) -> None:
    found = run_in_trial_mode("tests.moral_bank.market.test_sqlite:attempts", tmp_path)
    assert found.pop("returned") is True
    assert found.pop("balance") is True
    assert found == dict.fromkeys(AROUND, True) | dict.fromkeys(ALLOWED, False)
