"""Addresses of the library for residents."""

from django.urls import path

from volunteers.projects import views

urlpatterns = [
    path("<slug:code>/services/", views.public_services, name="volunteer-services"),
]
