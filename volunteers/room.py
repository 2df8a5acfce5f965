"""What the room of volunteers offers to the house."""

from __future__ import annotations

from governance.accounts.duties import Action
from governance.rooms import Room

ROOM = Room(
    urls="volunteers.urls",
    handbook={"volunteers": ("志愿服务和特殊困难群体", "volunteers/handbook.html")},
    public_urls="volunteers.public_urls",
    menu={
        "志愿服务": [
            ("服务项目库", "volunteer_activism", "volunteers_project", Action.VOLUNTEER_VIEW),
            ("星级标准", "star", "volunteers_starrule", Action.VOLUNTEER_VIEW),
            ("志愿服务台账导入", "upload_file", "volunteers_hoursimport", Action.VOLUNTEER_IMPORT),
        ],
    },
    more={
        "志愿服务": [
            ("志愿者", "volunteers:volunteer-list", Action.VOLUNTEER_VIEW),
            ("服务队", "volunteers:team-list", Action.VOLUNTEER_VIEW),
            ("服务项目库", "volunteers:project-list", Action.VOLUNTEER_VIEW),
            ("服务时长", "volunteers:hours-list", Action.VOLUNTEER_VIEW),
            ("星级建议", "volunteers:star-list", Action.VOLUNTEER_VIEW),
            ("志愿服务记录证明", "volunteers:certificate-list", Action.VOLUNTEER_VIEW),
            ("我的志愿服务", "volunteers:my-service", Action.SERVICE_RUN),
        ],
    },
    ledgers="volunteers.books.BOOKS",
    api=[
        ("volunteers", "volunteers.people.api.VolunteerViewSet", ""),
        ("service-projects", "volunteers.people.api.ProjectViewSet", ""),
        ("service-hours", "volunteers.people.api.HoursViewSet", ""),
    ],
    enums={
        "VolunteerState": "volunteers.people.models.Volunteer.State",
        "VolunteerDays": "volunteers.people.models.Volunteer.Days",
        "ProjectAsker": "volunteers.projects.models.Project.Asker",
        "ProjectDoer": "volunteers.projects.models.Project.Doer",
    },
    due=["volunteers.care.due.notes_todo"],
    beat={"service-orders-tick": {"task": "volunteers.orders_tick", "schedule": 60.0}},
    guards="volunteers.guards.GUARDS",
    visit="volunteers.care.note_views.visit_part",
    guards="volunteers.guards.GUARDS",
)
