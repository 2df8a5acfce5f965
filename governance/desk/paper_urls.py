"""Addresses of official papers."""

from django.urls import path

from governance.desk.views import papers

urlpatterns = [
    path("rounds/<int:pk>/papers/<slug:paper>/", papers.round_paper, name="round-paper"),
    path("cards/<int:pk>/papers/sheet/", papers.card_sheet, name="card-sheet"),
    path("orders/<int:pk>/papers/<slug:paper>/", papers.order_paper, name="order-paper"),
]
