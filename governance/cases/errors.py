"""The one error of this room."""

from governance.errors import DomainError


class CaseError(DomainError):
    """Something a case refuses: `scope`, `state`, `need`, `holder`, `category`, `place`, `kin`, `visits`, `extension`."""
