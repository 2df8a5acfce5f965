"""What waits in cases, notices and the bank, written past the services: states, days and holders at random."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

from governance.accounts.duties import Duty
from governance.cases.models import (
    Agreement,
    Case,
    CasePerson,
    Category,
    Conflict,
    Dispute,
    Extension,
    Office,
    ReturnVisit,
    Sent,
    Shift,
    ShiftKind,
    Swap,
)
from governance.disclosure.models import Notice, Objection
from governance.periods import Kind
from moral_bank.awards.models import Nomination
from moral_bank.market.services import redemption_hold
from moral_bank.market.stock import Delivery, ShopDetails, item_save, lot_receive, shop_open
from moral_bank.models import Appeal, Claim, Closing, Lot, Rating, Redemption, Shop
from moral_bank.rules.models import Deed, RuleSet
from tests.builders import make_entry, make_locked_month, settlement_of
from tests.desk.due.world import NOW, TODAY, DueWorld
from villages.models import Post, Unit


def cases_fill(world: DueWorld, number: int = 90) -> None:
    cases = [_case(world, serial) for serial in range(number)]
    Case.objects.bulk_create(cases)
    people = [CasePerson(case=case, user=world.somebody(case.village)) for case in cases if case.private]
    CasePerson.objects.bulk_create(people)
    ReturnVisit.objects.bulk_create(
        ReturnVisit(case=case, round=1, day=30, due_on=world.day(), state=world.one(["open", "open", "dropped"]))
        for case in cases if case.state == "done"
    )  # fmt: skip
    Extension.objects.bulk_create(
        Extension(
            case=case, round=1, reason="等料", asked_by=world.somebody(case.village, "staff", "cadre", "secretary"),
            asked_at=NOW, state=world.one(["asked", "asked", "denied"]),
        )
        for case in cases if world.often(0.4)
    )  # fmt: skip
    sent = [
        Sent(key=uuid4(), user=world.somebody(case.village, "cadre", "yard_head"), digest="0" * 64, at=NOW, case=case)
        for case in cases[:8]
    ]
    Sent.objects.bulk_create(sent)
    Conflict.objects.bulk_create(_conflict(world, one) for one in sent)


def disputes_fill(world: DueWorld) -> None:
    for serial in range(500, 560):
        case = _case(world, serial, "dispute")
        case.save()
        Agreement.objects.create(
            dispute=Dispute.objects.create(case=case), round=1, signed_on=TODAY - timedelta(days=world.one([19, 20, 25, 30, 31])),
            facts="边界", terms="退让", confirmation=world.one(["open", "open", "waived"]), by=world.somebody(case.village),
        )  # fmt: skip


def _case(world: DueWorld, serial: int, kind: str = "event") -> Case:
    village = world.one(world.villages)
    township, state = world.town_of(village), world.one(["found", "accepted", "handling", "coordinating", "done"])
    is_open = state != "done"
    paused = is_open and world.often(0.1)
    timed = world.often(0.9)
    return Case(
        township=township,
        village=village,
        unit=world.one([settlement_of(village), village]),
        kind=kind,
        number=f"SJ2026-9{serial:04d}",
        category=world.one(list(Category.objects.filter(township=township, kind=kind))),
        urgency="normal",
        text=f"第{serial}件",
        private=world.often(0.2),
        state=state,
        paused_at=NOW - timedelta(hours=2) if paused else None,
        first_receiver=world.somebody(village),
        found_at=NOW - timedelta(days=9),
        logged_at=NOW - timedelta(days=9),
        level=world.one(["village", "office", "leader"]),
        round_at=NOW - timedelta(days=9),
        step_at=NOW - timedelta(days=9),
        step_due_at=world.moment() if timed and world.often(0.8) else None,
        case_due_at=world.moment() if timed else None,
        finished_at=None if is_open else NOW,
        result="" if is_open else "已办",
        **_holder(world, village),
    )


def _holder(world: DueWorld, village: Unit) -> dict[str, Any]:
    kind = world.one(["person", "person", "post", "office", "nobody"])
    if kind == "person":
        return {"assignee": world.somebody(village, "cadre", "yard_head", "secretary", "mediator", "staff")}
    if kind == "post":
        duty = world.one(["cadre", "secretary", "yard_head"])
        return {"holder_duty": duty, "holder_unit": settlement_of(village) if duty == "yard_head" else village}
    if kind == "office":
        return {"office": world.one(list(Office.objects.filter(township=village.parent)))}
    return {}


def _conflict(world: DueWorld, sent: Sent) -> Conflict:
    settled = world.often(0.3)
    return Conflict(sent=sent, digest="1" * 64, payload={}, at=NOW, outcome="keep" if settled else "", settled_at=NOW if settled else None)


def shifts_fill(world: DueWorld) -> None:
    for village in world.villages:
        posts = list(Post.objects.filter(unit=village, kind__in=[Duty.CADRE, Duty.SECRETARY]).order_by("pk"))
        kind = ShiftKind.objects.create(village=village, name="坐班", starts=time(8), ends=time(12))
        turns = [
            Shift.objects.create(village=village, kind=kind, day=TODAY + timedelta(days=ahead), post=world.one(posts))
            for ahead in (-1, 0, 1, 2, 3)
        ]
        for mine, other in ((0, 1), (2, 3), (4, 0)):
            state = world.one(["asked", "asked", "refused"])
            Swap.objects.create(shift=turns[mine], other=turns[other], asked_by=world.somebody(village, "cadre"), asked_at=NOW, state=state)


def notices_fill(world: DueWorld) -> None:
    notices = [
        Notice.objects.create(unit=unit, kind="other", title=f"公示{unit.pk}", opens_on=TODAY, closes_on=TODAY)
        for unit in [*world.villages, *world.townships[:2]]
    ]
    for serial in range(30):
        answer: dict[str, Any] = {"state": "dismissed", "answer": "查无此事", "answered_at": NOW} if world.often(0.3) else {}
        Objection.objects.create(
            notice=world.one(notices), number=f"YY2026-{serial:05d}", name=f"李{serial}", phone="15400000002", text="少计一次",
            answer_by=world.day(), **answer,
        )  # fmt: skip


def claims_fill(world: DueWorld, number: int = 60) -> None:
    for _ in range(number):
        place = world.random.randrange(len(world.homes))
        account, village = world.accounts[place], world.homes[place].village
        deeds = list(Deed.objects.filter(rule_set__township=village.parent_id).order_by("pk"))
        deed, state = world.one(deeds), world.one(["declared", "declared", "verified", "rejected"])
        judged = {} if state == "declared" else {"decided_at": NOW, "decided_by": world.somebody(village, "mediator"), "reason": "不清楚"}
        claim = Claim.objects.create(
            account=account, deed=deed, score=deed.score, occurred_on=date(2026, 3, 2), state=state,
            declared_by=world.somebody(village, "cadre", "secretary", "yard_head", "sanitation", "publicist"),
            declared_at=world.before(14), **judged,
        )  # fmt: skip
        if state == "rejected" and world.often():
            Appeal.objects.create(
                account=account, claim=claim, name="王某", text="不服", received_at=NOW,
                received_by=world.somebody(village, "staff", "cadre"),
            )  # fmt: skip


def closings_fill(world: DueWorld) -> None:
    """February is shown in the first village and locked in the second; last year's quarters are locked, 12 to 150 days ago."""
    rules = {one.township_id: one for one in RuleSet.objects.all()}
    for village, township in ((world.villages[1], world.townships[0]), (world.far, world.townships[2])):
        make_locked_month(village, rules[township.pk], date(2026, 2, 1))
    _shown(world.villages[0], "month", date(2026, 2, 1), rules[world.townships[0].pk])
    for number, village in enumerate(world.villages):
        for start, ago in ((date(2025, 10, 1), (12, 40, 31)[number]), (date(2025, 7, 1), 150)):
            _quarter(world, village, rules[world.town_of(village).pk], start, NOW - timedelta(days=ago))


def _quarter(world: DueWorld, village: Unit, rules: RuleSet, start: date, locked_at: datetime) -> None:
    closing = _shown(village, Kind.QUARTER, start, rules)
    accounts = [account for account in world.accounts if account.household.village_id == village.pk]
    Rating.objects.bulk_create(
        Rating(closing=closing, account=account, rank=rank, stars=world.one([0, 0, 3])) for rank, account in enumerate(accounts, 1)
    )
    closing.state, closing.locked_at = Closing.State.LOCKED, locked_at
    closing.save(update_fields=["state", "locked_at"])


def _shown(village: Unit, kind: str, start: date, rules: RuleSet) -> Closing:
    notice = Notice.objects.create(unit=village, kind="rating", title="公示", opens_on=start, closes_on=start)
    return Closing.objects.create(
        village=village, kind=kind, start=start, state="noticed", rule_set=rules, computed_at=NOW, notice=notice
    )


def awards_fill(world: DueWorld) -> None:
    for account in world.accounts:
        village = account.household.village
        by = world.somebody(village, "cadre")
        one = Nomination.objects.create(
            account=account, village=village, half=date(2026, 1, 1), source="body", nominator="村委会", story="事迹",
            nominated_by=by, nominated_at=NOW,
        )  # fmt: skip
        if world.often(0.6):
            notice = Notice.objects.create(
                unit=village, kind="award", title="最美家庭公示", opens_on=date(2026, 3, 1), closes_on=world.day(3)
            )
            Nomination.objects.filter(pk=one.pk).update(
                state="recommended", judged_on=TODAY, present=3, votes_yes=3, votes_no=0, judged_by=by
            )
            Nomination.objects.filter(pk=one.pk).update(state="noticed", notice=notice, notice_row=1)
            if world.often(0.2):
                Notice.objects.filter(pk=notice.pk).update(withdrawn_at=NOW, withdrawn_reason="有误", withdrawn_by=world.casts[0]["staff"])


def market_fill(world: DueWorld) -> None:
    """Two shops; that of the first village has money enough, that of the second next to none."""
    for number, village in enumerate(world.villages[:2]):
        cast = world.casts[number]
        account = world.accounts[number * 7]
        deed = Deed.objects.get(rule_set__township=village.parent, code="S1")
        for _ in range(4):
            make_entry(account, deed, date(2026, 3, 2), cast["staff"])
        fund = 10_000_00 if number == 0 else 1_00
        shop = shop_open(village=village, details=ShopDetails(f"{village}道德超市"), fund_cents=fund, by=cast["staff"], at=NOW)
        item = item_save(shop=shop, name="香皂", unit="块", points=5, by=cast["cadre"])
        for day in (date(2026, 12, 1), date(2026, 11, 1)):
            terms = Delivery(item=item, quantity=20, unit_cents=1, received_on=date(2026, 3, 2), best_before=day)
            lot_receive(delivery=terms, by=cast["cadre"], at=NOW)
        for by in ("cadre", "secretary"):
            redemption_hold(account=account, item=item, quantity=1, by=cast[by], at=NOW)
    late = Lot.objects.order_by("pk").first()
    Lot.objects.filter(pk=late.pk if late else 0).update(best_before=TODAY - timedelta(days=1))
    assert Shop.objects.count() == 2 and Redemption.objects.count() == 4
