"""Addresses of 门前三包."""

from django.urls import path

from inspections.fronts import import_views, paper_views, views

urlpatterns = [
    path("fronts/", views.front_list, name="front-list"),
    path("fronts/export/", views.front_export, name="front-export"),
    path("fronts/new/", views.front_create, name="front-create"),
    path("fronts/import/", import_views.front_import, name="front-import"),
    path("fronts/walk/", views.front_walk, name="front-walk"),
    path("fronts/print/<slug:paper>/", paper_views.front_print, name="front-print"),
    path("fronts/<int:pk>/", views.front_detail, name="front-detail"),
    path("fronts/<int:pk>/sign/", views.front_sign_view, name="front-sign"),
    path("fronts/<int:pk>/end/", views.front_end_view, name="front-end"),
    path("fronts/<int:pk>/patrol/", views.front_patrol_view, name="front-patrol"),
    path("fronts/<int:pk>/fine/", views.front_fine, name="front-fine"),
    path("fronts/<int:pk>/print/<slug:paper>/", paper_views.front_paper, name="front-paper"),
    path("patrols/<int:pk>/recheck/", views.patrol_recheck, name="patrol-recheck"),
    path("patrols/<int:pk>/slip/", paper_views.patrol_slip, name="patrol-slip"),
]
