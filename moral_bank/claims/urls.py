"""Addresses of claims, appeals and sheets of past ledgers."""

from django.urls import path

from moral_bank.claims import appeal_views, batch_views, import_views, views

urlpatterns = [
    path("households/<int:pk>/log/", views.claim_create, name="claim-create"),
    path("claims/", views.claim_list, name="claim-list"),
    path("claims/<int:pk>/verify/", views.verify, name="claim-verify"),
    path("claims/<int:pk>/reject/", views.reject, name="claim-reject"),
    path("claims/export/", views.claim_export, name="claim-export"),
    path("claims/batch/", batch_views.claim_batch, name="claim-batch"),
    path("claims/import/", import_views.claim_import, name="claim-import"),
    path("claims/import/<int:pk>/", import_views.claim_import_detail, name="claim-import-detail"),
    path("claims/import/<int:pk>/rejects/", import_views.claim_import_rejects, name="claim-import-rejects"),
    path("claims/import/<int:pk>/<slug:step>/", import_views.claim_import_step, name="claim-import-step"),
    path("claims/<int:pk>/", views.claim_detail, name="claim-detail"),
    path("claims/<int:pk>/withdraw/", views.withdraw, name="claim-withdraw"),
    path("claims/<int:pk>/appeal/", appeal_views.claim_appeal, name="claim-appeal"),
    path("entries/<int:pk>/appeal/", appeal_views.entry_appeal, name="entry-appeal"),
    path("appeals/", appeal_views.appeal_list, name="appeal-list"),
    path("appeals/export/", appeal_views.appeal_export, name="appeal-export"),
    path("appeals/<int:pk>/", appeal_views.appeal_detail, name="appeal-detail"),
    path("appeals/<int:pk>/answer/", appeal_views.appeal_answer_view, name="appeal-answer"),
]
