"""The demo township as one transaction: everything or nothing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime, timedelta
from random import Random

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from governance.accounts.models import Message, User
from governance.demo.awards import load_awards
from governance.demo.care import load_care
from governance.demo.cases import load_cases, load_offices
from governance.demo.closings import load_closings
from governance.demo.councils import load_councils
from governance.demo.decisions import load_decisions
from governance.demo.deeds import YEAR
from governance.demo.disclosure import load_disclosure
from governance.demo.economy import load_economy
from governance.demo.facilities import load_facilities
from governance.demo.households import Home, load_households
from governance.demo.inspections import load_inspections
from governance.demo.ledger import load_claims, load_entries
from governance.demo.loading import analyze
from governance.demo.market import load_market
from governance.demo.panel import load_panel
from governance.demo.passbooks import load_passbooks
from governance.demo.posts import LOGINS, load_posts
from governance.demo.proof import load_proof
from governance.demo.rulebook import FIRST_DAY, load_draft, load_rules
from governance.demo.sources import TOWNSHIP
from governance.demo.units import load_units
from governance.demo.upkeep import load_upkeep
from governance.demo.volunteers import load_volunteers
from governance.demo.walks import load_checks, load_walks
from governance.demo.year import load_year
from governance.periods import today
from moral_bank.models import Account, Entry
from villages.models import Household, Placement, Unit

HOUSEHOLDS = 1300
SEED = 2026
READ_AFTER = timedelta(weeks=2)  # nobody leaves a message unread for longer


def is_loaded() -> bool:
    """Whether this database holds the demo."""
    return User.objects.filter(username=LOGINS[0].username).exists() and Unit.objects.filter(code=TOWNSHIP).exists()


def is_empty() -> bool:
    return not (User.objects.exists() or Unit.objects.exists())


def load_township(
    *,
    households: int = HOUSEHOLDS,
    seed: int = SEED,
    at: datetime | None = None,
    stage: Callable[[str], AbstractContextManager[object]] = nullcontext,
) -> None:
    """西兴镇 with `households` invented households and the days of 2026 that have passed at `at` (now, if absent).

    The same seed and day give the same rows. Expects an empty database. Each part is loaded within `stage` of its name.
    """
    now = at or timezone.now()
    with transaction.atomic():
        with stage("单位、户与居民"):
            units = load_units(Random(f"{seed}:units"))
            homes = load_households(Random(f"{seed}:households"), units, households)
        with stage("任职、账号与积分细则"):
            users = load_posts(Random(f"{seed}:posts"), units, homes)
            deeds = load_rules(units[TOWNSHIP], users["zhenban"])
        if today(now) < FIRST_DAY:
            return
        with stage("积分台账"):
            until = min(today(now), date(YEAR, 12, 31))
            load_entries(Random(f"{seed}:deeds"), homes, deeds, users, until)
            analyze(Unit, Household, Placement, Account, Entry)
            load_claims(Random(f"{seed}:claims"), homes, deeds, users, until)
        _load_work(seed, units, homes, users, now, stage)


def _load_work(
    seed: int,
    units: dict[str, Unit],
    homes: list[Home],
    users: dict[str, User],
    now: datetime,
    stage: Callable[[str], AbstractContextManager[object]],
) -> None:
    """What people do with the register and the ledger."""
    with stage("评议"):
        load_panel(Random(f"{seed}:panel"), units, homes, users, now)
    with stage("户月评"):
        load_checks(Random(f"{seed}:checks"), units, homes, users, now)
    with stage("月结与季结"):
        load_closings(units, now)
    with stage("事项、走访与值班"):
        load_offices(units[TOWNSHIP], users["zhenban"])
        load_year(Random(f"{seed}:year"), units, homes, users, now)
        load_walks(Random(f"{seed}:walks"), units, homes, users, now)
        load_cases(units, homes, users, now)
    with stage("议事组织与会议"):
        load_councils(Random(f"{seed}:councils"), homes, users, now)
    with stage("决策"):
        load_decisions(units, users, now)
    with stage("志愿服务与关爱"):
        load_care(Random(f"{seed}:care"), units, homes, users, now)
        load_volunteers(Random(f"{seed}:volunteers"), units, homes, users, now)
    with stage("事务公开、小微权力和活动"):
        load_economy(Random(f"{seed}:economy"), units, users, now)
        load_facilities(Random(f"{seed}:facilities"), units, users, now)
        load_disclosure(Random(f"{seed}:disclosure"), units, homes, users, now)
    with stage("季度督查"):
        load_inspections(Random(f"{seed}:inspections"), units, users, now)
        load_upkeep(Random(f"{seed}:upkeep"), units, homes, users, now)
    with stage("道德超市、评优与存折"):
        load_market(Random(f"{seed}:market"), units, homes, users, now)
        load_awards(Random(f"{seed}:awards"), units, homes, users, now)
        load_passbooks(Random(f"{seed}:passbooks"), units, homes, users, now)
    with stage("校验链与核对"):
        load_draft(units[TOWNSHIP], users["zhenban"])
        load_proof(units, now)
    with stage("消息"):
        old = Message.objects.unread().filter(created_at__lt=now - READ_AFTER)
        old.update(read_at=F("created_at") + timedelta(days=1))
