"""What waits in inspections and in volunteers' service and care, written past the services: states, days and holders at random."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from governance.cases.models import Visit
from inspections.models import (
    Blame,
    Checklist,
    ChecklistItem,
    Front,
    FrontPatrol,
    HouseholdCheck,
    Order,
    OrderExtension,
    Recusal,
    Reply,
    Round,
    Scorecard,
    Team,
    TeamMember,
)
from tests.builders import make_resident, settlement_of
from tests.desk.due.world import NOW, TODAY, DueWorld
from tests.inspections.house import make_card
from villages.models import Unit
from volunteers.care.setting_up import care_set_up
from volunteers.models import (
    CareCategory,
    CareNote,
    CareRecord,
    CareRound,
    CareRoundPerson,
    Offer,
    Project,
    Run,
    ServiceOrder,
    Volunteer,
)


def rounds_fill(world: DueWorld) -> None:
    """甲's last quarter is decided, 甲's present one is scored, 乙's is answered; in 甲's older one the committee is late."""
    handed = {"handed_at": NOW, "reply_due_at": NOW + timedelta(days=1), "computed_at": NOW}
    late = {**handed, "reply_due_at": NOW - timedelta(days=1)}
    first, second = world.townships[:2]
    cards = {town.pk: make_card(town, world.casts[number]["staff"]) for town, number in ((first, 0), (second, 2))}
    decided = {**late, "decided_at": NOW, "decided_by": world.casts[0]["leader"], "meeting_on": TODAY, "decision": "同意"}
    _round(world, first, cards[first.pk], date(2025, 7, 1), "decided", **decided)
    _round(world, first, cards[first.pk], date(2025, 10, 1), "replying", **late)
    _round(world, first, cards[first.pk], date(2026, 1, 1), "scoring")
    _round(world, second, cards[second.pk], date(2026, 1, 1), "replying", **handed)


def _round(world: DueWorld, township: Unit, checklist: Checklist, quarter: date, state: str, **fields: Any) -> None:
    villages = [village for village in world.villages if village.parent_id == township.pk]
    supervisors = [world.casts[world.number_of(village)]["supervisor"] for village in villages]
    made = Round.objects.create(
        township=township, quarter=quarter, name=f"{quarter}督查", checklist=checklist, opens_on=date(2026, 3, 10),
        closes_on=TODAY - timedelta(days=1), seed="1", state=state, planned_by=supervisors[0], planned_at=NOW, **fields,
    )  # fmt: skip
    items = ChecklistItem.objects.filter(section__checklist=checklist).order_by("pk")[:2]
    for number, village in enumerate(villages):
        team = Team.objects.create(round=made, name=f"第{number}组")
        TeamMember.objects.create(team=team, user=supervisors[-1 - number])
        card = Scorecard.objects.create(round=made, village=village, team=team)
        if state == "replying":
            for item, by in zip(items, (world.somebody(village, "secretary"), world.somebody(village, "staff")), strict=True):
                Reply.objects.create(card=card, item=item, text="扣多了", asked_by=by, asked_at=NOW)


def orders_fill(world: DueWorld, number: int = 40) -> None:
    Recusal.objects.create(user=world.casts[1]["supervisor"], village=world.villages[2], reason="亲属", by=world.casts[0]["staff"], at=NOW)
    for serial in range(number):
        village = world.one(world.villages)
        order = Order.objects.create(**_order(world, village, serial))
        if world.often(0.4):
            OrderExtension.objects.create(
                order=order, until=TODAY + timedelta(days=9), reason="下雨", asked_at=NOW, state=world.one(["asked", "asked", "denied"]),
                asked_by=world.somebody(village, "secretary", "cadre"),
            )  # fmt: skip
        if order.misses >= 2 and world.often(0.3):
            Blame.objects.create(
                village=village, order=order, kind="talk", on=TODAY, person="王某", facts="未整改", by=world.casts[0]["leader"], at=NOW
            )  # fmt: skip


def _order(world: DueWorld, village: Unit, serial: int) -> dict[str, Any]:
    state, signed_by = world.one(["issued", "signed", "failed", "reported", "closed"]), world.somebody(village, "secretary", "cadre")
    sign_due = world.day()
    found: dict[str, Any] = {
        "township": village.parent, "village": village, "kind": "notice", "number": f"ZG{serial}", "found_on": TODAY, "requirement": "清理",
        "issued_by": world.somebody(village, "staff", "leader"), "issued_at": NOW, "sign_due_on": sign_due,
        "fix_due_on": sign_due + timedelta(days=world.random.randint(0, 6)), "state": state, "misses": world.random.randint(0, 3),
    }  # fmt: skip
    if state != "issued":
        found |= {"signed_by": signed_by, "signed_at": NOW}
    if state in ("reported", "closed"):
        found |= {"reported_by": signed_by, "reported_at": NOW, "report": "已清理"}
    if state == "closed":
        number = world.number_of(village)
        found |= {"checked_by": world.casts[(number + 1) % 2 if number < 2 else 0]["supervisor"], "opinion": "已清理", "closed_on": TODAY}
    return found


def fronts_fill(world: DueWorld) -> None:
    for place, home in enumerate(world.homes):
        village = home.village
        card = Checklist.objects.filter(use=Checklist.Use.FRONT).get()
        own = world.often()
        front = Front.objects.create(
            kind="household" if own else "shop", village=village, unit=home.unit, household=home if own else None,
            name=f"{place}号店",
            person=world.one(["李四", f"sanitation-{village.code}"]), place="兴隆街", plate_number=str(place),
            by=world.somebody(village, "cadre"), at=NOW, ended_on=TODAY if world.often(0.1) else None,
        )  # fmt: skip
        for state in world.one([["fine"], ["again"], ["again", "fine"], ["reminded"], ["again", "reminded"], ["reminded"]]):
            checked = {"rechecked_at": NOW, "rechecked_by": world.somebody(village, "group_head")} if state == "again" else {}
            FrontPatrol.objects.create(
                front=front, checklist=card, score=90, state=state, due_on=None if state == "fine" else world.day(),
                by=world.somebody(village, "publicist", "secretary"), at=NOW, **checked,
            )  # fmt: skip


def checks_fill(world: DueWorld) -> None:
    """乙 has no card; the cadre of one village keeps away from it, one household came only this month."""
    card = Checklist.objects.filter(use=Checklist.Use.HOUSEHOLD).get()
    Recusal.objects.create(user=world.casts[1]["secretary"], village=world.villages[1], reason="亲属", by=world.casts[0]["staff"], at=NOW)
    world.homes[3].placements.update(valid_from=date(2026, 3, 2))
    for home in world.homes[:14]:
        for month in (date(2026, 2, 1), date(2026, 3, 1)):
            if world.often(0.4):
                HouseholdCheck.objects.create(
                    household=home, month=month, checklist=card, score=90, plate="clean", by=world.somebody(home.village, "staff"), at=NOW
                )


def service_fill(world: DueWorld, number: int = 45) -> None:
    for village, cast in zip(world.villages, world.casts, strict=True):
        place = world.number_of(village) * 7
        volunteers = [
            Volunteer.objects.create(
                township=world.town_of(village), village=village, name=name, user=user, resident=resident, state="active", joined_on=TODAY,
                phone="15400000001", name_pinyin="x", adult_on=date(2000, 1, 1), id_hash=f"{name}{village.pk}",
            )
            for name, user, resident in (
                ("甲", cast["volunteer"], world.residents[place + 3]), ("乙", None, world.residents[place + 2]),
                ("丙", cast["cadre"], None),
            )
        ]  # fmt: skip
        project = Project.objects.create(township=world.town_of(village), code=f"lifa{place}", name="理发", text="理发")
        for serial in range(number // 3):
            _service(world, village, project, volunteers, serial)


def _service(world: DueWorld, village: Unit, project: Project, volunteers: list[Volunteer], serial: int) -> None:
    state = world.one(["callback", "asked", "offered", "accepted", "on_way", "done", "unrated", "cancelled"])
    taken = state in ("accepted", "on_way", "done", "unrated")
    begins, public = "offered" if taken else state, state == "callback"
    asked_at, contact = NOW - timedelta(days=9), world.often(0.7)
    order = ServiceOrder.objects.create(
        logged_by=None if public else world.somebody(village, "cadre"), source="public" if public else "phone",
        township=world.town_of(village), village=village, unit=world.one([settlement_of(village), village]),
        number=f"DD{village.pk}{serial}", project=project, name="李淑珍", phone="15400007788", place="东头", text="理发", state=begins,
        asked_at=asked_at, logged_at=asked_at, accept_due_at=world.moment(), finish_due_at=world.moment(),
        contact_due_at=world.moment() if contact else None, contacted_at=NOW if contact and world.often() else None,
        level=world.one(["village", "secretary", "township"]),
    )  # fmt: skip
    if begins == "offered":
        volunteer = world.one(volunteers)
        offer = Offer.objects.create(order=order, volunteer=volunteer, asked_at=NOW, expires_at=world.moment())
        if taken:
            Offer.objects.filter(pk=offer.pk).update(state="accepted", answered_at=NOW)
            _taken(world, order, volunteer, state)


def _taken(world: DueWorld, order: ServiceOrder, volunteer: Volunteer, state: str) -> None:
    """From acceptance on, step by step, as the guards want it."""
    row = ServiceOrder.objects.filter(pk=order.pk)
    run = Run.objects.create(order=order, volunteer=volunteer, user=volunteer.user, accepted_at=NOW)
    row.update(state="accepted", accepted_at=NOW)
    if state in ("accepted", "on_way"):
        row.update(state=state)
        return
    Run.objects.filter(pk=run.pk).update(ended_at=NOW, outcome="done")
    row.update(state="done", finished_at=NOW, judge_due_at=world.moment())
    if state == "unrated":
        row.update(state="unrated", points=world.one(["open", ""]))


def care_fill(world: DueWorld) -> None:
    """Grown-ups and children in care, with helpers of several duties; a round of today; notes of need and of coming again."""
    for township in world.townships[:2]:
        care_set_up(township=township)
    for resident in [*world.residents, *_children(world)]:
        if world.often(0.8):
            _record(world, resident)
    for village in world.villages:
        by = world.somebody(village, "cadre")
        made = CareRound.objects.create(village=village, kind="weather", name="暴雨", day=TODAY, by=by, at=NOW)
        for record in CareRecord.objects.filter(village=village, left_on=None).order_by("pk"):
            if world.often(0.4):
                answered = NOW if world.often(0.3) else None
                CareRoundPerson.objects.create(round=made, record=record, household=record.resident.household, answered_at=answered)
    _notes(world)


def _children(world: DueWorld) -> list[Any]:
    return [make_resident(home, f"小{number}", birth_date=date(2016, 5, 1)) for number, home in enumerate(world.homes[::3])]


def _record(world: DueWorld, resident: Any) -> None:
    home = resident.household
    village, child = home.village, resident.birth_date.year > 2010
    helper, substitute = world.random.sample(["cadre", "yard_head", "volunteer", "child_head", "staff", "overseer"], 2)
    cast = world.casts[world.number_of(village)]
    category = CareCategory.objects.filter(township=village.parent, is_child=child).order_by("pk")[0]
    CareRecord.objects.create(
        township=village.parent, village=village, unit=home.unit, resident=resident, category=category, is_child=child, tier="high",
        tier_reason="一个人住", helper=cast[helper], substitute=cast[substitute] if world.often() else None, entered_on=date(2025, 1, 1),
        consent="guardian" if child else "self", consented_on=TODAY, entered_by=cast["secretary"], due_on=world.day(),
        judged_on=world.one([TODAY, date(2025, 3, 20), date(2025, 3, 21)]),
    )  # fmt: skip
    if world.often(0.2):
        type(resident).objects.filter(pk=resident.pk).update(status=world.one(["moved", "died"]))


def _notes(world: DueWorld) -> None:
    for resident in world.residents:
        home = resident.household
        for ago in range(world.random.randint(0, 2)):
            by = world.somebody(home.village, "cadre", "yard_head", "child_head")
            visit = Visit.objects.create(
                kind="call", village=home.village, unit=home.unit, household=home, went_at=NOW - timedelta(days=3 - ago),
                seen="看望", by=by, logged_at=NOW,
            )  # fmt: skip
            condition = world.one(["well", "needs", "urgent"])
            CareNote.objects.create(
                visit=visit, resident=resident, condition=condition, need="" if condition == "well" else "买药", by=by, at=NOW,
                again_on=world.one([None, world.day()]),
            )  # fmt: skip
