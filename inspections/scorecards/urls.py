"""Addresses around one village's scorecard, and of official papers."""

from django.urls import path

from inspections.scorecards import paper_views, reply_views, scoring_views, views

urlpatterns = [
    path("cards/", views.card_list, name="card-list"),
    path("cards/export/", views.card_list_export, name="card-list-export"),
    path("cards/compare/", views.card_compare, name="card-compare"),
    path("cards/photos/<int:pk>/", views.card_photo, name="card-photo"),
    path("cards/<int:pk>/", views.card_detail, name="card-detail"),
    path("cards/<int:pk>/print/", views.card_print, name="card-print"),
    path("cards/<int:pk>/score/", scoring_views.card_score, name="card-score"),
    path("cards/<int:pk>/finish/", scoring_views.finish, name="card-finish"),
    path("cards/<int:pk>/self/", scoring_views.self_score, name="card-self"),
    path("cards/<int:pk>/lines/<int:item_pk>/", scoring_views.line_detail, name="card-line"),
    path("cards/<int:pk>/lines/<int:item_pk>/photos/", scoring_views.photo_add, name="card-photo-add"),
    path("cards/<int:pk>/lines/<int:item_pk>/findings/", scoring_views.finding_create, name="card-finding"),
    path("cards/<int:pk>/lines/<int:item_pk>/reply/", reply_views.reply_create, name="reply-create"),
    path("cards/<int:pk>/replies/<int:reply_pk>/", reply_views.reply_decide, name="reply-decide"),
    path("rounds/<int:pk>/papers/<slug:paper>/", paper_views.round_paper, name="round-paper"),
    path("cards/<int:pk>/papers/sheet/", paper_views.card_sheet, name="card-sheet"),
    path("orders/<int:pk>/papers/<slug:paper>/", paper_views.order_paper, name="order-paper"),
]
