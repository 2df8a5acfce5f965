"""Addresses of the public pages of volunteers."""

from django.urls import path

from volunteers.projects import views as project_views

urlpatterns = [
    path("<slug:code>/services/", project_views.public_services, name="volunteer-services"),
]
