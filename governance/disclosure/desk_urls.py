"""Addresses of notices for those who log in."""

from django.urls import path

from governance.disclosure.printing import notice_print

app_name = "disclosure"
urlpatterns = [
    path("notices/<int:pk>/print/", notice_print, name="notice-print"),
]
