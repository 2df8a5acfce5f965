"""What the desk offers to the house."""

from __future__ import annotations

from governance.accounts.duties import Action
from governance.rooms import Room

ROOM = Room(
    urls="governance.desk.urls",
    public_urls="governance.desk.public_urls",
    more={
        "台账和统计": [
            ("台账导出和打印", "desk:ledger-list", Action.EXPORT),
            ("上级报表", "desk:superior-list", Action.EXPORT),
            ("村情统计", "desk:village-report", Action.CLOSING_VIEW),
        ],
        "管理": [
            ("重复填报的反映", "desk:repeat-list", Action.REPEAT_VIEW),
            ("没有办成的后台任务", "desk:failed-list", Action.EXPORT),
            ("管理后台", "admin:index", Action.ADMIN_ENTER),
        ],
        "帮助": [
            ("使用手册", "desk:handbook", None),
        ],
    },
    handbook={"superior": ("上级报表", "desk/superior/handbook.html")},
    forms="governance.desk.form_names.FORM_NAMES",
)
