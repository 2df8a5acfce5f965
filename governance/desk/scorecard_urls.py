"""Addresses around one village's scorecard."""

from django.urls import path

from governance.desk.views import replies, scorecards, scoring

urlpatterns = [
    path("cards/", scorecards.card_list, name="card-list"),
    path("cards/export/", scorecards.card_list_export, name="card-list-export"),
    path("cards/compare/", scorecards.card_compare, name="card-compare"),
    path("cards/photos/<int:pk>/", scorecards.card_photo, name="card-photo"),
    path("cards/<int:pk>/", scorecards.card_detail, name="card-detail"),
    path("cards/<int:pk>/print/", scorecards.card_print, name="card-print"),
    path("cards/<int:pk>/score/", scoring.card_score, name="card-score"),
    path("cards/<int:pk>/finish/", scoring.finish, name="card-finish"),
    path("cards/<int:pk>/self/", scoring.self_score, name="card-self"),
    path("cards/<int:pk>/lines/<int:item_pk>/", scoring.line_detail, name="card-line"),
    path("cards/<int:pk>/lines/<int:item_pk>/photos/", scoring.photo_add, name="card-photo-add"),
    path("cards/<int:pk>/lines/<int:item_pk>/findings/", scoring.finding_create, name="card-finding"),
    path("cards/<int:pk>/lines/<int:item_pk>/reply/", replies.reply_create, name="reply-create"),
    path("cards/<int:pk>/replies/<int:reply_pk>/", replies.reply_decide, name="reply-decide"),
]
