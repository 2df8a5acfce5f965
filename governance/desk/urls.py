"""Addresses of what gathers from all rooms."""

from django.urls import path

from governance.desk import due_views, handbook, ledgers, more, reports, views
from governance.desk.failed import views as failed
from governance.desk.repeats import views as repeats
from governance.desk.superior import urls as superior

app_name = "desk"
urlpatterns = [
    path("", views.home, name="home"),
    path("due/<slug:key>/", due_views.due_list, name="due-list"),
    path("due/<slug:key>/late/", due_views.due_late, name="due-late"),
    path("failed/", failed.failed_list, name="failed-list"),
    path("failed/<slug:kind>/<int:pk>/again/", failed.failed_again, name="failed-again"),
    path("handbook/", handbook.handbook, name="handbook"),
    path("handbook/<slug:name>/", handbook.handbook_page, name="handbook-page"),
    path("ledgers/", ledgers.ledger_list, name="ledger-list"),
    path("ledgers/<slug:name>/xlsx/", ledgers.ledger_export, name="ledger-export"),
    path("ledgers/<slug:name>/print/", ledgers.ledger_print, name="ledger-print"),
    path("more/", more.more, name="more"),
    path("reports/", reports.village_report_page, name="village-report"),
    path("repeated/", repeats.repeat, name="repeat"),
    path("repeats/", repeats.repeat_list, name="repeat-list"),
    *superior.urlpatterns,
]
