"""Addresses of mediation."""

from django.urls import path

from governance.cases.disputes import views

urlpatterns = [
    path("cases/<int:pk>/parties/", views.party_add, name="party-add"),
    path("cases/<int:pk>/parties/<int:party_pk>/remove/", views.party_remove, name="party-remove"),
    path("cases/<int:pk>/mediator/", views.mediator, name="mediator"),
    path("cases/<int:pk>/recusal/", views.recusal, name="recusal"),
    path("cases/<int:pk>/risk/", views.risk, name="risk"),
    path("cases/<int:pk>/sittings/", views.sitting_add, name="sitting-add"),
    path("cases/<int:pk>/agreement/", views.agreement, name="agreement"),
    path("cases/<int:pk>/agreement/print/", views.agreement_print, name="agreement-print"),
    path("cases/<int:pk>/dossier/", views.dossier_print, name="dossier-print"),
    path("cases/<int:pk>/performance/", views.performance, name="performance"),
    path("cases/<int:pk>/confirmation/", views.confirmation, name="confirmation"),
    path("return-visits/<int:pk>/", views.return_visit, name="return-visit"),
]
