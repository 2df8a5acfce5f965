"""Addresses of notices and of what is disclosed for those who log in."""

from django.urls import include, path

from governance.disclosure.printing import notice_print

app_name = "disclosure"
urlpatterns = [
    path("notices/<int:pk>/print/", notice_print, name="notice-print"),
    *(path("", include(f"governance.disclosure.{feature}.urls")) for feature in ("affairs", "powers", "activities")),
]
