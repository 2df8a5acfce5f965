"""公示 and 异议: publish a masked list for a window, take objections inside it, answer each once (domain.md §7, §12)."""

from __future__ import annotations

import hmac
import re
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.disclosure.guards import HANGS
from governance.disclosure.models import Notice, Objection
from governance.errors import DomainError
from governance.periods import today
from governance.privacy import has_long_number
from governance.workdays import Limit, LimitUnit, due
from villages.calendar.services import work_calendar
from villages.models import Unit
from villages.numbers.services import numbers_take

_NAME_COLUMN = re.compile("姓名|户主")
_PHONE = re.compile(r"1\d{10}|0\d{2,3}-?\d{7,8}")
TEXT_LENGTH = 500
NUMBER_LETTERS = "YY"
ANSWER_LIMIT = Limit(3, LimitUnit.WORKDAYS)
TAIL = 4


class DisclosureError(DomainError):
    """A notice or objection that is refused: `scope`, `privacy`, `rows`, `window`, `state`, `text`, `phone`."""


def notice_publish(
    *,
    unit: Unit,
    kind: str,
    title: str,
    reason: str,
    columns: list[str],
    rows: list[list[str]],
    opens_on: date,
    closes_on: date,
    channel: str,
    by: User | None,
    seal: str = "",
    action: Action = Action.NOTICE_PUBLISH,
) -> Notice:
    """Show `rows` (one list of cells for each line, as long as `columns`) from `opens_on` to `closes_on`, both inclusive.

    `by` is None where the portal itself publishes (a closing's notice), `seal` the ledger's head as it stood then; `action` is what
    `by` must be allowed to do, where the notice is a step of something else. Unmasked names and long numbers are refused.
    """
    if by is not None and not by.may(action, unit.path):
        raise DisclosureError("您不能在这个单位发布公示。", "scope")
    if closes_on < opens_on:
        raise DisclosureError("公示截止不能早于开始。", "window")
    _check_rows(columns, rows)
    for text in (title, reason):
        _check_privacy(text)
    notice = Notice(
        unit=unit,
        kind=kind,
        title=title,
        reason=reason,
        columns=columns,
        rows=rows,
        opens_on=opens_on,
        closes_on=closes_on,
        channel=channel,
        seal=seal,
        published_by=by,
    )
    notice.full_clean()
    notice.save()
    return notice


def notice_withdraw(*, notice: Notice, reason: str, by: User | None, at: datetime | None = None) -> Notice:
    """Take a notice off the board at once; it stays on record with the reason and who did it. `by` is None for the portal
    itself, which replaces only what no longer runs."""
    if by is not None and not by.may(Action.NOTICE_PUBLISH, notice.unit.path):
        raise DisclosureError("您不能撤回这个公示。", "scope")
    if not reason.strip():
        raise DisclosureError("撤回公示须写明原因。", "text")
    with transaction.atomic():
        notice = Notice.objects.select_for_update(of=("self",)).select_related("unit").get(pk=notice.pk)
        if notice.withdrawn_at is not None:
            raise DisclosureError("这个公示已经撤回。", "state")
        if by is None and notice.is_public(today(at)):
            raise DisclosureError(HANGS, "state")
        notice.withdrawn_at, notice.withdrawn_reason, notice.withdrawn_by = at or timezone.now(), reason.strip()[:100], by
        notice.save(update_fields=["withdrawn_at", "withdrawn_reason", "withdrawn_by"])
    return notice


def objection_file(
    *,
    notice: Notice,
    row_number: int | None,
    name: str,
    phone: str,
    text: str,
    by: User | None = None,
    at: datetime | None = None,
) -> Objection:
    """Take an objection while the notice is public; `row_number` counts its lines from 1, `by` is who wrote it down. One that was
    sent before is given back as it stands, with its number."""
    if not notice.is_public(today(at)):
        raise DisclosureError("不在公示期内，不能再提出异议。", "window")
    if row_number is not None and not 1 <= row_number <= len(notice.rows):
        raise DisclosureError(f"名单序号须在 1 到 {len(notice.rows)} 之间。", "rows")
    if not name.strip() or not text.strip():
        raise DisclosureError("请写明姓名和异议内容。", "text")
    if len(text.strip()) > TEXT_LENGTH:
        raise DisclosureError(f"异议内容请在 {TEXT_LENGTH} 字以内。", "text")
    if not _PHONE.fullmatch(phone.strip()):
        raise DisclosureError("联系电话请写 11 位手机号，或带区号的座机号。", "phone")
    said = {"notice": notice, "row_number": row_number, "name": name.strip(), "phone": phone.strip(), "text": text.strip()}
    now = at or timezone.now()
    with transaction.atomic():
        Notice.objects.select_for_update(of=("self",)).get(pk=notice.pk)  # of two that say the same the second finds the first
        if stored := Objection.objects.filter(**said).first():
            return stored
        township = _township(notice.unit)
        number = numbers_take(township, f"{NUMBER_LETTERS}{today(now).year}-")[0]
        answer_by = today(due(work_calendar(township.pk), now, ANSWER_LIMIT))
        return Objection.objects.create(number=number, answer_by=answer_by, received_by=by, **said)


def objection_find(*, number: str, tail: str) -> Objection | None:
    """The objection with this number whose sender's phone ends in `tail`; None for whatever does not fit."""
    found: Objection | None = None
    for objection in Objection.objects.filter(number=number.strip().upper()).select_related("notice"):
        if hmac.compare_digest(objection.phone[-TAIL:], tail.strip()):
            found = objection
    return found


def objection_answer(
    *, objection: Objection, upheld: bool, answer: str, by: User, at: datetime | None = None
) -> Objection:
    """Answer once, in words; what an upheld objection changes is done by whoever owns the figure."""
    if not answer.strip():
        raise DisclosureError("答复异议须写明理由。", "text")
    if len(answer.strip()) > TEXT_LENGTH:
        raise DisclosureError(f"答复请在 {TEXT_LENGTH} 字以内。", "text")
    with transaction.atomic():
        objection = (
            Objection.objects.select_for_update(of=("self",)).select_related("notice__unit").get(pk=objection.pk)
        )
        if not by.may(Action.OBJECTION_ANSWER, objection.notice.unit.path):
            raise DisclosureError("这条异议不归您答复。", "scope")
        if objection.state != Objection.State.OPEN:
            raise DisclosureError("这条异议已经答复。", "state")
        objection.state = Objection.State.UPHELD if upheld else Objection.State.DISMISSED
        objection.answer, objection.answered_by, objection.answered_at = answer.strip(), by, at or timezone.now()
        objection.save(update_fields=["state", "answer", "answered_by", "answered_at"])
    return objection


def _township(unit: Unit) -> Unit:
    return unit.parent if unit.level == Unit.Level.VILLAGE and unit.parent else unit


def _check_rows(columns: list[str], rows: list[list[str]]) -> None:
    if not columns or any(len(row) != len(columns) for row in rows):
        raise DisclosureError("名单每一行须与栏目对应。", "rows")
    names = [index for index, column in enumerate(columns) if _NAME_COLUMN.search(column)]
    for row in rows:
        if any("*" not in row[index] for index in names):
            raise DisclosureError("公示名单只能用脱敏姓名（如 王**）。", "privacy")
        for cell in row:
            _check_privacy(cell)


def _check_privacy(text: str) -> None:
    if has_long_number(text):
        raise DisclosureError("公示内容不能含电话号码或身份证号。", "privacy")
