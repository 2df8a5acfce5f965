"""A trial run over a year of locked quarters against reading the same entries by one plain SUM, in turns, medians."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from statistics import median

from django.db import connection, transaction

import bench_closing

ROUNDS = 3
PLAIN = "SELECT account_id, month, head, sum(score) FROM moral_bank_entry WHERE head <> '' GROUP BY account_id, month, head"


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _plain() -> None:
    with connection.cursor() as cursor:
        cursor.execute(PLAIN)
        cursor.fetchall()


def _lock(closings: list[object]) -> None:
    """Computed closings become locked ones, each behind a notice, as the nights would have done it."""
    from governance.disclosure.models import Notice
    from moral_bank.models import Closing

    rows: list[Closing] = closings  # type: ignore[assignment]
    notices = Notice.objects.bulk_create(
        Notice(unit_id=row.village_id, kind="rating", title="公示", opens_on=row.start, closes_on=row.start) for row in rows
    )
    for row, notice in zip(rows, notices, strict=True):
        row.notice, row.state = notice, Closing.State.LOCKED
        row.computed_at = row.locked_at = row.period.bounds()[1] + timedelta(days=6)
    Closing.objects.bulk_update(rows, ["notice", "state", "computed_at", "locked_at"], batch_size=500)


def _close_year() -> None:
    """Months that are rated already are locked, quarters are rated in sets and locked."""
    from governance.periods import Kind, Period
    from moral_bank.closings.sql import ratings_write
    from moral_bank.models import Closing
    from moral_bank.rules.models import RuleSet

    rules: dict[int | None, RuleSet] = {row.township_id: row for row in RuleSet.objects.all()}
    months = list(Closing.objects.select_related("village").order_by("start", "pk"))
    for row in months:
        row.rule_set = rules[row.village.parent_id]
    with transaction.atomic():
        Closing.objects.bulk_update(months, ["rule_set"], batch_size=500)
        _lock(months)  # type: ignore[arg-type]
    for quarter in sorted({Period.of(Kind.QUARTER, row.start) for row in months}):
        parts = [row.pk for row in months if row.start in quarter]
        first = [row for row in months if row.start == quarter.start]
        with transaction.atomic():
            rows = Closing.objects.bulk_create(
                Closing(village=row.village, kind="quarter", start=quarter.start, rule_set=row.rule_set) for row in first
            )
            ratings_write(rows, parts)
            _lock(Closing.objects.filter(pk__in=[row.pk for row in rows]))  # type: ignore[arg-type]


def _say(what: str, work: Callable[[], object]) -> None:
    seconds: dict[str, list[float]] = {"plain": [], "trial": []}
    for _ in range(ROUNDS):
        seconds["plain"].append(_timed(_plain))
        seconds["trial"].append(_timed(work))
    plain, trial = median(seconds["plain"]), median(seconds["trial"])
    print(f"trial run, {what}: {trial:.1f} s, plain SUM {plain:.1f} s, ratio {trial / plain:.1f}", flush=True)


def run(villages: int, households: int, entries: int) -> None:
    """An unchanged copy (which must move nobody), and one with every kind of cap."""
    from governance.accounts.duties import Duty
    from governance.accounts.models import User
    from governance.periods import today
    from moral_bank.rules.models import RuleSet
    from moral_bank.rules.services import deed_save, draft_edit, rule_set_copy
    from moral_bank.rules.trial import trial_months, trial_run
    from villages.models import Post

    bench_closing.load(villages, households, entries, 12)
    bench_closing._sql(bench_closing.INTO.format(table="moral_bank_rating") + bench_closing.BY_HAND)
    _close_year()
    bench_closing._sql("VACUUM ANALYZE")
    rule_set = RuleSet.objects.select_related("township").get()
    clerk = User.objects.create(username="bench-clerk", name="测试")
    Post.objects.create(user=clerk, kind=Duty.STAFF, unit=rule_set.township, appointed_on=today() - timedelta(days=1))
    draft = rule_set_copy(rule_set=rule_set, valid_from=today().replace(day=1, year=today().year + 1), by=clerk)
    months = trial_months(draft, clerk)
    size = f"{len(months)} months × {households:,} households, {entries * len(months):,} entries"
    result = trial_run(draft=draft, months=months, by=clerk)
    assert result.rows == households * len(months) // 3 and not result.moves, "an unchanged copy must move nobody"
    _say(f"unchanged, {size}", lambda: trial_run(draft=draft, months=months, by=clerk))
    draft_edit(rule_set=draft, values={"cap_month": 5, "cap_year": 60, "three_star": 62, "two_star": 61}, heads={}, by=clerk)
    for deed in draft.deeds.filter(score__gt=0, score_high=None)[:10]:
        deed_save(rule_set=draft, deed=deed, values={"cap_quarter": deed.score * 2}, by=clerk)
    moved = trial_run(draft=draft, months=months, by=clerk)
    print(f"with caps {len(moved.moves):,} of {moved.rows:,} quarters of households change their stars")
    _say(f"with caps, {size}", lambda: trial_run(draft=draft, months=months, by=clerk))
