"""Addresses of measured figures."""

from django.urls import path

from inspections.indicators import views

urlpatterns = [
    path("facts/", views.fact_list, name="fact-list"),
    path("facts/export/", views.fact_list_export, name="fact-list-export"),
    path("facts/<slug:code>/", views.fact_detail, name="fact-detail"),
    path("facts/<slug:code>/export/", views.fact_export, name="fact-export"),
]
