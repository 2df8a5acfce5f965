"""Addresses of facilities and points."""

from django.urls import path

from villages.facilities import views

urlpatterns = [
    path("facilities/", views.facility_list, name="facility-list"),
    path("facilities/export/", views.facility_export, name="facility-export"),
    path("facilities/create/", views.facility_create, name="facility-create"),
    path("facilities/<int:pk>/", views.facility_detail, name="facility-detail"),
    path("facilities/<int:pk>/edit/", views.facility_edit, name="facility-edit"),
    path("facilities/<int:pk>/check/", views.facility_check, name="facility-check"),
    path("facilities/<int:pk>/checks/<int:check>/", views.check_correct, name="facility-check-correct"),
    path("facilities/<int:pk>/end/", views.facility_end, name="facility-end"),
]
