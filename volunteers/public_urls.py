"""Addresses of volunteers for residents, by feature."""

from volunteers.orders import public_urls as orders
from volunteers.projects import public_urls as projects

urlpatterns = [
    *orders.urlpatterns,
    *projects.urlpatterns,
]
