"""Addresses of measured figures."""

from django.urls import path

from governance.desk.views import facts

urlpatterns = [
    path("facts/", facts.fact_list, name="fact-list"),
    path("facts/export/", facts.fact_list_export, name="fact-list-export"),
    path("facts/<slug:code>/", facts.fact_detail, name="fact-detail"),
    path("facts/<slug:code>/export/", facts.fact_export, name="fact-export"),
]
