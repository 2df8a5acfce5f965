"""Addresses of the desk's pages of claims, appeals and sheets of past ledgers."""

from django.urls import path

from governance.desk.views import appeals, claim_batch, claim_import, claims

urlpatterns = [
    path("claims/export/", claims.claim_export, name="claim-export"),
    path("claims/batch/", claim_batch.claim_batch, name="claim-batch"),
    path("claims/import/", claim_import.claim_import, name="claim-import"),
    path("claims/import/<int:pk>/", claim_import.claim_import_detail, name="claim-import-detail"),
    path("claims/import/<int:pk>/rejects/", claim_import.claim_import_rejects, name="claim-import-rejects"),
    path("claims/import/<int:pk>/<slug:step>/", claim_import.claim_import_step, name="claim-import-step"),
    path("claims/<int:pk>/", claims.claim_detail, name="claim-detail"),
    path("claims/<int:pk>/withdraw/", claims.withdraw, name="claim-withdraw"),
    path("claims/<int:pk>/appeal/", appeals.claim_appeal, name="claim-appeal"),
    path("entries/<int:pk>/appeal/", appeals.entry_appeal, name="entry-appeal"),
    path("appeals/", appeals.appeal_list, name="appeal-list"),
    path("appeals/export/", appeals.appeal_export, name="appeal-export"),
    path("appeals/<int:pk>/", appeals.appeal_detail, name="appeal-detail"),
    path("appeals/<int:pk>/answer/", appeals.appeal_answer_view, name="appeal-answer"),
]
