"""Addresses of the room of councils."""

from governance.councils.decisions.urls import urlpatterns as decision_urls

app_name = "councils"
urlpatterns = [*decision_urls]
