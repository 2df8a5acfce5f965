"""Addresses of the care ledger."""

from django.urls import path

from volunteers.care import note_views

urlpatterns = [
    path("visits/<int:pk>/care/", note_views.care_note, name="care-note"),
]
