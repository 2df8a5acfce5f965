"""志愿者: registered, admitted, paused, changed, left (plan §三.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.accounts.revealing import reveal_logged
from governance.frame.pinyin import pinyin_key
from governance.frame.saving import save_by
from governance.periods import today, years_later
from governance.sheets.cells import CLEAN, OK, clean_phone
from governance.sheets.persons import birth_of, clean_id_number
from villages.consents.services import consent_give, is_child
from villages.models import Consent, Overlay, Post, Resident, Unit
from villages.posts.services import Holder, volunteer_posts_end, volunteer_posts_open
from volunteers.models import Project, Run, Volunteer
from volunteers.orders.offering import volunteer_offers_close
from volunteers.people.errors import NO_ACCOUNT, VolunteerError
from volunteers.people.fitness import ADULT_YEARS, consent_missing
from volunteers.people.teams import teams_leave

State = Volunteer.State


@dataclass(frozen=True)
class VolunteerDetails:
    """What is written about a volunteer: `resident` of the register, or name, phone and ID number of an outsider. Of a resident
    the name is the register's, and so is the phone where it has one. `agreed_on`, `agreed_how`: the consent to serve, with the
    guardian's relation below 14."""

    village: Unit
    resident: Resident | None = None
    name: str = ""
    phone: str = ""
    id_number: str = ""
    user: User | None = None
    guardian: str = ""
    guardian_consented_on: date | None = None
    guardian_relation: str = ""
    agreed_on: date | None = None
    agreed_how: str = ""
    is_party_member: bool = False
    overlay: Overlay | None = None
    projects: Sequence[Project] = ()
    covers: Sequence[Unit] = ()
    days: str = Volunteer.Days.ALL


def volunteer_register(*, details: VolunteerDetails, by: User, at: datetime | None = None) -> Volunteer:
    """申请: written down with the consent to serve, not yet 在册."""
    day = today(at)
    check_scope(details.village, by)
    if details.village.level != Unit.Level.VILLAGE or not details.village.stands_on(day):
        raise VolunteerError("请选现有的村（社区）。", "scope", field="village")
    volunteer = Volunteer(township=details.village.parent, village=details.village, resident=details.resident)
    with transaction.atomic():
        agreement_check(details, day)
        identify(volunteer, details)
        if volunteer.resident is None:
            volunteer.agreed_on, volunteer.agreed_how = details.agreed_on, details.agreed_how
        _describe(volunteer, details, by)
        agreement_keep(volunteer, details, by)
    return volunteer


def volunteer_change(*, volunteer: Volunteer, details: VolunteerDetails, by: User, at: datetime | None = None) -> Volunteer:
    """Correct what is written; who it is stays. In another village of the township, or with another account, they hold the post
    there."""
    now = at or timezone.now()
    check_scope(details.village, by)
    with transaction.atomic():
        volunteer = _locked(volunteer, by)
        if volunteer.state == State.LEFT:
            raise VolunteerError("已经退出，请重新登记。", "state")
        before, after = (volunteer.village_id, volunteer.user_id), (details.village.pk, details.user.pk if details.user else None)
        moves = volunteer.state == State.ACTIVE and before != after
        if moves:
            _end_post(volunteer, today(now), "志愿者变更", by)
        volunteer.village = details.village
        _set_phone(volunteer, details)
        name = volunteer.resident.name if volunteer.resident else details.name.strip() or volunteer.name
        volunteer.name, volunteer.name_pinyin = name, pinyin_key(name)
        _describe(volunteer, details, by)
        if moves:
            _open_post(volunteer, today(now), by)
    return volunteer


def volunteer_admit(*, volunteer: Volunteer, by: User, on: date) -> Volunteer:
    """申请 → 在册 from `on`: they hold the post of a volunteer at their village. Below 18 a guardian must have agreed."""
    with transaction.atomic():
        volunteer = _locked(volunteer, by)
        _check_state(volunteer, State.APPLIED)
        if on > today():
            raise VolunteerError("加入日期不能晚于今天。", "date", field="on")
        if consent_missing(volunteer, on):
            raise VolunteerError("未满十八周岁的，须先写明监护人和同意日期（不晚于加入日期）。", "guardian")
        volunteer.state, volunteer.joined_on = State.ACTIVE, on
        save_by(volunteer, by, VolunteerError, ["state", "joined_on"])
        _open_post(volunteer, on, by)
    return volunteer


def volunteer_pause(*, volunteer: Volunteer, reason: str, by: User, at: datetime | None = None) -> Volunteer:
    """暂停: no orders until resumed; refused while they run one."""
    with transaction.atomic():
        volunteer = _locked(volunteer, by)
        _check_state(volunteer, State.ACTIVE)
        _stop(volunteer, State.PAUSED, reason, by, at or timezone.now())
    return volunteer


def volunteer_resume(*, volunteer: Volunteer, by: User, at: datetime | None = None) -> Volunteer:
    with transaction.atomic():
        volunteer = _locked(volunteer, by)
        _check_state(volunteer, State.PAUSED)
        volunteer.state, volunteer.reason = State.ACTIVE, ""
        save_by(volunteer, by, VolunteerError, ["state", "reason"])
        _open_post(volunteer, today(at), by)
    return volunteer


def volunteer_leave(*, volunteer: Volunteer, reason: str, by: User, at: datetime | None = None) -> Volunteer:
    """退出 for good, with the reason; their hours stay. They leave their teams; refused while they run an order."""
    with transaction.atomic():
        volunteer = _locked(volunteer, by)
        _check_state(volunteer, State.APPLIED, State.ACTIVE, State.PAUSED)
        _stop(volunteer, State.LEFT, reason, by, at or timezone.now())
        teams_leave(volunteer, by)
    return volunteer


def volunteer_reveal(*, volunteer: Volunteer, by: User, request: HttpRequest | None = None) -> str:
    """The ID number in clear, "" if there is none; who saw it is logged."""
    if not Volunteer.objects.visible_to(by, Action.RESIDENT_REVEAL).filter(pk=volunteer.pk).exists():
        raise VolunteerError("您不能查看这个人的完整身份证号。", "scope")
    reveal_logged(of=f"志愿者 {volunteer.pk}", by=by, request=request)
    return volunteer.id_number


def check_scope(village: Unit, by: User) -> None:
    if not by.may(Action.VOLUNTEER_EDIT, village.path):
        raise VolunteerError("这个村（社区）的志愿者不归您维护。", "scope")


def identify(volunteer: Volunteer, details: VolunteerDetails) -> None:
    """Name, phone, ID number and the 18th birthday: of the register where there is a resident."""
    resident = details.resident
    if resident is None:
        volunteer.name = details.name.strip()
        born = _set_number(volunteer, details.id_number)
    else:
        if resident.status != Resident.Status.PRESENT:
            raise VolunteerError(f"{resident.name}已登记为{resident.get_status_display()}。", "resident", field="resident")
        if resident.household.village.parent_id != volunteer.township_id:
            raise VolunteerError("请选本镇名册里的居民。", "resident", field="resident")
        volunteer.name = resident.name
        born = resident.birth_date or (birth_of(resident.id_number) if resident.id_hash else None)
    volunteer.name_pinyin = pinyin_key(volunteer.name)
    volunteer.adult_on = years_later(born, ADULT_YEARS) if born else None
    _set_phone(volunteer, details)


def agreement_check(details: VolunteerDetails, day: date) -> None:
    if details.resident is not None and consent_of(details.resident) is not None:
        return
    if details.agreed_on is None or not details.agreed_how:
        raise VolunteerError("请写明本人同意参加志愿服务的日期和方式。", "consent", field="agreed_on")
    if details.agreed_on > day:
        raise VolunteerError("同意的日期不能晚于今天。", "date", field="agreed_on")


def agreement_keep(volunteer: Volunteer, details: VolunteerDetails, by: User) -> None:
    """A resident's consent to serve, and a guardian's below 14; one that stands already is enough."""
    person, day = volunteer.resident, details.agreed_on
    if person is None or day is None or consent_of(person) is not None:
        return
    guarded = bool(details.guardian_relation.strip()) or is_child(person, day)
    consent_give(
        resident=person, purpose=Consent.Purpose.VOLUNTEER, given_on=day, how=details.agreed_how,
        guardian=details.guardian if guarded else "", guardian_relation=details.guardian_relation, by=by,
    )  # fmt: skip


def consent_of(resident: Resident) -> Consent | None:
    """The consent to serve that stands."""
    return resident.consents.filter(purpose=Consent.Purpose.VOLUNTEER, withdrawn_on=None).first()


def _set_number(volunteer: Volunteer, written: str) -> date | None:
    """An outsider's ID number; whoever is in the township's register is taken from there. Returns the birth date."""
    cleaned = clean_id_number(written)
    number = str(cleaned.value or "")
    if len(number) != 18:
        raise VolunteerError(cleaned.reason or "不在名册里的，须写明身份证号。", "id", field="id_number")
    people = Resident.objects.present().with_id_number(number)
    if people.filter(household__village__parent=volunteer.township_id).exists():
        raise VolunteerError("这个身份证号的人在本镇名册里，请从名册里选。", "id", field="id_number")
    volunteer.set_id_number(number)
    return birth_of(number)


def _set_phone(volunteer: Volunteer, details: VolunteerDetails) -> None:
    registered = volunteer.resident.phone if volunteer.resident else ""
    cleaned = clean_phone(registered or details.phone)
    if cleaned.level not in (OK, CLEAN):
        raise VolunteerError(cleaned.reason, "id", field="phone")
    volunteer.phone = str(cleaned.value or "")


def _describe(volunteer: Volunteer, details: VolunteerDetails, by: User) -> None:
    """All that may be changed later, saved."""
    township = volunteer.township_id
    if details.village.parent_id != township or any(unit.parent_id != township for unit in details.covers):
        raise VolunteerError("志愿者所在和服务的村（社区）须在同一乡镇。", "scope", field="covers")
    if details.overlay is not None and details.overlay.village_id != details.village.pk:
        raise VolunteerError("请选本村的网格或联户。", "scope", field="overlay")
    if any(project.township_id != township for project in details.projects):
        raise VolunteerError("请选本镇的服务项目。", "scope", field="projects")
    if details.user is not None and details.user.pk != volunteer.user_id:
        _check_account(details.user, details.village)
    volunteer.user, volunteer.guardian = details.user, details.guardian.strip()
    volunteer.guardian_consented_on = details.guardian_consented_on
    volunteer.is_party_member, volunteer.overlay, volunteer.days = details.is_party_member, details.overlay, details.days
    save_by(volunteer, by, VolunteerError)
    volunteer.projects.set(details.projects)
    volunteer.covers.set(details.covers)


def _check_account(user: User, village: Unit) -> None:
    """An active account of nobody else's, whose posts all lie in the village. Why it is refused is nobody's business here."""
    posts = Post.objects.current(today()).filter(user=user).exclude(unit__path__startswith=village.path)
    taken = Volunteer.objects.filter(user=user).exclude(state=State.LEFT)
    if user.guard or not user.is_active or user.is_superuser or posts.exists() or taken.exists():
        raise VolunteerError(NO_ACCOUNT, "account", field="username")


def _stop(volunteer: Volunteer, state: str, reason: str, by: User, now: datetime) -> None:
    """No longer in service, for now or for good: what they were asked is taken back."""
    if not reason.strip():
        raise VolunteerError("请写明原因。", "reason", field="reason")
    volunteer_offers_close(volunteer, now)
    day = today(now)
    if Run.objects.filter(volunteer=volunteer, ended_at=None).exists():
        raise VolunteerError(f"{volunteer.name}还有没跑完的单，请先改派或完成。", "run")
    _end_post(volunteer, day, f"志愿者{State(state).label}", by)
    volunteer.state, volunteer.reason = state, reason.strip()
    fields = ["state", "reason"]
    if state == State.LEFT:
        volunteer.left_on, volunteer.user = day, None
        fields += ["left_on", "user"]
    save_by(volunteer, by, VolunteerError, fields)


def _holder(volunteer: Volunteer) -> Holder:
    return Holder(volunteer.village, volunteer.resident, volunteer.user)


def _open_post(volunteer: Volunteer, on: date, by: User) -> None:
    """Where neither resident nor account exists there is nobody who could hold it."""
    if volunteer.resident is not None or volunteer.user is not None:
        volunteer_posts_open(holders=[_holder(volunteer)], on=on, by=by)


def _end_post(volunteer: Volunteer, on: date, reason: str, by: User) -> None:
    volunteer_posts_end(holder=_holder(volunteer), on=on, reason=reason, by=by)


def _locked(volunteer: Volunteer, by: User) -> Volunteer:
    """The volunteer under a lock, if they are `by`'s to maintain; rows that point to them may be written meanwhile."""
    rows = Volunteer.objects.visible_to(by, Action.VOLUNTEER_EDIT).select_for_update(of=("self",), no_key=True)
    found = rows.select_related("village", "user", "resident__household__village__parent").filter(pk=volunteer.pk).first()
    if found is None:
        raise VolunteerError("这位志愿者不归您维护。", "scope")
    return found


def _check_state(volunteer: Volunteer, *states: str) -> None:
    if volunteer.state not in states:
        raise VolunteerError(f"{volunteer.name}现在是“{volunteer.get_state_display()}”，不能这样办理。", "state")
