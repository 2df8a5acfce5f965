"""Staff pages of the room of councils."""

from governance.councils.decisions import admin as decisions_admin
from governance.councils.decisions import import_admin as decisions_import_admin

__all__ = ["decisions_admin", "decisions_import_admin"]
