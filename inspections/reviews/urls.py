"""Addresses of 季度目标考核 and 述职评议."""

from django.urls import path

from inspections.reviews import ballot_views, quarter_views, views

urlpatterns = [
    path("reviews/", views.review_list, name="review-list"),
    path("reviews/new/", views.review_create, name="review-create"),
    path("reviews/quarters/", quarter_views.quarter_list, name="quarter-list"),
    path("reviews/quarters/export/", quarter_views.quarter_export, name="quarter-export"),
    path("reviews/quarters/print/", quarter_views.quarter_print, name="quarter-print"),
    path("reviews/statements/<int:pk>/", views.statement_detail, name="statement-detail"),
    path("reviews/<int:pk>/", views.review_detail, name="review-detail"),
    path("reviews/<int:pk>/weights/", views.review_weights_page, name="review-weights"),
    path("reviews/<int:pk>/ballots/", ballot_views.ballot_entry, name="review-ballots"),
    path("reviews/<int:pk>/compare/", ballot_views.ballot_compare, name="review-compare"),
    path("reviews/<int:pk>/export/", views.review_export, name="review-export"),
    path("reviews/<int:pk>/print/", views.review_print, name="review-print"),
    path("reviews/<int:pk>/do/<slug:step>/", views.review_step, name="review-step"),
]
