"""What the services of covenants refuse."""

from governance.errors import DomainError


class CovenantError(DomainError):
    """`scope`, `state`, `words`, `date`, `marks`, `kind`."""
