"""Addresses of the public pages of errands: what to bring, and the state of a receipt."""

from django.urls import path

from governance.desk.views import receipts

urlpatterns = [
    path("receipt/", receipts.receipt, name="receipt"),
    path("services/", receipts.service_list, name="service-list"),
    path("services/<int:pk>/", receipts.service, name="service"),
]
