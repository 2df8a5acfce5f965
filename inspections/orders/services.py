"""Findings and their rectification: 整改通知书 and 督办单 from issuing to 销号 (plan §四(三) 以压促改; mission M36; domain.md §10).

Signed within one working day, put right within seven; re-checked by somebody else. Days let pass are counted by `order_clock`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import uuid4

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.cases.models import Photo
from governance.cases.sending.photos import photos_take
from governance.frame.saving import save_by
from governance.periods import today
from governance.workdays import Limit, LimitUnit, due
from inspections.conflicts import conflicts_refuse
from inspections.errors import InspectionError
from inspections.models import ChecklistItem, Evidence, Finding, Order, OrderExtension, OrderStep, Round, Scorecard
from inspections.orders.clock import misses_count
from inspections.orders.due import FIX
from inspections.orders.rights import check_refusal, fix_refusal
from inspections.orders.steps import day_words, miss_add, order_take, state_check, step_write, tell, tell_village
from villages.calendar.services import work_calendar
from villages.models import Unit
from villages.numbers.services import numbers_take

SIGN_LIMIT = Limit(1, LimitUnit.WORKDAYS)
FIX_LIMIT = Limit(7, LimitUnit.WORKDAYS)
NUMBER_LETTERS = {Order.Kind.NOTICE: "ZG", Order.Kind.OVERSIGHT: "DD"}
State, Step = Order.State, OrderStep.Step


def finding_add(
    *,
    village: Unit,
    text: str,
    by: User,
    card: Scorecard | None = None,
    item: ChecklistItem | None = None,
    at: datetime | None = None,
) -> Finding:
    """Write down what was found wrong in a village; on a card it is part of its inspection, until the round is locked.

    Without a card it belongs to the one that `by` is scoring in that village, if there is one.
    """
    now = at or timezone.now()
    if not (by.may(Action.ROUND_SCORE, village.path) or by.may(Action.ORDER_ISSUE, village.path)):
        raise InspectionError(f"{village}的问题不归您登记。", "scope")
    if village.level != Unit.Level.VILLAGE:
        raise InspectionError("问题要记在村（社区）。", "need")
    if not text.strip():
        raise InspectionError("请写明发现的问题。", "need")
    if card is None and item is not None:
        raise InspectionError("考核内容要和评分表一起选。", "card")
    with transaction.atomic():
        card = card or _card_being_scored(village, by)
        if card is not None:
            _check_card(card, village, item, by, today(now))
        finding = Finding(village=village, card=card, item=item, text=text.strip(), found_by=by, found_at=now)
        save_by(finding, by, InspectionError)
    return finding


def order_issue(
    *,
    village: Unit,
    kind: str,
    requirement: str,
    findings: Sequence[Finding],
    by: User,
    card: Scorecard | None = None,
    at: datetime | None = None,
) -> Order:
    """签发: put findings of one village on a new order and tell the village. `card` is the findings' own, if not given."""
    now = at or timezone.now()
    if not by.may(Action.ORDER_ISSUE, village.path):
        raise InspectionError(f"{village}的整改通知不归您签发。", "scope")
    if kind not in Order.Kind or village.parent is None:
        raise InspectionError("请选整改通知书或督办单。", "need")
    if not requirement.strip():
        raise InspectionError("请写明整改要求。", "need")
    with transaction.atomic():
        rows = _findings_take(findings, village)
        order = Order(
            township=village.parent,
            village=village,
            kind=kind,
            number=numbers_take(village.parent, f"{NUMBER_LETTERS[Order.Kind(kind)]}{today(now).year}-")[0],
            card=card or _card_of(rows),
            found_on=min(today(row.found_at) for row in rows),
            requirement=requirement.strip(),
            issued_by=by,
            issued_at=now,
            sign_due_on=_day_after(village.parent_id, now, SIGN_LIMIT),
            fix_due_on=_day_after(village.parent_id, now, FIX_LIMIT),
        )
        if order.card is not None and order.card.village_id != village.pk:
            raise InspectionError(f"这张评分表不是{village}的。", "card")
        save_by(order, by, InspectionError)
        Finding.objects.filter(pk__in=[row.pk for row in rows]).update(order=order)
        step_write(order, Step.ISSUE, by=by, at=now, note=order.requirement)
        message = f"{order.get_kind_display()}待签收，请在 {day_words(order.sign_due_on)} 前签收"
        tell_village(order, message, now, key="issue")
    return order


def order_sign(*, order: Order, by: User, at: datetime | None = None) -> Order:
    """签收 for the village; a late one has already counted a miss."""
    now = at or timezone.now()
    with transaction.atomic():
        row = _fix_take(order, by)
        state_check(row, State.ISSUED, what="签收")
        misses_count(row, now)
        row.state, row.signed_by, row.signed_at = State.SIGNED, by, now
        save_by(row, by, InspectionError, ["state", "signed_by", "signed_at"])
        step_write(row, Step.SIGN, by=by, at=now)
    return row


def order_ask_extension(
    *, order: Order, until: date, reason: str, by: User, at: datetime | None = None
) -> OrderExtension:
    """申请延期 to a later day, not after the day is over; one that was granted or waits for its answer is the only one."""
    now = at or timezone.now()
    with transaction.atomic():
        row = _fix_take(order, by)
        state_check(row, State.SIGNED, State.FAILED, what="申请延期")
        if FIX.is_past(row, now):
            raise InspectionError(f"整改期限（{row.fix_due_on}）已过，不能再申请延期。", "date")
        if until <= row.fix_due_on:
            raise InspectionError(f"延期须晚于现在的整改期限（{row.fix_due_on}）。", "date")
        if not reason.strip():
            raise InspectionError("申请延期须写明理由。", "need")
        extension = OrderExtension(order=row, until=until, reason=reason.strip(), asked_by=by, asked_at=now)
        save_by(extension, by, InspectionError)
        step_write(row, Step.ASK, by=by, at=now, note=f"延期至 {until}：{extension.reason}")
        tell(row, [row.issued_by], f"{row.village}申请延期，待批准", now, key=f"order:{row.pk}:ask:{extension.pk}")
    return extension


def order_decide_extension(
    *, extension: OrderExtension, granted: bool, by: User, reason: str = "", at: datetime | None = None
) -> OrderExtension:
    """批准延期, by somebody of the office other than the asker and without kin in the village; 不同意 says why."""
    now = at or timezone.now()
    with transaction.atomic():
        row = order_take(extension.order, by, Action.ORDER_ISSUE)
        extension = OrderExtension.objects.select_for_update(of=("self",)).get(pk=extension.pk)
        if extension.state != OrderExtension.State.ASKED:
            raise InspectionError("这件延期申请已经答复。", "state")
        if extension.asked_by_id == by.pk:
            raise InspectionError("不能批准自己申请的延期。", "another")
        conflicts_refuse(users=[by], village=row.village, on=today(now))
        if not granted and not reason.strip():
            raise InspectionError("不同意延期须写明原因。", "need")
        extension.state = OrderExtension.State.GRANTED if granted else OrderExtension.State.DENIED
        extension.decided_by, extension.decided_at = by, now
        save_by(extension, by, InspectionError, ["state", "decided_by", "decided_at"])
        if granted:
            row.fix_due_on = extension.until
            save_by(row, by, InspectionError, ["fix_due_on"])
        step_write(row, Step.GRANT if granted else Step.DENY, by=by, at=now, note=reason.strip())
        tell_village(row, "同意延期" if granted else "不同意延期", now, key=f"decided:{extension.pk}")
    return extension


def order_report(
    *, order: Order, text: str, by: User, photos: Sequence[UploadedFile[bytes]] = (), at: datetime | None = None
) -> Order:
    """报告整改: what was done, with photos if there are any; an extension that was still asked for is no longer needed."""
    now = at or timezone.now()
    with transaction.atomic():
        row = _fix_take(order, by)
        state_check(row, State.SIGNED, State.FAILED, what="报告整改")
        if not text.strip():
            raise InspectionError("请写明整改情况。", "need")
        misses_count(row, now)
        row.state, row.reported_by, row.reported_at, row.report = State.REPORTED, by, now, text.strip()
        row.checked_by, row.checked_at, row.opinion = None, None, ""
        save_by(row, by, InspectionError)
        step_write(row, Step.REPORT, by=by, at=now, note=row.report)
        if row.extensions.filter(state=OrderExtension.State.ASKED).update(
            state=OrderExtension.State.DENIED, decided_at=now
        ):
            step_write(row, Step.DENY, by=None, at=now, note="已报告整改，不再延期")
        _evidence_add(row, photos, by, now)
        tell(row, [row.issued_by], f"{row.village}已报告整改，待复核", now, key=f"order:{row.pk}:report:{now.timestamp()}")
    return row


def order_check(*, order: Order, passed: bool, opinion: str, by: User, at: datetime | None = None) -> Order:
    """复核 by another person: passed it is closed (销号); failed it gets seven more working days and counts a miss."""
    now = at or timezone.now()
    with transaction.atomic():
        row = order_take(order, by, Action.ORDER_CHECK)
        if refusal := check_refusal(row, by, today(now)):
            raise refusal
        state_check(row, State.REPORTED, what="复核")
        if not opinion.strip():
            raise InspectionError("请写明复核意见。", "need")
        row.checked_by, row.checked_at, row.opinion = by, now, opinion.strip()
        if passed:
            row.state, row.closed_on = State.CLOSED, today(now)
        else:
            row.state, row.fix_due_on = State.FAILED, _day_after(row.township_id, now, FIX_LIMIT)
        step_write(row, Step.CLOSE if passed else Step.FAIL, by=by, at=now, note=row.opinion)
        if not passed:
            miss_add(row, now)
        save_by(row, by, InspectionError)
        message = "整改已销号" if passed else f"复核未过，请在 {day_words(row.fix_due_on)} 前整改"
        tell_village(row, message, now, key=f"check:{now.timestamp()}")
    return row


def _fix_take(order: Order, by: User) -> Order:
    """The order under its lock for a step of the village."""
    row = order_take(order, by, Action.ORDER_FIX)
    if refusal := fix_refusal(row, by):
        raise refusal
    return row


def _card_being_scored(village: Unit, by: User) -> Scorecard | None:
    """The village's card in a round whose team `by` is of."""
    cards = Scorecard.objects.filter(village=village, round__state=Round.State.SCORING, team__members__user=by)
    return cards.order_by("-round__quarter").first()


def _check_card(card: Scorecard, village: Unit, item: ChecklistItem | None, by: User, on: date) -> None:
    """A finding on a card is the inspection's: of its village and checklist, by nobody of the village, not after the lock."""
    row = Scorecard.objects.select_for_update(of=("self",)).select_related("round").get(pk=card.pk)
    if row.village_id != village.pk:
        raise InspectionError(f"这张评分表不是{village}的。", "card")
    if row.round.state == Round.State.LOCKED:
        raise InspectionError(f"{row.round}已锁定，不能再登记这次督查的问题。", "locked")
    if item is not None and item.section.checklist_id != row.round.checklist_id:
        raise InspectionError("这一条不在这张检查表里。", "card")
    conflicts_refuse(users=[by], village=village, on=on)


def _findings_take(findings: Sequence[Finding], village: Unit) -> list[Finding]:
    """The findings under their lock; refused where one is another village's or stands on an order already."""
    keys = {finding.pk for finding in findings}
    locked = Finding.objects.select_for_update(of=("self",)).select_related("card", "order")
    rows = list(locked.filter(pk__in=keys, village=village).order_by("pk"))
    if not rows:
        raise InspectionError("请先选要整改的问题。", "need")
    if len(rows) != len(keys):
        raise InspectionError("一份通知只能写一个村（社区）的问题。", "card")
    for row in rows:
        if row.order is not None:
            raise InspectionError(f"“{row.text}”已写进{row.order.number}。", "state")
    return rows


def _card_of(findings: Sequence[Finding]) -> Scorecard | None:
    """The one card on which all findings stand."""
    cards = {finding.card for finding in findings}
    return cards.pop() if len(cards) == 1 else None


def _day_after(township_id: int | None, now: datetime, limit: Limit) -> date:
    """The Shanghai day on which `limit` working days from `now` end in the township."""
    return today(due(work_calendar(township_id), now, limit))


def _evidence_add(order: Order, files: Sequence[UploadedFile[bytes]], by: User, now: datetime) -> None:
    """Keep the photos of a report; what cannot be kept refuses the report by name, and no file of it stays behind."""
    taken = photos_take(files=files, owner_key=uuid4(), by=by, at=now)
    if taken.refused:
        for photo in taken.photos:
            photo.file.delete(save=False)
        raise InspectionError(" ".join([*taken.refused, "填写的内容都还在，请重新选照片再提交。"]), "photo", field="photos")
    Photo.objects.filter(pk__in=[photo.pk for photo in taken.photos]).update(kept=True)
    Evidence.objects.bulk_create([Evidence(photo=photo, order=order) for photo in taken.photos])
