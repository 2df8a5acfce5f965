"""Addresses of councils, by feature."""

from governance.councils.bodies import urls as bodies
from governance.councils.covenants import urls as covenants
from governance.councils.decisions import urls as decisions
from governance.councils.meetings import urls as meetings

app_name = "councils"
urlpatterns = [
    *bodies.urlpatterns,
    *meetings.urlpatterns,
    *decisions.urlpatterns,
    *covenants.urlpatterns,
]
