"""Addresses of closings and ratings."""

from django.urls import path

from moral_bank.closings import rating_views, run_views, views

urlpatterns = [
    path("ratings/", rating_views.rating_list, name="rating-list"),
    path("ratings/<int:pk>/", rating_views.rating_detail, name="rating-detail"),
    path("closings/", views.closing_list, name="closing-list"),
    path("closings/run/", run_views.closing_run, name="closing-run"),
    path("closings/take-down/", run_views.closing_take_down, name="closing-take-down"),
    path("closings/<int:pk>/", views.closing_detail, name="closing-detail"),
    path("closings/<int:pk>/<slug:step>/", views.closing_step, name="closing-step"),
    path("closings/<int:pk>/objections/<int:objection_pk>/", views.answer, name="objection-answer"),
    path("closings/<int:pk>/objections/<int:objection_pk>/strike/", views.strike, name="closing-strike"),
]
