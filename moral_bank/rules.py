"""Versions of a township's points rules (积分细则): copied as a draft, edited, adopted, and never changed again (M22)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from simple_history.utils import bulk_create_with_history

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.errors import DomainError
from governance.periods import Kind, Period
from moral_bank.models import Closing
from moral_bank.rule_models import Deed, Head, RuleHead, RuleSet
from villages.models import Unit

MONTH_MAXIMUM = 100


class RuleError(DomainError):
    """A version of the rules that is refused: `scope`, `state`, `heads`, `deeds`, `date`."""


def rule_set_adopt(*, rule_set: RuleSet, by: User, at: datetime | None = None) -> RuleSet:
    """Put a draft in force from its `valid_from` on; months that are computed already keep the version they have."""
    with transaction.atomic():
        rule_set = RuleSet.objects.select_for_update(of=("self",)).select_related("township").get(pk=rule_set.pk)
        _check_right(by, rule_set.township)
        if rule_set.state != RuleSet.State.DRAFT:
            raise RuleError(f"{rule_set}已施行。", "state")
        _check_heads(rule_set)
        if not rule_set.deeds.exists():
            raise RuleError("细则里还没有积分事项。", "deeds")
        _check_start(rule_set)
        rule_set.state = RuleSet.State.ADOPTED
        rule_set.adopted_at, rule_set.adopted_by = at or timezone.now(), by
        rule_set.save(update_fields=["state", "adopted_at", "adopted_by"])
    return rule_set


def rule_set_copy(*, rule_set: RuleSet, valid_from: date, by: User) -> RuleSet:
    """A draft of the next version with the same heads and deeds."""
    with transaction.atomic():
        township = Unit.objects.select_for_update().get(pk=rule_set.township_id)
        _check_right(by, township)
        last = RuleSet.objects.filter(township=township).aggregate(last=Max("version"))["last"]
        draft = RuleSet(
            township=township,
            name=rule_set.name,
            version=last + 1,
            valid_from=valid_from,
            five_star=rule_set.five_star,
            four_star=rule_set.four_star,
            three_star=rule_set.three_star,
            two_star=rule_set.two_star,
            year_top_percent=rule_set.year_top_percent,
            notice_days=rule_set.notice_days,
        )
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


def _check_start(rule_set: RuleSet) -> None:
    """A first of a month after every month that the township has computed, and no other version's."""
    if rule_set.valid_from.day != 1:
        raise RuleError("施行日期须为某月 1 日。", "date")
    computed = Closing.objects.filter(village__parent=rule_set.township, kind=Kind.MONTH, computed_at__isnull=False)
    last = computed.aggregate(last=Max("start"))["last"]
    if last is not None and rule_set.valid_from <= last:
        raise RuleError(f"{Period.of(Kind.MONTH, last).label}已经计算，施行日期须在此之后。", "date")
    adopted = RuleSet.objects.filter(township=rule_set.township, state=RuleSet.State.ADOPTED)
    if adopted.filter(valid_from=rule_set.valid_from).exists():
        raise RuleError("同一施行日期已有一个版本。", "date")
