"""The working calendar in force."""

from governance.workdays import WorkCalendar, shipped


def work_calendar() -> WorkCalendar:
    return shipped()
