"""A village with its bodies: five households in the yard, a secretary, a cadre, an overseer, delegates."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import time_machine

from governance.accounts.models import User
from governance.councils.bodies.services import bodies_set_up, seat_add
from governance.councils.meetings.services import (
    Came,
    Line,
    meeting_attend,
    meeting_call,
    meeting_confirm,
    meeting_minute,
)
from governance.councils.models import Body, Meeting, Seat
from governance.periods import SHANGHAI
from tests.builders import (
    make_cast,
    make_household,
    make_resident,
    make_rule_set,
    make_township,
    make_village,
    settlement_of,
)
from villages.models import Household

NAMES = ("王小明", "李秀英", "张国强", "赵永福", "孙明礼")
TODAY = date(2026, 3, 20)


def moment(day: date = TODAY, hour: int = 10) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)


class CouncilHouse:
    """Founded on 1 January 2026; `now` is 20 March. `homes` in the yard, with their heads; the sex of every second head is female."""

    def __init__(self) -> None:
        self.township = make_township()
        self.village = make_village(self.township)
        self.cast: dict[str, User] = make_cast(self.township, self.village)
        self.rule_set = make_rule_set(self.township)
        self.yard = settlement_of(self.village)
        self.homes: list[Household] = [make_household(self.village, name) for name in NAMES]
        self.people = [
            make_resident(home, home.head_name, sex="F" if number % 2 else "M", birth_date=date(1970, 5, 1))
            for number, home in enumerate(self.homes)
        ]
        with time_machine.travel(moment(date(2026, 1, 1)), tick=False):
            bodies_set_up(township=self.township)

    def body(self, kind: str) -> Body:
        return Body.objects.select_related("unit", "village").get(kind=kind, village=self.village)

    def sit(self, kind: str, *numbers: int, role: str = "member") -> list[Seat]:
        by, body = self.cast["secretary"], self.body(kind)
        return [
            seat_add(body=body, resident=self.people[number], role=role, since=date(2026, 1, 5), by=by, at=moment()) for number in numbers
        ]

    def home_tokens(self, *numbers: int) -> list[str]:
        return [f"household-{self.homes[number].pk}" for number in numbers]

    def called(self, kind: str = "yard", on: date = TODAY, **fields: Any) -> Meeting:
        by = fields.pop("by", self.cast["cadre"])
        return meeting_call(body=self.body(kind), topic="修路", on=on, by=by, at=moment(on), **fields)

    def minuted(self, came: Came | None = None, *lines: Line, kind: str = "yard", **fields: Any) -> Meeting:
        """Written down by the cadre; three of five households came."""
        by = self.cast["cadre"]
        meeting = self.called(kind, **fields)
        came = came or Came(self.home_tokens(0, 1, 2))
        meeting = meeting_attend(meeting=meeting, came=came, by=by, at=moment(meeting.on))
        lines = lines or (Line("修路", "路坏了", "每户出工一天"),)
        return meeting_minute(meeting=meeting, lines=lines, by=by, at=moment(meeting.on))

    def confirmed(self, *args: Any, **fields: Any) -> Meeting:
        return meeting_confirm(meeting=self.minuted(*args, **fields), by=self.cast["secretary"], at=moment())
