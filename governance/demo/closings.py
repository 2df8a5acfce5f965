"""The year's closings up to today: settled months and quarters, and last month on the board with an objection."""

from __future__ import annotations

from datetime import datetime, timedelta

from governance.demo.deeds import months_until
from governance.demo.loading import analyze, morning
from governance.demo.posts import BAYI
from governance.demo.sources import villages
from governance.disclosure.models import Notice
from governance.disclosure.notices import objection_file
from governance.periods import Kind, Period, today
from moral_bank.closings.services import closings_compute, closings_lock, closings_publish
from moral_bank.models import Closing, Rating
from villages.models import Unit

COMPUTED_AFTER, WINDOW = timedelta(days=1), timedelta(days=5)
OBJECTION = "我家当月参加了两次义务劳动，名单上的得分似乎少计了一次，请核对。"


def load_closings(units: dict[str, Unit], now: datetime) -> None:
    """Months before the last full one are locked, and the quarters that they complete; the last one is being noticed."""
    its = [units[village.code] for village in villages()]
    ended = [month for month in months_until(today(now)) if month.end <= today(now)]
    for month in ended[:-1]:
        _settle(its, month, now)
        quarter = Period.of(Kind.QUARTER, month.start)
        if quarter.end == month.end:
            _settle(its, quarter, now, later=COMPUTED_AFTER + WINDOW)
    if ended:
        shown_at = max(now - timedelta(days=1), min(morning(ended[-1].end), now))
        shown = _computed(its, ended[-1], shown_at)
        notices = {notice.unit.code: notice for notice in _show(shown, shown_at)}
        objection_file(
            notice=notices[BAYI], row_number=20, name="陈明", phone="15400000000", text=OBJECTION, at=shown_at
        )


def _settle(its: list[Unit], period: Period, now: datetime, later: timedelta = timedelta()) -> None:
    """Computed the day after the period, shown for five days, locked the day after."""
    shown_at = morning(period.end) + COMPUTED_AFTER + later
    computed = _computed(its, period, shown_at)
    _show(computed, shown_at)
    closings_lock(closings=computed, at=min(shown_at + WINDOW, now))
    analyze(Closing, Rating)


def _computed(its: list[Unit], period: Period, at: datetime) -> list[Closing]:
    """The villages' closings of a period. Rows alone are made: the demo computes them itself, so no message is sent."""
    rows = Closing.objects.bulk_create(
        Closing(village=village, kind=period.kind, start=period.start) for village in its
    )
    return closings_compute([row.pk for row in rows], at)


def _show(closings: list[Closing], at: datetime) -> list[Notice]:
    notices = closings_publish(closings=closings, at=at)
    Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(published_at=at)
    return notices
