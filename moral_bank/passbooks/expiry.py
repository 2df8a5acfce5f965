"""积分到期: points carry over for good unless a dated rule ends them, after at least thirty days of notice (mission M26).

First earned, first spent: of the points earned until the rule's cutoff there is left what spending, refunds and earlier
expiry have not used up. A grant that was reversed counts for nothing, on whichever side of the cutoff its reversal stands.
What a redemption gives back after a rule has run lapses in the same transaction.
"""

from __future__ import annotations

import logging
from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    CharField,
    DateField,
    DateTimeField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Concat, Least, TruncDate
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.disclosure.models import Notice, Objection
from governance.disclosure.notices import notice_publish, notice_withdraw
from governance.errors import DomainError
from governance.frame.saving import save_by
from governance.periods import SHANGHAI, Kind, Period, today
from moral_bank.ledger.month_locks import months_share
from moral_bank.models import Account, Entry, Expiry
from villages.models import Placement, Unit

NOTICE_DAYS = 30
COUNTING = "先得的积分先用：截至日以前得到、到期日后还没有用完的部分到期；截至日以后得到的积分不受影响。"
LAST_DAY = "到期日当天仍可兑换，次日起不再计入余额。"
RETURNED = "到期日以后因取消、逾期未领或退货退回的，属于这些积分的部分同样到期。"
OBJECTED = "异议答复以前不执行；异议成立的，不执行。"
_COLUMNS = (
    "account_id, township_id, village_id, head, veto, memo, score, points, occurred_on, month, source_key, posted_by_id, posted_at"
)

_logger = logging.getLogger(__name__)


class ExpiryError(DomainError):
    """A decision on expiry that is refused: `scope`, `date`, `reason`, `state`, `invalid`."""


def expiry_decide(
    *, village: Unit, earned_until: date, expires_on: date, basis: str, by: User, at: datetime | None = None
) -> Expiry:
    """Announce that points earned until a day lapse after another; the notice says the rule and no household."""
    now = at or timezone.now()
    township = village.parent_id if village.level == Unit.Level.VILLAGE else None
    if township is None or not by.may(Action.RULE_EDIT, village.path):
        raise ExpiryError("这个村（社区）不在您可以办理的范围内。", "scope")
    _check_days(earned_until, expires_on, today(now))
    if not basis.strip():
        raise ExpiryError("请写明依据，如村民代表会议决定。", "reason")
    with transaction.atomic():
        Unit.objects.select_for_update(of=("self",)).get(pk=village.pk)
        _check_free(village, expires_on)
        expiry = Expiry(township_id=township, village=village, earned_until=earned_until)
        expiry.expires_on, expiry.basis, expiry.decided_by, expiry.decided_at = expires_on, basis.strip(), by, now
        expiry.notice = _announce(expiry, by, now)
        save_by(expiry, by, ExpiryError)
    return expiry


def _check_days(earned_until: date, expires_on: date, day: date) -> None:
    """Time for the notice, and for the cutoff's month to post its claims at its lock in the month after."""
    if expires_on < day + timedelta(days=NOTICE_DAYS):
        raise ExpiryError(f"到期日须至少在 {NOTICE_DAYS} 天以后，以便公示。", "date")
    if expires_on <= earned_until:
        raise ExpiryError("到期日须晚于得分截至日。", "date")
    months = (expires_on.year - earned_until.year) * 12 + expires_on.month - earned_until.month
    if months < 1 or (months == 1 and expires_on.day < monthrange(expires_on.year, expires_on.month)[1]):
        raise ExpiryError("到期日不能早于得分截至日次月的最后一天，因为当月的申报到次月锁定时才入账。", "date")


def _check_free(village: Unit, expires_on: date) -> None:
    pending = Expiry.objects.filter(village=village, expires_on=expires_on, cancelled_at=None)
    for expiry in pending.select_related("notice"):
        withdrawn = expiry.notice.withdrawn_at is not None and expiry.done_at is None
        words = "这一天的安排公示已撤回，请先取消它。" if withdrawn else "这一天已有到期安排。"
        raise ExpiryError(words, "date")


def expiry_cancel(*, expiry: Expiry, reason: str, by: User, at: datetime | None = None) -> Expiry:
    """Before it has run: the points stay, and the notice is withdrawn with the reason if it still stands."""
    now = at or timezone.now()
    if not reason.strip():
        raise ExpiryError("取消须写明原因。", "reason")
    with transaction.atomic():
        rows = Expiry.objects.select_for_update(of=("self",)).select_related("village", "notice__unit")
        expiry = rows.get(pk=expiry.pk)
        if not by.may(Action.RULE_EDIT, expiry.village.path):
            raise ExpiryError("这个村（社区）不在您可以办理的范围内。", "scope")
        if expiry.done_at is not None or expiry.cancelled_at is not None:
            raise ExpiryError("这次到期已经办结或取消。", "state")
        expiry.cancelled_at, expiry.reason = now, reason.strip()[:100]
        expiry.save(update_fields=["cancelled_at", "reason"])
        if expiry.notice.withdrawn_at is None:
            notice_withdraw(notice=expiry.notice, reason=reason, by=by, at=now)
    return expiry


def expiries_waiting() -> QuerySet[Expiry]:
    """Announced, neither done nor cancelled, the notice not withdrawn and no objection to it upheld."""
    standing = Expiry.objects.filter(done_at=None, cancelled_at=None, notice__withdrawn_at=None)
    return standing.exclude(notice__objections__state=Objection.State.UPHELD)


def expiries_due(day: date) -> QuerySet[Expiry]:
    """Those whose last day was before `day`, once every objection is answered."""
    due = expiries_waiting().filter(expires_on__lt=day)
    return due.exclude(notice__objections__state=Objection.State.OPEN)


def expiries_run(at: datetime | None = None) -> int:
    """The night's round: post what lapses where the day has passed, each rule in a transaction of its own. Returns how many."""
    now = at or timezone.now()
    skips = connection.features.has_select_for_update_skip_locked
    done = 0
    for pk in list(expiries_due(today(now)).order_by("expires_on", "pk").values_list("pk", flat=True)):
        try:
            with transaction.atomic():
                rows = expiries_due(today(now)).select_for_update(of=("self",), skip_locked=skips)
                expiry = rows.select_related("village").filter(pk=pk).first()
                if expiry is not None:
                    _lapse(expiry, now)
                    done += 1
        except DatabaseError:
            _logger.exception("expiry %s", pk)
    return done


def lapse_returned(*, spent: Entry, key: str, now: datetime) -> None:
    """What the reversal of `spent` gave back lapses under the rules that have run since the spending, as it would have then;
    never more than came back. `key` names the return; called in its transaction, behind the reversal."""
    rules = list(_run_since(spent.posted_at, spent.account))
    if not rules:
        return
    own = Account.objects.filter(pk=spent.account_id)
    before = own.values_list("balance", flat=True).get() + spent.points
    for rule in rules:
        _post(lapses(rule, own, before), rule, f"{key}:", now)


def _run_since(at: datetime, account: Account) -> QuerySet[Expiry]:
    """The rules that have run since an instant over the village to which the household belonged when they did."""
    homes = Placement.objects.filter(household=account.household_id, village=OuterRef("village"))
    belonging = Q(valid_from__lte=OuterRef("ran_on")) & (Q(valid_to=None) | Q(valid_to__gt=OuterRef("ran_on")))
    at_its_end = Q(valid_to=OuterRef("village__valid_to"), valid_to__lte=OuterRef("ran_on"))
    lived = Exists(homes.filter(belonging | at_its_end))
    ran = Expiry.objects.filter(done_at__gte=at).annotate(ran_on=TruncDate("done_at", tzinfo=SHANGHAI))
    return ran.filter(lived).order_by("expires_on", "pk")


def expiring_of(account: Account) -> list[tuple[date, int]]:
    """(day, points) that lapse after it if nothing more is spent, by day; two queries."""
    homes = Placement.objects.filter(household=account.household_id, valid_to=F("village__valid_to"))
    mine = Q(village=account.household.village_id) | Q(village__in=homes.values("village"))
    rules = list(expiries_waiting().filter(mine).order_by("expires_on", "pk"))
    if not rules:
        return []
    sums = {f"left_{rule.pk}": Sum(_counted(rule.earned_until)) for rule in rules}
    left = Entry.objects.filter(account=account).aggregate(**sums)
    found, gone = [], 0
    for rule in rules:
        points = max(0, min(left[f"left_{rule.pk}"] or 0, account.balance) - gone)
        gone += points
        if points:
            found.append((rule.expires_on, points))
    return found


def lapse_total(expiry: Expiry) -> tuple[int, int]:
    """(households, points) that would lapse now."""
    points = lapses(expiry).values_list("lapse", flat=True)
    return len(points), sum(points)


def accounts_of(expiry: Expiry) -> QuerySet[Account]:
    """Those of the village; of one that has ended (涉改合并村) also those that it had then, wherever they belong now."""
    own = Q(household__village=expiry.village_id)
    if expiry.village.valid_to is not None:
        last = Placement.objects.filter(village=expiry.village_id, valid_to=expiry.village.valid_to)
        own |= Q(household__in=last.values("household"))
    return Account.objects.filter(own).order_by()


def lapses(expiry: Expiry, accounts: QuerySet[Account] | None = None, floor: int = 0) -> QuerySet[Any]:
    """The rule's accounts (of `accounts`) from which something would lapse now, each with `lapse` points (positive); `floor`
    of the balance stays."""
    accounts = accounts_of(expiry) if accounts is None else accounts
    left = Coalesce(Sum(_counted(expiry.earned_until, "entries__")), Value(0), output_field=BigIntegerField())
    lapse = Least(left, F("balance") - floor, output_field=BigIntegerField())
    return accounts.order_by().annotate(lapse=lapse).filter(lapse__gt=0)


def _counted(earned_until: date, prefix: str = "") -> Case:
    """An entry's points where it is a grant until the day (or the reversal of one) or no grant at all, else nought."""
    own = Q(**{f"{prefix}reverses": None, f"{prefix}occurred_on__lte": earned_until})
    of_another = Q(**{f"{prefix}reverses__occurred_on__lte": earned_until})
    spent = Q(**{f"{prefix}head": ""})
    return Case(
        When(spent | own | of_another, then=F(f"{prefix}points")), default=Value(0), output_field=BigIntegerField()
    )


def _lapse(expiry: Expiry, now: datetime) -> None:
    """Over the village's locked accounts, and the rule is done. The month is held before them, as every poster does."""
    months_share([today(now)])
    list(accounts_of(expiry).order_by("pk").select_for_update().values_list("pk", flat=True))
    _post(lapses(expiry), expiry, "", now)
    expiry.done_at = now
    expiry.save(update_fields=["done_at"])


def _post(lapsing: QuerySet[Any], expiry: Expiry, key: str, now: datetime) -> None:
    """One INSERT … SELECT of what `lapses` found; `key` stands before the account in the source key."""
    day = today(now)
    rows = lapsing.values_list(
        "pk",
        "township_id",
        "household__village_id",
        Value("", CharField()),
        Value(False, BooleanField()),
        Value(f"积分到期（依据：{expiry.basis}）", CharField()),
        Value(0),
        F("lapse") * -1,
        Value(day, DateField()),
        Value(Period.of(Kind.MONTH, day).start, DateField()),
        Concat(Value(f"expiry:{expiry.pk}:{key}"), Cast("pk", CharField())),
        Value(expiry.decided_by_id),
        Value(now, DateTimeField()),
    )
    sql, params = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {Entry._meta.db_table} ({_COLUMNS}) {sql}", params)


def _announce(expiry: Expiry, by: User, now: datetime) -> Notice:
    """The rule for everybody to read, from today until the day itself."""
    rows = [
        ["哪些积分", f"{_day(expiry.earned_until)}以前（含当日）得到的积分"],
        ["何时到期", f"{_day(expiry.expires_on)}；{LAST_DAY}"],
        ["怎样计算", f"{COUNTING}{RETURNED}"],
        ["有异议的", OBJECTED],
        ["依据", expiry.basis],
    ]
    return notice_publish(
        unit=expiry.village,
        kind=Notice.Kind.EXPIRY,
        title=f"{expiry.village}积分到期公示",
        reason="请有积分的农户在到期日以前到道德超市兑换。自己的余额可查积分存折，或问院户长。",
        columns=["事项", "内容"],
        rows=rows,
        opens_on=today(now),
        closes_on=expiry.expires_on,
        channel=f"可在本页提出异议，也可向{expiry.village}或{expiry.village.parent}反映。",
        by=by,
    )


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
