"""Addresses of cases, by feature."""

from governance.cases.disputes import urls as disputes
from governance.cases.engine import urls as engine
from governance.cases.errands import urls as errands
from governance.cases.sending import urls as sending
from governance.cases.shifts import urls as shifts
from governance.cases.visits import urls as visits

app_name = "cases"
urlpatterns = [
    *sending.urlpatterns,
    *engine.urlpatterns,
    *disputes.urlpatterns,
    *errands.urlpatterns,
    *visits.urlpatterns,
    *shifts.urlpatterns,
]
