"""What the register of volunteers refuses."""

from __future__ import annotations

from governance.errors import DomainError


class VolunteerError(DomainError):
    """`scope`, `state`, `resident`, `id`, `account`, `guardian`, `reason`, `date`, `run`, `team`, `minutes`, `mapping`."""
