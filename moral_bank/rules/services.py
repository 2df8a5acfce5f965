"""Versions of a township's points rules (积分细则): copied as a draft, edited, adopted, and never changed again (M22)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from simple_history.utils import bulk_create_with_history

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.errors import DomainError
from governance.frame.saving import save_by
from governance.guards import refused_by
from governance.periods import Kind, Period, today
from governance.privacy import has_long_number
from moral_bank.models import Claim, Closing, Entry
from moral_bank.rules.compare import DEED_LABELS, SETTING_LABELS, DeedLine, Version
from moral_bank.rules.models import Deed, Head, RuleHead, RuleSet
from villages.models import Unit

MONTH_MAXIMUM = 100
# What a version sets besides its heads and deeds.
SETTINGS = (
    "five_star",
    "four_star",
    "three_star",
    "two_star",
    "cap_month",
    "cap_quarter",
    "cap_year",
    "year_top_percent",
    "year_floor",
    "notice_days",
)
# What of a deed stands on the public board.
PUBLISHED = ("code", "name", "unit", "category", "audience", "note")
OPEN_CLAIM = (Claim.State.DECLARED, Claim.State.VERIFIED, Claim.State.APPROVED)
_SAME_DAY = "同一施行日期已有一个版本。"
ADOPTION = ("state", "adopted_at", "adopted_by", "meeting_on", "meeting_body", "meeting_note")


class RuleError(DomainError):
    """A version of the rules that is refused: `scope`, `state`, `heads`, `deeds`, `date`, `meeting`, `privacy`."""


@dataclass(frozen=True)
class Meeting:
    """Who adopted a version, when, and what the record says."""

    on: date
    body: str
    note: str


def rule_set_adopt(*, rule_set: RuleSet, meeting: Meeting, by: User, at: datetime | None = None) -> RuleSet:
    """Put a draft in force from its `valid_from` on; months that are computed already keep the version they have."""
    with transaction.atomic():
        rule_set = draft_take(rule_set, by)
        _check_meeting(meeting, today(at))
        _check_heads(rule_set)
        if not rule_set.deeds.exists():
            raise RuleError("细则里还没有积分事项。", "deeds")
        _check_words(rule_set)
        _check_start(rule_set, today(at))
        rule_set.state = RuleSet.State.ADOPTED
        rule_set.adopted_at, rule_set.adopted_by = at or timezone.now(), by
        rule_set.meeting_on, rule_set.meeting_body = meeting.on, meeting.body.strip()
        rule_set.meeting_note = meeting.note.strip()
        _save_adopted(rule_set, by)
    return rule_set


def rule_set_copy(*, rule_set: RuleSet, valid_from: date, by: User) -> RuleSet:
    """A draft of the next version with the same heads and deeds."""
    with transaction.atomic():
        township = Unit.objects.select_for_update().get(pk=rule_set.township_id)
        _check_right(by, township)
        rule_set = RuleSet.objects.get(pk=rule_set.pk)
        last = RuleSet.objects.filter(township=township).aggregate(last=Max("version"))["last"]
        draft = RuleSet(township=township, name=rule_set.name, version=last + 1, valid_from=valid_from)
        for name in SETTINGS:
            setattr(draft, name, getattr(rule_set, name))
        draft.full_clean()
        draft.save()
        heads, deeds = list(rule_set.heads.all()), list(rule_set.deeds.all())
        for head in heads:
            head.pk, head.rule_set = None, draft
        for deed in deeds:
            deed.pk, deed.rule_set = None, draft
        RuleHead.objects.bulk_create(heads)
        bulk_create_with_history(deeds, Deed, default_user=by)
    return draft


def draft_edit(
    *, rule_set: RuleSet, values: Mapping[str, Any], heads: Mapping[str, tuple[int, int]], by: User
) -> RuleSet:
    """Give a draft its name, first day and `SETTINGS` by `values`, and each head its (base, maximum)."""
    with transaction.atomic():
        draft = draft_take(rule_set, by)
        for name, value in values.items():
            setattr(draft, name, value)
        save_by(draft, by, RuleError)
        standing = {row.head: row for row in draft.heads.all()}
        for head, (base, maximum) in heads.items():
            row = standing.get(head) or RuleHead(rule_set=draft, head=head)
            row.base, row.maximum = base, maximum
            save_by(row, by, RuleError)
    return draft


def deed_save(*, rule_set: RuleSet, deed: Deed | None = None, values: Mapping[str, Any], by: User) -> Deed:
    """Add a deed to a draft, or change one of its deeds."""
    with transaction.atomic():
        draft = draft_take(rule_set, by)
        row = draft.deeds.get(pk=deed.pk) if deed is not None else Deed(rule_set=draft)
        for name, value in values.items():
            setattr(row, name, value)
        if row.is_judged:
            row.points = 0
        save_by(row, by, RuleError)
    return row


def deed_remove(*, deed: Deed, by: User) -> None:
    """Take a deed out of its draft."""
    with transaction.atomic():
        draft = draft_take(deed.rule_set, by)
        row: Any = draft.deeds.get(pk=deed.pk)
        row._history_user = by
        row.delete()


def version_of(rule_set: RuleSet) -> Version:
    """A rule set as plain figures, for comparing; two queries."""
    deeds = [
        DeedLine(deed.code, {key: getattr(deed, key) for key in DEED_LABELS}) for deed in rule_set.deeds.order_by("code")
    ]
    heads = {row.head: (row.base, row.maximum) for row in rule_set.heads.all()}
    return Version({key: getattr(rule_set, key) for key in SETTING_LABELS}, heads, deeds)


def forerunner_of(rule_set: RuleSet) -> RuleSet | None:
    """The version that is in force until `rule_set` takes over."""
    before = RuleSet.objects.filter(township=rule_set.township_id, state=RuleSet.State.ADOPTED).exclude(pk=rule_set.pk)
    return before.filter(valid_from__lt=rule_set.valid_from).order_by("-valid_from", "-version").first()


def draft_take(rule_set: RuleSet, by: User) -> RuleSet:
    """The draft under its lock, if `by` may change it."""
    taken = RuleSet.objects.select_for_update(of=("self",)).select_related("township").get(pk=rule_set.pk)
    _check_right(by, taken.township)
    if taken.state != RuleSet.State.DRAFT:
        raise RuleError(f"{taken}已施行，不能修改，请复制为新版本。", "state")
    return taken


def _save_adopted(rule_set: RuleSet, by: User) -> None:
    try:
        with transaction.atomic():
            save_by(rule_set, by, RuleError, update_fields=[*ADOPTION])
    except IntegrityError as error:  # another draft of that day was adopted at the same moment
        if refused_by(error) != "rule_set_one_adopted_per_day":
            raise
        raise RuleError(_SAME_DAY, "date") from error


def _check_meeting(meeting: Meeting, day: date) -> None:
    if not meeting.body.strip() or not meeting.note.strip():
        raise RuleError("施行须写明通过的会议和会议记录摘要。", "meeting")
    if has_long_number(meeting.body) or has_long_number(meeting.note):
        raise RuleError("会议和会议记录摘要会在公示栏公布，不能写电话或证件号码。", "privacy")
    if meeting.on > day:
        raise RuleError(f"通过日期 {meeting.on} 晚于今天。", "meeting")


def _check_words(rule_set: RuleSet) -> None:
    """What is adopted is published."""
    if has_long_number(rule_set.name):
        raise RuleError("细则名称里有电话或证件号码，细则会在公示栏公布，请先删去。", "privacy")
    for words in rule_set.deeds.order_by("code").values_list(*PUBLISHED):
        if any(has_long_number(text) for text in words):
            raise RuleError(f"事项 {words[0]} 里有电话或证件号码，细则会在公示栏公布，请先删去。", "privacy")


def _check_right(by: User, township: Unit) -> None:
    if not by.may(Action.RULE_EDIT, township.path):
        raise RuleError("这个乡镇的积分细则不归您维护。", "scope")


def _check_heads(rule_set: RuleSet) -> None:
    maxima = dict(rule_set.heads.values_list("head", "maximum"))
    missing = [str(label) for head, label in Head.choices if head not in maxima]
    if missing:
        raise RuleError(f"缺少{'、'.join(missing)}的基础分和满分。", "heads")
    if sum(maxima.values()) != MONTH_MAXIMUM:
        raise RuleError(f"五类满分之和须为 {MONTH_MAXIMUM}，现为 {sum(maxima.values())}。", "heads")


def _check_start(rule_set: RuleSet, day: date) -> None:
    """A first of a month after every month that the township has computed, no other version's, and neither long ago nor
    before what was done under the version in force."""
    if rule_set.valid_from.day != 1:
        raise RuleError("施行日期须为某月 1 日。", "date")
    computed = Closing.objects.filter(village__parent=rule_set.township, kind=Kind.MONTH, computed_at__isnull=False)
    last = computed.aggregate(last=Max("start"))["last"]
    if last is not None and rule_set.valid_from <= last:
        raise RuleError(f"{Period.of(Kind.MONTH, last).label}已经计算，施行日期须在此之后。", "date")
    adopted = RuleSet.objects.filter(township=rule_set.township, state=RuleSet.State.ADOPTED)
    if adopted.filter(valid_from=rule_set.valid_from).exists():
        raise RuleError(_SAME_DAY, "date")
    if rule_set.valid_from < date(day.year - 1, 1, 1):
        raise RuleError("施行日期太早，请核对年份。", "date")
    if _is_used(rule_set):
        raise RuleError("施行日期之后已有按现行细则的申报或入账，请改为下个月 1 日。", "date")


def _is_used(rule_set: RuleSet) -> bool:
    """Whether deeds of the township's versions count from the first day of `rule_set` on: what they fill of a cap the new
    version's deeds would fill once more."""
    since, township = rule_set.valid_from, rule_set.township
    entries = Entry.objects.filter(township=township, month__gte=since, deed__isnull=False, reverses=None)
    claims = Claim.objects.filter(deed__rule_set__township=township, occurred_on__gte=since, state__in=OPEN_CLAIM)
    return entries.exists() or claims.exists()
