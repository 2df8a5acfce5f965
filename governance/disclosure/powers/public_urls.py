"""Addresses of small powers on the board for residents."""

from django.urls import path

from governance.disclosure.powers import views

urlpatterns = [
    path("powers/", views.public_powers, name="powers"),
    path("powers/<int:pk>/", views.public_power, name="power"),
]
