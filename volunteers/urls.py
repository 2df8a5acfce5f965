"""Addresses of volunteers, by feature."""

from volunteers.care import urls as care
from volunteers.orders import urls as orders
from volunteers.people import urls as people
from volunteers.projects import urls as projects

app_name = "volunteers"
urlpatterns = [
    *orders.urlpatterns,
    *people.urlpatterns,
    *projects.urlpatterns,
    *care.urlpatterns,
]
