"""By when something is disclosed: the rules of the catalogue as data. Pure.

A list of a period is due in the month after it; what is disclosed at once is due some working days after the day on which it happened.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from governance.periods import SHANGHAI, Kind, Period, today
from governance.workdays import Limit, LimitUnit, WorkCalendar, due


class Rule(StrEnum):
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"
    AT_ONCE = "at_once"

    @property
    def period(self) -> Kind | None:
        """The period of which a list is made; None for what is disclosed when it happens."""
        return _PERIODS.get(self)


_PERIODS = {Rule.MONTHLY: Kind.MONTH, Rule.QUARTERLY: Kind.QUARTER, Rule.YEARLY: Kind.YEAR}


@dataclass(frozen=True)
class Timing:
    """`day` of the month after the period, of `month` in the year after it; `workdays` after the event."""

    rule: Rule
    day: int = 20
    month: int = 1
    workdays: int = 5

    def last_day(self, period: Period) -> date:
        """The last day in time for the list of a period."""
        after = period.end
        return after.replace(month=self.month, day=self.day) if self.rule == Rule.YEARLY else after.replace(day=self.day)

    def last_day_after(self, event: date, calendar: WorkCalendar) -> date:
        """The last day in time for what happened on the day `event`."""
        return today(due(calendar, datetime.combine(event, time(12), SHANGHAI), Limit(self.workdays, LimitUnit.WORKDAYS)))

    @property
    def words(self) -> str:
        """公开时限, as the official heading has it."""
        match self.rule:
            case Rule.MONTHLY:
                return f"每月 {self.day} 日前公开上月"
            case Rule.QUARTERLY:
                return f"每季度第一个月 {self.day} 日前公开上季度"
            case Rule.YEARLY:
                return f"每年 {self.month} 月 {self.day} 日前公开上年"
            case _:
                return f"事项发生后 {self.workdays} 个工作日内"
