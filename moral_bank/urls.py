"""Addresses of the moral bank, by feature."""

from moral_bank.awards import urls as awards
from moral_bank.claims import urls as claims
from moral_bank.closings import urls as closings
from moral_bank.market import urls as market
from moral_bank.panel import urls as panel
from moral_bank.passbooks import urls as passbooks
from moral_bank.proof import urls as proof
from moral_bank.rules import urls as rules

app_name = "moral_bank"
urlpatterns = [
    *rules.urlpatterns,
    *claims.urlpatterns,
    *panel.urlpatterns,
    *closings.urlpatterns,
    *awards.urlpatterns,
    *market.urlpatterns,
    *passbooks.urlpatterns,
    *proof.urlpatterns,
]
