"""Addresses of notices and of what is disclosed on the board for residents; `governance.urls` puts them under /public/."""

from django.urls import include, path

from governance.disclosure import own_views, views

urlpatterns = [
    path("notices/<int:pk>/", views.notice, name="notice"),
    path("notices/<int:pk>/objection/", views.objection, name="objection"),
    path("notices/<int:pk>/own/", own_views.own_line, name="own-line"),
    *(path("", include(f"governance.disclosure.{feature}.public_urls")) for feature in ("affairs", "powers", "activities")),
]
