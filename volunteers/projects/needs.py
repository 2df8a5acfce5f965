"""What a township needs of volunteering and care: a library of services, stars, categories."""

from __future__ import annotations

from governance.accounts.models import User
from governance.frame.lists import To
from governance.frame.needs import Need, Step
from villages.models import Unit
from villages.setting_up.present import present
from volunteers.care.setting_up import care_set_up
from volunteers.models import CareCategory, CareImport, HoursImport, Project, StarRule
from volunteers.people.setting_up import stars_set_up
from volunteers.projects.setting_up import projects_set_up


def volunteers_needs(user: User, township: Unit) -> list[Need]:
    kinds = (Project, StarRule, CareCategory)
    projects, stars, categories = present(user, township, *(kind.objects.visible_to(user) for kind in kinds))
    imports = HoursImport.objects.visible_to(user).filter(township=township, state=HoursImport.State.COMMITTED)
    cared = CareImport.objects.visible_to(user).filter(township=township, state=CareImport.State.COMMITTED)
    return [
        Need(
            "projects", Step.DEFAULTS, "志愿服务项目库", int(projects),
            links=(To("项目库", "admin:volunteers_project_changelist"),), load=projects_set_up,
        ),
        Need(
            "stars", Step.DEFAULTS, "志愿者星级标准", int(stars),
            links=(To("星级标准", "admin:volunteers_starrule_changelist"),), load=stars_set_up,
        ),
        Need(
            "care", Step.DEFAULTS, "特殊困难群体类别", int(categories),
            links=(To("类别", "admin:volunteers_carecategory_changelist"),), load=care_set_up,
        ),
        Need(
            "past-hours", Step.LEDGERS, "以前的志愿服务台账", imports.count(),
            links=(To("导入志愿服务台账", "admin:volunteers_hoursimport_add"),), optional=True,
        ),
        Need(
            "past-care", Step.LEDGERS, "以前的特殊困难群体台账", cared.count(),
            links=(To("导入特殊困难群体台账", "admin:volunteers_careimport_add"),), optional=True,
        ),
    ]  # fmt: skip
