"""Whether a volunteer may do a service: state, age, consent, Party membership, skill (plan §三.2; pure)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from governance.periods import years_later
from volunteers.projects.models import Project

if TYPE_CHECKING:
    from volunteers.people.models import Volunteer

ADULT_YEARS, ALONE_YEARS = 18, 16


def is_minor(volunteer: Volunteer, day: date) -> bool:
    """Below 18, as far as the birth date is known."""
    return volunteer.adult_on is not None and day < volunteer.adult_on


def consent_missing(volunteer: Volunteer, day: date) -> bool:
    """Below 18 without a guardian who has agreed by `day`."""
    agreed = volunteer.guardian and volunteer.guardian_consented_on and volunteer.guardian_consented_on <= day
    return is_minor(volunteer, day) and not agreed


def may_do(volunteer: Volunteer, project: Project, day: date) -> str:
    """Why `volunteer` may not do `project` on `day`, "" if they may. A SKILLED project reads `volunteer.projects`: callers
    with many volunteers prefetch it."""
    if volunteer.state != volunteer.State.ACTIVE:
        return f"现在是“{volunteer.get_state_display()}”，不能派单"
    if consent_missing(volunteer, day):
        return "未满十八周岁，还没有监护人同意"
    if _too_young_alone(volunteer, project, day):
        return "未满十六周岁，不能单独参加应急和有危险的服务"
    return _unfit(volunteer, project, day)


def _too_young_alone(volunteer: Volunteer, project: Project, day: date) -> bool:
    """Below 16, and the service, an emergency or one with dangers, is done by one alone."""
    if volunteer.adult_on is None or project.minimum > 1 or not (project.is_emergency or project.dangers):
        return False
    return day < years_later(volunteer.adult_on, ALONE_YEARS - ADULT_YEARS)


def _unfit(volunteer: Volunteer, project: Project, day: date) -> str:
    """Who the project says may do it."""
    if project.doer == Project.Doer.ADULT and volunteer.adult_on is None:
        return "没有登记出生日期，不能确定已成年"
    if project.doer == Project.Doer.ADULT and is_minor(volunteer, day):
        return "只派给成年志愿者"
    if project.doer == Project.Doer.PARTY and not volunteer.is_party_member:
        return "只派给党员志愿者"
    if project.doer == Project.Doer.SKILLED and project not in volunteer.projects.all():
        return "没有登记这项专长"
    return ""
