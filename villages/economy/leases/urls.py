"""Addresses of contracts."""

from django.urls import path

from villages.economy.leases import views

urlpatterns = [
    path("leases/", views.lease_list, name="lease-list"),
    path("leases/export/", views.lease_export, name="lease-export"),
    path("leases/create/", views.lease_create, name="lease-create"),
    path("leases/<int:pk>/", views.lease_detail, name="lease-detail"),
    path("leases/<int:pk>/edit/", views.lease_edit, name="lease-edit"),
    path("leases/<int:pk>/renew/", views.lease_renew, name="lease-renew"),
    path("leases/<int:pk>/end/", views.lease_end, name="lease-end"),
]
