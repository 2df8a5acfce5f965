"""Addresses of the quarter's inspection."""

from django.urls import path

from governance.desk.views import rounds

urlpatterns = [
    path("rounds/", rounds.round_list, name="round-list"),
    path("rounds/new/", rounds.round_create, name="round-create"),
    path("rounds/<int:pk>/", rounds.round_detail, name="round-detail"),
    path("rounds/<int:pk>/plan/", rounds.round_change_plan, name="round-plan"),
    path("rounds/<int:pk>/teams/new/", rounds.team_create, name="team-create"),
    path("rounds/<int:pk>/teams/<int:team_pk>/", rounds.team_change, name="team-change"),
    path("rounds/<int:pk>/recusals/", rounds.recusal_create, name="recusal-create"),
    path("rounds/<int:pk>/decide/", rounds.decide, name="round-decide"),
    path("rounds/<int:pk>/send-back/", rounds.send_back, name="round-send-back"),
    path("rounds/<int:pk>/do/<slug:step>/", rounds.round_step, name="round-step"),
]
