"""Addresses of superiors' forms."""

from django.urls import path

from governance.desk.superior import views

urlpatterns = [
    path("superior/", views.superior_list, name="superior-list"),
    path("superior/new/", views.superior_create, name="superior-create"),
    path("superior/<int:pk>/", views.superior_detail, name="superior-detail"),
    path("superior/<int:pk>/layout/", views.superior_layout, name="superior-layout"),
    path("superior/<int:pk>/map/", views.superior_map, name="superior-map"),
    path("superior/<int:pk>/fill/", views.superior_fill, name="superior-fill"),
    path("superior/<int:pk>/replace/", views.superior_replace, name="superior-replace"),
    path("superior/<int:pk>/delete/", views.superior_delete, name="superior-delete"),
    path("superior/filled/<int:pk>/", views.superior_download, name="superior-download"),
]
