"""Addresses of cases."""

from django.urls import path

from governance.desk.views import case_log, cases

urlpatterns = [
    path("log/", case_log.case_log, name="case-log"),
    path("log/alike/", case_log.case_alike, name="case-alike"),
    path("cases/", cases.case_list, name="case-list"),
    path("cases/<int:pk>/", cases.case_detail, name="case-detail"),
    path("cases/<int:pk>/step/<slug:step>/", cases.case_take_step, name="case-step"),
]
