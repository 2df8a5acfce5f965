"""Addresses of bodies."""

from django.urls import path

from governance.councils.bodies import seat_views, views

urlpatterns = [
    path("bodies/", views.body_list, name="body-list"),
    path("bodies/members/export/", views.seat_export, name="seat-export"),
    path("bodies/fill/", views.body_fill, name="body-fill"),
    path("bodies/<int:pk>/", views.body_detail, name="body-detail"),
    path("bodies/<int:pk>/edit/", views.body_edit, name="body-edit"),
    path("bodies/<int:pk>/end/", views.body_stop, name="body-end"),
    path("bodies/<int:pk>/members/add/", seat_views.seat_create, name="seat-add"),
    path("bodies/<int:pk>/members/load/", seat_views.seat_load, name="seat-load"),
    path("body-members/<int:pk>/end/", seat_views.seat_leave, name="seat-end"),
]
