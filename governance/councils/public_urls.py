"""Addresses of covenants on the board for residents."""

from django.urls import path

from governance.councils.covenants import views

urlpatterns = [
    path("covenants/", views.public_covenants, name="covenants"),
    path("covenants/<int:pk>/", views.public_covenant, name="covenant"),
]
