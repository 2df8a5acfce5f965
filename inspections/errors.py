"""The one error of this room."""

from governance.errors import DomainError


class InspectionError(DomainError):
    """Something an inspection refuses: `scope`, `state`, `need`, `date`, `kin`, `another`, `locked`, `card`, `blocked`, `photo`."""
