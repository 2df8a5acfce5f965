"""Posting into the ledger (积分台账): insert-only, idempotent by source key; balance and locked months are the database's word.

Whoever earns posts here; the ledger knows nobody (design §1). The trigger `moral_bank_entry_post` moves the account's
balance in the inserting statement itself, so one INSERT is the whole posting (docs/decisions/0002-ledger.md).
"""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date, datetime

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from governance.accounts.models import User
from governance.errors import DomainError
from governance.guards import refused_by
from governance.periods import Kind, Period, today
from moral_bank.claims.cap_guards import CAPPED
from moral_bank.claims.caps import grants, is_capped
from moral_bank.ledger.guards import LOCKED, REVERSAL
from moral_bank.ledger.month_locks import months_share
from moral_bank.market.guards import REDEEMED
from moral_bank.models import Account, Entry
from moral_bank.passbooks.guards import COVER
from moral_bank.rules.models import Deed, RuleSet
from villages.models import Placement

MEMO_CHARS = 200
MOST_SCORE = 10_000
_COMPARED = ("account_id", "deed_id", "head", "score", "points", "occurred_on", "reverses_id")


class LedgerError(DomainError):
    """A posting that the ledger refuses: `overdrawn`, `locked`, `conflict`, `reversed`, `score`, `rules`, `date`, `cap`,
    `cover`, `redeemed`."""


_REFUSALS = {
    "account_not_overdrawn": ("积分余额不足，未入账。", "overdrawn"),
    LOCKED: ("该月评分已锁定，不能再记入这个月。更正请记在当前未锁定的月份（冲正）。", "locked"),
    REVERSAL: ("冲正须与原记录同户、同类、数额相反，且原记录本身不是冲正。", "reversed"),
    REDEEMED: ("这条支取是道德超市的兑换，请到道德超市办理取消或退货。", "redeemed"),
    "moral_bank_entry.reverses_id": ("这条记录已经冲正过。", "reversed"),
    COVER: ("本村（社区）待兑付的积分已超过超市的资金和库存，暂停发放，未入账。请镇里拨入资金或补充库存后再办。", "cover"),
    CAPPED: ("这户的加分已到细则规定的上限，未入账。", "cap"),
}


def entry_post(
    *,
    account: Account,
    deed: Deed,
    occurred_on: date,
    by: User,
    source_key: str,
    score: int | None = None,
    quantity: int = 1,
    memo: str = "",
    at: datetime | None = None,
) -> Entry:
    """Post what a household did; `score` only where the deed is judged in a range, `quantity` where it counts by it.

    A gain is cut to what the caps leave, and the memo says so. Returns the first entry of a key.
    """
    now = at or timezone.now()
    if occurred_on > today(now):
        raise LedgerError("发生日期不能晚于今天。", "date")
    if score is None:
        score = deed.score * quantity
    _check_score(deed, score, quantity)
    entry = Entry(
        account=account,
        township_id=account.township_id,
        deed=deed,
        head=deed.head,
        veto=deed.is_veto,
        memo=memo or deed.name,
        score=score,
        points=deed.points_for(score),
        occurred_on=occurred_on,
        source_key=source_key,
        posted_by=by,
        posted_at=now,
    )
    return _insert_capped(entry, deed) if score > 0 and is_capped(deed) else _insert(entry)


def entry_reverse(
    *, entry: Entry, reason: str, by: User, occurred_on: date | None = None, at: datetime | None = None
) -> Entry:
    """冲正: the opposite of `entry`, dated today, so that it falls into the open month and the past stays as it was.

    Whoever corrects a month that is still open may date it into that month by `occurred_on`.
    """
    now = at or timezone.now()
    if not reason.strip():
        raise LedgerError("冲正须写明原因。", "reversed")
    if entry.reverses_id is not None:
        raise LedgerError("冲正记录本身不能再冲正。", "reversed")
    return _insert(
        Entry(
            account=entry.account,
            township_id=entry.township_id,
            deed_id=entry.deed_id,
            head=entry.head,
            memo=f"冲正：{reason.strip()}"[:200],
            score=-entry.score,
            points=-entry.points,
            occurred_on=occurred_on or today(now),
            source_key=f"reverse:{entry.pk}",
            reverses=entry,
            posted_by=by,
            posted_at=now,
        )
    )


def points_spend(
    *,
    account: Account,
    points: int,
    memo: str,
    by: User,
    source_key: str,
    occurred_on: date | None = None,
    at: datetime | None = None,
) -> Entry:
    """Take `points` (positive) from the spendable balance, today if not said otherwise; refused where it does not reach."""
    now = at or timezone.now()
    if points <= 0:
        raise LedgerError("支取的积分须大于 0。", "score")
    return _insert(
        Entry(
            account=account,
            township_id=account.township_id,
            memo=memo,
            score=0,
            points=-points,
            occurred_on=occurred_on or today(now),
            source_key=source_key,
            posted_by=by,
            posted_at=now,
        )
    )


def _check_score(deed: Deed, score: int, quantity: int) -> None:
    if deed.rule_set.state != RuleSet.State.ADOPTED:
        raise LedgerError("该事项所属细则尚未施行，不能入账。", "rules")
    if quantity < 1 or (quantity > 1 and not deed.by_quantity):
        raise LedgerError(f"“{deed.name}”不按数量计分。", "score")
    if deed.score_high is None and score != deed.score * quantity:
        raise LedgerError(f"“{deed.name}”为固定分值 {deed.score:+d}，不能改动。", "score")
    if abs(score) > MOST_SCORE:
        raise LedgerError(f"一次最多记 {MOST_SCORE} 分，请核对数量。", "score")
    if deed.score_high is not None and not deed.score <= score <= deed.score_high:
        raise LedgerError(f"“{deed.name}”的评分须在 {deed.score} 到 {deed.score_high} 之间。", "score")
    if score == 0:
        raise LedgerError("评分不能为 0。", "score")


def _insert_capped(entry: Entry, deed: Deed) -> Entry:
    """Post what the caps leave of `entry`. The month is held before the account, in the order of the posting triggers."""
    with transaction.atomic():
        months_share([entry.occurred_on])
        grant = grants([(entry.account_id, deed, entry.occurred_on, entry.score)])[0]
        first = Entry.objects.filter(source_key=entry.source_key).first()
        if first is not None:
            entry.score, entry.points = _cut_before(first, entry)
            return _same_or_conflict(first, entry)
        if not grant.score:
            raise LedgerError(f"已达{grant.limit}，这次不再加分。", "cap")
        if grant.limit:
            entry.memo = _cut_memo(entry.memo, f"超过{grant.limit}，记 {grant.score} 分")
            entry.score, entry.points = grant.score, deed.points_for(grant.score)
        return _insert(entry)


def _cut_before(first: Entry, entry: Entry) -> tuple[int, int]:
    """Score and points that `entry` had when its key posted `first`, which a cap may have cut."""
    cut = first.score < entry.score and first.memo.endswith(f"，记 {first.score} 分）")
    return (first.score, first.points) if cut else (entry.score, entry.points)


def _cut_memo(memo: str, note: str) -> str:
    """The memo with `note` in its closing bracket; what is too long is cut before the note."""
    opening = f"{memo[:-1]}，" if memo.endswith("）") else f"{memo}（"
    return f"{opening[: MEMO_CHARS - len(note) - 1]}{note}）"


_FIELDS = [field for field in Entry._meta.concrete_fields if field.attname not in ("id", "village_id")]
# Where the household belonged on the day, in the same statement; without a placement, where it belongs now.
_INSERT = (
    f"INSERT INTO {Entry._meta.db_table} ({', '.join(str(field.column) for field in _FIELDS)}, village_id) "
    f"VALUES ({', '.join('%s' for _ in _FIELDS)}, COALESCE((SELECT village_id FROM {Placement._meta.db_table} "
    "WHERE household_id = %s AND valid_from <= %s AND (valid_to IS NULL OR valid_to > %s) ORDER BY valid_from DESC LIMIT 1), %s)) "
    "RETURNING id, village_id"
)


def _insert(entry: Entry) -> Entry:
    """One statement past the ORM, whose compiling would cost as much as the posting itself."""
    entry.month = Period.of(Kind.MONTH, entry.occurred_on).start
    values = [field.get_db_prep_save(getattr(entry, field.attname), connection) for field in _FIELDS]
    home, day = entry.account.household, connection.ops.adapt_datefield_value(entry.occurred_on)
    try:
        with transaction.atomic() if connection.in_atomic_block else nullcontext(), connection.cursor() as cursor:
            cursor.execute(_INSERT, [*values, home.pk, day, day, home.village_id])
            entry.pk, entry.village_id = cursor.fetchone()
    except IntegrityError as error:
        first = Entry.objects.filter(source_key=entry.source_key).first()
        if first is not None:
            return _same_or_conflict(first, entry)
        raise _explained(error) from error
    entry._state.adding, entry._state.db = False, connection.alias
    return entry


def _same_or_conflict(first: Entry, entry: Entry) -> Entry:
    """The entry that the key already posted, if it says the same."""
    if any(getattr(first, name) != getattr(entry, name) for name in _COMPARED):
        raise LedgerError("同一来源已入账，但内容不同，未重复入账。", "conflict")
    return first


def _explained(error: IntegrityError) -> Exception:
    refusal = _REFUSALS.get(refused_by(error))
    return LedgerError(*refusal) if refusal else error
