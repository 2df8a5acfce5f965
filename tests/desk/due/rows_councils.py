"""What waits in councils, written past the services: bodies that should meet, and their members, meetings in every state, tasks."""

from __future__ import annotations

from datetime import date, timedelta

from governance.councils.bodies.services import bodies_set_up
from governance.councils.models import Body, Item, Meeting, Seat, Task
from tests.desk.due.world import NOW, TODAY, DueWorld
from villages.models import Post, Unit


def councils_fill(world: DueWorld) -> None:
    for township in world.townships:
        bodies_set_up(township=township)
    Body.objects.update(meet_by=None)
    for body in Body.objects.exclude(kind="moral").filter(village__in=world.villages).order_by("pk"):
        body.meet_by = world.one([world.day(12), world.day(12), None])
        if world.often(0.1):
            body.meet_by, body.ended_on = None, TODAY + timedelta(days=400)
        body.save()
    for village in world.villages:
        _meetings(world, village)
        _seats(world, village)


def _seats(world: DueWorld, village: Unit) -> None:
    """Three members of each body that has some: of no term, of one that is over or ends soon or later; some have left."""
    for body in Body.objects.filter(village=village, kind__in=["rites", "vice", "trade", "delegates", "party"]).order_by("pk"):
        first = world.home_of(village)
        homes = {world.number_of(village) * 7 + (first + step) % 7 for step in range(3)}
        for number in sorted(homes):
            left = {"ended_on": TODAY, "end_reason": "离任"} if world.often(0.3) else {}
            term_end = world.one([None, world.day(20), world.day(60)])
            Seat.objects.create(body=body, resident=world.residents[number], since=date(2025, 1, 1), term_end=term_end, **left)


def _meetings(world: DueWorld, village: Unit) -> None:
    bodies = list(Body.objects.filter(village=village, kind__in=["yard", "yard", "rites", "talk"]))
    posts = list(Post.objects.filter(unit__path__startswith=village.path, kind__in=["cadre", "mediator", "yard_head"]))
    for serial in range(24):
        body, on = world.one(bodies), world.day(9)
        written = {
            "entitled": 5, "present": 3, "minuted_at": world.before(14), "minuted_by": world.somebody(village, "cadre", "yard_head"),
        }  # fmt: skip
        state = world.one(["called", "held", "minuted", "minuted", "cancelled"])
        meeting = Meeting.objects.create(
            body=body, unit=body.unit, village=village, topic=f"议题{serial}", on=on, base="households", state=state,
            write_by=on + timedelta(days=3), called_by=world.somebody(village, "cadre"), called_at=NOW,
            end_reason="下雨" if state == "cancelled" else "", **(written if state == "minuted" else {}),
        )  # fmt: skip
        if state == "minuted":
            item = Item.objects.create(meeting=meeting, number=1, title="修路")
            done = world.often(0.3)
            ended = {"state": "done", "result": "做了", "done_on": TODAY, "closed_by": world.somebody(village, "cadre")} if done else {}
            Task.objects.create(
                item=item, what="出工", who="某人", post=world.one([*posts, None]), due_on=world.day(), made_at=NOW,
                made_by=world.somebody(village, "cadre"), **ended,
            )  # fmt: skip
