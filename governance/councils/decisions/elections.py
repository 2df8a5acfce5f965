"""推选 of 一长四员: one press begins it for all vacant posts of a village, a decision for each settlement (plan §三 从聚居点群众中推选)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from governance.accounts.duties import YARD_DUTIES, Action, Duty
from governance.accounts.models import User
from governance.councils.decisions.errors import DecisionError
from governance.councils.decisions.kind_models import DecisionKind
from governance.councils.decisions.models import Decision, Nominee
from governance.councils.decisions.services import NUMBER_LETTERS, decision_take
from governance.periods import today
from villages.models import Post, Resident, Unit
from villages.numbers.services import numbers_take
from villages.posts.services import Vacancy, vacancies


def vacancies_by_village(by: User, at: datetime | None = None) -> dict[int, dict[Unit, list[Vacancy]]]:
    """Village's id → its settlements with vacant posts of 一长四员 for which no election runs, where `by` sees them."""
    rows = Decision.objects.running().filter(adopted_at=None, kind__effect=DecisionKind.Effect.APPOINT)
    running = set(rows.values_list("unit", flat=True))
    found: dict[int, dict[Unit, list[Vacancy]]] = {}
    for vacancy in vacancies(by, today(at)):
        if vacancy.unit.pk not in running:
            found.setdefault(vacancy.village.pk, {}).setdefault(vacancy.unit, []).append(vacancy)
    return found


def elections_begin(*, village: Unit, by: User, at: datetime | None = None) -> list[Decision]:
    """One decision for each settlement with vacant posts, all at once."""
    now = at or timezone.now()
    if village.parent is None or not by.may(Action.DECISION_RUN, village.path):
        raise DecisionError(f"{village}的推选不归您登记。", "scope")
    with transaction.atomic():
        Unit.objects.select_for_update().get(pk=village.pk)  # of two who press the second finds them begun
        kinds = DecisionKind.objects.in_force(today(now)).filter(township=village.parent, effect=DecisionKind.Effect.APPOINT)
        kind, open_posts = kinds.order_by("pk").first(), vacancies_by_village(by, now).get(village.pk, {})
        if kind is None:
            raise DecisionError("镇里还没有启用推选程序。", "kind")
        if not open_posts:
            raise DecisionError("没有空缺的岗位，或推选已经开始。", "state")
        numbers = numbers_take(village.parent, f"{NUMBER_LETTERS}{today(now).year}-", count=len(open_posts))
        drafts = [
            Decision(
                township=village.parent, village=village, unit=yard, kind=kind, number=number, title=_title(yard, posts), begun_by=by,
                purpose="岗位空缺，按程序推选。", begun_at=now, proposed_on=today(now),
            )
            for number, (yard, posts) in zip(numbers, open_posts.items(), strict=True)
        ]  # fmt: skip
        Decision.objects.bulk_create(drafts)
        return list(Decision.objects.filter(township=village.parent, number__in=numbers).order_by("pk"))


def duties_open(decision: Decision, at: datetime | None = None) -> list[Duty]:
    """The duties of 一长四员 that nobody holds at the decision's settlement."""
    held = Post.objects.current(today(at)).filter(unit=decision.unit_id, kind__in=YARD_DUTIES)
    taken = set(held.values_list("kind", flat=True))
    return [duty for duty in YARD_DUTIES if duty not in taken]


def nominees_set(*, decision: Decision, residents: Mapping[str, Resident], by: User, at: datetime | None = None) -> int:
    """Who is put to the vote, by duty; anew as often as needed until the vote. Returns how many."""
    with transaction.atomic():
        row = decision_take(decision, by)
        if row.kind.effect != DecisionKind.Effect.APPOINT or row.state != Decision.State.RUNNING or row.records.exists():
            raise DecisionError("推选已经办理，不能再改人选。", "state")
        if not residents:
            raise DecisionError("请至少填一个人选。", "need")
        if len(set(residents.values())) < len(residents):
            raise DecisionError("同一人只能推选担任一个职务。", "need")
        vacant = duties_open(row, at)
        for duty, resident in residents.items():
            if duty not in vacant:
                raise DecisionError(f"{Duty(duty).label}没有空缺。", "need")
            if resident.household.village_id != row.village_id or resident.status != Resident.Status.PRESENT:
                raise DecisionError(f"{resident.name}不是本村在册居民。", "need")
        row.nominees.all().delete()
        drafts = [Nominee(decision=row, duty=duty, resident=resident) for duty, resident in residents.items()]
        Nominee.objects.bulk_create(drafts)
    return len(drafts)


def _title(yard: Unit, posts: list[Vacancy]) -> str:
    return f"{yard}推选{'、'.join(vacancy.duty.label for vacancy in posts)}"[:120]
