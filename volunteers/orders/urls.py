"""Addresses of orders: the desk's and the volunteer's own."""

from django.urls import path

from volunteers.orders import log_views, month_views, my_views, step_views, views

urlpatterns = [
    path("service-orders/", views.order_list, name="order-list"),
    path("service-orders/export/", views.order_export, name="order-export"),
    path("service-orders/log/", log_views.order_log, name="order-log"),
    path("service-board/", views.order_board, name="order-board"),
    path("service-month/", month_views.order_month, name="order-month"),
    path("service-orders/<int:pk>/", views.order_detail, name="order-detail"),
    path("service-orders/<int:pk>/dispatch/", step_views.order_dispatch, name="order-dispatch"),
    path("service-orders/<int:pk>/slip/", views.order_slip, name="order-slip"),
    path("service-orders/<int:pk>/<slug:step>/", step_views.order_step, name="order-step"),
    path("my-orders/", my_views.my_orders, name="my-orders"),
    path("my-orders/<int:pk>/", my_views.my_order_detail, name="my-order-detail"),
    path("my-orders/<int:pk>/<slug:step>/", my_views.my_order_step, name="my-order-step"),
]
