"""All addresses: the desk at the root, the board for residents, the admin, the API (design §9)."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("governance.accounts.urls")),
    path("", include("governance.desk.urls")),
    path("public/", include("governance.desk.public_urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("governance.api_urls")),
]
