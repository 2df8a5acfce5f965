"""Addresses of official papers."""

from django.urls import path

from inspections.scorecards import paper_views

urlpatterns = [
    path("rounds/<int:pk>/papers/<slug:paper>/", paper_views.round_paper, name="round-paper"),
    path("cards/<int:pk>/papers/sheet/", paper_views.card_sheet, name="card-sheet"),
    path("orders/<int:pk>/papers/<slug:paper>/", paper_views.order_paper, name="order-paper"),
]
