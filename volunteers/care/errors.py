"""What the care ledger refuses."""

from governance.errors import DomainError


class CareError(DomainError):
    """A change of the care ledger that is refused: `scope`, `state`, `date`, `need`, `helper`, `age`, `consent`."""
