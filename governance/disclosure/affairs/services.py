"""A list from its draft to the archive: written by the village, looked at by its overseers, published, corrected or withdrawn
(拟稿 → 审核 → 发布 → 质询 → 归档; domain.md §4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.disclosure.affairs.models import CELL, COLUMNS, ROWS, Affair, AffairKind, AffairQuestion, AffairTurn
from governance.disclosure.errors import DisclosureError
from governance.disclosure.masked import table_check, texts_check
from governance.frame.saving import save_by
from governance.periods import today
from villages.models import Unit

State = Affair.State


@dataclass(frozen=True)
class Content:
    """What a list says: a table, words, or both; of a period without anything to tell the words say so."""

    title: str
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = field(default_factory=tuple)
    note: str = ""
    source: str = ""


def content_check(content: Content, village: Unit) -> None:
    """Refuse what is no table, says nothing, or names somebody."""
    if not content.title.strip():
        raise DisclosureError("请写标题。", "text", "title")
    if not content.rows and not content.note.strip():
        raise DisclosureError("还没有内容：请粘贴表格；本期没有的，在说明里写“本期无此事项”。", "rows", "table")
    if len(content.rows) > ROWS or len(content.columns) > COLUMNS:
        raise DisclosureError(f"一份最多 {ROWS} 行、{COLUMNS} 栏，请分成几份。", "rows", "table")
    for number, row in enumerate(content.rows, 1):
        if len(row) != len(content.columns):
            raise DisclosureError(f"第 {number} 行有 {len(row)} 格，表头有 {len(content.columns)} 栏，请对齐。", "rows", "table")
        if any(len(cell) > CELL for cell in row):
            raise DisclosureError(f"第 {number} 行有一格超过 {CELL} 字。", "rows", "table")
    table_check(content.columns, content.rows)
    cells = [cell for row in content.rows for cell in row]
    texts_check(village, [content.title, content.note, content.source, *content.columns, *cells])


def kind_save(*, kind: AffairKind, by: User) -> AffairKind:
    """An item of the catalogue: its words stand in public."""
    if not by.may(Action.AFFAIR_CATALOGUE, kind.township.path):
        raise DisclosureError("您不能维护这个乡镇的公开目录。", "scope")
    texts_check(kind.township, [kind.name, kind.basis, kind.body, kind.channel, kind.columns])
    save_by(kind, by, DisclosureError)
    return kind


def affair_draft(*, turn: AffairTurn, content: Content, by: User, at: datetime | None = None) -> Affair:
    """A first version, or the next one where a list stands or was withdrawn."""
    with transaction.atomic():
        turn = AffairTurn.objects.select_for_update(of=("self",)).select_related("village", "kind").get(pk=turn.pk)
        _may(by, Action.AFFAIR_EDIT, turn)
        if turn.cancelled_at is not None:
            raise DisclosureError("这一项已经取消。", "state")
        versions = Affair.objects.filter(turn=turn)
        if versions.filter(state__in=Affair.WRITTEN).exists():
            raise DisclosureError("这一项已有一份没有发布的稿子。", "state")
        content_check(content, turn.village)
        last = versions.aggregate(last=Max("version"))["last"] or 0
        affair = Affair(
            turn=turn, version=last + 1, replaces=versions.filter(state__in=Affair.SHOWN).order_by("version").last(),
            drafted_by=by, drafted_at=at or timezone.now(), edited_by=by,
        )  # fmt: skip
        _write(affair, content)
        save_by(affair, by, DisclosureError)
    return affair


def affair_edit(*, affair: Affair, content: Content, by: User) -> Affair:
    with transaction.atomic():
        affair = _locked(affair, by, Action.AFFAIR_EDIT, State.DRAFT)
        content_check(content, affair.turn.village)
        _write(affair, content)
        affair.edited_by = by
        save_by(affair, by, DisclosureError)
    return affair


def affair_drop(*, affair: Affair, by: User) -> AffairTurn:
    """A draft that is not needed; what it was to disclose stays due."""
    with transaction.atomic():
        affair = _locked(affair, by, Action.AFFAIR_EDIT, State.DRAFT)
        turn = affair.turn
        affair.delete()
    return turn


def affair_submit(*, affair: Affair, by: User, at: datetime | None = None) -> Affair:
    with transaction.atomic():
        affair = _locked(affair, by, Action.AFFAIR_EDIT, State.DRAFT)
        affair.state, affair.submitted_at, affair.opinion = State.REVIEW, at or timezone.now(), ""
        save_by(affair, by, DisclosureError, ["state", "submitted_at", "opinion"])
    return affair


def affair_take_back(*, affair: Affair, by: User) -> Affair:
    """To be written anew before it is published; it is looked at again after that."""
    with transaction.atomic():
        affair = _locked(affair, by, Action.AFFAIR_EDIT, State.REVIEW, State.REVIEWED)
        _to_draft(affair, by)
    return affair


def affair_review(*, affair: Affair, passed: bool, opinion: str = "", by: User, at: datetime | None = None) -> Affair:
    """The overseers' word, never of one's own list: it may be published, or goes back with what is wrong."""
    with transaction.atomic():
        affair = _locked(affair, by, Action.AFFAIR_REVIEW, State.REVIEW)
        if by.pk in (affair.drafted_by_id, affair.edited_by_id):
            raise DisclosureError("审核人不能是拟稿或修改的人。", "author")
        affair.opinion = opinion.strip()
        if not passed:
            if not affair.opinion:
                raise DisclosureError("退回须写明哪里要改。", "text", "opinion")
            _to_draft(affair, by)
            return affair
        affair.state, affair.reviewed_by, affair.reviewed_at = State.REVIEWED, by, at or timezone.now()
        save_by(affair, by, DisclosureError, ["state", "reviewed_by", "reviewed_at", "opinion"])
    return affair


def affair_publish(*, affair: Affair, by: User, at: datetime | None = None) -> Affair:
    """Show it from today on; the version that stood until now is marked as corrected and stays to be read."""
    now = at or timezone.now()
    with transaction.atomic():
        affair = _locked(affair, by, Action.AFFAIR_EDIT, State.REVIEWED)
        turn = affair.turn
        content_check(Content(affair.title, affair.columns, affair.rows, affair.note, affair.source), turn.village)
        for standing in Affair.objects.filter(turn=turn, state__in=Affair.STANDING):
            standing.state = State.CORRECTED
            save_by(standing, by, DisclosureError, ["state"])
        affair.state, affair.published_by, affair.published_at = State.PUBLISHED, by, now
        affair.hangs_until = today(now) + timedelta(days=turn.kind.hangs_days)
        save_by(affair, by, DisclosureError, ["state", "published_by", "published_at", "hangs_until"])
        if turn.met_on is None:
            turn.met_on = today(now)
            turn.save(update_fields=["met_on"])
    return affair


def affair_withdraw(*, affair: Affair, reason: str, by: User, at: datetime | None = None) -> Affair:
    """Take its rows off the web at once; title, days and reason stay to be read, and what it disclosed is due again."""
    if not reason.strip():
        raise DisclosureError("撤回须写明原因。", "text", "reason")
    with transaction.atomic():
        affair = _locked(affair, by, Action.AFFAIR_EDIT, State.PUBLISHED, State.ARCHIVED)
        texts_check(affair.turn.village, [reason])
        affair.state, affair.withdrawn_by, affair.withdrawn_at = State.WITHDRAWN, by, at or timezone.now()
        affair.withdrawn_reason = reason.strip()
        save_by(affair, by, DisclosureError, ["state", "withdrawn_by", "withdrawn_at", "withdrawn_reason"])
    return affair


def affairs_archive(day: date) -> int:
    """What has hung its days and has no open question goes into the archive."""
    asked = AffairQuestion.objects.filter(answered_at=None).order_by().values("affair")
    rows = Affair.objects.current().filter(hangs_until__lt=day).exclude(pk__in=asked)
    return rows.update(state=State.ARCHIVED)


def _to_draft(affair: Affair, by: User) -> None:
    affair.state, affair.reviewed_by, affair.reviewed_at = State.DRAFT, None, None
    save_by(affair, by, DisclosureError, ["state", "reviewed_by", "reviewed_at", "opinion"])


def _write(affair: Affair, content: Content) -> None:
    affair.title, affair.note, affair.source = content.title.strip(), content.note.strip(), content.source.strip()
    affair.columns, affair.rows = list(content.columns), [list(row) for row in content.rows]


def _may(by: User, action: Action, turn: AffairTurn) -> None:
    if not by.may(action, turn.village.path):
        raise DisclosureError("您不能办理这个村（社区）的事务公开。", "scope")


def _locked(affair: Affair, by: User, action: Action, *states: Affair.State) -> Affair:
    """The row under its lock, where `by` may do `action` and it stands in one of `states`."""
    rows = Affair.objects.select_for_update(of=("self",)).select_related("turn__village", "turn__kind")
    affair = rows.get(pk=affair.pk)
    _may(by, action, affair.turn)
    if affair.state not in states:
        raise DisclosureError(f"这份稿子现在是“{affair.get_state_display()}”，不能这样办理。", "state")
    return affair
