"""Staff pages of councils, by feature."""

from governance.councils.bodies import admin as bodies
from governance.councils.meetings import admin as meetings

__all__ = ["bodies", "meetings"]
