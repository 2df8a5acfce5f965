"""What a passbook says: 日期|事由|存入|支取|结余|经办人 (domain.md §12), for the household's own paper and for the scanned page.

Lines stand in the order of posting and under the day of posting, so that each balance is the one before it plus its line.
Entries that move no points are no lines. Every function takes a fixed number of queries.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet, Sum
from django.db.models.functions import TruncMonth

from governance.errors import DomainError
from governance.periods import SHANGHAI, Kind, Period, today
from moral_bank.models import Account, Entry

REVERSAL, SPENDING, LAPSED = "冲正", "支取", "积分到期"
MONTHS_SHOWN = 24


@dataclass(frozen=True)
class Line:
    """One posting: `what` is the memo for the household's own paper, `plain` the same without names or free words."""

    on: date
    what: str
    plain: str
    points: int
    balance: int
    by: str

    @property
    def paid_in(self) -> int | None:
        return self.points if self.points > 0 else None

    @property
    def paid_out(self) -> int | None:
        return -self.points if self.points < 0 else None


@dataclass(frozen=True)
class Statement:
    """A month of one account; `closing` = `opening` + Σ lines."""

    month: Period
    opening: int
    lines: tuple[Line, ...]

    @property
    def closing(self) -> int:
        return self.lines[-1].balance if self.lines else self.opening

    @property
    def paid_in(self) -> int:
        return sum(line.paid_in or 0 for line in self.lines)

    @property
    def paid_out(self) -> int:
        return sum(line.paid_out or 0 for line in self.lines)


def statement_month(text: str, at: datetime | None = None) -> Period:
    """The month that `text` names, this one where it is empty. Raises DomainError for another period or one to come."""
    this = Period.of(Kind.MONTH, today(at))
    month = Period.parse(text) if text else this
    if month.kind != Kind.MONTH:
        raise DomainError(f"存折按月查看，“{text}”应写作 2026-03 这样的月份。", "period")
    if month > this:
        raise DomainError(f"“{text}”还没有到。", "period")
    return month


def statement_of(account: Account, month: Period) -> Statement:
    """All that was posted in a month, oldest first; two queries."""
    begins, ends = month.bounds()
    opening = _moving(account).filter(posted_at__lt=begins).aggregate(total=Sum("points"))["total"] or 0
    entries = _with_words(_moving(account).filter(posted_at__gte=begins, posted_at__lt=ends))
    return Statement(month, opening, tuple(_lines(list(entries), opening)))


def last_lines(account: Account, count: int) -> list[Line]:
    """The last `count` postings, oldest first, ending in the account's balance; two queries."""
    entries = list(_with_words(_moving(account)).order_by("-posted_at", "-pk")[:count])[::-1]
    total = _moving(account).aggregate(total=Sum("points"))["total"] or 0
    return _lines(entries, total - sum(entry.points for entry in entries))


def months_of(account: Account, at: datetime | None = None) -> list[Period]:
    """This month and those in which something was posted, latest first."""
    months = _moving(account).order_by().values_list(TruncMonth("posted_at", tzinfo=SHANGHAI), flat=True).distinct()
    found = {Period.of(Kind.MONTH, month.date()) for month in months} | {Period.of(Kind.MONTH, today(at))}
    return sorted(found, reverse=True)[:MONTHS_SHOWN]


def _moving(account: Account) -> QuerySet[Entry]:
    return Entry.objects.filter(account=account).exclude(points=0)


def _with_words(entries: QuerySet[Entry]) -> QuerySet[Entry]:
    related = ("deed", "posted_by", "redemption__item", "reverses__redemption__item")
    return entries.select_related(*related).order_by("posted_at", "pk")


def _lines(entries: list[Entry], balance: int) -> list[Line]:
    lines = []
    for entry in entries:
        balance += entry.points
        on = today(entry.posted_at)
        day = "" if on == entry.occurred_on else f"（{entry.occurred_on.month}月{entry.occurred_on.day}日）"
        lines.append(
            Line(on, f"{entry.memo}{day}", f"{plain_words(entry)}{day}", entry.points, balance, entry.posted_by.name)
        )
    return lines


def plain_words(entry: Entry) -> str:
    """What an entry was for, in the words of rules and catalogue only: memos may hold anybody's name."""
    if entry.reverses is not None:
        redeemed = getattr(entry.reverses, "redemption", None)
        return f"兑换退回：{redeemed.item.name}" if redeemed else REVERSAL
    if entry.deed is not None:
        return entry.deed.name
    redeemed = getattr(entry, "redemption", None)
    if redeemed:
        return f"兑换：{redeemed.item.name}"
    return LAPSED if entry.source_key.startswith("expiry:") else SPENDING
