"""Addresses of small powers, for those who log in."""

from django.urls import path

from governance.disclosure.powers import views

urlpatterns = [
    path("powers/", views.power_list, name="power-list"),
    path("powers/export/", views.power_export, name="power-export"),
    path("powers/create/", views.power_create, name="power-create"),
    path("powers/<int:pk>/", views.power_detail, name="power-detail"),
    path("powers/<int:pk>/edit/", views.power_edit, name="power-edit"),
    path("powers/<int:pk>/confirm/", views.power_confirm_view, name="power-confirm"),
    path("powers/<int:pk>/print/", views.power_print, name="power-print"),
]
