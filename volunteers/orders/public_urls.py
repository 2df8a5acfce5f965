"""Addresses for residents: to ask, and to judge by the slip."""

from django.urls import path

from volunteers.orders import public_views

urlpatterns = [
    path("villages/<int:pk>/ask/", public_views.order_ask_page, name="order-ask"),
    path("judge/<slug:token>/", public_views.order_judge, name="order-judge"),
]
