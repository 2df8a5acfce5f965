"""Addresses of errands for cadres."""

from django.urls import path

from governance.desk.views import errands

urlpatterns = [
    path("services/", errands.service_list, name="service-list"),
    path("cases/<int:pk>/slip/", errands.slip, name="errand-slip"),
    path("cases/<int:pk>/errand/", errands.edit, name="errand-edit"),
]
