"""Addresses of decisions, under those of the room."""

from django.urls import path

from governance.councils.decisions import election_views, item_views, step_views, views

urlpatterns = [
    path("decisions/", views.decision_list, name="decision-list"),
    path("decisions/export/", views.decision_export, name="decision-export"),
    path("decisions/new/", views.decision_begin, name="decision-begin"),
    path("decisions/<int:pk>/", views.decision_detail, name="decision-detail"),
    path("decisions/<int:pk>/step/", step_views.step, name="decision-step"),
    path("decisions/<int:pk>/adopt/", views.decision_adopt, name="decision-adopt"),
    path("decisions/<int:pk>/finish/", views.decision_finish, name="decision-finish"),
    path("decisions/<int:pk>/resubmit/", views.decision_resubmit, name="decision-resubmit"),
    path("decisions/<int:pk>/withdraw/", views.decision_withdraw, name="decision-withdraw"),
    path("decisions/<int:pk>/paper/", views.decision_paper, name="decision-paper"),
    path("decisions/<int:pk>/nominees/", election_views.nominees, name="decision-nominees"),
    path("decisions/records/<int:pk>/confirm/", step_views.confirm, name="decision-confirm"),
    path("meeting-items/<int:pk>/decision/", item_views.item_decide_page, name="item-decide"),
    path("elections/", election_views.election_list, name="election-list"),
    path("elections/begin/", election_views.election_begin, name="election-begin"),
]
