"""What the room of volunteers offers to the house."""

from __future__ import annotations

from celery.schedules import crontab

from governance.accounts.duties import Action
from governance.rooms import Room

ROOM = Room(
    urls="volunteers.urls",
    handbook={"volunteers": ("志愿服务和特殊困难群体", "volunteers/handbook.html")},
    menu={
        "志愿服务": [
            ("特殊困难群体", "elderly", "volunteers_carerecord", Action.CARE_VIEW),
            ("特殊困难群体类别", "apps", "volunteers_carecategory", Action.CARE_VIEW),
        ],
    },
    more={
        "志愿服务": [
            ("我的帮扶对象", "volunteers:my-care", Action.SERVICE_RUN),
            ("特殊困难群体", "volunteers:care-list", Action.CARE_VIEW),
            ("儿童关爱", "volunteers:care-list", Action.CARE_CHILD),
            ("专项探访", "volunteers:round-list", Action.CARE_VIEW),
            ("风险户", "volunteers:risk-list", Action.CARE_VIEW),
        ],
    },
    due=["volunteers.care.due.care_todo"],
    ledgers="volunteers.care.exports.BOOKS",
    senders={"care": (Action.SERVICE_RUN, "volunteers.care.my_views.contact_take")},
    api=[("care-records", "volunteers.care.api.CareRecordViewSet", "")],
    beat={"care-night": {"task": "volunteers.care_night", "schedule": crontab(hour=0, minute=5)}},
    household="volunteers.care.part.household_part",
    visit="volunteers.care.note_views.visit_part",
    enums={"CareTier": "volunteers.care.models.Tier"},
    guards="volunteers.guards.GUARDS",
)
