"""Addresses of errands."""

from django.urls import path

from governance.cases.errands import views

urlpatterns = [
    path("services/", views.service_list, name="service-list"),
    path("cases/<int:pk>/slip/", views.slip, name="errand-slip"),
    path("cases/<int:pk>/errand/", views.edit, name="errand-edit"),
]
