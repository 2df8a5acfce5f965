"""Addresses of visits."""

from django.urls import path

from governance.desk.views import visits

urlpatterns = [
    path("visits/", visits.visit_list, name="visit-list"),
    path("visits/log/", visits.visit_log, name="visit-log"),
    path("visits/<int:pk>/", visits.visit_detail, name="visit-detail"),
    path("visits/<int:pk>/care/", visits.care_note, name="care-note"),
]
