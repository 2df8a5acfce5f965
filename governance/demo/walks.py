"""Who walks through the villages all year: visits, 门前三包 with its patrols, 户月评; in sets, under the same guards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import chain
from random import Random

from governance.accounts.models import User
from governance.cases.models import Visit
from governance.demo import words
from governance.demo.deeds import YEAR, months_until
from governance.demo.households import Home
from governance.demo.loading import BATCH, create, morning
from governance.demo.posts import YARD
from governance.demo.sources import TOWNSHIP
from governance.demo.year import WHOLE, Place, moments, places_of, writer
from governance.periods import SHANGHAI, today
from governance.workdays import due
from inspections.cards.services import card_of
from inspections.cards.setting_up import checklists_set_up
from inspections.checks.services import CheckCard, check_card
from inspections.fronts.services import FIX_WITHIN, asked_items
from inspections.models import Checklist, Front, FrontPatrol, HouseholdCheck, Plate
from inspections.scorecards.scoring import Answer, score
from inspections.scorecards.scoring import Kind as ItemKind
from moral_bank.models import Entry
from villages.calendar.services import work_calendar
from villages.models import Post, Unit

VISITS = 5.0  # in a village and a month
FRONTS, FAULTY = 7, 0.5
SORTS = 8  # of what is wrong at a door, for each plate
FAIR_SHARE = 0.05  # of a village's households that a month finds 比较清洁


def load_checks(rng: Random, units: dict[str, Unit], homes: list[Home], users: dict[str, User], now: datetime) -> None:
    """Checks of each month, before it is locked: the households whose ledger says 清洁 or 不清洁, and some between the two."""
    checklists_set_up(township=units[TOWNSHIP])
    card, own = check_card(homes[0].village, today(now)), _own_homes(users)
    seen = {plate: [_faults(rng, card, plate) for _ in range(SORTS)] for plate in Plate}
    found: dict[tuple[int, date], HouseholdCheck] = {}
    for home, day, plate, entry in chain(_posted(card, homes), _between(rng, homes, now)):
        key = home.household.pk, day.replace(day=1)
        # This month of the yard that has accounts is judged through the service (`governance/demo/upkeep.py`).
        told_later = home.settlement.code == YARD and key[1] == today(now).replace(day=1)
        if key not in found and key[0] not in own and not told_later:
            by, at = writer(users, home.village), min(morning(day), now)
            found[key] = _check(card, home, rng.choice(seen[plate]), by, at, entry)
    HouseholdCheck.objects.bulk_create(sorted(found.values(), key=lambda row: row.at), batch_size=BATCH)


def _posted(card: CheckCard, homes: list[Home]) -> Iterator[tuple[Home, date, Plate, Entry]]:
    """What stands in the ledger and is a plate's deed."""
    by_household = {home.household.pk: home for home in homes}
    plates = {deed.pk: Plate(plate) for plate, deed in card.deeds.items()}
    standing = Entry.objects.filter(deed__in=plates, reverses=None, reversed_by=None)
    for entry in standing.select_related("account").order_by("pk"):
        yield by_household[entry.account.household_id], entry.occurred_on, plates[entry.deed_id or 0], entry


def _between(rng: Random, homes: list[Home], now: datetime) -> Iterator[tuple[Home, date, Plate, None]]:
    """Some households of each month, on any of its days that have come."""
    last = min(today(now), date(YEAR, 12, 31))
    for month in months_until(last):
        days = (min(month.end - timedelta(days=1), last) - month.start).days + 1
        for home in rng.sample(homes, int(len(homes) * FAIR_SHARE)):
            yield home, month.start + timedelta(days=rng.randrange(days)), Plate.FAIR, None


def _own_homes(users: dict[str, User]) -> set[int]:
    """Households in which somebody with an account lives: nobody judges the own."""
    posts = Post.objects.filter(user__in=users.values(), resident__isnull=False)
    return set(posts.values_list("resident__household", flat=True))


def _check(card: CheckCard, home: Home, faults: dict[int, int], by: User, at: datetime, entry: Entry | None) -> HouseholdCheck:
    points, plate = card.rate(faults)
    return HouseholdCheck(
        household=home.household, township_id=card.checklist.township_id, month=today(at).replace(day=1), checklist=card.checklist,
        faults={str(item): cases for item, cases in sorted(faults.items())}, score=points, plate=plate, by=by, at=at, entry=entry,
    )  # fmt: skip


def _faults(rng: Random, card: CheckCard, plate: Plate) -> dict[int, int]:
    """As many faults, one after the other, as come out as `plate`."""
    items = [item.key for item in card.card.items if item.kind in (ItemKind.EACH, ItemKind.WHOLE)]
    faults: dict[int, int] = {}
    for item in rng.sample(items, len(items)):
        if card.rate(faults)[1] == plate:
            break
        faults[item] = 1
    return faults


def load_walks(rng: Random, units: dict[str, Unit], homes: list[Home], users: dict[str, User], now: datetime) -> None:
    places = places_of(rng, homes, users, now)
    create(sorted((visit for place in places for visit in _visits(rng, place)), key=lambda visit: visit.logged_at))
    _load_fronts(rng, units[TOWNSHIP], places, users, now)


def _visits(rng: Random, place: Place) -> Iterator[Visit]:
    for at in moments(rng, place, VISITS):
        home = rng.choice(place.homes)
        kind = rng.choice(list(words.VISITS))
        visit = Visit(
            kind=kind, township_id=home.village.parent_id or 0, village=home.village, unit=home.settlement,
            household=None if kind == Visit.Kind.PATROL else home.household, went_at=at, seen=rng.choice(words.VISITS[kind]), by=place.by,
            logged_at=at,
        )  # fmt: skip
        visit._history_date = at  # type: ignore[attr-defined]
        yield visit


def _load_fronts(rng: Random, township: Unit, places: list[Place], users: dict[str, User], now: datetime) -> None:
    """Shops of each village, patrolled each month by the village and looked at again by the township's clerk."""
    checklist = Checklist.objects.in_force(township.pk, Checklist.Use.FRONT, today(now))
    assert checklist is not None
    own, size = _own_homes(users), min(1.0, sum(len(place.homes) for place in places) / WHOLE)
    since = morning(date(YEAR, 1, 1))
    fronts = [
        _front(rng, place, home, number, since)
        for place in places
        for number, home in enumerate(_keepers(rng, place, own, max(1, round(FRONTS * size))), 1)
    ]
    Front.objects.bulk_create(fronts, batch_size=BATCH)
    walked = _Patrols(rng, checklist, users["zhenban"], now)
    FrontPatrol.objects.bulk_create(sorted(walked.of(fronts), key=lambda patrol: patrol.at), batch_size=BATCH)


def _keepers(rng: Random, place: Place, own: set[int], count: int) -> list[Home]:
    homes = [home for home in place.homes if home.household.pk not in own]
    return rng.sample(homes, min(count, len(homes)))


def _front(rng: Random, place: Place, home: Home, number: int, at: datetime) -> Front:
    head, village = home.residents[0], home.village
    return Front(
        kind=Front.Kind.SHOP, village=village, unit=home.settlement, household=home.household,
        name=f"{head.name[0]}家{rng.choice(words.SHOPS)}", person=head.name, phone=head.phone, place=home.household.address,
        plate_number=f"{village.short_name.removesuffix('村')}-{number:03d}", signed_on=today(at), by=place.by, at=at,
    )  # fmt: skip


class _Patrols:
    """A patrol of each front a month, with its re-check three working days later, seldom after it."""

    def __init__(self, rng: Random, checklist: Checklist, clerk: User, now: datetime) -> None:
        self.rng, self.checklist, self.clerk, self.now = rng, checklist, clerk, now
        self.card, self.calendar = card_of(checklist), work_calendar(None)
        self.items = [item.key for item in asked_items(self.card) if item.kind == ItemKind.EACH]

    def of(self, fronts: list[Front]) -> Iterator[FrontPatrol]:
        for front in fronts:
            for month in months_until(min(today(self.now), date(YEAR, 12, 31))):
                at = datetime.combine(month.start, time(15), SHANGHAI) + timedelta(days=self.rng.randrange(2, 20))
                if at <= self.now:
                    yield self._patrol(front, at)

    def _patrol(self, front: Front, at: datetime) -> FrontPatrol:
        rng = self.rng
        faults = dict.fromkeys(rng.sample(self.items, 1), rng.choice((1, 1, 2))) if rng.random() < FAULTY else {}
        answers = {item.key: Answer(Decimal(faults.get(item.key, 0))) for item in asked_items(self.card)}
        patrol = FrontPatrol(
            front=front, checklist=self.checklist, faults={str(item): cases for item, cases in faults.items()},
            score=score(self.card, answers).total, state=FrontPatrol.State.FINE, by=front.by, at=at,
        )  # fmt: skip
        if faults:
            patrol.state, patrol.note = FrontPatrol.State.REMINDED, rng.choice(words.FRONT_FAULTS)
            patrol.due_on = today(due(self.calendar, at, FIX_WITHIN))
            self._recheck(patrol, patrol.due_on + timedelta(days=rng.randrange(1, 4) if rng.random() < 0.12 else 0))
        return patrol

    def _recheck(self, patrol: FrontPatrol, on: date) -> None:
        if morning(on) > self.now:
            return
        patrol.state, patrol.recheck_note = FrontPatrol.State.FIXED, "已整改到位"
        patrol.rechecked_by, patrol.rechecked_at = self.clerk, morning(on)
