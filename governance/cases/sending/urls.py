"""Addresses of what phones send."""

from django.urls import path

from governance.cases.sending import conflict_views, views

urlpatterns = [
    path("log/send/", views.send, name="send"),
    path("log/key/", views.draft_key, name="draft-key"),
    path("log/kept/", views.kept_pages, name="kept-pages"),
    path("drafts/", views.draft_list, name="draft-list"),
    path("sw.js", views.service_worker, name="service-worker"),
    path("photos/part/<uuid:key>/", views.photo_part_view, name="photo-part"),
    path("photos/<int:pk>/", views.photo, name="photo"),
    path("conflicts/", conflict_views.conflict_list, name="conflict-list"),
    path("conflicts/<int:pk>/", conflict_views.conflict_settle, name="conflict-settle"),
]
