"""Staff pages of councils, by feature."""

from governance.councils.bodies import admin as bodies
from governance.councils.covenants import admin as covenants
from governance.councils.decisions import admin as decisions
from governance.councils.decisions import import_admin as decision_import
from governance.councils.meetings import admin as meetings

__all__ = ["bodies", "covenants", "decision_import", "decisions", "meetings"]
