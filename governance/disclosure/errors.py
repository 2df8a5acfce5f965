"""What disclosure refuses."""

from governance.errors import DomainError


class DisclosureError(DomainError):
    """Something of disclosure that is refused: `scope`, `privacy`, `rows`, `window`, `state`, `text`, `phone`, `author`, `date`."""
