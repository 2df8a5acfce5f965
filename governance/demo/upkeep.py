"""What follows an inspection and goes on every month: orders to 销号, 户月评 of a settlement, 门前三包 of a street."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from governance.accounts.models import User
from governance.demo.households import Home
from governance.demo.loading import morning
from governance.demo.posts import BAYI, YARD
from governance.demo.sources import TOWNSHIP
from governance.periods import Kind, Period, today
from inspections.checks.services import check_card, household_check
from inspections.fronts.services import FrontDetails, front_patrol, front_recheck, front_register
from inspections.models import Checklist, ChecklistItem, Finding, Order, Round
from inspections.orders.services import order_check, order_issue, order_report, order_sign
from inspections.scorecards.scoring import Kind as ItemKind
from villages.models import Unit

SHOPS = (
    ("兴隆副食店", "陈大姐", "15400001001", "兴隆街 3 号"),
    ("便民农资店", "何老板", "15400001002", "兴隆街 8 号"),
    ("老街面馆", "罗师傅", "15400001003", "兴隆街 15 号"),
)


def load_upkeep(rng: Random, units: dict[str, Unit], homes: list[Home], users: dict[str, User], now: datetime) -> None:
    for found in Round.objects.filter(township=units[TOWNSHIP]).order_by("quarter"):
        _order(found, units[BAYI], users, now)
    its = [home for home in homes if home.settlement.code == YARD]
    _checks(rng, units[BAYI], its, users["bayi-huanwei"], now)
    _fronts(units[TOWNSHIP], units[YARD], users, now)


def _order(found: Round, village: Unit, users: dict[str, User], now: datetime) -> None:
    """八一村's order of a quarter: closed where the quarter is settled, else waiting to be signed from yesterday on."""
    findings = list(Finding.objects.filter(card__round=found, village=village, order=None).order_by("pk"))
    if not findings:
        return
    settled = found.state == Round.State.LOCKED
    at = morning(found.period.end + timedelta(days=20)) if settled else now - timedelta(days=1)
    order = order_issue(
        village=village, kind=Order.Kind.NOTICE, requirement="限期整改到位，落实日常责任人。", findings=findings,
        by=users["zhenban"], at=at,
    )  # fmt: skip
    if settled:
        hours = timedelta(hours=1)
        order = order_sign(order=order, by=users["bayi-shuji"], at=at + hours)
        told = "逐条整改完毕，安排了专人每周两次检查。"
        order = order_report(order=order, text=told, by=users["bayi-ganbu"], at=at + timedelta(days=3))
        order_check(order=order, passed=True, opinion="现场查看已整改到位。", by=users["ducha"], at=at + timedelta(days=4))


def _checks(rng: Random, village: Unit, homes: list[Home], by: User, now: datetime) -> None:
    """Half of the settlement is judged this month, as its sanitation officer walks."""
    card = check_card(village, today(now))
    items = [item for item in card.card.items if item.kind == ItemKind.EACH]
    month = Period.of(Kind.MONTH, today(now))
    own = set(by.posts.values_list("resident__household", flat=True))
    for home in homes[: len(homes) // 2]:
        if home.household.pk in own:
            continue
        faults = {item.key: 1 for item in rng.sample(items, rng.choice((0, 0, 0, 1, 2)))}
        household_check(household=home.household, month=month, faults=faults, by=by, at=now)


def _fronts(township: Unit, yard: Unit, users: dict[str, User], now: datetime) -> None:
    """Three shops: one in order, one reminded, one put right."""
    by, signed = users["bayi-ganbu"], date(today(now).year, 1, 10)
    shops = [
        front_register(
            details=FrontDetails("shop", yard, name, person, phone, place, signed_on=min(signed, today(now))), by=by, at=now
        )
        for name, person, phone, place in SHOPS
    ]
    card = Checklist.objects.in_force(township.pk, Checklist.Use.FRONT, today(now))
    assert card is not None
    item = ChecklistItem.objects.filter(section__checklist=card, kind=ItemKind.EACH).order_by("pk")[0]
    front_patrol(front=shops[0], faults={}, by=by, at=now - timedelta(days=2))
    front_patrol(front=shops[1], faults={item.pk: 1}, note="门口堆了纸箱", by=by, at=now - timedelta(days=1))
    reminded = front_patrol(front=shops[2], faults={item.pk: 2}, note="污水泼在门前", by=by, at=now - timedelta(days=6))
    front_recheck(patrol=reminded, passed=True, note="已冲洗干净", by=users["bayi-huanwei"], at=now - timedelta(days=3))
