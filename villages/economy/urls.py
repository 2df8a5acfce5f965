"""Addresses of villages' collective income."""

from django.urls import path

from villages.economy import views

urlpatterns = [
    path("economy/", views.economy_list, name="economy-list"),
    path("economy/export/", views.economy_export, name="economy-export"),
    path("economy/villages/<int:pk>/<int:year>/", views.economy_write, name="economy-write"),
    path("economy/<int:pk>/", views.economy_detail, name="economy-detail"),
    path("economy/<int:pk>/report/", views.economy_report, name="economy-report"),
    path("economy/<int:pk>/confirm/", views.economy_confirm, name="economy-confirm"),
    path("economy/<int:pk>/return/", views.economy_return, name="economy-return"),
    path("economy/<int:pk>/correct/", views.economy_correct, name="economy-correct"),
]
