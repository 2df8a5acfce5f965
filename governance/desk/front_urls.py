"""Addresses of 门前三包."""

from django.urls import path

from governance.desk.views import front_import, front_papers, fronts

urlpatterns = [
    path("fronts/", fronts.front_list, name="front-list"),
    path("fronts/export/", fronts.front_export, name="front-export"),
    path("fronts/new/", fronts.front_create, name="front-create"),
    path("fronts/import/", front_import.front_import, name="front-import"),
    path("fronts/walk/", fronts.front_walk, name="front-walk"),
    path("fronts/print/<slug:paper>/", front_papers.front_print, name="front-print"),
    path("fronts/<int:pk>/", fronts.front_detail, name="front-detail"),
    path("fronts/<int:pk>/sign/", fronts.front_sign_view, name="front-sign"),
    path("fronts/<int:pk>/end/", fronts.front_end_view, name="front-end"),
    path("fronts/<int:pk>/patrol/", fronts.front_patrol_view, name="front-patrol"),
    path("fronts/<int:pk>/fine/", fronts.front_fine, name="front-fine"),
    path("fronts/<int:pk>/print/<slug:paper>/", front_papers.front_paper, name="front-paper"),
    path("patrols/<int:pk>/recheck/", fronts.patrol_recheck, name="patrol-recheck"),
    path("patrols/<int:pk>/slip/", front_papers.patrol_slip, name="patrol-slip"),
]
