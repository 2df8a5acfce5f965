"""Addresses of activities on the board for residents."""

from django.urls import path

from governance.disclosure.activities import public_views

urlpatterns = [
    path("activities/", public_views.activities, name="activities"),
    path("<slug:code>/activities/", public_views.village_activities, name="village-activities"),
    path("<slug:code>/activities/calendar.ics", public_views.activities_ics, name="activities-ics"),
]
