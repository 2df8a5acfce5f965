"""Addresses of what phones send."""

from django.urls import path

from governance.desk.views import conflicts, sending

urlpatterns = [
    path("log/send/", sending.send, name="send"),
    path("log/key/", sending.draft_key, name="draft-key"),
    path("sw.js", sending.service_worker, name="service-worker"),
    path("photos/part/<uuid:key>/", sending.photo_part_view, name="photo-part"),
    path("photos/<int:pk>/", sending.photo, name="photo"),
    path("conflicts/", conflicts.conflict_list, name="conflict-list"),
    path("conflicts/<int:pk>/", conflicts.conflict_settle, name="conflict-settle"),
]
