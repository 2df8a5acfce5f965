"""What the room of villages offers to the house."""

from __future__ import annotations

from celery.schedules import crontab

from governance.accounts.duties import Action
from governance.rooms import Room

ROOM = Room(
    urls="villages.urls",
    public_urls="villages.public_urls",
    menu={
        "村庄与人口": [
            ("单位（镇村组院）", "account_tree", "villages_unit", Action.UNIT_VIEW),
            ("网格与联户", "grid_view", "villages_overlay", Action.UNIT_VIEW),
            ("户", "home", "villages_household", Action.HOUSEHOLD_VIEW),
            ("居民", "group", "villages_resident", Action.HOUSEHOLD_VIEW),
            ("节假日与调休", "calendar_today", "villages_calendarday", Action.UNIT_VIEW),
            ("名册导入", "upload_file", "villages_rosterimport", Action.ROSTER_IMPORT),
            ("设施和点位导入", "upload_file", "villages_facilityimport", Action.FACILITY_IMPORT),
            ("村集体经济收支导入", "upload_file", "villages_economyimport", Action.ECONOMY_CHECK),
        ],
        "职务": [
            ("一长四员与干部", "badge", "villages_post", Action.POST_VIEW),
        ],
        "账号与日志": [
            ("账号导入", "upload_file", "villages_accountimport", Action.ACCOUNT_MANAGE),
            ("待授予的职务", "check_circle", "villages:proposal-list", Action.DUTY_GRANT),
            ("授权（镇级职务）", "verified_user", "villages_post", Action.DUTY_GRANT),
        ],
    },
    more={
        "台账和统计": [
            ("村集体经济", "villages:economy-list", Action.ECONOMY_VIEW),
            ("发包合同", "villages:lease-list", Action.ECONOMY_VIEW),
            ("设施和点位", "villages:facility-list", Action.FACILITY_VIEW),
            ("职务空缺", "villages:vacancy-list", Action.CLOSING_VIEW),
            ("导出完整身份证号", "villages:resident-whole", Action.RESIDENT_EXPORT),
        ],
        "管理": [
            ("导入单位名单", "villages:unit-load", Action.UNIT_EDIT),
            ("开通进度", "villages:setting-up", Action.UNIT_EDIT),
            ("资料注销", "villages:retention", Action.RESIDENT_FORGET),
            ("待授予的职务", "villages:proposal-list", Action.POST_APPOINT),
            ("导入一长四员", "villages:officer-import", Action.POST_APPOINT),
        ],
    },
    due=["villages.economy.leases.due.KINDS", "villages.facilities.due.KINDS"],
    needs=["villages.setting_up.needs.villages_needs"],
    api=[
        ("units", "villages.api.UnitViewSet", ""),
        ("households", "villages.api.HouseholdViewSet", ""),
        ("facilities", "villages.facilities.api.FacilityViewSet", ""),
        ("leases", "villages.economy.leases.api.LeaseViewSet", ""),
        ("economy-statements", "villages.economy.api.EconomyStatementViewSet", ""),
    ],
    enums={
        "HouseholdKind": "villages.models.Household.Kind",
        "FacilityState": "villages.facilities.models.Facility.State",
        "LeaseState": "villages.economy.leases.models.Lease.State",
        "EconomyHead": "villages.economy.models.HEAD_CHOICES",
        "EconomyState": "villages.economy.models.EconomyStatement.State",
    },
    guards="villages.guards.GUARDS",
    withdrawn="villages.consents.services.name_withdrawn",
    person="villages.households.personal.PERSON",
    failed="villages.failed.FAILED",
    holds=["villages.retention.services.posts_hold"],
    forget=["villages.retention.services.heads_forget", "villages.consents.services.guardians_forget"],
    beat={"residents-forget": {"task": "villages.residents_forget", "schedule": crontab(hour=3, minute=40)}},
    handbook={
        "begin": ("开通乡镇", "villages/first_day/handbook.html"),
        "setting-up": ("开通进度", "villages/setting_up/handbook.html"),
        "economy": ("村集体经济", "villages/economy/handbook.html"),
        "facilities": ("设施和点位", "villages/facilities/handbook.html"),
    },
    forms="villages.form_names.FORM_NAMES",
)
