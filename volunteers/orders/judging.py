"""评单: by the slip that the village gives when asked, or by phone through somebody who did not serve; no answer in a week is no praise."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone

from governance.accounts.models import User
from governance.cases.engine.services import Report, case_log
from governance.cases.models import Case, Category
from governance.errors import DomainError
from volunteers.orders.errors import OrderError
from volunteers.orders.models import ServiceOrder, ServiceStep
from volunteers.orders.notices import dispatchers_of, secretaries_of, tell
from volunteers.orders.order_flow import State, Step
from volunteers.orders.points import points_open, points_settle
from volunteers.orders.steps import check_state, order_lock, order_save, order_take, served_by, step_write

COMPLAINT_CATEGORY = "sheqing"
WORDS_LENGTH = 200
NO_SLIP = "这张评单条不能用：可能已经用过，或换了新的。请向村（社区）要一张新的。"


def slip_issue(*, order: ServiceOrder, by: User, at: datetime | None = None) -> str:
    """The token of a new slip, which is kept nowhere; a new slip voids the one before."""
    now, token = at or timezone.now(), secrets.token_urlsafe(24)
    with transaction.atomic():
        row = order_take(order, Step.SLIP, by)
        row.slip_hash = hash_of(token)
        row.save(update_fields=["slip_hash"])
        step_write(row, Step.SLIP, by=by, at=now, source=row.state)
    return token


def slip_order(token: str) -> ServiceOrder:
    """The order that a slip judges. Raises OrderError (`slip`) alike for used, voided and unknown ones."""
    found = ServiceOrder.objects.filter(slip_hash=hash_of(token), state=State.DONE).first()
    if found is None:
        raise OrderError(NO_SLIP, "slip")
    return found


def judge_by_slip(
    *, token: str, rating: str, words: str = "", by: User | AnonymousUser | None = None, at: datetime | None = None
) -> ServiceOrder:
    """Judged by the one served, without an account; refused while `by`, who is logged in, served the order."""
    now = at or timezone.now()
    with transaction.atomic():
        row = order_lock(slip_order(token))
        if row.slip_hash != hash_of(token) or row.state != State.DONE:
            raise OrderError(NO_SLIP, "slip")
        if isinstance(by, User) and served_by(row, by):
            raise OrderError("您参加了这一单的服务（或同户的人参加了），请服务对象本人评单。", "kin")
        row.slip_used_at = now
        return _judge(row, rating, words, ServiceOrder.JudgedBy.SLIP, None, now)


def judge_by_phone(*, order: ServiceOrder, rating: str, words: str = "", by: User, at: datetime | None = None) -> ServiceOrder:
    """代评 by phone; refused for whoever served."""
    now = at or timezone.now()
    with transaction.atomic():
        row = order_take(order, Step.JUDGE, by)
        return _judge(row, rating, words, ServiceOrder.JudgedBy.PHONE, by, now)


def order_unrate(order: ServiceOrder, now: datetime) -> None:
    """Nobody has judged a locked order in time: the village decides about its points."""
    check_state(order, Step.UNRATE)
    source, order.state = order.state, State.UNRATED.value
    order_save(order)
    points_open(order)
    step_write(order, Step.UNRATE, by=None, at=now, source=source)


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _judge(order: ServiceOrder, rating: str, words: str, how: str, by: User | None, now: datetime) -> ServiceOrder:
    if rating not in ServiceOrder.Rating.values:
        raise OrderError("请选满意或不满意。", "need", field="rating")
    if len(words.strip()) > WORDS_LENGTH:
        raise OrderError(f"不超过 {WORDS_LENGTH} 字。", "need", field="words")
    source, order.state = order.state, State.JUDGED.value
    order.rating, order.rating_words, order.judged_how = rating, words.strip(), how
    order.judged_at, order.judged_by = now, by
    order_save(order)
    label = ServiceOrder.Rating(rating).label
    step_write(order, Step.JUDGE, by=by, at=now, source=source, note=f"{ServiceOrder.JudgedBy(how).label}：{label}")
    sender = sender_of(order)
    if rating == ServiceOrder.Rating.SATISFIED:
        points_settle(order, by or sender, now)
    else:
        points_open(order)
        _complain(order, by or sender, now)
    return order


def sender_of(order: ServiceOrder) -> User:
    """Who sent the order out: what follows from a slip stands in their name."""
    sent = ServiceStep.objects.filter(order=order, step=Step.OFFER, by__isnull=False).select_related("by").order_by("-pk").first()
    found = sent.by if sent is not None else order.logged_by  # of an emergency that those on call took at once
    assert found is not None
    return found


def _complain(order: ServiceOrder, by: User, now: datetime) -> None:
    """An unsatisfied order becomes a case; where none can be opened, the village's secretary is told."""
    category = Category.objects.filter(township=order.township_id, code=COMPLAINT_CATEGORY, is_active=True).first()
    if category is not None:
        text = f"志愿服务订单 {order.number}（{order.project.name}）评单不满意，请了解情况。"
        report = Report(category=category, unit=order.unit, text=text, source=Case.Source.RESIDENT, private=True)
        try:
            with transaction.atomic():
                order.complaint = case_log(report=report, by=by, at=now)
        except DomainError:
            order.complaint = None
        order.save(update_fields=["complaint"])
    if order.complaint is None:
        people = secretaries_of(order.village, now) or dispatchers_of(order.village, now)
        tell(order, people, "评单不满意，请了解情况", now, key="unsatisfied")
