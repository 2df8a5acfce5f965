"""What stands between a closing and its next step, in words for the people who have to do something about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.utils import timezone

from governance.disclosure.due import CLOSES
from governance.disclosure.models import Objection
from governance.periods import Kind, Period, today
from moral_bank.claims.posting import cover_blockers
from moral_bank.closings import sql as closing_sql
from moral_bank.models import Closing
from moral_bank.rules.models import RuleSet
from villages.models import Unit

PART_KINDS = {Kind.QUARTER: Kind.MONTH, Kind.YEAR: Kind.QUARTER}
STALE = "计算之后记录或户有变动，须重新计算"
UPHELD = "异议成立，请更正后重新计算并公示；查无可更正的，也请重新计算并公示"


def closing_blockers(closing: Closing, at: datetime | None = None) -> list[str]:
    """Plain Chinese: what keeps the closing from its next step (compute, publish, lock); empty if nothing does."""
    now = at or timezone.now()
    if closing.state == Closing.State.OPEN:
        return compute_blockers(closing, now, rule_set_of(closing))
    if closing.state == Closing.State.COMPUTED:
        return publish_blockers(closing, now, stale=differs(closing))
    if closing.state == Closing.State.NOTICED:
        return lock_blockers(closing, now) + ([STALE] if differs(closing) else [])
    return []


def is_stale(closing: Closing) -> bool:
    """Whether the records no longer say what an unlocked closing's ratings were computed from."""
    return closing.state in (Closing.State.COMPUTED, Closing.State.NOTICED) and differs(closing)


def compute_blockers(closing: Closing, now: datetime, rule_set: RuleSet | None) -> list[str]:
    """What keeps a closing from being computed by `rule_set`, the version in force."""
    period, last = closing.period, closing.period.end - timedelta(days=1)
    if period.start > today(now):
        return [f"{period.label}尚未开始"]
    blockers = []
    if not closing.village.stands_on(last):
        blockers.append(f"{closing.village}在{period.label}末不存在（尚未设立或已撤销）")
    if rule_set is None:
        blockers.append(f"{period.label}没有已施行的积分细则")
    if waiting := objections(closing, Objection.State.OPEN):
        blockers.append(f"有 {waiting} 条异议待答复，答复后才能重新计算")
    return blockers + [f"{village}{part.label}尚未锁定" for village, part in _missing_parts(closing)]


def publish_blockers(closing: Closing, now: datetime, *, stale: bool) -> list[str]:
    """What keeps a computed closing from being shown; `stale` is what `differs` says of it."""
    blockers = []
    if closing.period.end > today(now):
        blockers.append(f"{closing.period.label}尚未结束")
    if not closing.household_count:
        blockers.append("没有参评的户，无须公示")
    if closing.job == Closing.Job.QUEUED:
        blockers.append("正在计算")
    if stale:
        blockers.append(STALE)
    return blockers


def lock_blockers(closing: Closing, now: datetime) -> list[str]:
    """What keeps a shown list from being locked, as far as its notice and the shop behind its points say."""
    unanswered, upheld = objections(closing, Objection.State.OPEN), objections(closing, Objection.State.UPHELD)
    return shown_blockers(closing, now, unanswered=unanswered, upheld=upheld, cover=cover_blockers([closing]).get(closing.pk))


def shown_blockers(closing: Closing, now: datetime, *, unanswered: int, upheld: int, cover: str | None) -> list[str]:
    """`lock_blockers` in words, from counts of objections and what `cover_blockers` says."""
    blockers = []
    if closing.job == Closing.Job.QUEUED:
        blockers.append("正在计算")
    if closing.notice is None or closing.notice.withdrawn_at is not None:
        blockers.append("公示已撤回，请重新计算并公示")
    elif not CLOSES.is_past(closing.notice, now):
        blockers.append(f"公示期到 {closing.notice.closes_on:%Y-%m-%d} 为止")
    if unanswered:
        blockers.append(f"有 {unanswered} 条异议待答复")
    if upheld:
        blockers.append(UPHELD)
    return [*blockers, cover] if cover else blockers


def objections(closing: Closing, state: str) -> int:
    """How many objections in `state` the notice has that is shown now; a recomputation ends the notice."""
    return closing.notice.objections.filter(state=state).count() if closing.notice else 0


def differs(closing: Closing) -> bool:
    """Whether households, entries (parts), claims, vetoes or the rule set in force are others than those computed from."""
    return bool(differing([closing]))


def differing(closings: Sequence[Closing]) -> set[int]:
    """Ids of those closings of one period that `differs` holds for."""
    parts = None if closings[0].kind == Kind.MONTH else [part for row in closings for part in locked_parts(row) or ()]
    now, rule_sets = closing_sql.figures(closings, parts), rule_sets_of(closings)
    return {
        row.pk
        for row in closings
        if not now[row.pk].same
        or (now[row.pk].households, now[row.pk].entries) != (row.household_count, row.entry_count)
        or rule_sets[row.pk] != row.rule_set
    }


def unchanged(closings: Sequence[Closing]) -> set[int]:
    """Ids of those of one period that are computed or shown and would come out as they stand: nothing behind them changed,
    their notice was not withdrawn and no objection to it upheld."""
    standing = [row for row in closings if row.state in (Closing.State.COMPUTED, Closing.State.NOTICED) and not _is_to_redo(row)]
    return {row.pk for row in standing} - (differing(standing) if standing else set())


def _is_to_redo(closing: Closing) -> bool:
    withdrawn = closing.notice is not None and closing.notice.withdrawn_at is not None
    return withdrawn or objections(closing, Objection.State.UPHELD) > 0


def hangs(closing: Closing, at: datetime | None = None) -> bool:
    """Whether its notice is running, so that only a person takes it down."""
    return closing.notice is not None and closing.notice.is_public(today(at))


def rule_set_of(closing: Closing) -> RuleSet | None:
    """The version in force when a month began, or when a longer period ended."""
    return RuleSet.objects.in_force(closing.village.parent_id or 0, _rule_day(closing.period))


def rule_sets_of(closings: Sequence[Closing]) -> dict[int, RuleSet | None]:
    """`rule_set_of` by closing id, read once for each township."""
    firsts = {closing.village.parent_id: closing for closing in closings}
    found = {township: rule_set_of(closing) for township, closing in firsts.items()}
    return {closing.pk: found[closing.village.parent_id] for closing in closings}


def locked_parts(closing: Closing) -> list[int] | None:
    """Ids of the locked months of a quarter, or quarters of a year, in all villages where its households belonged then;
    None for a month."""
    if closing.kind == Kind.MONTH:
        return None
    return [row.pk for row in _parts(closing).values() if row is not None and row.state == Closing.State.LOCKED]


def _missing_parts(closing: Closing) -> list[tuple[Unit, Period]]:
    """(village, part) of the same township that are not locked yet."""
    if closing.kind == Kind.MONTH:
        return []
    parts = _parts(closing)
    missing = [key for key, row in parts.items() if row is None or row.state != Closing.State.LOCKED]
    villages = Unit.objects.filter(parent=closing.village.parent_id).in_bulk([village for village, _ in missing])
    found = [(villages[village], part) for village, part in missing if village in villages]
    return sorted(found, key=lambda pair: (pair[1], pair[0].path))


def _parts(closing: Closing) -> dict[tuple[int, Period], Closing | None]:
    """The closing (None if there is no row) of each village and part; a part before the first rules is not asked for.

    A household that moved, or whose village was merged into this one, brings the results of the village it came from.
    """
    adopted = RuleSet.objects.filter(township=closing.village.parent_id, state=RuleSet.State.ADOPTED)
    first = adopted.order_by("valid_from").values_list("valid_from", flat=True).first()
    kind = PART_KINDS[Kind(closing.kind)]
    periods = [part for part in closing.period.split(kind) if first is not None and _rule_day(part) >= first]
    wanted = closing_sql.part_villages(closing, periods) if periods else set()
    rows = Closing.objects.filter(
        kind=kind, start__in=[part.start for part in periods], village__in={village for village, _ in wanted}
    )
    stand = {(row.village_id, row.period): row for row in rows}
    return {key: stand.get(key) for key in wanted}


def _rule_day(period: Period) -> date:
    return period.start if period.kind == Kind.MONTH else period.end - timedelta(days=1)
