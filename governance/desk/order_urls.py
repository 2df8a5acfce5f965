"""Addresses of findings, orders and 问责."""

from django.urls import path

from governance.desk.views import blames, orders

urlpatterns = [
    path("findings/", orders.finding_list, name="finding-list"),
    path("findings/new/", orders.finding_create, name="finding-create"),
    path("orders/", orders.order_list, name="order-list"),
    path("orders/export/<slug:kind>/", orders.order_export, name="order-export"),
    path("orders/new/", orders.order_create, name="order-create"),
    path("orders/photos/<int:pk>/", orders.order_photo, name="order-photo"),
    path("orders/<int:pk>/", orders.order_detail, name="order-detail"),
    path("orders/<int:pk>/sign/", orders.sign, name="order-sign"),
    path("orders/<int:pk>/report/", orders.report, name="order-report"),
    path("orders/<int:pk>/extend/", orders.extend, name="order-extend"),
    path("orders/<int:pk>/extension/", orders.decide_extension, name="order-extension"),
    path("orders/<int:pk>/check/", orders.check, name="order-check"),
    path("blames/", blames.blame_list, name="blame-list"),
    path("blames/new/", blames.blame_create, name="blame-create"),
    path("blames/export/", blames.blame_export, name="blame-export"),
]
