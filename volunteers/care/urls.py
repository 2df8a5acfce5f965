"""Addresses of the care ledger."""

from django.urls import path

from volunteers.care import edit_views, my_views, note_views, round_views, views

urlpatterns = [
    path("care/", views.care_list, name="care-list"),
    path("care/children/", views.care_children, name="care-children"),
    path("care/export/", views.care_export, name="care-export"),
    path("care/new/", edit_views.care_create, name="care-create"),
    path("care/proposals/", edit_views.care_proposals, name="care-proposals"),
    path("care/proposals/<int:pk>/<int:category_pk>/decline/", edit_views.care_decline_view, name="care-decline"),
    path("care/rounds/", round_views.round_list, name="round-list"),
    path("care/rounds/start/", round_views.round_start_view, name="round-start"),
    path("care/rounds/<int:pk>/", round_views.round_detail, name="round-detail"),
    path("care/rounds/<int:pk>/print/", round_views.round_print, name="round-print"),
    path("care/rounds/people/<int:pk>/answered/", round_views.round_tick_view, {"what": "answered"}, name="round-answered"),
    path("care/rounds/people/<int:pk>/moved/", round_views.round_tick_view, {"what": "moved"}, name="round-moved"),
    path("care/risks/", round_views.risk_list, name="risk-list"),
    path("care/risks/new/", round_views.risk_create, name="risk-create"),
    path("care/risks/print/", round_views.risk_print, name="risk-print"),
    path("care/risks/<int:pk>/", round_views.risk_detail, name="risk-detail"),
    path("care/risks/<int:pk>/end/", round_views.risk_end_view, name="risk-end"),
    path("care/<int:pk>/", views.care_detail, name="care-detail"),
    path("care/<int:pk>/reveal/", views.care_reveal_view, name="care-reveal"),
    path("care/<int:pk>/change/", edit_views.care_change, name="care-change"),
    path("care/<int:pk>/judge/", edit_views.care_judge, name="care-judge"),
    path("care/<int:pk>/hand/", edit_views.care_hand, name="care-hand"),
    path("care/<int:pk>/leave/", edit_views.care_leave, name="care-leave"),
    path("my-care/", my_views.my_care, name="my-care"),
    path("visits/<int:pk>/care/", note_views.care_note, name="care-note"),
]
