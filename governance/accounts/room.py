"""What the room of accounts offers to the house."""

from __future__ import annotations

from celery.schedules import crontab

from governance.accounts.duties import Action
from governance.rooms import Room

ROOM = Room(
    urls="governance.accounts.urls",
    menu={
        "账号与日志": [
            ("账号", "manage_accounts", "accounts_user", Action.ACCOUNT_MANAGE),
            ("久未登录", "lock_clock", "accounts_staleaccount", Action.ACCOUNT_MANAGE),
            ("三员账号变更", "manage_accounts", "accounts:guard-requests", Action.GUARD_CONSENT),
            ("账号安全要求", "verified_user", "accounts:rules", Action.ACCOUNT_RULES),
            ("第二验证", "phonelink_lock", "accounts:second", Action.GUARD_CONSENT),
            ("访问日志", "policy", "accounts_accesslog", Action.LOG_VIEW),
        ],
    },
    more={"台账和统计": [("后台导出", "accounts:export-list", Action.EXPORT)], "帮助": [("第二验证", "accounts:second", None)]},
    beat={
        "outbox": {"task": "accounts.outbox_deliver", "schedule": 60.0},
        "jobs": {"task": "accounts.jobs_sweep", "schedule": 15.0},
        "guard-requests": {"task": "accounts.guard_requests_expire", "schedule": crontab(minute=10)},
        "used-keys": {"task": "accounts.used_keys_sweep", "schedule": crontab(hour=3, minute=20)},
        "stale": {"task": "accounts.stale_watch", "schedule": crontab(hour=3, minute=40)},
        "heartbeat": {"task": "accounts.heartbeat", "schedule": 60.0, "options": {"expires": 120}},
        "night": {"task": "accounts.night", "schedule": crontab(hour=3, minute=30)},
    },
    handbook={"second": ("登录的第二验证、密码和久未登录", "accounts/handbook.html")},
    guards="governance.accounts.guards.GUARDS",
)
