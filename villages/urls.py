"""Addresses of villages."""

from django.urls import path

from villages.consents import views as consent_views
from villages.economy.leases.urls import urlpatterns as lease_urls
from villages.economy.urls import urlpatterns as economy_urls
from villages.facilities.urls import urlpatterns as facility_urls
from villages.first_day import views as first_day_views
from villages.households import views as household_views
from villages.posts import officer_views, proposal_views
from villages.posts import views as vacancy_views
from villages.retention import views as retention_views
from villages.setting_up import views as set_up_views
from villages.units import views as unit_views

app_name = "villages"
urlpatterns = [
    path("begin/", first_day_views.begin, name="begin"),
    *economy_urls,
    *lease_urls,
    *facility_urls,
    path("households/", household_views.household_list, name="household-list"),
    path("households/<int:pk>/", household_views.household_detail, name="household-detail"),
    path("residents/<int:pk>/reveal/", household_views.reveal, name="resident-reveal"),
    path("residents/<int:pk>/told/", household_views.told, name="resident-told"),
    path("residents/<int:pk>/consents/", consent_views.consents, name="consents"),
    path("consents/<int:pk>/end/", consent_views.consent_end, name="consent-end"),
    path("residents/<int:pk>/tell/", household_views.tell, name="resident-tell"),
    path("units/load/", unit_views.unit_load, name="unit-load"),
    path("units/places/", unit_views.unit_places, name="unit-places"),
    path("residents/whole/", household_views.whole_numbers, name="resident-whole"),
    path("vacancies/", vacancy_views.vacancy_list, name="vacancy-list"),
    path("proposals/", proposal_views.proposal_list, name="proposal-list"),
    path("proposals/<slug:step>/", proposal_views.proposal_decide, name="proposal-decide"),
    path("officers/import/", officer_views.officer_import, name="officer-import"),
    path("officers/import/<int:pk>/", officer_views.officer_import_detail, name="officer-import-detail"),
    path("officers/import/<int:pk>/rejects/", officer_views.officer_import_rejects, name="officer-import-rejects"),
    path("officers/import/<int:pk>/<slug:step>/", officer_views.officer_import_step, name="officer-import-step"),
    path("retention/", retention_views.retention_start, name="retention"),
    path("retention/<int:pk>/", retention_views.retention, name="retention-town"),
    path("retention/<int:pk>/run/", retention_views.retention_run, name="retention-run"),
    path("retention/<int:pk>/rule/", retention_views.retention_rule, name="retention-rule"),
    path("setting-up/", set_up_views.setting_up, name="setting-up"),
    path("setting-up/<int:pk>/load/", set_up_views.setting_up_load, name="setting-up-load"),
]
