"""Addresses of the public pages of errands: what to bring, and the state of a receipt."""

from django.urls import path

from governance.cases.errands import receipt_views

urlpatterns = [
    path("receipt/", receipt_views.receipt, name="receipt"),
    path("services/", receipt_views.service_list, name="service-list"),
    path("services/<int:pk>/", receipt_views.service, name="service"),
]
