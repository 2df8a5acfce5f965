"""Addresses of volunteers, by feature."""

from volunteers.care import urls as care

app_name = "volunteers"
urlpatterns = [
    *care.urlpatterns,
]
