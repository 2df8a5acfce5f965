"""Addresses of findings, orders and 问责."""

from django.urls import path

from inspections.orders import blame_views, views

urlpatterns = [
    path("findings/", views.finding_list, name="finding-list"),
    path("findings/new/", views.finding_create, name="finding-create"),
    path("orders/", views.order_list, name="order-list"),
    path("orders/export/<slug:kind>/", views.order_export, name="order-export"),
    path("orders/new/", views.order_create, name="order-create"),
    path("orders/photos/<int:pk>/", views.order_photo, name="order-photo"),
    path("orders/<int:pk>/", views.order_detail, name="order-detail"),
    path("orders/<int:pk>/sign/", views.sign, name="order-sign"),
    path("orders/<int:pk>/report/", views.report, name="order-report"),
    path("orders/<int:pk>/extend/", views.extend, name="order-extend"),
    path("orders/<int:pk>/extension/", views.decide_extension, name="order-extension"),
    path("orders/<int:pk>/check/", views.check, name="order-check"),
    path("blames/", blame_views.blame_list, name="blame-list"),
    path("blames/new/", blame_views.blame_create, name="blame-create"),
    path("blames/export/", blame_views.blame_export, name="blame-export"),
]
