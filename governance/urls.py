"""All addresses: each room's pages at the root, its pages for residents under /public/, the admin, the API (design §9)."""

from django.contrib import admin
from django.urls import include, path

from governance.rooms import rooms

public = [path("", include(room.public_urls)) for room in rooms() if room.public_urls]

handler400 = "governance.frame.input_errors.bad_request"

urlpatterns = [
    *(path("", include(room.urls)) for room in rooms() if room.urls),
    path("public/", include((public, "public"))),
    path("admin/", admin.site.urls),
    path("api/v1/", include("governance.api_urls")),
]
