"""Addresses of the quarter's inspection."""

from django.urls import path

from inspections.rounds import views

urlpatterns = [
    path("rounds/", views.round_list, name="round-list"),
    path("rounds/new/", views.round_create, name="round-create"),
    path("rounds/<int:pk>/", views.round_detail, name="round-detail"),
    path("rounds/<int:pk>/plan/", views.round_change_plan, name="round-plan"),
    path("rounds/<int:pk>/teams/new/", views.team_create, name="team-create"),
    path("rounds/<int:pk>/teams/<int:team_pk>/", views.team_change, name="team-change"),
    path("rounds/<int:pk>/recusals/", views.recusal_create, name="recusal-create"),
    path("rounds/<int:pk>/decide/", views.decide, name="round-decide"),
    path("rounds/<int:pk>/send-back/", views.send_back, name="round-send-back"),
    path("rounds/<int:pk>/do/<slug:step>/", views.round_step, name="round-step"),
]
