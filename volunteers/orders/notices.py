"""Who is told of an order: those on call, those who send orders out, the volunteers. What leaves the portal names no resident."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from governance.accounts.duties import MATRIX, VILLAGE_DUTIES, Action, Duty
from governance.accounts.inbox import messages_send, texts_send
from governance.accounts.models import User
from governance.accounts.sms import Template
from governance.cases.engine.holding import people_in
from governance.cases.models import Shift
from governance.periods import SHANGHAI, today
from villages.models import Post, Unit
from volunteers.orders.models import ServiceOrder
from volunteers.people.models import Volunteer

DISPATCHERS = [duty for duty in VILLAGE_DUTIES if Action.SERVICE_DISPATCH in MATRIX[duty]]


def on_call_of(village: Unit, at: datetime) -> list[Post]:
    """The posts on call by the village's published roster, at a moment."""
    turns = Shift.objects.filter(village=village).on_call(at)
    return list(Post.objects.filter(shifts__in=turns).select_related("user", "resident").distinct().order_by("pk"))


def dispatchers_of(village: Unit, at: datetime) -> list[User]:
    """The village's accounts that send orders out."""
    return people_in(village, DISPATCHERS, today(at))


def secretaries_of(village: Unit, at: datetime) -> list[User]:
    return people_in(village, [Duty.SECRETARY], today(at))


def clerks_of(township: Unit, at: datetime) -> list[User]:
    return people_in(township, [Duty.STAFF], today(at))


def tell(order: ServiceOrder, users: Iterable[User], what: str, at: datetime, *, key: str) -> int:
    """A message about an order to those who send orders out or watch over it; `key` tells its events apart."""
    text = f"{what}（{order.number}）：{order.project.name}，{order.unit.name}"
    link, out = f"/service-orders/{order.pk}/", f"乡治：{what}（{order.number}）"
    return messages_send(users=users, text=text, link=link, key=f"service:{order.pk}:{key}", at=at, text_out=out)


def tell_asked(order: ServiceOrder, at: datetime) -> int:
    """A new order: to those who send orders out, an emergency to those on call, too."""
    if order.is_emergency:
        tell_on_call(order, "十分钟应急，请马上联系", at, key="on_call")
    return tell(order, dispatchers_of(order.village, at), "新点单", at, key="ask")


def tell_done(order: ServiceOrder, at: datetime) -> int:
    return tell(order, dispatchers_of(order.village, at), "服务已完成，请评单", at, key="done")


def tell_on_call(order: ServiceOrder, what: str, at: datetime, *, key: str) -> int:
    """An emergency, to those on call: in the portal and by SMS, by SMS alone to volunteers without an account."""
    posts, key = on_call_of(order.village, at), f"service:{order.pk}:{key}"
    words = Template("on_call", {"number": order.number, "project": order.project.name, "place": order.unit.name})
    text = f"{what}（{order.number}）：{order.project.name}，{order.unit.name}"
    phones = [post.resident.phone for post in posts if post.user is None and post.resident is not None]
    told = texts_send(phones=phones, text_out=words, key=key, place=order.village.path, at=at)
    for link, mine in (("/my-orders/", True), (f"/service-orders/{order.pk}/", False)):
        users = [post.user for post in posts if post.user is not None and (post.kind == Duty.VOLUNTEER) == mine]
        told += messages_send(users=users, text=text, link=link, key=key, at=at, text_out=words)
    return told


def tell_volunteers(order: ServiceOrder, volunteers: Iterable[Volunteer], what: str, at: datetime, *, key: str) -> int:
    """A message to volunteers, by SMS alone where they have no account: kind, hamlet and time, nothing of the person."""
    return _to_volunteers(order, volunteers, what, at, f"乡治：{what}（{order.number}）", key)


def tell_offered(order: ServiceOrder, volunteers: Iterable[Volunteer], at: datetime) -> int:
    """Those who are asked to take an order, by SMS, too."""
    words = {"number": order.number, "project": order.project.name, "place": order.unit.name, "time": _time(order) or "时间可商量"}
    return _to_volunteers(order, volunteers, "有一单想请您帮忙", at, Template("offer", words), f"offer:{at.timestamp()}")


def _to_volunteers(
    order: ServiceOrder, volunteers: Iterable[Volunteer], what: str, at: datetime, out: str | Template, key: str
) -> int:
    text = "，".join(filter(None, [f"{what}（{order.number}）：{order.project.name}", order.unit.name, _time(order)]))
    people, key = list(volunteers), f"service:{order.pk}:{key}"
    users = [volunteer.user for volunteer in people if volunteer.user is not None]
    told = messages_send(users=users, text=text, link="/my-orders/", key=key, at=at, text_out=out)
    phones = [one.phone for one in people if one.user is None]
    return told + texts_send(phones=phones, text_out=out, key=key, place=order.village.path, at=at)


def _time(order: ServiceOrder) -> str:
    return f"{order.wanted_at.astimezone(SHANGHAI):%m-%d %H:%M}" if order.wanted_at is not None else ""
