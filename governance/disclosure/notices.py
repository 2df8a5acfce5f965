"""公示 and 异议: publish a masked list for a window, take objections inside it, answer each once (domain.md §7, §12)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from itertools import chain

from django.db import transaction
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.disclosure.errors import DisclosureError
from governance.disclosure.guards import HANGS
from governance.disclosure.masked import rows_check, text_check, texts_check
from governance.disclosure.models import Notice, Objection
from governance.disclosure.saying import answer_checked, said_checked, said_promised
from governance.periods import today
from villages.models import Unit

NUMBER_LETTERS = "YY"


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
    `by` must be allowed to do, where the notice is a step of something else. Unmasked names and long numbers are refused; what people
    wrote themselves (其他公示) names nobody of the register either.
    """
    if by is not None and not by.may(action, unit.path):
        raise DisclosureError("您不能在这个单位发布公示。", "scope")
    if closes_on < opens_on:
        raise DisclosureError("公示截止不能早于开始。", "window")
    rows_check(columns, rows)
    for text in (title, reason, channel):
        text_check(text)
    if kind == Notice.Kind.OTHER:
        texts_check(unit, [title, reason, channel, *columns, *chain.from_iterable(rows)])
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
        _take_down(notice, reason, by, at or timezone.now())
    return notice


def notices_fall(*, notices: Iterable[Notice], reason: str, by: User, at: datetime | None = None) -> None:
    """Take down what hangs for something that `by`, whose right the caller has checked, takes back."""
    for notice in Notice.objects.select_for_update().filter(pk__in=[one.pk for one in notices], withdrawn_at=None):
        _take_down(notice, reason, by, at or timezone.now())


def _take_down(notice: Notice, reason: str, by: User | None, at: datetime) -> None:
    notice.withdrawn_at, notice.withdrawn_reason, notice.withdrawn_by = at, reason.strip()[:100], by
    notice.save(update_fields=["withdrawn_at", "withdrawn_reason", "withdrawn_by"])


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
    said = {"notice": notice, "row_number": row_number, **said_checked(name=name, phone=phone, text=text, what="异议")}
    now = at or timezone.now()
    with transaction.atomic():
        Notice.objects.select_for_update(of=("self",)).get(pk=notice.pk)  # of two that say the same the second finds the first
        if stored := Objection.objects.filter(**said).first():
            return stored
        promised = said_promised(unit=notice.unit, letters=NUMBER_LETTERS, at=now)
        return Objection.objects.create(received_by=by, **promised, **said)


def objection_answer(
    *, objection: Objection, upheld: bool, answer: str, by: User, at: datetime | None = None
) -> Objection:
    """Answer once, in words; what an upheld objection changes is done by whoever owns the figure."""
    words = answer_checked(answer, "异议")
    with transaction.atomic():
        objection = (
            Objection.objects.select_for_update(of=("self",)).select_related("notice__unit").get(pk=objection.pk)
        )
        if not by.may(Action.OBJECTION_ANSWER, objection.notice.unit.path):
            raise DisclosureError("这条异议不归您答复。", "scope")
        if objection.state != Objection.State.OPEN:
            raise DisclosureError("这条异议已经答复。", "state")
        texts_check(objection.notice.unit, [words])
        objection.state = Objection.State.UPHELD if upheld else Objection.State.DISMISSED
        objection.answer, objection.answered_by, objection.answered_at = words, by, at or timezone.now()
        objection.save(update_fields=["state", "answer", "answered_by", "answered_at"])
    return objection

