"""The care ledger: taken in, changed, judged anew, handed over, taken out (plan §三.2; mission M28)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.frame.saving import save_by
from governance.periods import today
from villages.models import Post, Resident, Unit
from volunteers.care.errors import CareError
from volunteers.care.models import HELPING
from volunteers.care.tiers import is_minor, next_due
from volunteers.models import CareCategory, CareRecord

EARLIEST = date(2000, 1, 1)
OUT_OF_SCOPE = "这个人不在您可以维护的范围内。"


@dataclass(frozen=True)
class CareDetails:
    """What is written when somebody is taken in; `guardian` and `words` (illness, disability) are kept as cipher text."""

    resident: Resident
    category: CareCategory
    tier: str
    tier_reason: str
    helper: User | None = None
    substitute: User | None = None
    needs: str = ""
    guardian: str = ""
    words: str = ""
    consent: str = CareRecord.Consent.SELF
    consented_on: date | None = None


def care_enter(*, details: CareDetails, by: User, at: datetime | None = None) -> CareRecord:
    """Take somebody into the ledger; the first contact is due one interval later."""
    day, home = today(at or timezone.now()), details.resident.household
    child = is_minor(details.resident.birth_date, day)
    if not may_maintain(by, home.unit, child or details.category.is_child):
        raise CareError(OUT_OF_SCOPE, "scope")
    held = CareRecord.objects.current().filter(resident=details.resident)
    if held.exists() and not held.visible_to(by).exists():
        raise CareError(OUT_OF_SCOPE, "scope")
    if details.resident.status != Resident.Status.PRESENT:
        raise CareError(f"此人已{details.resident.get_status_display()}。", "state")
    if details.category.township_id != home.village.parent_id:
        raise CareError("请选本乡镇的类别。", "scope", field="category")
    _check_child(details.category, details.consent, child)
    _check_consent_day(details.consented_on, day)
    _check_helpers(details.helper, details.substitute, home.village, day)
    record = CareRecord(
        township_id=home.village.parent_id,
        village=home.village,
        unit=home.unit,
        resident=details.resident,
        category=details.category,
        is_child=child,
        tier=details.tier,
        tier_reason=details.tier_reason.strip(),
        helper=details.helper,
        substitute=details.substitute,
        needs=details.needs.strip(),
        consent=details.consent,
        consented_on=details.consented_on,
        entered_on=day,
        entered_by=by,
        judged_on=day,
        due_on=next_due(None, day, details.category.days_of(details.tier)),
    )
    record.set_private(details.guardian.strip(), details.words.strip())
    with transaction.atomic():
        save_by(record, by, CareError)
    return record


def care_change(
    *, record: CareRecord, category: CareCategory, needs: str, consent: str, consented_on: date | None, guardian: str = "",
    words: str = "", by: User, at: datetime | None = None,
) -> CareRecord:  # fmt: skip
    """Correct what is written; `guardian` and `words` left empty stay as they are."""
    with transaction.atomic():
        record, day = _maintained(record, by), today(at or timezone.now())
        child = is_minor(record.resident.birth_date, day)
        if not may_maintain(by, record.unit, child or category.is_child) or category.township_id != record.township_id:
            raise CareError("请选您可以维护的类别。", "scope", field="category")
        _check_child(category if category != record.category else None, consent, child)
        _check_consent_day(consented_on, day)
        record.is_child = child or category.is_child
        record.needs, record.consent, record.consented_on = needs.strip(), consent, consented_on
        if category != record.category:
            record.category = category
            _set_due(record, day)
        if guardian.strip() or words.strip():
            old_guardian, old_words = record.private_words
            record.set_private(guardian.strip() or old_guardian, words.strip() or old_words)
        save_by(record, by, CareError)
    return record


def care_judge(*, record: CareRecord, tier: str, tier_reason: str, by: User, at: datetime | None = None) -> CareRecord:
    """Judge the tier anew, as every year; a shorter interval begins today at the latest."""
    with transaction.atomic():
        record, day = _maintained(record, by), today(at or timezone.now())
        changed = record.tier != tier
        record.tier, record.tier_reason, record.judged_on = tier, tier_reason.strip(), day
        if changed:
            _set_due(record, day)
        save_by(record, by, CareError)
    return record


def care_leave(*, record: CareRecord, reason: str, by: User, at: datetime | None = None) -> CareRecord:
    """Take somebody out of the ledger; the record stays."""
    with transaction.atomic():
        record = _maintained(record, by)
        record.left_on, record.left_reason, record.due_on = today(at or timezone.now()), reason.strip(), None
        if not record.left_reason:
            raise CareError("请写退出原因。", "need", field="reason")
        save_by(record, by, CareError)
    return record


def care_hand(
    *, record: CareRecord, helper: User | None, substitute: User | None, by: User, at: datetime | None = None
) -> CareRecord:
    """Give somebody another helper or substitute."""
    with transaction.atomic():
        record = _maintained(record, by)
        _check_helpers(helper, substitute, record.village, today(at or timezone.now()))
        record.helper, record.substitute = helper, substitute
        save_by(record, by, CareError)
    return record


def category_save(*, category: CareCategory, by: User) -> CareCategory:
    """Add or change a category of a township."""
    if not by.may(Action.CARE_EDIT, category.township.path):
        raise CareError("您不能维护这个乡镇的类别。", "scope")
    save_by(category, by, CareError)
    return category


def may_maintain(user: User, unit: Unit, child: bool) -> bool:
    """Grown-ups with CARE_EDIT; children where, besides, CARE_L3 is held, or where children's care is."""
    if not child:
        return user.may(Action.CARE_EDIT, unit.path)
    return user.may(Action.CARE_CHILD, unit.path) or (user.may(Action.CARE_EDIT, unit.path) and user.may(Action.CARE_L3, unit.path))


def helpers_for(village: Unit, on: date) -> QuerySet[User]:
    """Accounts of those who work in a village: cadres, those of its yards, its volunteers, the township's clerks."""
    above = village.path.strip("/").split("/")
    posts = Post.objects.current(on).filter(Q(unit__code__in=above) | Q(unit__path__startswith=village.path), kind__in=HELPING)
    return User.objects.filter(pk__in=posts.exclude(user=None).order_by().values("user"), is_active=True, guard="").order_by("name", "pk")


def _set_due(record: CareRecord, day: date) -> None:
    """By the new interval, not before today; who is late stays late."""
    assert record.due_on is not None
    due_on = next_due(record.last_on, record.entered_on, record.category.days_of(record.tier))
    if record.due_on > day:
        record.due_on = max(due_on, day)


def _maintained(record: CareRecord, by: User) -> CareRecord:
    """The record under its lock, if `by` may maintain it and it stands."""
    rows = CareRecord.objects.visible_to(by, Action.CARE_EDIT).select_for_update(of=("self",))
    found = rows.select_related("category", "unit", "village", "resident").filter(pk=record.pk).first()
    if found is None:
        raise CareError(OUT_OF_SCOPE, "scope")
    if found.left_on is not None:
        raise CareError("此人已退出台账。", "state")
    return found


def _check_child(category: CareCategory | None, consent: str, child: bool) -> None:
    """Of a category that is given anew, and of the consent."""
    if category is not None and category.is_child and not child:
        raise CareError("儿童的类别只给 18 岁以下的人。名册里没有出生日期的，请先在“住户”里补上。", "age", field="category")
    if child and consent == CareRecord.Consent.SELF:
        raise CareError("18 岁以下的人由监护人同意。", "consent", field="consent")


def _check_consent_day(consented_on: date | None, day: date) -> None:
    if consented_on is not None and not EARLIEST <= consented_on <= day:
        raise CareError("同意日期须在 2000 年以后、今天以前。", "date", field="consented_on")


def _check_helpers(helper: User | None, substitute: User | None, village: Unit, day: date) -> None:
    for field, user in (("helper", helper), ("substitute", substitute)):
        if user is not None and not helpers_for(village, day).filter(pk=user.pk).exists():
            raise CareError("请选本村有任职的人。", "helper", field=field)
