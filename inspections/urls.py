"""Addresses of inspections, by feature."""

from inspections.checks import urls as checks
from inspections.fronts import urls as fronts
from inspections.indicators import urls as indicators
from inspections.orders import urls as orders
from inspections.reviews import urls as reviews
from inspections.rounds import urls as rounds
from inspections.scorecards import urls as scorecards

app_name = "inspections"
urlpatterns = [
    *rounds.urlpatterns,
    *orders.urlpatterns,
    *scorecards.urlpatterns,
    *reviews.urlpatterns,
    *indicators.urlpatterns,
    *fronts.urlpatterns,
    *checks.urlpatterns,
]
