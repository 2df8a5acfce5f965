"""Addresses of cases."""

from django.urls import path

from governance.cases.engine import log_views, views

urlpatterns = [
    path("log/", log_views.case_log, name="case-log"),
    path("log/alike/", log_views.case_alike, name="case-alike"),
    path("cases/", views.case_list, name="case-list"),
    path("cases/<int:pk>/", views.case_detail, name="case-detail"),
    path("cases/<int:pk>/step/<slug:step>/", views.case_take_step, name="case-step"),
]
