"""What the register of volunteers refuses."""

from __future__ import annotations

from governance.errors import DomainError


class VolunteerError(DomainError):
    """`scope`, `state`, `resident`, `id`, `account`, `guardian`, `reason`, `date`, `run`, `team`, `minutes`, `again`, `mapping`."""

NO_ACCOUNT = "这个登录名不是本村可以用的账号，请核对；也可以不填，由村里代办。"
