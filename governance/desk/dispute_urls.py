"""Addresses of mediation."""

from django.urls import path

from governance.desk.views import disputes

urlpatterns = [
    path("cases/<int:pk>/parties/", disputes.party_add, name="party-add"),
    path("cases/<int:pk>/parties/<int:party_pk>/remove/", disputes.party_remove, name="party-remove"),
    path("cases/<int:pk>/mediator/", disputes.mediator, name="mediator"),
    path("cases/<int:pk>/recusal/", disputes.recusal, name="recusal"),
    path("cases/<int:pk>/risk/", disputes.risk, name="risk"),
    path("cases/<int:pk>/sittings/", disputes.sitting_add, name="sitting-add"),
    path("cases/<int:pk>/agreement/", disputes.agreement, name="agreement"),
    path("cases/<int:pk>/agreement/print/", disputes.agreement_print, name="agreement-print"),
    path("cases/<int:pk>/dossier/", disputes.dossier_print, name="dossier-print"),
    path("cases/<int:pk>/performance/", disputes.performance, name="performance"),
    path("cases/<int:pk>/confirmation/", disputes.confirmation, name="confirmation"),
    path("return-visits/<int:pk>/", disputes.return_visit, name="return-visit"),
]
