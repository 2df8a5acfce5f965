"""Addresses of villages on the board for residents."""

from django.urls import path

from villages.facilities.public_views import village_facilities

urlpatterns = [path("<slug:code>/facilities/", village_facilities, name="village-facilities")]
