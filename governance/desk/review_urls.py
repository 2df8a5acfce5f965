"""Addresses of 季度目标考核 and 述职评议."""

from django.urls import path

from governance.desk.views import quarters, review_ballots, reviews

urlpatterns = [
    path("reviews/", reviews.review_list, name="review-list"),
    path("reviews/new/", reviews.review_create, name="review-create"),
    path("reviews/quarters/", quarters.quarter_list, name="quarter-list"),
    path("reviews/quarters/export/", quarters.quarter_export, name="quarter-export"),
    path("reviews/quarters/print/", quarters.quarter_print, name="quarter-print"),
    path("reviews/statements/<int:pk>/", reviews.statement_detail, name="statement-detail"),
    path("reviews/<int:pk>/", reviews.review_detail, name="review-detail"),
    path("reviews/<int:pk>/weights/", reviews.review_weights_page, name="review-weights"),
    path("reviews/<int:pk>/ballots/", review_ballots.ballot_entry, name="review-ballots"),
    path("reviews/<int:pk>/compare/", review_ballots.ballot_compare, name="review-compare"),
    path("reviews/<int:pk>/export/", reviews.review_export, name="review-export"),
    path("reviews/<int:pk>/print/", reviews.review_print, name="review-print"),
    path("reviews/<int:pk>/do/<slug:step>/", reviews.review_step, name="review-step"),
]
