"""Addresses of the service library."""

from django.urls import path

from volunteers.projects import views

urlpatterns = [
    path("projects/", views.project_list, name="project-list"),
    path("projects/export/", views.project_export, name="project-export"),
]
