"""积分存折 and 代领人, loaded through the services."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from governance.accounts.models import User
from governance.demo.households import Home
from governance.demo.posts import BAYI, MAAN
from governance.periods import today
from moral_bank.passbooks.cover_days import covers_snapshot
from moral_bank.passbooks.expiry import NOTICE_DAYS, expiry_decide
from moral_bank.passbooks.proxies import proxy_add
from moral_bank.passbooks.services import passbook_issue, passbook_revoke
from villages.models import Unit

ISSUED, DAYS_BACK = 12, 60
PROXIES = (("刘桂英", "弟媳", "户主当面同意"), ("陈大勇", "外甥", "户主电话同意"))


def load_passbooks(rng: Random, units: dict[str, Unit], homes: list[Home], users: dict[str, User], now: datetime) -> None:
    """Passbooks for some households of 八一村, one of them lost and issued anew; two proxies; one expiry announced."""
    head, secretary = users["bayi-ganbu"], users["bayi-shuji"]
    own = [home.household for home in homes if home.village.code == BAYI and home.household.ended_on is None]
    chosen = rng.sample(own, min(ISSUED, len(own)))
    for household in chosen:
        passbook_issue(household=household, by=head, at=now - timedelta(days=rng.randint(1, DAYS_BACK)))
    for household, (name, relation, consent) in zip(chosen, PROXIES, strict=False):
        proxy_add(household=household, name=name, relation=relation, consent=consent, by=head, at=now)
    if chosen:
        lost = chosen[-1].account.passbooks.get(revoked_at=None)
        passbook_revoke(passbook=lost, reason="遗失", by=secretary, at=now)
        passbook_issue(household=chosen[-1], by=secretary, at=now)
    _announce(units[MAAN], users["zhenban"], now)
    covers_snapshot(now)


def _announce(village: Unit, by: User, now: datetime) -> None:
    """What was earned this year lapses at the end of the next one."""
    day = today(now)
    last = max(date(day.year + 1, 12, 31), day + timedelta(days=NOTICE_DAYS))
    expiry_decide(
        village=village,
        earned_until=date(day.year, 12, 31),
        expires_on=last,
        basis=f"{day.year}年村民代表会议决定",
        by=by,
        at=now,
    )
