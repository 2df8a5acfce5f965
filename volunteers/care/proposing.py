"""Whom the register proposes for the care ledger, in sets; people decide (design §12)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.saving import save_by
from governance.periods import today
from villages.models import Resident, ResidentQuerySet
from volunteers.care.errors import CareError
from volunteers.care.services import OUT_OF_SCOPE, may_maintain
from volunteers.care.tiers import ADULT, is_minor, years_before
from volunteers.models import CareCategory, CareDecision, CareRecord

OLD, CHILD = 65, 16


def proposed(user: User, rule: str, day: date) -> QuerySet[Resident]:
    """Residents whom `rule` proposes where `user` maintains the ledger, with `category_id` and `category_name` of their township's
    category; who is in the ledger, or was decided on not long ago, is left out."""
    standing = _in_reach(user, rule).present().filter(household__ended_on=None, birth_date__isnull=False)
    rows = _ruled(standing, rule, day)
    categories = CareCategory.objects.filter(township=OuterRef("household__village__parent"), rule=rule, is_active=True)
    first = categories.order_by("position", "pk")
    rows = rows.annotate(category_id=Subquery(first.values("pk")[:1]), category_name=Subquery(first.values("name")[:1]))
    held = CareRecord.objects.current().filter(resident=OuterRef("pk"))
    decided = CareDecision.objects.filter(resident=OuterRef("pk"), category=OuterRef("category_id"), again_on__gt=day)
    return rows.filter(~Exists(held), ~Exists(decided), category_id__isnull=False)


def care_decline(
    *, resident: Resident, category: CareCategory, reason: str, again_on: date, by: User, at: datetime | None = None
) -> CareDecision:  # fmt: skip
    """Somebody whom the register proposed is not taken in; proposed again from `again_on` on."""
    now = at or timezone.now()
    if not may_maintain(by, resident.household.unit, category.is_child or is_minor(resident.birth_date, today(now))):
        raise CareError(OUT_OF_SCOPE, "scope")
    if not reason.strip():
        raise CareError("请写不纳入的理由。", "need", field="reason")
    if again_on <= today(now):
        raise CareError("下次再提的日期须在今天以后。", "date", field="again_on")
    decision = CareDecision(resident=resident, category=category, reason=reason.strip(), again_on=again_on, by=by, at=now)
    with transaction.atomic():
        save_by(decision, by, CareError)
    return decision


def _in_reach(user: User, rule: str) -> ResidentQuerySet:
    """Where `user` may maintain: children where CARE_L3 is held as well, or children's care."""
    rows: ResidentQuerySet = Resident.objects.all()
    if rule != CareCategory.Rule.CHILD_LEFT:
        return rows.visible_to(user, Action.CARE_EDIT)
    places = {action: rows.place_of(user, action) for action in (Action.CARE_EDIT, Action.CARE_L3, Action.CARE_CHILD)}
    return rows.filter(places[Action.CARE_EDIT] & places[Action.CARE_L3] | places[Action.CARE_CHILD])


def _ruled(rows: QuerySet[Resident], rule: str, day: date) -> QuerySet[Resident]:
    """Whoever's birth date is not known is taken for one who could look after the others."""
    born_old, born_child, born_adult = (years_before(day, years) for years in (OLD, CHILD, ADULT))
    others = Resident.objects.present().filter(household=OuterRef("household")).exclude(pk=OuterRef("pk"))
    if rule == CareCategory.Rule.CHILD_LEFT:
        grown = others.filter(Q(birth_date=None) | Q(birth_date__lte=born_adult))
        return rows.filter(~Exists(grown), birth_date__gt=born_child)
    old = rows.filter(birth_date__lte=born_old)
    if rule == CareCategory.Rule.OLD_ALONE:
        return old.filter(~Exists(others))
    younger = others.filter(Q(birth_date=None) | Q(birth_date__gt=born_old))
    return old.filter(Exists(others), ~Exists(younger))
