"""What the room of volunteers offers to the house."""

from __future__ import annotations

import environ
from celery.schedules import crontab

from governance.accounts.duties import Action
from governance.rooms import Room

ROOM = Room(
    urls="volunteers.urls",
    public_urls="volunteers.public_urls",
    menu={
        "志愿服务": [
            ("群众点单", "checklist", "volunteers_serviceorder", Action.SERVICE_VIEW),
            ("服务项目库", "handyman", "volunteers_project", Action.VOLUNTEER_VIEW),
            ("星级标准", "star", "volunteers_starrule", Action.VOLUNTEER_VIEW),
            ("志愿服务台账导入", "upload_file", "volunteers_hoursimport", Action.VOLUNTEER_IMPORT),
            ("特殊困难群体", "group", "volunteers_carerecord", Action.CARE_VIEW),
            ("特殊困难群体台账导入", "upload_file", "volunteers_careimport", Action.CARE_IMPORT),
            ("特殊困难群体类别", "apps", "volunteers_carecategory", Action.CARE_VIEW),
        ],
    },
    more={
        "志愿服务": [
            ("我的单", "volunteers:my-orders", Action.SERVICE_RUN),
            ("我的志愿服务", "volunteers:my-service", Action.SERVICE_RUN),
            ("群众点单", "volunteers:order-list", Action.SERVICE_VIEW),
            ("点单看板", "volunteers:order-board", Action.SERVICE_VIEW),
            ("点单月度情况", "volunteers:order-month", Action.SERVICE_VIEW),
            ("志愿者", "volunteers:volunteer-list", Action.VOLUNTEER_VIEW),
            ("服务队", "volunteers:team-list", Action.VOLUNTEER_VIEW),
            ("服务项目库", "volunteers:project-list", Action.VOLUNTEER_VIEW),
            ("服务时长", "volunteers:hours-list", Action.VOLUNTEER_VIEW),
            ("星级建议", "volunteers:star-list", Action.VOLUNTEER_VIEW),
            ("志愿服务记录证明", "volunteers:certificate-list", Action.VOLUNTEER_VIEW),
        ],
        "特殊困难群体": [
            ("我的帮扶对象", "volunteers:my-care", Action.SERVICE_RUN),
            ("特殊困难群体", "volunteers:care-list", Action.CARE_VIEW),
            ("儿童关爱", "volunteers:care-children", Action.CARE_CHILD),
            ("专项探访", "volunteers:round-list", Action.CARE_VIEW),
            ("风险户", "volunteers:risk-list", Action.CARE_VIEW),
        ],
    },
    due=["volunteers.orders.due.KINDS", "volunteers.care.due.KINDS"],
    needs=["volunteers.projects.needs.volunteers_needs"],
    ledgers="volunteers.books.BOOKS",
    senders={
        "service": (Action.SERVICE_LOG, "volunteers.orders.sending.order_take"),
        "care": (Action.SERVICE_RUN, "volunteers.care.my_views.contact_take"),
        "round": (Action.VISIT_LOG, "volunteers.tapped.tick_take"),
        "service-step": (Action.SERVICE_RUN, "volunteers.tapped.step_take"),
    },
    makes={"service": ("登记志愿服务点单", Action.SERVICE_LOG, "volunteers.orders.making.ORDER")},
    shell=["volunteers.css", "offline/taps.js"],
    kept="volunteers.kept.volunteers_kept",
    api=[
        ("service-orders", "volunteers.orders.api.ServiceOrderViewSet", ""),
        ("volunteers", "volunteers.people.api.VolunteerViewSet", ""),
        ("service-projects", "volunteers.people.api.ProjectViewSet", ""),
        ("service-hours", "volunteers.people.api.HoursViewSet", ""),
        ("care-records", "volunteers.care.api.CareRecordViewSet", ""),
    ],
    withdrawn="volunteers.personal.service_withdrawn",
    person="volunteers.personal.PERSON",
    holds=["volunteers.personal.service_holds"],
    forget=["volunteers.personal.volunteers_forget"],
    beat={
        "service-orders-tick": {"task": "volunteers.orders_tick", "schedule": environ.Env().float("CLIMB_SECONDS", default=60.0)},
        "care-night": {"task": "volunteers.care_night", "schedule": crontab(hour=0, minute=5)},
    },
    household=["volunteers.orders.log_views.household_part", "volunteers.care.part.household_part"],
    visit=["volunteers.care.note_views.visit_part", "volunteers.orders.log_views.visit_part"],
    on_call="volunteers.people.teams.on_call_posts",
    enums={
        "ServiceState": "volunteers.orders.models.STATE_CHOICES",
        "ServiceStepKind": "volunteers.orders.models.STEP_CHOICES",
        "ServiceLevel": "volunteers.orders.models.Level",
        "ServiceSource": "volunteers.orders.models.Source",
        "ServiceRating": "volunteers.orders.models.ServiceOrder.Rating",
        "ServicePoints": "volunteers.orders.models.ServiceOrder.Points",
        "ServiceOutcome": "volunteers.orders.models.Run.Outcome",
        "VolunteerState": "volunteers.people.models.Volunteer.State",
        "VolunteerDays": "volunteers.people.models.Volunteer.Days",
        "ProjectAsker": "volunteers.projects.models.Project.Asker",
        "ProjectDoer": "volunteers.projects.models.Project.Doer",
        "CareTier": "volunteers.care.models.Tier",
    },
    handbook={"volunteers": ("志愿服务和特殊困难群体", "volunteers/handbook.html")},
    guards="volunteers.guards.GUARDS",
    forms="volunteers.form_names.FORM_NAMES",
)
