"""Addresses of the desk, by resource."""

from django.urls import path

from governance.desk import (
    award_urls,
    case_urls,
    check_urls,
    claim_more_urls,
    dispute_urls,
    errand_urls,
    fact_urls,
    front_urls,
    ledger_urls,
    market_urls,
    order_urls,
    panel_urls,
    paper_urls,
    passbook_urls,
    proof_urls,
    review_urls,
    round_urls,
    rule_urls,
    scorecard_urls,
    sending_urls,
    shift_urls,
    visit_urls,
)
from governance.desk.views import claims, closings, home, households, more, ratings, reports, runs, vacancies

app_name = "desk"

household_urls = [
    path("households/", households.household_list, name="household-list"),
    path("households/<int:pk>/", households.household_detail, name="household-detail"),
    path("households/<int:pk>/log/", claims.claim_create, name="claim-create"),
    path("residents/<int:pk>/reveal/", households.reveal, name="resident-reveal"),
]

claim_urls = [
    path("claims/", claims.claim_list, name="claim-list"),
    path("claims/<int:pk>/verify/", claims.verify, name="claim-verify"),
    path("claims/<int:pk>/reject/", claims.reject, name="claim-reject"),
]

rating_urls = [
    path("ratings/", ratings.rating_list, name="rating-list"),
    path("ratings/<int:pk>/", ratings.rating_detail, name="rating-detail"),
]

closing_urls = [
    path("closings/", closings.closing_list, name="closing-list"),
    path("closings/run/", runs.closing_run, name="closing-run"),
    path("closings/<int:pk>/", closings.closing_detail, name="closing-detail"),
    path("closings/<int:pk>/<slug:step>/", closings.closing_step, name="closing-step"),
    path("closings/<int:pk>/objections/<int:objection_pk>/", closings.answer, name="objection-answer"),
]

urlpatterns = [
    path("", home.home, name="home"),
    *household_urls,
    *claim_urls,
    *claim_more_urls.urlpatterns,
    *panel_urls.urlpatterns,
    *rule_urls.urlpatterns,
    *rating_urls,
    *closing_urls,
    *award_urls.urlpatterns,
    *market_urls.urlpatterns,
    *passbook_urls.urlpatterns,
    *proof_urls.urlpatterns,
    *sending_urls.urlpatterns,
    *case_urls.urlpatterns,
    *dispute_urls.urlpatterns,
    *errand_urls.urlpatterns,
    *visit_urls.urlpatterns,
    *shift_urls.urlpatterns,
    *ledger_urls.urlpatterns,
    *round_urls.urlpatterns,
    *order_urls.urlpatterns,
    *scorecard_urls.urlpatterns,
    *paper_urls.urlpatterns,
    *review_urls.urlpatterns,
    *fact_urls.urlpatterns,
    *front_urls.urlpatterns,
    *check_urls.urlpatterns,
    path("more/", more.more, name="more"),
    path("reports/", reports.village_report_page, name="village-report"),
    path("vacancies/", vacancies.vacancy_list, name="vacancy-list"),
]
