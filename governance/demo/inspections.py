"""The quarters of the demo's year under inspection, all through the services, so that every rule holds in the demo too."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from governance.accounts.models import User
from governance.demo.deeds import YEAR
from governance.demo.loading import morning
from governance.demo.sources import TOWNSHIP
from governance.periods import Kind, Period, today
from inspections.cards.setting_up import checklists_set_up
from inspections.models import Checklist, ChecklistItem, Reply, Round, Scorecard
from inspections.orders.services import finding_add
from inspections.rounds.computing import round_compute
from inspections.rounds.deciding import reply_add, reply_decide, round_decide, round_hand_over, round_lock
from inspections.rounds.services import Plan, round_plan, round_start, team_save
from inspections.scorecards import scoring
from inspections.scorecards.answers import Judged, answers_save, card_finish, lines_left, self_answers_save
from villages.models import Post, Unit

TEAMS = (("第一组", "ducha"), ("第二组", "ducha2"), ("第三组", "ducha3"))
REPLY = "现场记的一处在村界以外，属邻村地段，请核实更正。"
FINDINGS = 2  # of a card at most
# How often a line has a fault, and how many cases then.
FAULTY, CASES = 0.3, (1, 1, 1, 2, 3)


def load_inspections(rng: Random, units: dict[str, Unit], users: dict[str, User], now: datetime) -> None:
    """Every ended quarter: settled, but for the last one, which waits for the committee."""
    township = units[TOWNSHIP]
    checklists_set_up(township=township)
    year = Period.parse(str(YEAR))
    ended = [quarter for quarter in year.split(Kind.QUARTER) if quarter.end + timedelta(days=20) <= today(now)]
    for quarter in ended:
        found = _inspect(rng, township, quarter, users)
        if quarter != ended[-1]:
            _settle(found, users)


def _inspect(rng: Random, township: Unit, quarter: Period, users: dict[str, User]) -> Round:
    """From the plan to the village's reply: two days after the quarter to its second week."""
    card = Checklist.objects.in_force(township.pk, Checklist.Use.QUARTER, quarter.end)
    assert card is not None
    first = quarter.end
    plan = Plan(card, first + timedelta(days=6), first + timedelta(days=8), "人居环境整治、矛盾纠纷回访、便民代办时限")
    by, at = users["zhenban"], morning(first + timedelta(days=2))
    found = round_plan(township=township, quarter=quarter, plan=plan, by=by, at=at)
    cards = list(Scorecard.objects.filter(round=found).select_related("village").order_by("village__path"))
    for number, (name, head) in enumerate(TEAMS):
        its = [card.village for card in cards[number :: len(TEAMS)]]
        team_save(inspection_round=found, name=name, members=[users[head]], head=users[head], villages=its, by=by, at=at)
    found = round_start(inspection_round=found, by=by, at=at)
    on_site = morning(first + timedelta(days=7))
    round_compute(found.pk, on_site)
    for number, card_ in enumerate(cards):
        _judge(rng, Scorecard.objects.select_related("round", "village").get(pk=card_.pk), users[TEAMS[number % 3][1]], on_site)
    found = round_hand_over(inspection_round=found, by=by, at=morning(first + timedelta(days=9)))
    _reply(found, users, morning(first + timedelta(days=10)))
    return found


def _settle(found: Round, users: dict[str, User]) -> None:
    at = morning(found.period.end + timedelta(days=18))
    round_decide(
        inspection_round=found, meeting_on=today(at), decision="同意督查组评定的等次，通报各村。", ranks_shown=True,
        by=users["lingdao"], at=at,
    )  # fmt: skip
    round_lock(inspection_round=found, by=users["lingdao"], at=at)


def _judge(rng: Random, card: Scorecard, by: User, at: datetime) -> None:
    """Every line that no figure speaks for, a measured one as 不适用; the village's own score is a little better."""
    items = lines_left(card)
    judged = {item.pk: Judged(Decimal(0), applies=False) if item.indicator else Judged(_value(rng, item)) for item in items}
    answers_save(card=card, judged=judged, by=by, at=at)
    faulty = [item for item in items if item.kind == scoring.Kind.EACH and judged[item.pk].value]
    for item in faulty[:FINDINGS]:
        words = f"未做到“{item.name}”：{judged[item.pk].value} {item.case_unit}"
        finding_add(village=card.village, text=words, by=by, card=card, item=item, at=at)
    secretary = Post.objects.filter(unit=card.village, kind="secretary", user__isnull=False).select_related("user").first()
    if secretary is not None and secretary.user is not None:
        own = {pk: replace(said, value=said.value if said.value > 50 else Decimal(0)) for pk, said in judged.items()}
        self_answers_save(card=card, judged=own, by=secretary.user, at=at)
    card_finish(card=card, by=by, at=at)


def _value(rng: Random, item: ChecklistItem) -> Decimal:
    if item.kind == scoring.Kind.BAND:
        return Decimal(rng.choice((100, 98, 95, 90, 86, 80)))
    if item.kind == scoring.Kind.EACH and rng.random() < FAULTY:
        return Decimal(rng.choice(CASES))
    return Decimal(item.kind == scoring.Kind.WHOLE and rng.random() < FAULTY / 6)


def _reply(found: Round, users: dict[str, User], at: datetime) -> None:
    """The first village with a fault that was counted on site asks for one case less, and is right."""
    line = (
        Scorecard.objects.filter(round=found, answers__side="site", answers__item__kind="each", answers__value__gte=1)
        .values_list("pk", "answers__item", "answers__value")
        .order_by("village__path", "answers__item")
        .first()
    )
    if line is None:
        return
    card = Scorecard.objects.select_related("village").get(pk=line[0])
    secretary = Post.objects.filter(unit=card.village, kind="secretary", user__isnull=False).select_related("user")[0]
    assert secretary.user is not None
    item = ChecklistItem.objects.select_related("section").get(pk=line[1])
    reply: Reply = reply_add(card=card, item=item, text=REPLY, by=secretary.user, at=at)
    reply_decide(
        reply=reply, upheld=True, value=line[2] - 1, answer="经复看属邻村地段，更正一处。", by=users["zhenban"], at=at
    )
