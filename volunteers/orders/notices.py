"""Who is told of an order: those on call, those who send orders out, the volunteers. What leaves the portal names no resident."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from governance.accounts.duties import MATRIX, VILLAGE_DUTIES, Action, Duty
from governance.accounts.inbox import messages_send
from governance.accounts.models import User
from governance.cases.models import Shift
from governance.periods import SHANGHAI, today
from villages.models import Post, Unit
from volunteers.orders.models import ServiceOrder
from volunteers.people.models import Volunteer

DISPATCHERS = [duty for duty in VILLAGE_DUTIES if Action.SERVICE_DISPATCH in MATRIX[duty]]


def on_call_of(village: Unit, at: datetime) -> list[Post]:
    """The posts whose turn it is by the village's published roster, at a moment."""
    clock = at.astimezone(SHANGHAI).time()
    turns = Shift.objects.published().filter(village=village, day=today(at), kind__starts__lte=clock, kind__ends__gt=clock)
    return list(Post.objects.filter(shifts__in=turns).select_related("user", "resident").distinct().order_by("pk"))


def dispatchers_of(village: Unit, at: datetime) -> list[User]:
    """The village's accounts that send orders out."""
    return _in_post(village, DISPATCHERS, at)


def secretaries_of(village: Unit, at: datetime) -> list[User]:
    return _in_post(village, [Duty.SECRETARY], at)


def clerks_of(township: Unit, at: datetime) -> list[User]:
    return _in_post(township, [Duty.STAFF], at)


def _in_post(unit: Unit, duties: Iterable[str], at: datetime) -> list[User]:
    posts = Post.objects.current(today(at)).filter(unit=unit, kind__in=list(duties))
    return list(User.objects.filter(posts__in=posts, is_active=True).distinct().order_by("pk"))


def tell(order: ServiceOrder, users: Iterable[User], what: str, at: datetime, *, key: str) -> int:
    """A message about an order to those who send orders out or watch over it; `key` tells its events apart."""
    text = f"{what}（{order.number}）：{order.project.name}，{order.unit.name}"
    link, out = f"/service-orders/{order.pk}/", f"乡治：{what}（{order.number}）"
    return messages_send(users=users, text=text, link=link, key=f"service:{order.pk}:{key}", at=at, text_out=out)


def tell_asked(order: ServiceOrder, at: datetime) -> int:
    """A new order: an emergency to those on call and, as everything, to those who send orders out."""
    people = dispatchers_of(order.village, at)
    what = "新点单"
    if order.is_emergency:
        what = "十分钟应急，请马上联系"
        people = [*(post.user for post in on_call_of(order.village, at) if post.user is not None), *people]
    return tell(order, people, what, at, key="ask")


def tell_volunteers(order: ServiceOrder, volunteers: Iterable[Volunteer], what: str, at: datetime, *, key: str) -> int:
    """A message to the accounts of volunteers: kind, hamlet and time, nothing of the person."""
    wanted = f"，{order.wanted_at.astimezone(SHANGHAI):%m-%d %H:%M}" if order.wanted_at is not None else ""
    text = f"{what}（{order.number}）：{order.project.name}，{order.unit.name}{wanted}"
    users = [volunteer.user for volunteer in volunteers if volunteer.user is not None]
    key = f"service:{order.pk}:{key}"
    return messages_send(users=users, text=text, link="/my-orders/", key=key, at=at, text_out=f"乡治：{what}（{order.number}）")
