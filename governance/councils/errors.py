"""What the rules of bodies and meetings refuse."""

from governance.errors import DomainError


class CouncilError(DomainError):
    """A body, seat, meeting or task that is refused: `scope`, `kind`, `state`, `member`, `date`, `words`, `figures`, `same`, `once`."""
