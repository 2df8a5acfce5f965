"""The one error of this feature."""

from governance.errors import DomainError


class OrderError(DomainError):
    """Something an order refuses: `scope`, `state`, `need`, `place`, `project`, `people`, `date`, `volunteer`, `kin`, `minutes`, `slip`,
    `points`."""
