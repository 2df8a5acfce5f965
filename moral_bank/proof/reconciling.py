"""The nightly reconciliation: every figure that the portal keeps beside the ledger, compared with what it must follow from.

Each comparison is one statement, so that postings meanwhile do not look like differences; what is found is named in Chinese with
a key of the page that shows it (`household:12`). The chain is walked from the last head, on Sundays from its beginning (M23).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce, TruncMonth
from django.utils import timezone

from governance.accounts.duties import Duty
from governance.accounts.inbox import messages_send
from governance.accounts.models import User
from governance.guarding import missing
from governance.periods import today
from moral_bank.models import (
    Account,
    ChainHead,
    ChainLink,
    Claim,
    Closing,
    Entry,
    Item,
    Lot,
    Move,
    Reconciliation,
    Redemption,
)
from moral_bank.proof.verifying import chain_verify
from villages.models import Post, Unit

SHOWN = 100  # of each kind; a night that finds more has one cause
SUNDAY = 6
Difference = dict[str, str]
ENDED = (Redemption.State.CANCELLED, Redemption.State.EXPIRED, Redemption.State.REFUNDED)


def reconcile(township: Unit, at: datetime | None = None) -> Reconciliation:
    """Compare everything of a township and keep what this run found, beside the day's earlier ones."""
    now = at or timezone.now()
    day = today(now)
    differences = [found for check in CHECKS for found in _shortened(check, township)]
    differences += _chain(township, day)
    report = Reconciliation.objects.create(
        township=township, day=day, figures=_figures(township), findings=differences, made_at=now
    )
    if differences:
        messages_send(
            users=_staff(township, day),
            text=f"{day:%m月%d日}台账核对发现 {len(differences)} 处不符，请查看。",
            link=f"/proofs/{report.pk}/",
            key=f"reconciliation:{report.pk}",
            at=now,
        )
    return report


def reconcile_all(at: datetime | None = None) -> int:
    """The night's round over every township that has accounts; returns how many were not clean."""
    now = at or timezone.now()
    townships = Unit.objects.filter(pk__in=Account.objects.order_by().values("township")).order_by("pk")
    return sum(bool(reconcile(township, now).findings) for township in townships)


def _shortened(check: Callable[[Unit], Iterator[Difference]], township: Unit) -> list[Difference]:
    """At most SHOWN differences of one kind, and that there are more."""
    found = list(check(township))
    if len(found) > SHOWN:
        found[SHOWN:] = [_difference(found[0]["kind"], f"还有更多，只列出前 {SHOWN} 处", "")]
    return found


def _difference(kind: str, words: str, link: str) -> Difference:
    return {"kind": kind, "words": words, "link": link}


def _accounts(township: Unit) -> Iterator[Difference]:
    """account.balance = Σ entries."""
    rows = Account.objects.filter(township=township).annotate(total=Coalesce(Sum("entries__points"), Value(0)))
    wrong = rows.exclude(balance=F("total")).select_related("household__village").order_by("pk")
    for account in wrong[: SHOWN + 1]:
        home = account.household
        words = f"{home.village} {home.head_name}户：余额 {account.balance}，各笔记录合计 {account.total}"
        yield _difference("余额", words, f"household:{home.pk}")


def _items(township: Unit) -> Iterator[Difference]:
    """Item.stock = Σ moves = Σ of its lots' stock."""
    lots = Lot.objects.filter(item=OuterRef("pk")).order_by().values("item").annotate(total=Sum("stock")).values("total")
    rows = Item.objects.filter(shop__village__path__startswith=township.path).annotate(
        moved=Coalesce(Sum("moves__quantity"), Value(0)), shelved=Coalesce(Subquery(lots, IntegerField()), Value(0))
    )
    wrong = rows.exclude(stock=F("moved"), shelved=F("moved")).select_related("shop").order_by("pk")
    for item in wrong[: SHOWN + 1]:
        words = f"{item.shop} {item.name}：库存 {item.stock}，各批合计 {item.shelved}，出入库合计 {item.moved}"
        yield _difference("库存", words, f"shop:{item.shop_id}")


def _lots(township: Unit) -> Iterator[Difference]:
    """Lot.stock = Σ of its moves, all of them of its own article."""
    rows = Lot.objects.filter(item__shop__village__path__startswith=township.path).annotate(
        moved=Coalesce(Sum("moves__quantity"), Value(0)),
        strange=Exists(Move.objects.filter(lot=OuterRef("pk")).exclude(item=OuterRef("item"))),
    )
    wrong = rows.exclude(stock=F("moved"), strange=False).select_related("item__shop").order_by("pk")
    for lot in wrong[: SHOWN + 1]:
        fault = "有记到别的物品上的出入库" if lot.strange else f"这一批库存 {lot.stock}，出入库合计 {lot.moved}"
        yield _difference("批次", f"{lot.item.shop} {lot.item.name} {lot.received_on} 进货：{fault}", f"shop:{lot.item.shop_id}")


def _redemptions(township: Unit) -> Iterator[Difference]:
    """Points and goods of every redemption as its state says."""
    rows = Redemption.objects.filter(shop__village__path__startswith=township.path).annotate(
        moved=Coalesce(Sum("moves__quantity"), Value(0)), reversal=F("entry__reversed_by")
    )
    standing = Q(state__in=[Redemption.State.HELD, Redemption.State.DONE])
    right = Q(entry__points=F("points") * -1, entry__account=F("account")) & (
        (standing & Q(reversal=None, moved=F("quantity") * -1)) | (~standing & Q(reversal__isnull=False, moved=0))
    )
    wrong = rows.exclude(right).select_related("account__household__village", "item", "entry").order_by("pk")
    for redemption in wrong[: SHOWN + 1]:
        home = redemption.account.household
        words = f"{home.village} {home.head_name}户 {redemption}（{redemption.get_state_display()}）"
        yield _difference("兑换", f"{words}：{'、'.join(_wrong_of(redemption))}", f"redemption:{redemption.pk}")


def _wrong_of(redemption: Any) -> Iterator[str]:
    """What is wrong with a redemption; `moved` and `reversal` are read."""
    ended = redemption.state in ENDED
    if redemption.entry.account_id != redemption.account_id:
        yield "扣的是别户的积分"
    if redemption.entry.points != -redemption.points:
        yield f"应扣 {redemption.points} 分，记录为 {redemption.entry.points:+d} 分"
    if ended != (redemption.reversal is not None):
        yield "积分没有退回" if ended else "积分已被冲正"
    if redemption.moved != (0 if ended else -redemption.quantity):
        yield f"出入库合计 {redemption.moved:+d}，应为 {0 if ended else -redemption.quantity:+d}"


def _claims(township: Unit) -> Iterator[Difference]:
    """Posted claims say what their entry says; none that was approved is left behind in a locked month."""
    locked = Closing.objects.filter(
        village=OuterRef("account__household__village"), kind="month", start=OuterRef("month"), state="locked"
    )
    dated = Claim.objects.filter(account__township=township).annotate(month=TruncMonth("counts_on"))
    rows = dated.annotate(late=Exists(locked))
    same = Q(entry__account=F("account"), entry__deed=F("deed"), entry__score=F("score"), entry__occurred_on=F("counts_on"))
    wrong = rows.filter((Q(state=Claim.State.POSTED) & ~same) | Q(state=Claim.State.APPROVED, late=True))
    for claim in wrong.select_related("account__household__village", "deed", "entry").order_by("pk")[: SHOWN + 1]:
        home, entry = claim.account.household, claim.entry
        fault = "所在月份已锁定，却没有入账"
        if entry is not None:
            fault = f"申报 {claim.score:+d} 分（{claim.counts_on}），入账 {entry.score:+d} 分（{entry.occurred_on}）"
            fault += "" if (entry.account_id, entry.deed_id) == (claim.account_id, claim.deed_id) else "，户或事项不同"
        yield _difference("申报", f"{home.village} {home.head_name}户“{claim.deed}”：{fault}", f"claim:{claim.pk}")


def _orphans(township: Unit) -> Iterator[Difference]:
    """Entries that a claim or a redemption must have made, and none did."""
    of_claims = Q(source_key__startswith="claim:", claim=None)
    of_redemptions = Q(source_key__startswith="redeem:", redemption=None)
    rows = Entry.objects.filter(of_claims | of_redemptions, township=township).order_by("pk")
    for entry in rows.select_related("account__household__village")[: SHOWN + 1]:
        home, origin = entry.account.household, "申报" if entry.source_key.startswith("claim:") else "兑换"
        words = f"{home.village} {home.head_name}户 {entry.occurred_on} {entry.memo}：没有对应的{origin}"
        yield _difference("来源", words, f"household:{home.pk}")


def _guards(township: Unit) -> Iterator[Difference]:
    """Every trigger and constraint stands; the same for all townships."""
    for name in missing(connection):
        yield _difference("数据库规则", f"数据库里缺少{name}，请系统管理员执行 migrate", "")


CHECKS = (_accounts, _items, _lots, _redemptions, _claims, _orphans, _guards)


def _chain(township: Unit, day: date) -> list[Difference]:
    """What has come since the head before today, on Sundays everything."""
    since = ChainHead.objects.filter(township=township, day__lt=day).order_by("-day").first()
    found = chain_verify(township, since=None if day.weekday() == SUNDAY else since)
    return [_difference("校验链", f"{found.kind}：{found.words}", "")] if found else []


def _figures(township: Unit) -> dict[str, Any]:
    """How much was compared, and what each village owes: points, and money where it has a shop (分)."""
    by_village = ("household__village", "household__village__shop__cents_per_point")
    rows = Account.objects.filter(township=township).order_by("household__village__path").values_list(*by_village)
    owed = list(rows.annotate(Count("pk"), Sum("balance")))
    names = Unit.objects.in_bulk([village for village, *_ in owed])
    villages = [
        {"name": str(names[village]), "accounts": count, "points": points, "cents": None if rate is None else points * rate}
        for village, rate, count, points in owed
    ]
    redemptions = Redemption.objects.filter(shop__village__path__startswith=township.path)
    states = dict(redemptions.order_by().values_list("state").annotate(Count("pk")))
    last = ChainLink.objects.filter(township=township).order_by("-position").values_list("position", flat=True).first()
    return {
        "villages": villages,
        "accounts": sum(row["accounts"] for row in villages),
        "points": sum(row["points"] for row in villages),
        "entries": last or 0,
        "items": Item.objects.filter(shop__village__path__startswith=township.path).count(),
        "redemptions": sum(states.values()),
        "held": states.get(Redemption.State.HELD, 0),
        "claims": Claim.objects.filter(account__township=township, state=Claim.State.POSTED).count(),
    }


def _staff(township: Unit, day: date) -> list[User]:
    posts = Post.objects.current(day).filter(kind=Duty.STAFF, unit=township, user__is_active=True)
    return [post.user for post in posts.select_related("user").order_by("pk") if post.user is not None]
