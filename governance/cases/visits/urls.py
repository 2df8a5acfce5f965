"""Addresses of visits."""

from django.urls import path

from governance.cases.visits import views

urlpatterns = [
    path("visits/", views.visit_list, name="visit-list"),
    path("visits/log/", views.visit_log, name="visit-log"),
    path("visits/<int:pk>/", views.visit_detail, name="visit-detail"),
]
