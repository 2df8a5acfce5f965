"""What the services of decisions refuse."""

from governance.errors import DomainError


class DecisionError(DomainError):
    """`scope`, `kind`, `state`, `gate` (a gate is open, named with its figure), `need`, `date`, `votes`, `kin`, `another`."""
